import { describe, expect, it } from 'vitest';
import { QueryGuard } from './query-guard.ts';

/** Work that ends when it is told to, or when it is stopped. */
function task() {
  let end: () => void = () => undefined;
  let hasBegun = false;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = (signal: AbortSignal) => {
    hasBegun = true;
    return new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      void ended.then(() => resolve('done'));
    });
  };
  return { work, end: () => end(), hasBegun: () => hasBegun };
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('queries at once', () => {
  it('are four; the others wait for their turn, and may leave', async () => {
    const guard = new QueryGuard({ processBytes: 100, residentBytes: () => 50 });
    const tasks = Array.from({ length: 7 }, () => task());
    const leaving = new AbortController();
    const runs = tasks.map(({ work }, i) => guard.run(i === 4 ? leaving.signal : undefined, work));
    await turns();
    const begun = () => tasks.map(({ hasBegun }) => hasBegun());
    expect(begun()).toEqual([true, true, true, true, false, false, false]);
    leaving.abort(new Error('left'));
    await expect(runs[4]).rejects.toThrow('left');
    tasks[1].end();
    await runs[1];
    await turns();
    expect(begun()).toEqual([true, true, true, true, false, true, false]);
    for (const { end } of tasks) end();
    expect(await Promise.all(runs.filter((_, i) => i !== 4))).toEqual(Array(6).fill('done'));
  });
});

describe('a query', () => {
  const mib = 2 ** 20;

  it('for which there is no memory is ended, the last one first, and another one if that is not enough', async () => {
    let resident = 80 * mib;
    const guard = new QueryGuard({ processBytes: 100 * mib, residentBytes: () => resident });
    const [first, second] = [task(), task()];
    const runs = [guard.run(undefined, first.work), guard.run(undefined, second.work)];
    await turns();
    resident = 150 * mib;
    await expect(runs[1]).rejects.toMatchObject({ name: 'ServiceError', code: 'LimitExceededException' });
    // What it had stays resident: the other one may use it, and no more.
    await new Promise((resolve) => setTimeout(resolve, 120));
    resident = 170 * mib;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await Promise.race([runs[0], 'still running'])).toBe('still running');
    resident = 190 * mib;
    await expect(runs[0]).rejects.toMatchObject({ code: 'LimitExceededException' });
  });

  it('is not ended for memory that another one left behind', async () => {
    let resident = 300 * mib;
    const guard = new QueryGuard({ processBytes: 100 * mib, residentBytes: () => resident });
    const one = task();
    const run = guard.run(undefined, one.work);
    resident = 320 * mib;
    await new Promise((resolve) => setTimeout(resolve, 120));
    one.end();
    expect(await run).toBe('done');
  });
});
