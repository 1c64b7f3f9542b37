import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TestFlow, testRows } from '../../test/flow-rows.ts';
import { FlowMerger } from './flow-merger.ts';
import { type FlowRows, float64, outcomeBits, rowFloat64s, rowWords, word } from './flow-row.ts';

/** What the rows add up to, by interval. */
function sumsOf(
  rows: readonly FlowRows[],
  windowsPerInterval: number,
): Map<number, [packets: number, bytes: number]> {
  const sums = new Map<number, [number, number]>();
  for (const { count, words, floats } of rows) {
    for (let i = 0; i < count; i++) {
      const interval = Math.floor(words[i * rowWords + word.window] / windowsPerInterval);
      const [packets, bytes] = sums.get(interval) ?? [0, 0];
      sums.set(interval, [
        packets + floats[i * rowFloat64s + float64.packets],
        bytes + floats[i * rowFloat64s + float64.bytes],
      ]);
    }
  }
  return new Map([...sums].sort(([a], [b]) => a - b));
}

const windows = (rows: FlowRows) =>
  Array.from({ length: rows.count }, (_, i) => rows.words[i * rowWords + word.window]);

describe('FlowMerger', () => {
  it('makes one row of a flow in ten windows', () => {
    const merger = new FlowMerger(16, 10);
    for (let i = 0; i < 10; i++) {
      const early = merger.add(
        testRows([
          {
            window: 20 + i,
            packets: 2,
            bytes: 100,
            tcpFlags: 1 << (i % 2),
            firstMs: 1000 - i,
            lastMs: 2000 + i,
          },
        ]),
      );
      expect(early).toEqual([]);
    }
    expect(merger.takeBefore(29).count).toBe(0);
    const rows = merger.takeBefore(30);
    expect(windows(rows)).toEqual([2]);
    expect([...rows.floats.subarray(float64.packets)]).toEqual([20, 1000, 991, 2009]);
    expect(rows.words[word.outcome] & outcomeBits.flags).toBe(3);
  });

  it('keeps apart what is not alike', () => {
    const merger = new FlowMerger(16, 10);
    const flows: Partial<TestFlow>[] = [
      {},
      { src: '10.0.0.1' },
      { dstPort: 23 },
      { interfaceIndex: 1 },
      { direction: 1 },
      { protocol: 17 },
      { icmpType: 8 },
      { accepted: false },
      { cause: 1 },
      { initiator: 1 },
      { window: 10 },
    ];
    merger.add(testRows(flows));
    merger.add(testRows(flows));
    expect(merger.takeAll().count).toBe(flows.length);
  });

  it('lets leave early what finds no room', () => {
    const merger = new FlowMerger(4, 10);
    const flows = Array.from({ length: 5 }, (_, i) => ({ srcPort: i, lastMs: i }));
    const early = merger.add(testRows(flows));
    expect(early.map((rows) => rows.count)).toEqual([3]);
    expect(merger.takeAll().count).toBe(2);
  });

  const flows = fc.record({
    srcPort: fc.nat(3),
    window: fc.integer({ min: 0, max: 40 }),
    accepted: fc.boolean(),
    cause: fc.nat(1),
    packets: fc.integer({ min: 1, max: 1000 }),
    bytes: fc.integer({ min: 20, max: 1_000_000 }),
    lastMs: fc.nat(100),
  });
  it('adds up to the same packets and bytes in each interval, whatever leaves when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 2, max: 10 }),
        fc.array(fc.array(flows, { maxLength: 8 }), { maxLength: 8 }),
        (capacity, windowsPerInterval, batches) => {
          const merger = new FlowMerger(capacity, windowsPerInterval);
          const input = batches.map((batch) => testRows(batch));
          const output: FlowRows[] = [];
          for (const [i, rows] of input.entries()) {
            output.push(...merger.add(rows));
            output.push(merger.takeBefore(i * 6));
          }
          output.push(merger.takeAll());
          expect(sumsOf(output, 1)).toEqual(sumsOf(input, windowsPerInterval));
          for (const rows of output) expect(rows.count).toBeLessThanOrEqual(capacity);
        },
      ),
    );
  });
});
