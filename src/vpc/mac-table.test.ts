import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMac, MacTable, parseMac } from './mac-table.ts';

describe('parseMac', () => {
  it.each([
    { name: 'colons', text: '02:a1:70:4a:5d:8a', expected: { high: 0x02a1, low: 0x704a5d8a } },
    {
      name: 'hyphens and capitals',
      text: 'FE-FF-FF-4A-5D-8A',
      expected: { high: 0xfeff, low: 0xff4a5d8a | 0 },
    },
    { name: 'mixed separators', text: '02:a1-70:4a:5d:8a', expected: undefined },
    { name: 'one digit', text: '2:a1:70:4a:5d:8a', expected: undefined },
    { name: 'too long', text: '02:a1:70:4a:5d:8a:00', expected: undefined },
    { name: 'nothing', text: '', expected: undefined },
  ])('$name', ({ text, expected }) => {
    expect(parseMac(text)).toEqual(expected);
  });

  it('reads what formatMac writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), fc.integer(), (high, low) => {
        expect(parseMac(formatMac({ high, low }))).toEqual({ high, low });
      }),
    );
  });
});

describe('MacTable', () => {
  it('agrees with a Map', () => {
    const entry = fc.tuple(fc.nat(3), fc.nat(50), fc.nat(9));
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const table = new MacTable();
        const map = new Map<string, number>();
        for (const [high, low, index] of entries) {
          table.add(high, low, index);
          map.set(`${high} ${low}`, index);
        }
        for (const [high, low] of entries) expect(table.find(high, low)).toBe(map.get(`${high} ${low}`));
        expect(table.find(9, 9)).toBe(-1);
        expect(table.size).toBe(map.size);
      }),
    );
  });
});
