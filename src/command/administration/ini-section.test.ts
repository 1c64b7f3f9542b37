import { describe, expect, it } from 'vitest';
import { withSection } from './ini-section.ts';

const rows = [
  ['an empty file', '', '[p]\na = 1\nb = 2\n'],
  ['another section', '[q]\nc = 3\n', '[q]\nc = 3\n\n[p]\na = 1\nb = 2\n'],
  ['a file without a last line end', '[q]\nc = 3', '[q]\nc = 3\n\n[p]\na = 1\nb = 2\n'],
  [
    'the section with other members and comments',
    '[p]\n# mine\na = old\nc = 3\n\n[q]\na = 9\n',
    '[p]\na = 1\nb = 2\n# mine\nc = 3\n\n[q]\na = 9\n',
  ],
  ['a header with spaces', '[ p ]\nb=0\n', '[ p ]\na = 1\nb = 2\n'],
] as const;

describe('withSection', () => {
  it.each(rows)('%s', (_, before, after) => {
    expect(withSection(before, 'p', { a: '1', b: '2' })).toBe(after);
    expect(withSection(after, 'p', { a: '1', b: '2' })).toBe(after);
  });
});
