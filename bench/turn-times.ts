import { readFileSync } from 'node:fs';

/** Tid and pid of a main thread are the same. */
const schedule = `/proc/self/task/${process.pid}/schedstat`;

/**
 * How long the main thread works before somebody else has a turn: its CPU time, which neighbours on the machine do not
 * lengthen, between two turns of a timer that wants one each millisecond.
 */
export class TurnTimes {
  readonly #times: number[] = [];
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  begin(): void {
    this.#last = threadMs();
    this.#timer = setInterval(() => this.#note(), 1).unref();
  }

  /** Milliseconds: the time of which 99 of 100 turns are shorter, and the longest. */
  end(): { readonly p99: number; readonly longest: number } {
    clearInterval(this.#timer);
    this.#note();
    const sorted = this.#times.toSorted((a, b) => a - b);
    return { p99: sorted[Math.floor(sorted.length * 0.99)], longest: sorted[sorted.length - 1] };
  }

  #note(): void {
    const now = threadMs();
    this.#times.push(now - this.#last);
    this.#last = now;
  }
}

function threadMs(): number {
  return Number.parseInt(readFileSync(schedule, 'latin1'), 10) / 1e6;
}
