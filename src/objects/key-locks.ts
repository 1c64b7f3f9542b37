/** One after the other, for each name. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs it when all that came before under that name has ended. */
  async hold<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const turn = (before ?? Promise.resolve()).then(action);
    const ended = turn.then(nothing, nothing);
    this.#last.set(name, ended);
    try {
      return await turn;
    } finally {
      if (this.#last.get(name) === ended) this.#last.delete(name);
    }
  }
}

const nothing = (): void => undefined;
