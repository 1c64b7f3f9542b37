import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hourMs, hourRuns } from './hour-runs.ts';

const row = fc.record({
  ms: fc.oneof(fc.constantFrom(0, hourMs - 1, hourMs), fc.nat(3 * hourMs)),
  stream: fc.nat(3),
  bytes: fc.nat(100),
});

test('runs of an hour hold all rows, and tell what each stream has of them', () => {
  fc.assert(
    fc.property(fc.array(row), fc.option(fc.nat(3)), (rows, only) => {
      const batch = {
        ...{ kind: 'records' as const, group: 1, ingestionMs: 7, format: 1, columns: [] },
        stream: only ?? Int32Array.from(rows, ({ stream }) => stream),
        timestampsMs: Float64Array.from(rows, ({ ms }) => ms),
      };
      const runs = hourRuns(
        batch,
        Int32Array.from(rows, ({ bytes }) => bytes),
      );
      expect(runs.flatMap(({ from, to }) => rows.slice(from, to))).toEqual(rows);
      for (const { hour, from, to, firstMs, lastMs, isInOrder, streams } of runs) {
        const times = rows.slice(from, to).map(({ ms }) => ms);
        expect(times.every((ms) => Math.floor(ms / hourMs) === hour)).toBe(true);
        expect([firstMs, lastMs]).toEqual([Math.min(...times), Math.max(...times)]);
        expect(isInOrder).toBe(times.every((ms, i) => i === 0 || ms >= times[i - 1]));
        for (const [stream, total] of streams) {
          const mine = rows.slice(from, to).filter((one) => (only ?? one.stream) === stream);
          expect(total).toEqual({
            rows: mine.length,
            bytes: mine.reduce((sum, { bytes }) => sum + bytes, 0),
            firstMs: Math.min(...mine.map(({ ms }) => ms)),
            lastMs: Math.max(...mine.map(({ ms }) => ms)),
            lastIngestionMs: 7,
          });
        }
        expect([...streams.values()].reduce((sum, total) => sum + total.rows, 0)).toBe(to - from);
      }
    }),
  );
});
