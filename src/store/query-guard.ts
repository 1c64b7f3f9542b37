import { ServiceError } from '../fault/index.ts';

/** More at once would share the same threads, and each takes memory of its own. */
const maxRunning = 4;
const watchMs = 50;
/** By so much memory may be above what was free before, although it has come back since. */
const slackBytes = 32 * 2 ** 20;

export interface QueryGuardOptions {
  /** What the whole process may have resident. */
  readonly processBytes: number;
  /** What it has now. */
  readonly residentBytes: () => number;
}

/**
 * Lets few queries run at once, the others in their turn, and ends those for which there is no memory. DuckDB keeps
 * to its own limit where it counts; texts in aggregates it does not count (measured: 450 MB beyond a limit of 128),
 * so that what the process has is watched as long as a query runs. The one that came last goes first.
 */
export class QueryGuard {
  readonly #options: QueryGuardOptions;
  readonly #running: AbortController[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Places that nobody has. */
  #free = maxRunning;
  #timer: NodeJS.Timeout | undefined;
  /** Up to here memory was resident before, and may only have been given back to the process. */
  #freeBytes = 0;

  constructor(options: QueryGuardOptions) {
    this.#options = options;
  }

  /** @throws ServiceError `LimitExceededException`; the signal's reason when it is aborted, also while it waits */
  async run<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#turn(signal);
    const control = new AbortController();
    this.#running.push(control);
    this.#watch();
    try {
      signal?.throwIfAborted();
      return await work(signal ? AbortSignal.any([signal, control.signal]) : control.signal);
    } finally {
      this.#running.splice(this.#running.indexOf(control), 1);
      if (this.#running.length === 0) this.#rest();
      this.#passOn();
    }
  }

  /** Fulfilled when a place is passed on to it; who leaves before has none. */
  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(go);
    });
  }

  #passOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  #watch(): void {
    if (this.#timer) return;
    this.#freeBytes = this.#options.residentBytes();
    this.#timer = setInterval(() => this.#look(), watchMs);
    this.#timer.unref();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Memory that was given back may still be resident: what counts is that more is taken. */
  #look(): void {
    const resident = this.#options.residentBytes();
    if (resident <= Math.max(this.#options.processBytes, this.#freeBytes + slackBytes)) return;
    // The others go on in what it leaves.
    this.#freeBytes = resident;
    const last = this.#running.findLast(({ signal }) => !signal.aborted);
    last?.abort(noMemory());
  }
}

export function noMemory(): ServiceError {
  return new ServiceError(
    'LimitExceededException',
    'The query needs more memory than it may take. Narrow the time range, filter more, or group by fewer values.',
  );
}
