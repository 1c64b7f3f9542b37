import type { StoredColumn } from '../record/stored-column.ts';

export { ipv4Code, missingCode, missingInt32, type StoredColumn } from '../record/stored-column.ts';

/** Rows on their way into the store: log events of one group that arrived together. */
export type RowBatch = RecordRows | TextRows;

interface Rows {
  readonly group: number;
  readonly ingestionMs: number;
  /** Epoch milliseconds of each event. */
  readonly timestampsMs: Float64Array;
}

/** Flow log records as columns: their lines are canonical, so that each comes back byte for byte. */
export interface RecordRows extends Rows {
  readonly kind: 'records';
  /** Of each row, or of all. */
  readonly stream: number | Int32Array;
  /** The number under which the store knows the format. */
  readonly format: number;
  /** In the order of the format's fields. */
  readonly columns: readonly StoredColumn[];
}

/** Events kept as text: JSON, any line, and records that would not come back byte for byte. */
export interface TextRows extends Rows {
  readonly kind: 'text';
  readonly stream: number;
  /** Of records; absent when the text is no flow log record. */
  readonly format?: number;
  readonly messages: readonly string[];
}
