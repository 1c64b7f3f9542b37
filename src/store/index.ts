/**
 * Where log events and small documents are kept: a journal that makes them durable, recent rows in memory, older ones
 * in Parquet segments by log group and hour, and DuckDB, which this room alone knows, over both. What a log group, a
 * retention or a query is, is settled by who calls.
 */

export type { Commit, Committed, Drop } from './commit.ts';
export type { Change, Documents } from './documents.ts';
export type { EventCursor, StoredEvent } from './events.ts';
export { readParquetFile } from './parquet-file.ts';
export type { QueryAnswer, QueryRow } from './query-answer.ts';
export {
  ipv4Code,
  missingCode,
  missingInt32,
  type RecordRows,
  type RowBatch,
  type StoredColumn,
  type TextRows,
} from './row-batch.ts';
export { Store } from './store.ts';
export type { StoreStatus } from './store-options.ts';
