import { expect, it } from 'vitest';
import { formatCount } from './format-count.ts';

it.each([
  { name: 'zero', count: 0, expected: '0' },
  { name: 'three digits', count: 999, expected: '999' },
  { name: 'four digits', count: 1000, expected: '1,000' },
  { name: 'five digits', count: 84213, expected: '84,213' },
  { name: 'seven digits', count: 1048576, expected: '1,048,576' },
  { name: 'the largest exact count', count: Number.MAX_SAFE_INTEGER, expected: '9,007,199,254,740,991' },
  { name: 'a fraction', count: 1234.6, expected: '1,235' },
])('formats $name', ({ count, expected }) => {
  expect(formatCount(count)).toBe(expected);
});
