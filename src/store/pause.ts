/** The first pause after a failure; it doubles up to a minute. */
const firstMs = 1000;
const longestMs = 60_000;

/** Between a failure and the next attempt; longer each time, until one succeeds. */
export class Pause {
  readonly #then: () => void;
  #timer: NodeJS.Timeout | undefined;
  #nextMs = firstMs;

  constructor(onEnd: () => void) {
    this.#then = onEnd;
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** Gives its milliseconds. */
  begin(): number {
    const ms = this.#nextMs;
    this.stop();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#then();
    }, ms);
    this.#timer.unref();
    this.#nextMs = Math.min(longestMs, ms * 2);
    return ms;
  }

  /** What failed has succeeded. */
  over(): void {
    this.stop();
    this.#nextMs = firstMs;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
