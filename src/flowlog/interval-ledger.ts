import { type FlowRows, rowWords, word } from '../flow/index.ts';
import type { StatusEntry } from '../record/index.ts';

/** Times that are all over the place make no more intervals than this wait for their end. */
const maxIntervals = 4096;

/** A window that is over, with the interfaces that were watched in it, flows or not. */
export interface CoveredWindow {
  readonly window: number;
  /** Indexes in the interface registry. */
  readonly covered: readonly number[];
}

/** What is known of an aggregation interval that is not over. */
interface Interval {
  /** Interfaces that had flows, or lost some. */
  readonly active: Set<number>;
  readonly skipped: Set<number>;
  /** Interfaces that a source covered which captured something. */
  readonly covered: Set<number>;
}

/**
 * Which interfaces had flows in which aggregation interval, so that those without get a NODATA record: of interfaces
 * that a source covers, for intervals in which that source captured anything at all.
 */
export class IntervalLedger {
  readonly #intervalSeconds: number;
  readonly #windowsPerInterval: number;
  readonly #intervals = new Map<number, Interval>();
  /** Some interval found no room: until all are over, no interval is known to be without flows. */
  #isIncomplete = false;
  readonly #nowMs: (() => number) | undefined;
  readonly #beganSeconds: readonly number[];

  /**
   * With a clock, nothing is said of an interval that is not over, nor of one in which the watching began.
   * @param beganMs when it did; at present when absent
   */
  constructor(
    windowSeconds: number,
    intervalSeconds: number,
    nowMs?: () => number,
    beganMs: readonly number[] = nowMs ? [nowMs()] : [],
  ) {
    this.#nowMs = nowMs;
    this.#beganSeconds = beganMs.map((ms) => ms / 1000);
    this.#windowsPerInterval = Math.max(1, intervalSeconds / windowSeconds);
    this.#intervalSeconds = windowSeconds * this.#windowsPerInterval;
  }

  /** Rows as the capture thread hands them over. */
  noteFlows(rows: FlowRows): void {
    let lastWindow = -1;
    let active: Set<number> | undefined;
    for (let i = 0; i < rows.count; i++) {
      const window = rows.words[i * rowWords + word.window];
      if (window !== lastWindow) active = this.#intervalOf(window)?.active;
      lastWindow = window;
      active?.add(rows.words[i * rowWords + word.interface]);
    }
  }

  /** Windows that are over: gives NODATA for the intervals that are over with them. */
  close(windows: readonly CoveredWindow[], before: number): StatusEntry[] {
    for (const { window, covered } of windows) {
      const interval = this.#intervalOf(window);
      for (const index of covered) interval?.covered.add(index);
    }
    const intervalsBefore = Math.floor(before / this.#windowsPerInterval);
    const entries: StatusEntry[] = [];
    for (const interval of [...this.#intervals.keys()].sort((a, b) => a - b)) {
      if (interval >= intervalsBefore) break;
      const { active, covered } = this.#intervals.get(interval) as Interval;
      for (const index of covered)
        if (!active.has(index)) entries.push(this.#entry(interval, index, 'NODATA'));
      this.#intervals.delete(interval);
    }
    const isComplete = !this.#isIncomplete;
    if (this.#intervals.size === 0) this.#isIncomplete = false;
    return isComplete ? entries.filter((entry) => this.#isWatchedWhole(entry)) : [];
  }

  #isWatchedWhole({ startSeconds, endSeconds }: StatusEntry): boolean {
    if (this.#nowMs === undefined) return true;
    const beganInside = this.#beganSeconds.some((began) => startSeconds < began && began < endSeconds + 1);
    return !beganInside && endSeconds < this.#nowMs() / 1000;
  }

  /** The SKIPDATA entry for what an interface lost in a window; undefined when its interval has one already. */
  skip(window: number, interfaceIndex: number): StatusEntry | undefined {
    const interval = this.#intervalOf(window);
    if (interval?.skipped.has(interfaceIndex)) return undefined;
    interval?.skipped.add(interfaceIndex);
    interval?.active.add(interfaceIndex);
    return this.#entry(Math.floor(window / this.#windowsPerInterval), interfaceIndex, 'SKIPDATA');
  }

  /** Flows that are not told of here. */
  noteActive(window: number, interfaceIndex: number): void {
    this.#intervalOf(window)?.active.add(interfaceIndex);
  }

  /** Undefined beyond the bound. */
  #intervalOf(window: number): Interval | undefined {
    const number = Math.floor(window / this.#windowsPerInterval);
    const known = this.#intervals.get(number);
    if (known) return known;
    if (this.#intervals.size >= maxIntervals) {
      this.#isIncomplete = true;
      return undefined;
    }
    const interval = { active: new Set<number>(), skipped: new Set<number>(), covered: new Set<number>() };
    this.#intervals.set(number, interval);
    return interval;
  }

  /** From the first to the last second of the interval, both inside it. */
  #entry(interval: number, interfaceIndex: number, status: StatusEntry['status']): StatusEntry {
    const startSeconds = interval * this.#intervalSeconds;
    return { interfaceIndex, status, startSeconds, endSeconds: startSeconds + this.#intervalSeconds - 1 };
  }
}
