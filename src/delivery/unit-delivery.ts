import type { FlowRecords } from '../record/index.ts';

/** What of a flow log is under way, and waits at its destination's door. */
export interface Waiting {
  readonly records: number;
  /** Of objects. */
  readonly bytes: number;
}

/** A position in the spool that is safe to begin at again. */
export interface Position {
  readonly segment: number;
  readonly readFrom: number;
  readonly before: number | undefined;
}

/** What becomes of a flow log's records, segment by segment. Its answers are false when what was begun is left, at the end. */
export interface UnitDelivery {
  readonly waiting: Waiting;
  /** What an earlier run of the program has left. */
  resume(): Promise<boolean>;
  take(records: FlowRecords, segment: number, piece: number): Promise<boolean>;
  /** All of a segment was taken; `before` is the one of the segment ahead. */
  endSegment(segment: SegmentEnd, position: Position): Promise<boolean>;
  /** What was merged is going to be flushed, behind this position; then `endUnit` follows. */
  beginFlush(position: Position): Promise<void>;
  /** Whatever is complete or not, it is delivered now. */
  endUnit(position: Position): Promise<boolean>;
  /** What was taken since the last position that was kept will be taken again. */
  abort(): Promise<void>;
}

export interface SegmentEnd {
  readonly number: number;
  readonly before: number;
  readonly previousBefore: number;
  /** No other segment is sealed yet. */
  readonly isLast: boolean;
}
