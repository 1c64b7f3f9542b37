import { describe, expect, it } from 'vitest';
import { begun, untilAborted } from './event-pieces.ts';

/** Counts up, and notes when it was told to stop; `stopsAt` waits for ever. */
function counting(stopsAt: number) {
  const told = { stopped: false };
  let at = 0;
  const pieces: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        at += 1;
        return at < stopsAt ? Promise.resolve({ value: at, done: false }) : new Promise(() => undefined);
      },
      return: () => {
        told.stopped = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  };
  return { pieces, told };
}

async function collected(pieces: AsyncIterable<number>): Promise<number[]> {
  const found: number[] = [];
  for await (const piece of pieces) found.push(piece);
  return found;
}

describe('untilAborted', () => {
  it('ends with the signal, in the middle of waiting', async () => {
    const { pieces, told } = counting(3);
    const controller = new AbortController();
    const found = collected(untilAborted(pieces, controller.signal));
    setImmediate(() => controller.abort());
    expect(await found).toEqual([1, 2]);
    expect(told.stopped).toBe(true);
  });

  it('tells whoever makes it when nobody reads any more', async () => {
    const { pieces, told } = counting(10);
    const controller = new AbortController();
    await begun(untilAborted(pieces, controller.signal));
    expect(told.stopped).toBe(false);
    controller.abort();
    expect(told.stopped).toBe(true);
  });

  it('is nothing after the signal', async () => {
    const { pieces, told } = counting(1);
    expect(await collected(untilAborted(pieces, AbortSignal.abort()))).toEqual([]);
    expect(told.stopped).toBe(true);
  });
});

describe('begun', () => {
  it('has all of it', async () => {
    async function* three(): AsyncGenerator<number> {
      yield* [1, 2, 3];
    }
    expect(await collected(await begun(three()))).toEqual([1, 2, 3]);
  });

  it('has nothing of nothing', async () => {
    async function* none(): AsyncGenerator<number> {}
    expect(await collected(await begun(none()))).toEqual([]);
  });
});
