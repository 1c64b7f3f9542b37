import type { FrameBatch } from '../packet/frame-batch.ts';

/** Reads the records of one capture format out of runs of bytes that are cut anywhere. */
export interface CaptureParser {
  /** The format's name, and the bytes that its header takes. */
  readonly format: string;
  readonly headerBytes: number;
  /**
   * Adds the frames of `bytes[start]` to `bytes[end - 1]` to `batch` until it is full, a record is not whole, or there
   * is a `problem`; returns where it stopped. It must be given the bytes from there on again, with more behind them.
   * Needs no more than `recordBytesLimit` in one piece to get on.
   */
  parse(bytes: Uint8Array, start: number, end: number, batch: FrameBatch): number;
  /** What is wrong at the place where `parse` stopped; it does not go on from there. */
  readonly problem: CaptureProblem | undefined;
  /** Whether the file's header was read. */
  readonly hasHeader: boolean;
  /** Whether a block that holds no further frame is still to be skipped. */
  readonly isInsideBlock: boolean;
}

export interface CaptureProblem {
  readonly found: string;
  readonly expected: string;
}
