import { type FlowRows, rowWords, word } from '../../flow/index.ts';
import type { StatusEntry } from '../../record/index.ts';

/**
 * Which interfaces had flows in which aggregation interval, so that those without get a NODATA record: of interfaces
 * that the capture point covers, for intervals in which it captured anything at all.
 */
export class IntervalLedger {
  readonly #intervalSeconds: number;
  readonly #windowsPerInterval: number;
  /** Interfaces with flows, by interval. */
  readonly #active = new Map<number, Set<number>>();
  /** Intervals that are not over in which something was captured. */
  readonly #captured = new Set<number>();

  constructor(windowSeconds: number, intervalSeconds: number) {
    this.#windowsPerInterval = Math.max(1, intervalSeconds / windowSeconds);
    this.#intervalSeconds = windowSeconds * this.#windowsPerInterval;
  }

  /** Rows as the capture thread hands them over. */
  noteFlows(rows: FlowRows): void {
    let lastInterval = -1;
    let active: Set<number> | undefined;
    for (let i = 0; i < rows.count; i++) {
      const interval = Math.floor(rows.words[i * rowWords + word.window] / this.#windowsPerInterval);
      if (interval !== lastInterval || !active) {
        lastInterval = interval;
        active = this.#activeIn(interval);
      }
      active.add(rows.words[i * rowWords + word.interface]);
    }
  }

  /** Windows that are over: gives NODATA for the intervals that are over with them. */
  close(windows: readonly number[], before: number, covered: Iterable<number>): StatusEntry[] {
    for (const window of windows) this.#captured.add(Math.floor(window / this.#windowsPerInterval));
    const intervalsBefore = Math.floor(before / this.#windowsPerInterval);
    const entries: StatusEntry[] = [];
    for (const interval of [...this.#captured]
      .filter((candidate) => candidate < intervalsBefore)
      .sort((a, b) => a - b)) {
      this.#captured.delete(interval);
      for (const interfaceIndex of covered) {
        if (!this.#active.get(interval)?.has(interfaceIndex))
          entries.push(this.#entry(interval, interfaceIndex, 'NODATA'));
      }
    }
    for (const interval of this.#active.keys()) if (interval < intervalsBefore) this.#active.delete(interval);
    return entries;
  }

  /** A SKIPDATA entry for what an interface lost in a window: it had traffic then. */
  skipped(window: number, interfaceIndex: number): StatusEntry {
    const interval = Math.floor(window / this.#windowsPerInterval);
    this.#activeIn(interval).add(interfaceIndex);
    return this.#entry(interval, interfaceIndex, 'SKIPDATA');
  }

  #activeIn(interval: number): Set<number> {
    const known = this.#active.get(interval);
    if (known) return known;
    const active = new Set<number>();
    this.#active.set(interval, active);
    return active;
  }

  /** From the first to the last second of the interval, both inside it. */
  #entry(interval: number, interfaceIndex: number, status: StatusEntry['status']): StatusEntry {
    const startSeconds = interval * this.#intervalSeconds;
    return { interfaceIndex, status, startSeconds, endSeconds: startSeconds + this.#intervalSeconds - 1 };
  }
}
