import { type FlowRows, type Loss, rowWords, word } from '../flow/index.ts';
import {
  Coverage,
  type FlowLog,
  FlowLogOutlet,
  type FlowLogResource,
  type RecordSums,
  splitRows,
} from '../flowlog/index.ts';
import type { FlowRecords, RecordContext } from '../record/index.ts';
import type { Segment } from '../spool/index.ts';

/** Flows that are rendered at once: some 20 MiB of records. */
const maxRows = 65_536;
/** No more segments than this many times what fill an interval are held to be merged. */
const heldIntervals = 4;
const fewestHeld = 16;

/**
 * Pieces of a segment are numbered by what they are made of, so that one that is missing (a flow log covers less by
 * then, a segment was dropped) does not change the numbers of those after it. Losses come last: those of a segment that is
 * dropped while its rows are being delivered are news after them.
 */
const pieceStep = 2 ** 17;
const closingFrom = 2 ** 30;
const lossesFrom = closingFrom + 2 ** 28;
const flushFrom = closingFrom + 2 ** 29;
const flushedLossesFrom = flushFrom + 2 ** 28;

export interface SegmentRendererOptions {
  readonly resource: FlowLogResource;
  readonly flowLog: FlowLog;
  readonly view: RecordContext;
  readonly windowSeconds: number;
  readonly maxFlows: number;
  readonly beganMs: readonly number[];
  /** The first segment that is fed, and `before` of the one ahead of it where it is known. */
  readonly from: number;
  readonly before: number | undefined;
}

/** Takes records in; false when no more are wanted. */
export type TakeRecords = (records: FlowRecords, segment: number, piece: number) => Promise<boolean>;

/** Renders the segments of a spool, in their order, as the records of one flow log: the same ones each time. */
export class SegmentRenderer {
  /** The segment to be fed next. */
  position: number;
  /** The first segment from which a new renderer has to be fed to go on like this one, and `before` ahead of it. */
  holdFrom: number;
  holdBefore: number | undefined;
  /** `before` of the last segment. */
  before: number | undefined;
  readonly #coverage: Coverage;
  readonly #outlet: FlowLogOutlet;
  readonly #intervalWindows: number;
  readonly #ignored: RecordSums = {
    records: 0,
    recordedPackets: 0,
    filteredPackets: 0,
    noData: 0,
    skipData: 0,
  };
  #takenPackets = 0;
  /** When the segment that is being fed was sealed. */
  #sealedMs = 0;
  #newestWindow = -1;
  #segment = 0;
  #piece = 0;
  #take: TakeRecords = async () => true;
  #isOpen = true;

  constructor(options: SegmentRendererOptions) {
    const { resource, flowLog, view, windowSeconds, maxFlows, beganMs, from, before } = options;
    this.position = from;
    this.holdFrom = from;
    this.before = before;
    this.holdBefore = before;
    const intervalSeconds = flowLog.maxAggregationInterval > 60 ? flowLog.maxAggregationInterval : 0;
    this.#intervalWindows = Math.max(1, intervalSeconds / windowSeconds);
    this.#coverage = new Coverage([resource], view);
    this.#outlet = new FlowLogOutlet({
      flowLog,
      windowSeconds,
      maxFlows,
      view,
      nowMs: () => this.#sealedMs,
      beganMs,
      maxRows,
      destinations: [{ write: (records) => this.#write(records), endWindow: () => undefined }],
    });
  }

  /** Of what was fed since the last `ignoreSums`. */
  get sums(): RecordSums {
    const { sums } = this.#outlet;
    return {
      records: sums.records - this.#ignored.records,
      recordedPackets: sums.recordedPackets - this.#ignored.recordedPackets,
      filteredPackets: sums.filteredPackets - this.#ignored.filteredPackets,
      noData: sums.noData - this.#ignored.noData,
      skipData: sums.skipData - this.#ignored.skipData,
    };
  }

  /** Packets at the interfaces that the flow log covers. */
  get takenPackets(): number {
    return this.#takenPackets - this.#ignored.recordedPackets - this.#ignored.filteredPackets;
  }

  /** Packets of flows whose interval is not over. */
  get heldPackets(): number {
    const { recordedPackets, filteredPackets } = this.#outlet.sums;
    return this.#takenPackets - recordedPackets - filteredPackets;
  }

  /** Whether something may still come of what was fed. */
  get holds(): boolean {
    return this.holdFrom < this.position;
  }

  /** What was rendered so far was told before. */
  ignoreSums(): void {
    Object.assign(this.#ignored, this.#outlet.sums);
  }

  /** Segments before this one are no more. */
  skipTo(segment: number): void {
    this.position = segment;
    this.holdFrom = Math.max(this.holdFrom, segment);
    this.before = undefined;
    this.holdBefore = undefined;
  }

  /** What was fed to an earlier renderer, and came of it before its interval was over, is not told again. */
  async recall(segment: Segment): Promise<void> {
    await this.#feed(segment, async () => true, true);
  }

  /** False when the records were not wanted any more; then the renderer is of no use. */
  feed(segment: Segment, take: TakeRecords): Promise<boolean> {
    return this.#feed(segment, take, false);
  }

  async #feed(segment: Segment, take: TakeRecords, isRecalled: boolean): Promise<boolean> {
    this.#begin(segment.number, segment.sealedMs, take);
    let stage = 0;
    for await (const rows of segment.pieces()) {
      this.#piece = stage;
      stage += pieceStep;
      await this.#takeRows(rows);
      if (!this.#isOpen) return false;
    }
    const isCovered = (index: number) => this.#coverage.covers(0, index);
    for (const { window } of segment.losses) this.#newestWindow = Math.max(this.#newestWindow, window);
    const losses = segment.losses.filter(({ interfaceIndex }) => isCovered(interfaceIndex));
    this.#noteLosses(losses, isRecalled && this.#isBoundary(segment));
    this.#piece = closingFrom;
    const windows = segment.windows.map(({ window, covered }) => ({
      window,
      covered: covered.filter(isCovered),
    }));
    await this.#outlet.closeWindows(windows, segment.before);
    await this.#endSegment(segment);
    return this.#isOpen;
  }

  /** What waits for the end of its interval. It belongs to the last segment that was fed. */
  async flush(nowMs: number, take: TakeRecords): Promise<boolean> {
    this.#begin(this.position - 1, nowMs, take);
    this.#piece = flushFrom;
    await this.#outlet.closeWindows([], Number.POSITIVE_INFINITY);
    this.#piece = flushedLossesFrom;
    await this.#outlet.writeSkipped();
    this.#forgetHeld();
    return this.#isOpen;
  }

  #begin(segment: number, sealedMs: number, take: TakeRecords): void {
    this.#segment = segment;
    this.#sealedMs = sealedMs;
    this.#take = take;
    this.#isOpen = true;
  }

  /** Of a segment that was dropped since its rows were delivered nothing is lost: losses of others are still to be told. */
  #noteLosses(losses: readonly Loss[], isDelivered: boolean): void {
    const isLate = ({ reason }: Loss) => isDelivered && reason.startsWith('spool-');
    this.#outlet.noteLosses(losses.filter((loss) => !isLate(loss)));
    this.#outlet.noteRecorded(losses.filter(isLate));
  }

  async #takeRows(rows: FlowRows): Promise<void> {
    const share = splitRows(rows, this.#coverage).shares[0];
    if (!share) return;
    this.#takenPackets += share.packets;
    this.#newestWindow = newestWindow(share.rows, this.#newestWindow);
    await this.#outlet.takeFlows(share.rows);
  }

  async #endSegment(segment: Segment): Promise<void> {
    const isBoundary = this.#isBoundary(segment);
    this.position = segment.number + 1;
    this.before = isKnown(segment.before) ? segment.before : undefined;
    const isTooMuch =
      this.position - this.holdFrom > Math.max(fewestHeld, heldIntervals * this.#intervalWindows);
    if (!isBoundary && !isTooMuch) return;
    // What came too early for this interval leaves too, so that the next one begins alike after a restart.
    await this.#outlet.finish();
    this.#piece = lossesFrom;
    // Not before the interval's flows: until then a segment may be dropped that has more of them.
    await this.#outlet.writeSkipped();
    if (isBoundary && this.#newestWindow >= segment.before) this.#hold(segment.number);
    else this.#forgetHeld();
  }

  /** Whether an aggregation interval ends with the segment. */
  #isBoundary(segment: Segment): boolean {
    const { before } = segment;
    if (!Number.isFinite(before) || this.#intervalWindows === 1) return true;
    const last = precedingBefore(this.before, segment);
    return Math.floor(before / this.#intervalWindows) > Math.floor(last / this.#intervalWindows);
  }

  /** Which interfaces had flows in the interval that goes on was heard in this segment too. */
  #hold(segment: number): void {
    this.holdFrom = segment;
    // Just so that the boundary is found again.
    this.holdBefore = (this.before ?? 0) - this.#intervalWindows;
  }

  #forgetHeld(): void {
    this.holdFrom = this.position;
    this.holdBefore = this.before;
    this.#newestWindow = -1;
  }

  async #write(records: FlowRecords): Promise<void> {
    const piece = this.#piece++;
    if (this.#isOpen) this.#isOpen = await this.#take(records, this.#segment, piece);
  }
}

/** 0 of a segment of which nothing is left. */
const isKnown = (before: number): boolean => Number.isFinite(before) && before > 0;

/** `before` of the segment ahead; as far as the segment itself can tell when that is not known. */
export function precedingBefore(known: number | undefined, { before, windows }: Segment): number {
  if (known !== undefined) return known;
  return windows.reduce((least, { window }) => Math.min(least, window), before - 1);
}

function newestWindow({ words, count }: FlowRows, known: number): number {
  let newest = known;
  for (let i = 0; i < count; i++) newest = Math.max(newest, words[i * rowWords + word.window]);
  return newest;
}
