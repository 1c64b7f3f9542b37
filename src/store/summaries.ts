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
