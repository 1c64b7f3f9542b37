/** Rows on their way into the store: log events of one stream that arrived together. */
export type RowBatch = RecordRows | TextRows;

interface Rows {
  readonly group: number;
  readonly stream: number;
  readonly ingestionMs: number;
  /** Epoch milliseconds of each event. */
  readonly timestampsMs: Float64Array;
}

/** Flow log records as columns: their lines are canonical, so that each comes back byte for byte. */
export interface RecordRows extends Rows {
  readonly kind: 'records';
  /** The number under which the store knows the format. */
  readonly format: number;
  /** In the order of the format's fields. */
  readonly columns: readonly StoredColumn[];
}

/** Events kept as text: JSON, any line, and records that would not come back byte for byte. */
export interface TextRows extends Rows {
  readonly kind: 'text';
  /** Of records; absent when the text is no flow log record. */
  readonly format?: number;
  readonly messages: readonly string[];
}

export type StoredColumn =
  /** An int32 field; `missingInt32` is `-`. */
  | { readonly type: 'int32'; readonly values: Int32Array }
  /** An int64 field, whole numbers up to 2^53; NaN is `-`. */
  | { readonly type: 'int64'; readonly values: Float64Array }
  /** A string field by its number in `texts`; `missingCode` is `-`. */
  | { readonly type: 'text'; readonly codes: Int32Array; readonly texts: readonly string[] }
  /** An address: IPv4 in `values` where the code is `ipv4Code`, any other by its number in `texts`. */
  | {
      readonly type: 'address';
      readonly values: Uint32Array;
      readonly codes: Int32Array;
      readonly texts: readonly string[];
    };

/** No canonical number of a record is negative. */
export const missingInt32 = -1;
export const missingCode = -1;
export const ipv4Code = -2;
