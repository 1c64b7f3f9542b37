import { FrameBatch } from '../packet/frame-batch.ts';
import type { FrameSource } from './frame-source.ts';

/** Frames `from` to `to - 1` of one source's batch; valid until the next run is asked for. */
export interface FrameRun {
  readonly batch: FrameBatch;
  readonly from: number;
  readonly to: number;
  /** Which of the sources: its place among them. */
  readonly source: number;
}

/**
 * Merges several sources by packet time, reading one batch of each ahead. Of equal times the earlier source's comes
 * first. Frames of one source keep their order even where its times go backwards, so the result is sorted only as far
 * as the sources are.
 */
export class FrameMerger {
  readonly #heads: readonly Head[];

  constructor(sources: readonly FrameSource[]) {
    this.#heads = sources.map((source, place) => new Head(source, place));
  }

  /** The longest run of one source's frames that come before the next frame of every other source; `undefined` at the end. */
  async next(): Promise<FrameRun | undefined> {
    for (const head of this.#heads) {
      if (head.isEmpty) await head.refill();
    }
    const first = this.#earliest(-1);
    if (first < 0) return undefined;
    const rival = this.#earliest(first);
    const head = this.#heads[first];
    if (rival < 0) return head.take(Number.POSITIVE_INFINITY, true);
    return head.take(this.#heads[rival].timeMs, first < rival);
  }

  /** Which head is next, leaving one out; -1 if there is none. */
  #earliest(except: number): number {
    let earliest = -1;
    for (let i = 0; i < this.#heads.length; i++) {
      const head = this.#heads[i];
      if (i === except || head.isEmpty) continue;
      if (earliest < 0 || head.timeMs < this.#heads[earliest].timeMs) earliest = i;
    }
    return earliest;
  }
}

/** The next frame of one source, and those behind it in its batch. */
class Head {
  readonly #source: FrameSource;
  readonly #place: number;
  readonly #batch = new FrameBatch();
  #at = 0;
  #isOver = false;

  constructor(source: FrameSource, place: number) {
    this.#source = source;
    this.#place = place;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#batch.count;
  }

  get timeMs(): number {
    return this.#batch.timeMs[this.#at];
  }

  async refill(): Promise<void> {
    if (this.#isOver) return;
    this.#at = 0;
    this.#isOver = !(await this.#source.next(this.#batch));
  }

  /** The frames up to the first that is later than `limitMs`, or as late unless it `winsTies`. */
  take(limitMs: number, winsTies: boolean): FrameRun {
    const { count, timeMs } = this.#batch;
    const from = this.#at;
    let to = from + 1;
    while (to < count && (timeMs[to] < limitMs || (winsTies && timeMs[to] === limitMs))) to++;
    this.#at = to;
    return { batch: this.#batch, from, to, source: this.#place };
  }
}
