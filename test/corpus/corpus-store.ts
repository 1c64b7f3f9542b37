import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logs } from '../../src/logs/index.ts';
import { queryMacros } from '../../src/query/index.ts';
import { defaultLogFormat, type LogFormat, parseHeader } from '../../src/record/index.ts';
import {
  type Commit,
  ipv4Code,
  missingCode,
  missingInt32,
  type RecordRows,
  type RowBatch,
  Store,
  type StoredColumn,
  type TextRows,
} from '../../src/store/index.ts';
import type { Load } from './query-script.ts';

/** How records lie in the store; the rows of a query must not depend on it. */
export type Keeping = 'columns' | 'text' | 'segments';

export interface CorpusStore {
  readonly logs: Logs;
  close(): Promise<void>;
}

/** A store in a folder of its own with the events loaded; `keeping` may differ from group to group. */
export async function openCorpusStore(
  loads: readonly Load[],
  now: number,
  keeping: Keeping | ((group: string) => Keeping),
): Promise<CorpusStore> {
  const directory = mkdtempSync(path.join(tmpdir(), 'headgate-corpus-'));
  const clock = () => now;
  const store = await Store.open({ directory, macros: queryMacros, clock, threads: 1 });
  keepRecordsAsText(store, (group) => (typeof keeping === 'string' ? keeping : keeping(group)) === 'text');
  const logs = new Logs({ store, accountId: '123456789012', region: 'us-east-1', clock });
  for (const [index, load] of loads.entries()) await putLoad(logs, load, index);
  if (keeping === 'segments') await store.flush();
  const close = async () => {
    await logs.close();
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { logs, close };
}

async function putLoad(logs: Logs, load: Load, index: number): Promise<void> {
  if (load.kind === 'lookup') {
    await logs.createLookupTable({ lookupTableName: load.name, tableBody: load.csv });
    return;
  }
  if (Object.keys(load.tags).length > 0) {
    await logs.createLogGroup({ logGroupName: load.name, tags: load.tags });
  }
  const entry = await logs.beginImport({
    logGroupName: load.name,
    logStreamName: load.stream,
    sha256: createHash('sha256').update(`${index}`).digest('hex'),
    fileName: `${index}`,
    ...(load.format !== undefined && { format: formatOf(load.format) }),
  });
  if (load.format === undefined) await entry?.addEvents(load.events);
  else await entry?.addLines(load.events.map(({ message }) => message));
  await entry?.finish();
}

function formatOf(names: string): LogFormat {
  return names === 'default' ? defaultLogFormat : parseHeader(names);
}

/** From now on, records of these groups that come as columns are kept as the text of their lines, with the same format. */
function keepRecordsAsText(store: Store, isText: (group: string) => boolean): void {
  const commit = store.commit.bind(store);
  const nameOf = (batch: RowBatch, change: Commit): string => {
    const key = `${batch.group}`;
    const put = change.documents?.find(
      (each) => 'put' in each && each.put === 'logGroups' && each.key === key,
    );
    const group = put && 'value' in put ? put.value : store.documents.table('logGroups').get(key);
    return (group as { readonly name: string }).name;
  };
  store.commit = (change) => {
    const rows = change.rows?.flatMap((batch) =>
      batch.kind === 'records' && isText(nameOf(batch, change)) ? textRows(batch) : batch,
    );
    return commit({ ...change, ...(rows && { rows }) });
  };
}

/** One batch for one stream; of several streams, one for each row. */
function textRows({ columns, stream, ...rows }: RecordRows): TextRows[] {
  const messages = Array.from(rows.timestampsMs, (_, row) =>
    columns.map((column) => textOf(column, row)).join(' '),
  );
  if (typeof stream === 'number') return [{ ...rows, stream, kind: 'text', messages }];
  return messages.map((message, row) => ({
    ...rows,
    stream: stream[row],
    timestampsMs: rows.timestampsMs.slice(row, row + 1),
    kind: 'text',
    messages: [message],
  }));
}

function textOf(column: StoredColumn, row: number): string {
  if (column.type === 'int32') return column.values[row] === missingInt32 ? '-' : `${column.values[row]}`;
  if (column.type === 'int64') return Number.isNaN(column.values[row]) ? '-' : `${column.values[row]}`;
  const code = column.codes[row];
  if (code === missingCode) return '-';
  if (column.type === 'address' && code === ipv4Code) {
    return [24, 16, 8, 0].map((shift) => (column.values[row] >>> shift) & 255).join('.');
  }
  return column.texts[code];
}
