import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TupleTable } from './tuple-table.ts';

describe('TupleTable', () => {
  it('numbers tuples as a map over their texts would', () => {
    const tuples = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -9, max: 9 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(tuples, (all) => {
        const table = new TupleTable(2, 1);
        const numbers = new Map<string, number>();
        for (const tuple of all) {
          const text = tuple.join();
          if (!numbers.has(text)) numbers.set(text, numbers.size);
          table.tuple.set(tuple);
          expect(table.intern()).toBe(numbers.get(text));
        }
        expect(table.size).toBe(numbers.size);
        expect([...table.words.subarray(0, table.size * 2)].length).toBe(numbers.size * 2);
      }),
    );
  });

  it('keeps its numbers while it grows', () => {
    const table = new TupleTable(1, 1);
    for (let i = 0; i < 5000; i++) {
      table.tuple[0] = Math.imul(i, 0x10001);
      expect(table.intern()).toBe(i);
    }
    table.tuple[0] = Math.imul(77, 0x10001);
    expect(table.intern()).toBe(77);
    expect(table.size).toBe(5000);
  });
});
