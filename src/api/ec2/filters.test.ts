import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../fault/index.ts';
import { applyFilters } from './filters.ts';

const words = ['', 'a', 'ab', 'abc', 'a*c', 'a?c', 'A', 'aXbXc', 'a\\c'];
const matching = (...Values: string[]) =>
  applyFilters(words, [{ Name: 'word', Values }], { word: (word) => [word] });

describe('filters', () => {
  it.each([
    ['text', ['abc'], ['abc']],
    ['any of several', ['a', 'A'], ['a', 'A']],
    ['*', ['*'], words],
    ['text before *', ['ab*'], ['ab', 'abc']],
    ['text after *', ['*c'], ['abc', 'a*c', 'a?c', 'aXbXc', 'a\\c']],
    ['text between * and **', ['*b**c'], ['abc', 'aXbXc']],
    ['?', ['a?'], ['ab']],
    ['? beside *', ['?*?'], ['ab', 'abc', 'a*c', 'a?c', 'aXbXc', 'a\\c']],
    ['an escaped *', ['a\\*c'], ['a*c']],
    ['an escaped ?', ['a\\?c'], ['a?c']],
    ['an escaped backslash', ['a\\\\c'], ['a\\c']],
    ['the empty text', [''], ['']],
    ['nothing', [], []],
  ])('match %s', (_name, values, expected) => {
    expect(matching(...values)).toEqual(expected);
  });

  it('take a hostile pattern in no time', () => {
    const value = 'a'.repeat(2000);
    const began = performance.now();
    const Values = [`${'a*'.repeat(20_000)}b`, `${'*'.repeat(1_000_000)}b`];
    expect(applyFilters([value], [{ Name: 'word', Values }], { word: (word) => [word] })).toEqual([]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it.each([
    ['filter values', [{ Name: 'word', Values: Array.from({ length: 201 }, String) }], 200],
    ['filters', Array.from({ length: 51 }, () => ({ Name: 'word', Values: ['a'] })), 50],
  ])('are refused when there are too many %s', (what, filters, most) => {
    expect(() => applyFilters(words, filters, { word: (word) => [word] })).toThrow(
      new ServiceError(
        'FilterLimitExceeded',
        `The maximum number of ${what} specified on a single call is ${most}`,
      ),
    );
  });
});
