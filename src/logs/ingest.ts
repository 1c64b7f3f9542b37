import { type LogFormat, pickRows, recordColumns, type StoredColumn } from '../record/index.ts';
import type { Change, RecordRows } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import type { Engine } from './engine.ts';
import { recordTimes } from './event-rows.ts';
import type { PutRecordsRequest } from './ingest-shapes.ts';
import { newGroup } from './log-group.ts';
import { eventTime } from './moments.ts';
import { checkGroupName, checkStreamName } from './names.ts';
import { keep } from './put-log-events.ts';

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
  const known = engine.catalog.group(name);
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

/** Records of a capture, all or none; one commit, in as many batches as they have streams. */
export async function putRecords(engine: Engine, request: PutRecordsRequest): Promise<void> {
  const { logGroupName, logStreamName, records } = request;
  if (records.length === 0) return;
  // Before the catalog changes: what was refused is not there.
  const streams = byStream(logStreamName, records.length);
  for (const [name] of streams) checkStreamName(name);
  const documents: Change[] = [];
  const group = madeGroup(engine, logGroupName, documents);
  const columns = recordColumns(records);
  const ingestionMs = engine.clock();
  const times = captureTimes(records.format, columns, records.endSeconds, ingestionMs);
  const format = engine.catalog.formatNumber(records.format, documents);
  const rows = streams.map(
    ([name, chosen]): RecordRows => ({
      kind: 'records',
      group: group.number,
      stream: madeStream(engine, group, name, documents),
      ingestionMs,
      format,
      timestampsMs: chosen ? Float64Array.from(chosen, (row) => times[row]) : times,
      columns: chosen ? pickRows(columns, chosen) : columns,
    }),
  );
  moveCreationBack(engine, group, rows, documents);
  await keep(engine, documents, rows);
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

/** Names of streams, each with its rows; without rows: all of them. */
function byStream(names: string | readonly string[], length: number): [string, Int32Array | undefined][] {
  if (typeof names === 'string') return [[names, undefined]];
  const counts = new Map<string, number>();
  for (let row = 0; row < length; row++) counts.set(names[row], (counts.get(names[row]) ?? 0) + 1);
  if (counts.size === 1) return [[names[0], undefined]];
  const lists = new Map([...counts].map(([name, count]) => [name, { rows: new Int32Array(count), used: 0 }]));
  for (let row = 0; row < length; row++) {
    const list = lists.get(names[row])!;
    list.rows[list.used++] = row;
  }
  return [...lists].map(([name, { rows }]) => [name, rows]);
}
