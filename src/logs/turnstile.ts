/** Lets so many in at once; the others wait, the first to come first. */
export class Turnstile {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Gives what leaves again, to be called once.
   * @throws the signal's reason when it is aborted before there is a place
   */
  async enter(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else await this.#place(signal);
    return () => this.#leave();
  }

  #place(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const give = () => {
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const end = () => {
        this.#waiting.splice(this.#waiting.indexOf(give), 1);
        reject(signal?.reason);
      };
      this.#waiting.push(give);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
