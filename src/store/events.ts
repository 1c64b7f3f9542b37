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
  /** Of messages in UTF-8: the event that reaches it is the last. */
  readonly maxBytes?: number;
}

export interface StoredEvent extends EventCursor {
  readonly stream: number;
  readonly message: string;
}
