import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordOrder } from './record-order.ts';

const row = fc.record({
  second: fc.nat(90_000),
  ms: fc.constantFrom(0, 0, 0, 1),
  stream: fc.constantFrom(3, 4, 5, 9, 1_000_000),
});

test('records stand in the order of time, then of stream, then as they came', () => {
  fc.assert(
    fc.property(fc.array(row), fc.boolean(), fc.constantFrom(5, 60, 90_000), (rows, isWhole, span) => {
      const times = rows.map(({ second, ms }) => (second % span) * 1000 + (isWhole ? 0 : ms));
      const streams = rows.map(({ stream }) => stream);
      const expected = [...rows.keys()].sort(
        (a, b) => times[a] - times[b] || streams[a] - streams[b] || a - b,
      );
      expect([...recordOrder(Float64Array.from(times), Int32Array.from(streams))]).toEqual(expected);
    }),
  );
});
