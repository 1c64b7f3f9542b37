import type { FrameBatch } from '../packet/frame-batch.ts';

/** Where the frames of a capture file or a pipe come from, in the order in which they were written. */
export interface FrameSource {
  /** The path as it was given; `-` is standard input. */
  readonly name: string;
  readonly counts: Readonly<FrameCounts>;
  readonly progress: ReadProgress;
  /**
   * Fills `batch` anew, with at least one frame; `false` at the end of the input. Resolves as soon as a whole frame
   * is there, so on a pipe it may stay pending for as long as nothing comes. `batch.bytes` is valid until the next call.
   *
   * @throws {ConfigError} `CaptureFileInvalid` or `CaptureFileUnreadable`, after the frames before that place.
   */
  next(batch: FrameBatch): Promise<boolean>;
  /**
   * Whether reading may go on and still be taken back by `rewind`: always for a file. What came through a pipe is kept
   * for that, up to 16 MiB and until `commit`; ask before each `next`, and stop when this says no.
   */
  canRewind(): boolean;
  /** Starts over, with counts at 0; `false`, and nothing changed, where the beginning is no longer kept. */
  rewind(): Promise<boolean>;
  /** There will be no `rewind`: lets go of what was kept for it. */
  commit(): void;
  /** Ends a pending `next` as if the input had ended there. */
  close(): Promise<void>;
}

export interface FrameCounts {
  /** Frames delivered. */
  frames: number;
  /** 1 when the input ended inside a record (or inside its gzip stream), else 0. */
  cutOff: number;
  /** pcapng blocks of a type that the registry of the format does not name; skipped. */
  unknownBlocks: number;
  /** pcapng packets of an interface that their section did not describe; skipped, for want of link type and clock. */
  unknownInterface: number;
  /** pcapng Simple Packet Blocks, which have no time: they get that of the frame before them. */
  withoutTime: number;
}

/** In bytes of the input as it lies there, compressed or not; read ahead by up to one buffer. */
export interface ReadProgress {
  readonly bytesRead: number;
  /** `undefined` for a pipe. */
  readonly totalBytes: number | undefined;
}

export function noFrameCounts(): FrameCounts {
  return { frames: 0, cutOff: 0, unknownBlocks: 0, unknownInterface: 0, withoutTime: 0 };
}
