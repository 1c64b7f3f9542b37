import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

describe('a turnstile', () => {
  it('lets in as many as it has places, in the order of coming', async () => {
    const turnstile = new Turnstile(2);
    const seen: string[] = [];
    const enter = async (name: string) => {
      const leave = await turnstile.enter();
      seen.push(name);
      return leave;
    };
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(enter);
    (await b)();
    await c;
    expect(seen).toEqual(['a', 'b', 'c']);
    (await a)();
    await d;
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('forgets who has gone', async () => {
    const turnstile = new Turnstile(1);
    const leave = await turnstile.enter();
    const control = new AbortController();
    const gone = turnstile.enter(control.signal);
    const next = turnstile.enter();
    control.abort(new RangeError('gone'));
    await expect(gone).rejects.toThrow('gone');
    leave();
    (await next)();
    await expect(turnstile.enter(control.signal)).rejects.toThrow('gone');
    (await turnstile.enter())();
  });
});
