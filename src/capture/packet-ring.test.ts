import { describe, expect, it } from 'vitest';
import { ringShape } from './packet-ring.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

describe('ringShape', () => {
  it.each([
    { name: 'the least ring', ringBytes: 0, blockBytes: 256 * kibibyte, blockCount: 4 },
    { name: 'a small ring', ringBytes: 3 * mebibyte + 1, blockBytes: 256 * kibibyte, blockCount: 12 },
    { name: 'blocks of 1 MiB from 4 MiB on', ringBytes: 4 * mebibyte, blockBytes: mebibyte, blockCount: 4 },
    { name: 'down to whole blocks', ringBytes: 65 * mebibyte - 1, blockBytes: mebibyte, blockCount: 64 },
    { name: 'the most', ringBytes: 2 ** 40, blockBytes: mebibyte, blockCount: 1024 },
  ])('$name', ({ ringBytes, blockBytes, blockCount }) => {
    expect(ringShape(ringBytes)).toEqual({ blockBytes, blockCount });
  });
});
