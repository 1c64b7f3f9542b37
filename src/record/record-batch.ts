import type { LogFormat } from './log-format.ts';

/** Values of an int32 or int64 field; NaN is `-`. */
export interface NumberColumn {
  readonly numbers: Float64Array;
}

/** Values of a string field, `-` where there is none. */
export interface TextColumn {
  readonly texts: readonly string[];
}

export type Column = NumberColumn | TextColumn;

/** Records of one format by column, in the order of the format's fields. */
export interface RecordBatch {
  readonly format: LogFormat;
  readonly length: number;
  readonly columns: readonly Column[];
}

/** Records with what delivery and the sums need of each, whether the format shows it or not. */
export interface FlowRecords extends RecordBatch {
  /** The network interface of each: where flows of several print alike, the one that was first. */
  readonly interfaceIds: readonly string[];
  /** The `end` of each record in Unix seconds. */
  readonly endSeconds: Float64Array;
  /** The `packets` and `bytes` of each; 0 for NODATA and SKIPDATA. */
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
}
