/** Work that is done one after the other, whoever asks for it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  readonly take = <T>(work: () => Promise<T>): Promise<T> => {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  };
}
