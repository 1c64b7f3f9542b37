export interface StoreOptions {
  /** The store's own folder, made when absent; nobody else writes there. */
  readonly directory: string;
  /** CREATE MACRO statements that compiled queries use. */
  readonly macros: readonly string[];
  /** Epoch milliseconds; `Date.now` when absent. */
  readonly clock?: () => number;
  /** What the store may take of the process's memory, the overshoot of DuckDB included. */
  readonly memoryBytes?: number;
  /** Of DuckDB. */
  readonly threads?: number;
  /** Rows in memory at which they become segments. */
  readonly recentRows?: number;
  /** Told, in a sentence each, what was lost, moved aside or could not be done in the background. */
  readonly report?: (sentence: string) => void;
}

export interface StoreStatus {
  /** Of the last durable commit. */
  readonly sequence: number;
  readonly recentRows: number;
  readonly segments: number;
  readonly segmentRows: number;
  readonly segmentBytes: number;
  readonly journalBytes: number;
  /** Commits that were acknowledged by an earlier process and are not there. */
  readonly missingCommits: number;
}

export const defaultMemoryBytes = 450 * 2 ** 20;
/** About 50 MB in memory; two of them at most while rows come faster than segments are written. */
export const defaultRecentRows = 400_000;

/** What DuckDB is told: it goes past it by its own buffers, and recent rows count twice while they are sorted. */
export function engineBytes(memoryBytes: number): number {
  return Math.max(64 * 2 ** 20, Math.floor(memoryBytes * 0.6));
}
