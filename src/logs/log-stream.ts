import type { Change } from '../store/index.ts';
import type { LogGroup, LogStream } from './catalog.ts';
import { type Engine, identifiedGroup, knownGroup, knownStream } from './engine.ts';
import { errors } from './errors.ts';
import { byName, checkStreamName, streamArn } from './names.ts';
import { decodeToken, encodeToken, pageByKey } from './pages.ts';
import { sequenceToken } from './sequence-token.ts';
import type {
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStreamDescription,
  LogStreamRequest,
} from './shapes.ts';
import { validate } from './validation.ts';

const pageLength = 50;

export async function createLogStream(engine: Engine, request: LogStreamRequest): Promise<void> {
  const { logGroupName, logStreamName } = request;
  checkStreamName(logStreamName);
  const group = knownGroup(engine, logGroupName);
  if (engine.catalog.stream(group, logStreamName)) throw errors.streamExists();
  const documents: Change[] = [];
  engine.catalog.addStream(group, logStreamName, engine.clock(), documents);
  await engine.catalog.commit({ documents });
}

export async function deleteLogStream(engine: Engine, request: LogStreamRequest): Promise<void> {
  const group = knownGroup(engine, request.logGroupName);
  const stream = knownStream(engine, group, request.logStreamName);
  await engine.catalog.commit({
    documents: engine.catalog.removeStream(group, stream),
    drop: [{ group: group.number, stream: stream.number }],
  });
}

export function describeLogStreams(
  engine: Engine,
  request: DescribeLogStreamsRequest,
): DescribeLogStreamsResponse {
  const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', limit = pageLength } = request;
  validate(request, {
    logStreamNamePrefix: { minLength: 1, maxLength: 512, pattern: '[^:*]*' },
    orderBy: { oneOf: ['LogStreamName', 'LastEventTime'] },
    limit: { min: 1, max: pageLength },
  });
  if (orderBy === 'LastEventTime' && prefix !== undefined) throw errors.orderWithPrefix();
  const group = identifiedGroup(engine, request);
  const found = [...engine.catalog.streams(group)]
    .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
    .map((stream) => describe(engine, group, stream));
  const page = orderBy === 'LogStreamName' ? pageByName : pageByTime;
  const { items, ...rest } = page(found, request, limit);
  return { ...rest, logStreams: items };
}

interface Page {
  readonly items: readonly LogStreamDescription[];
  readonly nextToken?: string;
}

function pageByName(
  streams: LogStreamDescription[],
  { descending = false, nextToken }: DescribeLogStreamsRequest,
  limit: number,
): Page {
  const name = ({ logStreamName }: LogStreamDescription) => logStreamName;
  streams.sort(byName(name));
  if (!descending) return pageByKey(streams, name, limit, nextToken);
  const before = nextToken === undefined ? undefined : decodeToken(nextToken, isText);
  streams.reverse();
  return pageFrom(
    streams,
    limit,
    before === undefined ? 0 : streams.findIndex((stream) => name(stream) < before),
    name,
  );
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Streams without events count as older than all; equal times go by name. */
function pageByTime(
  streams: LogStreamDescription[],
  { descending = false, nextToken }: DescribeLogStreamsRequest,
  limit: number,
): Page {
  const sign = descending ? -1 : 1;
  const place = (stream: LogStreamDescription): Place => [
    stream.lastEventTimestamp ?? -1,
    stream.logStreamName,
  ];
  const compare = (a: Place, b: Place) => sign * (a[0] - b[0]) || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
  const after = nextToken === undefined ? undefined : decodeToken(nextToken, isPlace);
  streams.sort((a, b) => compare(place(a), place(b)));
  const from = after === undefined ? 0 : streams.findIndex((stream) => compare(place(stream), after) > 0);
  return pageFrom(streams, limit, from, place);
}

type Place = readonly [number, string];
const isPlace = (value: unknown): value is Place =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string';

function pageFrom(
  streams: readonly LogStreamDescription[],
  limit: number,
  from: number,
  place: (stream: LogStreamDescription) => unknown,
): Page {
  const items = from < 0 ? [] : streams.slice(from, from + limit);
  const last = items.at(-1);
  if (last === undefined || from + items.length >= streams.length) return { items };
  return { items, nextToken: encodeToken(place(last)) };
}

function describe(engine: Engine, group: LogGroup, stream: LogStream): LogStreamDescription {
  const { firstEventMs, lastEventMs, lastIngestionMs } = engine.store.streamSummary(
    group.number,
    stream.number,
  );
  return {
    logStreamName: stream.name,
    creationTime: stream.creationTime,
    ...(firstEventMs === undefined ? {} : { firstEventTimestamp: firstEventMs }),
    ...(lastEventMs === undefined ? {} : { lastEventTimestamp: lastEventMs }),
    ...(lastIngestionMs === undefined ? {} : { lastIngestionTime: lastIngestionMs }),
    uploadSequenceToken: sequenceToken(stream.number),
    arn: streamArn(engine, group.name, stream.name),
    storedBytes: 0,
  };
}
