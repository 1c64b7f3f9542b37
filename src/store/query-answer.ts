import type { CompiledQuery } from '../query/scan.ts';

/** A query, or what compiles it when it begins: for the shape that its scans have then. It may be asked for twice. */
export type QuerySource = CompiledQuery | (() => CompiledQuery);

export type QueryRow = readonly (string | null)[];

export interface RunOptions {
  /** Aborting it stops the query within a second; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** No more rows are fetched than so many. */
  readonly limitRows?: number;
  /** Told rows as they come, in order. */
  readonly onRows?: (rows: readonly QueryRow[]) => void;
}

export interface QueryStatistics {
  readonly recordsMatched: number;
  /** In the groups and the time range. */
  readonly recordsScanned: number;
  /** Of messages, as in `StreamSummary`; where a part of an hour is read, its share by rows. */
  readonly bytesScanned: number;
  readonly logGroupsScanned: number;
  /** The store has no index that would let it skip any. */
  readonly estimatedRecordsSkipped: number;
  readonly estimatedBytesSkipped: number;
}

export interface QueryAnswer {
  readonly rows: readonly QueryRow[];
  readonly statistics: QueryStatistics;
}
