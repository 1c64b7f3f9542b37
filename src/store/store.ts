import { invariant } from '../fault/index.ts';
import type { CompiledQuery, ScanShape } from '../query/scan.ts';
import type { Change, Documents } from './documents.ts';
import type { RowBatch } from './row-batch.ts';

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

/** What becomes durable together, or not at all. Documents are changed first, in order; then rows go and come. */
export interface Commit {
  readonly documents?: readonly Change[];
  readonly drop?: readonly Drop[];
  readonly rows?: readonly RowBatch[];
}

/** Rows of earlier commits that go: of a group, of a stream, or of a group before a time (exclusive). */
export type Drop =
  | { readonly group: number }
  | { readonly group: number; readonly stream: number }
  | { readonly group: number; readonly beforeMs: number };

export interface Committed {
  /** Of the first row; the others follow without gaps, in the order of the batches. The next one to be given when there were no rows. */
  readonly firstId: number;
}

/** Where a reader stands: events are ordered by timestamp, then ingestion time, then id. */
export interface EventCursor {
  readonly timestampMs: number;
  readonly ingestionMs: number;
  readonly id: number;
}

export interface EventRange {
  readonly group: number;
  /** All of the group when absent. */
  readonly streams?: readonly number[];
  /** Both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  /** The exact reverse of the order of `EventCursor`. */
  readonly descending?: boolean;
  /** Only events behind it, in the order asked for. */
  readonly after?: EventCursor;
  readonly limit: number;
}

export interface StoredEvent extends EventCursor {
  readonly stream: number;
  readonly message: string;
}

/** UTF-8 bytes are those of the messages, rebuilt ones as if they were kept. */
export interface StreamSummary {
  readonly rows: number;
  readonly bytes: number;
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
  readonly lastIngestionMs?: number;
}

export interface GroupSummary {
  readonly rows: number;
  readonly bytes: number;
  /** Of segments; what is still in the journal is nobody's. */
  readonly diskBytes: number;
}

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
  readonly recordsScanned: number;
  /** Of messages, as in `StreamSummary`. */
  readonly bytesScanned: number;
  readonly logGroupsScanned: number;
  /** In the groups and the time range, but in no segment that was read. */
  readonly estimatedRecordsSkipped: number;
  readonly estimatedBytesSkipped: number;
}

export interface QueryAnswer {
  readonly rows: readonly QueryRow[];
  readonly statistics: QueryStatistics;
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

/** The one owner of a store's folder. */
export class Store {
  /** Live. Log formats, groups and streams that rows refer to are in its tables `formats`, `logGroups`, `logStreams`. */
  readonly documents: Documents;

  private constructor(documents: Documents) {
    this.documents = documents;
  }

  /**
   * Opens the folder up to its last good commit.
   * @throws ConfigError `StoreInUse` naming the process that has it open; `StoreInvalid` for a folder of another make
   */
  static open(_options: StoreOptions): Promise<Store> {
    invariant(false, 'the store is not built yet');
  }

  /**
   * Durable when fulfilled.
   * @throws ServiceError `ServiceUnavailableException` when the disk refuses: nothing of it is there then, and nothing
   * more is taken until the store is opened again
   */
  commit(_change: Commit): Promise<Committed> {
    invariant(false, 'the store is not built yet');
  }

  shape(_groups: readonly number[], _startMs: number, _endMs: number): ScanShape {
    invariant(false, 'the store is not built yet');
  }

  /**
   * @throws ServiceError `LimitExceededException` when the query does not fit into memory and cannot spill; the
   * signal's reason when it was aborted
   */
  run(_query: CompiledQuery, _options: RunOptions = {}): Promise<QueryAnswer> {
    invariant(false, 'the store is not built yet');
  }

  readEvents(_range: EventRange): Promise<readonly StoredEvent[]> {
    invariant(false, 'the store is not built yet');
  }

  /** All zero for a stream without rows. */
  streamSummary(_group: number, _stream: number): StreamSummary {
    invariant(false, 'the store is not built yet');
  }

  groupSummary(_group: number): GroupSummary {
    invariant(false, 'the store is not built yet');
  }

  /** Makes a lookup table of a CSV with a header; durable when fulfilled. */
  putLookup(_table: string, _csv: Uint8Array): Promise<void> {
    invariant(false, 'the store is not built yet');
  }

  /** Nothing when there is none. */
  removeLookup(_table: string): Promise<void> {
    invariant(false, 'the store is not built yet');
  }

  /** Turns all rows in memory into segments. */
  flush(): Promise<void> {
    invariant(false, 'the store is not built yet');
  }

  /** Takes no more commits, waits for what is under way, and lets the folder go. */
  close(): Promise<void> {
    invariant(false, 'the store is not built yet');
  }

  status(): StoreStatus {
    invariant(false, 'the store is not built yet');
  }
}
