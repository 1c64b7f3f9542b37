export interface StoreOptions {
  /** The store's own folder, made when absent; nobody else writes there. */
  readonly directory: string;
  /** CREATE MACRO statements that compiled queries use. */
  readonly macros: readonly string[];
  /** Epoch milliseconds; `Date.now` when absent. */
  readonly clock?: () => number;
  /** What the store may take of the process's memory, the overshoot of DuckDB included. */
  readonly memoryBytes?: number;
  /**
   * What the whole process may have resident; beyond it queries are ended. What it has when the store is opened and
   * `memoryBytes` when absent.
   */
  readonly processBytes?: number;
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

/** About 25 MB in memory; three of them at most while rows come faster than segments are written. */
export const defaultRecentRows = 250_000;

export function memoryOf({ memoryBytes }: StoreOptions): number {
  return memoryBytes ?? 450 * 2 ** 20;
}

/** What DuckDB is told. Sorting goes past it by three quarters (measured), and a second query by some more. */
export function engineBytes(memoryBytes: number): number {
  return Math.max(64 * 2 ** 20, Math.floor(memoryBytes * 0.42));
}
