/**
 * What comes until the signal is given. Whoever makes it is told at once, even when nobody reads any more, and is not
 * waited for.
 */
export async function* untilAborted<Piece>(
  pieces: AsyncIterable<Piece>,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const iterator = pieces[Symbol.asyncIterator]();
  const leave = (): void => void iterator.return?.().catch(() => undefined);
  const aborted = new Promise<undefined>((resolve) => {
    const abort = (): void => {
      leave();
      resolve(undefined);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    leave();
  }
}

/**
 * The same, when the first has come: what is wrong from the beginning is an answer, not a part of the stream.
 * @throws whatever making the first throws
 */
export async function begun<Piece>(pieces: AsyncIterable<Piece>): Promise<AsyncIterable<Piece>> {
  const iterator = pieces[Symbol.asyncIterator]();
  let first: IteratorResult<Piece> | undefined = await iterator.next();
  const rest: AsyncIterator<Piece> = {
    next: () => {
      const next = first ? Promise.resolve(first) : iterator.next();
      first = undefined;
      return next;
    },
    // Also before anything was taken, when a generator would not hear of it.
    return: async () => {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => rest };
}
