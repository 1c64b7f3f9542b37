import { decodePointer } from '../query/index.ts';
import type { LogFormat } from '../record/index.ts';
import type { LogGroup } from './catalog.ts';
import { discoveredFields } from './discovered-fields.ts';
import { type Engine, identifiedGroup } from './engine.ts';
import { errors } from './errors.ts';
import type { GetLogGroupFieldsRequest, GetLogGroupFieldsResponse } from './query-shapes.ts';
import { validate } from './validation.ts';

const systemFields = ['@ingestionTime', '@log', '@logStream', '@message', '@timestamp'];
const lastMs = 15 * 60_000;
const aroundMs = 8 * 60_000;
/** How many events are looked at for their fields. */
const sampledEvents = 1_000;
const columns = ['timestamp', 'ingestion_time', 'id', 'log_group', 'log_stream', 'format', 'message'];

/**
 * All fields of an event, by its `@ptr`.
 * @throws ServiceError when the pointer is none, or what it pointed at is gone
 */
export async function getLogRecord(
  engine: Engine,
  { logRecordPointer }: { readonly logRecordPointer: string },
): Promise<{ readonly logRecord: Readonly<Record<string, string>> }> {
  const pointer = decodePointer(logRecordPointer);
  if (!pointer) throw errors.badPointer();
  const group = engine.catalog.group(engine, groupIn(pointer));
  if (!group) throw errors.recordMissing();
  const { timestampMs, id } = pointer;
  const rows = await readEvents(engine, group, timestampMs, timestampMs, `WHERE id = ${id} LIMIT 1`);
  if (rows.length === 0) throw errors.recordMissing();
  const [timestamp, ingestionTime, log, logStream, format, message] = rows[0].map((value) => value ?? '');
  return {
    logRecord: {
      ...discoveredFields(message, formatOf(engine, format)),
      '@ingestionTime': ingestionTime,
      '@log': log,
      '@logStream': logStream,
      '@message': message,
      '@timestamp': timestamp,
      '@ptr': logRecordPointer,
    },
  };
}

/**
 * The name of the log group that a `@ptr` points into, there or not: anybody can make one up.
 * @throws ServiceError for what is no pointer
 */
export function groupOfRecord(logRecordPointer: string): string {
  const pointer = decodePointer(logRecordPointer);
  if (!pointer) throw errors.badPointer();
  return groupIn(pointer);
}

function groupIn({ logGroup }: { readonly logGroup: string }): string {
  return logGroup.slice(logGroup.indexOf(':') + 1);
}

/** In how many of the sampled events each field is, in percent, most frequent first. */
export async function getLogGroupFields(
  engine: Engine,
  request: GetLogGroupFieldsRequest,
): Promise<GetLogGroupFieldsResponse> {
  validate(request, { time: { min: 0 } });
  const group = identifiedGroup(engine, request);
  const nowMs = engine.clock();
  const centerMs = request.time === undefined ? undefined : request.time * 1000;
  const [startMs, endMs] =
    centerMs === undefined ? [nowMs - lastMs, nowMs] : [centerMs - aroundMs, centerMs + aroundMs];
  const rows = await readEvents(engine, group, startMs, endMs, `LIMIT ${sampledEvents}`);
  const counts = new Map<string, number>();
  for (const [, , , , format, message] of rows) {
    const found = Object.keys(discoveredFields(message ?? '', formatOf(engine, format)));
    for (const name of [...found, ...systemFields]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const logGroupFields = [...counts].map(([name, count]) => ({
    name,
    percent: Math.round((100 * count) / rows.length),
  }));
  logGroupFields.sort((a, b) => b.percent - a.percent || (a.name < b.name ? -1 : 1));
  return { logGroupFields };
}

/** @param rest what follows FROM: no text of users may stand in it */
async function readEvents(engine: Engine, group: LogGroup, startMs: number, endMs: number, rest: string) {
  const scan = { name: 'scan_0', groups: [group.number], startMs, endMs, columns };
  const { rows } = await engine.store.run({
    scans: [scan],
    lookups: [],
    sql: `SELECT "timestamp"::VARCHAR, ingestion_time::VARCHAR, log_group, log_stream, format::VARCHAR, message FROM scan_0 ${rest}`,
    parameters: [],
    columns: ['timestamp', 'ingestionTime', 'log', 'logStream', 'format', 'message'],
    hasPointer: false,
  });
  return rows;
}

function formatOf({ catalog }: Engine, number: string | null): LogFormat | undefined {
  return number === null || number === '' ? undefined : catalog.format(Number(number));
}
