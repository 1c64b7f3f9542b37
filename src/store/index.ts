/**
 * Where log events and small documents are kept: a journal that makes them durable, recent rows in memory, older ones
 * in Parquet segments by log group and hour, and DuckDB, which this room alone knows, over both. What a log group, a
 * retention or a query is, is settled by who calls.
 */
export type { Change, Documents } from './documents.ts';
export { type ParquetRows, readParquetFile } from './parquet-file.ts';
export {
  ipv4Code,
  missingCode,
  missingInt32,
  type RecordRows,
  type RowBatch,
  type StoredColumn,
  type TextRows,
} from './row-batch.ts';
export {
  type Commit,
  type Committed,
  type Drop,
  type EventCursor,
  type EventRange,
  type GroupSummary,
  type QueryAnswer,
  type QueryRow,
  type QueryStatistics,
  type RunOptions,
  Store,
  type StoredEvent,
  type StoreOptions,
  type StoreStatus,
  type StreamSummary,
} from './store.ts';
