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
  /** All of them when the pieces have been read: rows that were dropped before that have become losses. */
  readonly losses: readonly Loss[];
  /** In pieces of bounded size, the same ones each time; none where only the losses are left. */
  pieces(): AsyncIterable<FlowRows>;
}

/** A file that somebody must close. */
interface OpenedFile {
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

/** With the rows in a file, which is open only while they are read. */
export function segmentWithRows(
  number: number,
  end: SegmentEnd,
  renumbering: Renumbering,
  /** What the file has lost since. */
  damage: readonly Loss[],
  open: () => OpenedFile | undefined,
): Segment {
  const rest = rowlessSegment(number, end, renumbering);
  const losses = [...rest.losses, ...damage];
  let isDropped = end.footer.isDropped;
  const noteDropped = async (file: SegmentFile): Promise<void> => {
    const footer = await file.footer();
    if (!footer?.isDropped || isDropped) return;
    isDropped = true;
    const tally = await file.tally(footer);
    // Too many for one call.
    for (const loss of renumbering.losses(tally?.losses('spool-full') ?? [])) losses.push(loss);
  };
  return {
    ...rest,
    losses,
    async *pieces() {
      const opened = open();
      if (!opened) return;
      try {
        await noteDropped(opened.file);
        for await (const rows of opened.file.pieces()) yield renumbering.rows(rows);
      } finally {
        opened.close();
      }
    },
  };
}

async function* noPieces(): AsyncGenerator<FlowRows> {}
