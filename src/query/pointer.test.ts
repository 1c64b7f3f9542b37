import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePointer } from './pointer.ts';

describe('a pointer', () => {
  it('says what it was made of', () => {
    const pointer = fc.record({
      timestampMs: fc.integer({ min: -1_000_000, max: 8_640_000_000_000_000 }),
      id: fc.maxSafeNat(),
      logGroup: fc.stringMatching(/^\d{12}:[.\-_/#A-Za-z0-9]{1,40}$/),
    });
    const written = ({ timestampMs, id, logGroup }: { timestampMs: number; id: number; logGroup: string }) =>
      btoa(`${timestampMs}:${id}:${logGroup}`);
    fc.assert(
      fc.property(pointer, (one) => {
        expect(decodePointer(written(one))).toEqual(one);
      }),
    );
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'no base64', text: 'not a pointer!' },
    { name: 'base64 cut off', text: 'MTc2NzIyNTYwMDAwMDoxOjE' },
    { name: 'base64 of something else', text: btoa('hello') },
    { name: 'a time that is no number', text: btoa('x:1:2') },
  ])('is not $name', ({ text }) => expect(decodePointer(text)).toBeUndefined());
});
