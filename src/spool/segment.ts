import type { FlowRows, Loss } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';
import type { Renumbering } from './renumbering.ts';
import { lossesOf, type SegmentEnd } from './segment-end.ts';
import type { SegmentFile } from './segment-file.ts';
import { beforeOf } from './segment-frames.ts';

/** What was handed over between two closings of windows. */
export interface Segment {
  readonly number: number;
  /** When it was sealed, by the clock on the wall: what was not over then was not watched whole. */
  readonly sealedMs: number;
  /** Windows before this one are over; Infinity at the end of a capture. */
  readonly before: number;
  readonly windows: readonly CoveredWindow[];
  readonly losses: readonly Loss[];
  /**
   * In pieces of bounded size, the same ones each time; none where only the losses are left. Rows that are dropped
   * later can still be read once.
   */
  pieces(): AsyncIterable<FlowRows>;
}

/** A file that somebody must close. */
export interface OpenedFile {
  readonly file: SegmentFile;
  close(): void;
}

/** Where a segment was: nothing is known of it. */
export const emptySegment = (number: number): Segment => ({
  number,
  sealedMs: 0,
  before: 0,
  windows: [],
  losses: [],
  pieces: noPieces,
});

/** Losses and windows of which the rows are gone. */
export function rowlessSegment(number: number, end: SegmentEnd, renumbering: Renumbering): Segment {
  return {
    number,
    sealedMs: end.footer.sealedMs,
    before: beforeOf(end.footer),
    windows: renumbering.windows(end.footer.windows),
    losses: renumbering.losses(lossesOf(end)),
    pieces: noPieces,
  };
}

/** With the rows in a file, which stays open until they have been read, or nobody can read them any more. */
export function segmentWithRows(
  number: number,
  end: SegmentEnd,
  renumbering: Renumbering,
  damage: readonly Loss[],
  opened: OpenedFile,
  reopen: () => OpenedFile | undefined,
): Segment {
  const rest = rowlessSegment(number, end, renumbering);
  const first = { opened: opened as OpenedFile | undefined };
  const segment: Segment = {
    ...rest,
    losses: [...rest.losses, ...renumbering.losses(damage)],
    async *pieces() {
      const mine = first.opened ?? reopen();
      first.opened = undefined;
      if (!mine) return;
      try {
        for await (const rows of mine.file.pieces()) yield renumbering.rows(rows);
      } finally {
        mine.close();
      }
    },
  };
  unread.register(segment, first);
  return segment;
}

/** A segment that was let go before its rows were read. */
const unread = new FinalizationRegistry<{ readonly opened: OpenedFile | undefined }>(({ opened }) =>
  opened?.close(),
);

async function* noPieces(): AsyncGenerator<FlowRows> {}
