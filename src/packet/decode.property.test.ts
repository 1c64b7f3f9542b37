import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decoded } from '../../test/decoded.ts';
import { mutatedFrame } from '../../test/random-frames.ts';

const linkTypes = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147];

/** Any frame, as captured in any way: a snap length, a wire length that may lie, any link type, perhaps a super-packet. */
const captures = fc.record({
  frame: fc.oneof(fc.uint8Array({ maxLength: 120 }), mutatedFrame),
  link: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constantFrom(...linkTypes) },
  ),
  captured: fc.double({ min: 0, max: 1, noNaN: true }),
  isWhole: fc.boolean(),
  beyond: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 70_000 })),
  segmentBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9000 })),
});

describe('decodeFrame, whatever the bytes', () => {
  it('never throws, reads nothing outside the captured bytes, and says what can be true', () => {
    fc.assert(
      fc.property(captures, ({ frame, link, captured, isWhole, beyond, segmentBytes }) => {
        const length = isWhole ? frame.length : Math.floor(frame.length * captured);
        const options: DecodeOptions = {
          link,
          captured: length,
          original: frame.length + beyond,
          segmentBytes,
        };
        const one = decoded(frame, { ...options, outside: 0x00 });
        const other = decoded(frame, { ...options, outside: 0xff });
        const third = decoded(frame, { ...options, outside: 0x45 });
        expect(other).toEqual(one);
        expect(third).toEqual(one);
        if (one.outcome !== 'ip') return;
        const { view } = one;
        expect(view.packets).toBeGreaterThanOrEqual(1);
        expect(view.bytes).toBeGreaterThanOrEqual(view.family === 4 ? 20 : 40);
        if (view.packets === 1) expect(view.bytes).toBeLessThanOrEqual(frame.length + beyond);
        for (const value of Object.values(view)) if (value !== view.timeMs) expect(value | 0).toBe(value);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads a snapped frame as the whole one, or not at all', () => {
    fc.assert(
      fc.property(mutatedFrame, fc.nat(200), (frame, captured) => {
        const whole = decoded(frame);
        const part = decoded(frame, { captured: Math.min(captured, frame.length) });
        if (part.outcome === 'snapped') return;
        if (part.outcome !== 'ip') expect(part.outcome).toBe(whole.outcome);
        else if (whole.outcome === 'ip') {
          const { bytes, protocol, src3, dst3, fragment } = whole.view;
          expect(part.view).toMatchObject({ bytes, protocol, src3, dst3, fragment });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
