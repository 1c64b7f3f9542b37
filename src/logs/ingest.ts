import { type LogFormat, pickRows, pickValues, recordColumns, type StoredColumn } from '../record/index.ts';
import type { Change, RecordRows } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import type { Engine } from './engine.ts';
import { recordTimes } from './event-rows.ts';
import type { PutRecordsRequest } from './ingest-shapes.ts';
import { newGroup } from './log-group.ts';
import { eventTime } from './moments.ts';
import { checkGroupName, checkStreamName } from './names.ts';
import { keep } from './put-log-events.ts';
import { recordOrder } from './record-order.ts';

/** Makes the group when it is not there, and has it know what its flow log writes. */
export async function ensureLogGroup(
  engine: Engine,
  name: string,
  options: { readonly deliveryFormat?: LogFormat },
): Promise<void> {
  const documents: Change[] = [];
  const group = madeGroup(engine, name, documents);
  const text = options.deliveryFormat?.text;
  if (text !== undefined && group.deliveryFormat !== text) {
    documents.push(engine.catalog.putGroup({ ...group, deliveryFormat: text }));
  }
  if (documents.length > 0) await engine.catalog.commit({ documents });
}

/** The group, made when it is not there. */
export function madeGroup(engine: Engine, name: string, changes: Change[]): LogGroup {
  const known = engine.catalog.group(engine, name);
  if (known) return known;
  checkGroupName(name);
  return engine.catalog.addGroup(newGroup(engine, name), changes);
}

/** The stream's number, made when it is not there. */
export function madeStream(engine: Engine, group: LogGroup, name: string, changes: Change[]): number {
  const known = engine.catalog.stream(group, name);
  if (known) return known.number;
  checkStreamName(name);
  return engine.catalog.addStream(group, name, engine.clock(), changes).number;
}

/** A group is as old as its oldest event: queries look no further back. */
export function moveCreationBack(
  engine: Engine,
  group: LogGroup,
  rows: readonly { readonly timestampsMs: Float64Array }[],
  changes: Change[],
): void {
  let first = Number.POSITIVE_INFINITY;
  for (const { timestampsMs } of rows) {
    for (const time of timestampsMs) if (time < first) first = time;
  }
  // Another change of the group may be under way.
  const current = engine.catalog.groupByNumber(group.number) ?? group;
  if (first < current.creationTime)
    changes.push(engine.catalog.putGroup({ ...current, creationTime: first }));
}

/** Records of a capture, all or none; one batch, in the order of time. Those of an origin are taken once. */
export async function putRecords(engine: Engine, request: PutRecordsRequest): Promise<void> {
  const { origin } = request;
  if (request.records.length === 0) return;
  if (!origin) return takeRecords(engine, request);
  await engine.origins.once(origin, (change) => takeRecords(engine, request, change));
}

/** @param withThem a change that is to be durable with the records, and only with them */
async function takeRecords(
  engine: Engine,
  { logGroupName, logStreamName, records }: PutRecordsRequest,
  withThem?: () => Change,
): Promise<void> {
  const { names, indexes } = namedStreams(logStreamName, records.length);
  // Before the catalog changes: what was refused is not there.
  for (const name of names) checkStreamName(name);
  const documents: Change[] = [];
  const group = madeGroup(engine, logGroupName, documents);
  const columns = recordColumns(records);
  const ingestionMs = engine.clock();
  const times = captureTimes(records.format, columns, records.endSeconds, ingestionMs);
  const format = engine.catalog.formatNumber(records.format, documents);
  const numbers = names.map((name) => madeStream(engine, group, name, documents));
  const streams = indexes.map((index) => numbers[index]);
  const order = recordOrder(times, streams);
  const rows: RecordRows = {
    kind: 'records',
    group: group.number,
    stream: names.length === 1 ? numbers[0] : pickValues(streams, order, new Int32Array(order.length)),
    ingestionMs,
    format,
    timestampsMs: pickValues(times, order, new Float64Array(order.length)),
    columns: pickRows(columns, order),
  };
  moveCreationBack(engine, group, [rows], documents);
  if (withThem) documents.push(withThem());
  await keep(engine, documents, [rows]);
}

/** A capture knows the end of each record, whether the format shows it or not. */
function captureTimes(
  format: LogFormat,
  columns: readonly StoredColumn[],
  endSeconds: Float64Array,
  ingestionMs: number,
): Float64Array {
  if (format.fields.some(({ token }) => token === 'start')) {
    return recordTimes(format, columns, endSeconds.length, ingestionMs);
  }
  return endSeconds.map((seconds) => eventTime(seconds * 1000, ingestionMs));
}

/** Names of streams, and which of them each record has. */
function namedStreams(given: string | readonly string[], length: number) {
  const indexes = new Int32Array(length);
  if (typeof given === 'string') return { names: [given], indexes };
  const names: string[] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < length; row++) {
    const name = given[row];
    let index = known.get(name);
    if (index === undefined) {
      index = names.push(name) - 1;
      known.set(name, index);
    }
    indexes[row] = index;
  }
  return { names, indexes };
}
