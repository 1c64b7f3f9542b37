import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globOf } from './glob.ts';

/** The same by a regular expression, which goes back and forth. */
function slowMatch(pattern: string, text: string): boolean {
  const parts = [...pattern].map((one) =>
    one === '*' ? '[^]*' : one === '?' ? '[^]' : `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return new RegExp(`^${parts.join('')}$`).test(text);
}

describe('globs', () => {
  it('match as a regular expression does', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 12 });
    fc.assert(
      fc.property(short, text, (pattern, value) => {
        expect(globOf(pattern).matches(value)).toBe(slowMatch(pattern, value));
      }),
      { numRuns: 3_000 },
    );
  });

  it('take little time for hostile patterns', () => {
    const text = 'a'.repeat(2_048);
    const before = performance.now();
    for (const pattern of [
      `${'*a'.repeat(3_000)}b`,
      `${'*a?'.repeat(2_000)}*b*`,
      `*${'a'.repeat(1_000)}b*`,
    ]) {
      expect(globOf(pattern).matches(text)).toBe(false);
    }
    expect(performance.now() - before).toBeLessThan(200);
  });
});
