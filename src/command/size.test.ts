import { describe, expect, it } from 'vitest';
import { parseSize } from './size.ts';

describe('parseSize', () => {
  it.each([
    { name: 'bytes', text: '1048576', bytes: 1_048_576 },
    { name: 'bytes with unit', text: '12B', bytes: 12 },
    { name: 'decimal units', text: '500MB', bytes: 500e6 },
    { name: 'binary units', text: '10GiB', bytes: 10 * 2 ** 30 },
    { name: 'a bare letter as binary', text: '2K', bytes: 2048 },
    { name: 'lower case', text: '2kib', bytes: 2048 },
    { name: 'a space before the unit, and around', text: ' 3 TB ', bytes: 3e12 },
    { name: 'a fraction, cut to whole bytes', text: '1.0005K', bytes: 1024 },
    { name: 'zero', text: '0', bytes: 0 },
  ])('reads $name', ({ text, bytes }) => {
    expect(parseSize('--keep', text)).toBe(bytes);
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'a word', text: 'much' },
    { name: 'an unknown unit', text: '5 XB' },
    { name: 'a name of every object', text: '5constructor' },
    { name: 'a negative size', text: '-1GB' },
    { name: 'an exponent', text: '1e9' },
    { name: 'a fraction without digits', text: '1.GB' },
  ])('refuses $name', ({ text }) => {
    expect(() => parseSize('--keep', text)).toThrow(
      `--keep: found ${JSON.stringify(text)}, expected a size such as 10GiB or 500MB`,
    );
  });
});
