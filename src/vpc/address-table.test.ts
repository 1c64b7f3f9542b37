import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IpAddress, maskAddress, parseAddress, parsePrefix } from '../ip/index.ts';
import { AddressTable } from './address-table.ts';

/** Few distinct words, so that addresses and prefixes meet. */
const word = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -2147483648, max: 2147483647 }));
const address: fc.Arbitrary<IpAddress> = fc.oneof(
  word.map((w3) => ({ family: 4 as const, words: [0, 0, 0, w3] as const })),
  fc.tuple(word, word, word, word).map((words) => ({ family: 6 as const, words })),
);
const entry = fc.record({
  address,
  length: fc.option(fc.integer({ min: 0, max: 128 })),
  index: fc.nat(1000),
});

function find(table: AddressTable, { family, words }: IpAddress): number {
  return family === 4 ? table.find4(words[3]) : table.find6(...words);
}

/** The slow, obvious table: every mask of the address, longest first, in a Map. */
function slowFind(map: ReadonlyMap<string, number>, sought: IpAddress): number {
  const exact = map.get(`${sought.family} ${sought.words.join()} address`);
  if (exact !== undefined) return exact;
  for (let length = sought.family === 4 ? 32 : 128; length >= 0; length--) {
    const found = map.get(`${sought.family} ${maskAddress(sought, length).join()} ${length}`);
    if (found !== undefined) return found;
  }
  return -1;
}

describe('AddressTable', () => {
  it('agrees with a Map on addresses and prefixes', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), fc.array(address), (entries, others) => {
        const table = new AddressTable();
        const map = new Map<string, number>();
        for (const { address: added, length: anyLength, index } of entries) {
          if (anyLength === null) {
            table.add(added, index);
            map.set(`${added.family} ${added.words.join()} address`, index);
          } else {
            const length = added.family === 4 ? anyLength % 33 : anyLength;
            const words = maskAddress(added, length);
            table.addPrefix({ family: added.family, words, length }, index);
            map.set(`${added.family} ${words.join()} ${length}`, index);
          }
        }
        for (const sought of [...entries.map((one) => one.address), ...others]) {
          expect(find(table, sought)).toBe(slowFind(map, sought));
        }
        expect(table.size).toBe(map.size);
      }),
    );
  });

  it('holds many addresses of both families', () => {
    const table = new AddressTable();
    const count = 100_000;
    for (let i = 0; i < count; i++) {
      table.add({ family: 4, words: [0, 0, 0, (0x0a000000 + i) | 0] }, i);
      table.add({ family: 6, words: [0x20010db8, 0, 0, i] }, i);
    }
    expect(table.size).toBe(2 * count);
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      if (table.find4((0x0a000000 + i) | 0) !== i || table.find6(0x20010db8, 0, 0, i) !== i) wrong++;
    }
    expect(wrong).toBe(0);
    expect(table.find4(0x0b000000)).toBe(-1);
    expect(table.find6(0x20010db8, 0, 0, -1)).toBe(-1);
  });

  it('gives an address rather than the delegated prefix around it', () => {
    const table = new AddressTable();
    table.addPrefix(parsePrefix('10.0.0.16/28')!, 1);
    table.addPrefix(parsePrefix('2001:db8:0:0:1::/80')!, 2);
    table.add(parseAddress('10.0.0.17')!, 3);
    expect(
      ['10.0.0.16', '10.0.0.17', '10.0.0.31', '10.0.0.32', '2001:db8::1:0:0:9', '2001:db8::2:0:0:9'].map(
        (text) => find(table, parseAddress(text)!),
      ),
    ).toEqual([1, 3, 1, -1, 2, -1]);
  });

  it('passes an address on to who comes later', () => {
    const table = new AddressTable();
    table.add(parseAddress('10.0.0.1')!, 1);
    table.add(parseAddress('10.0.0.1')!, 2);
    expect(table.find4(parseAddress('10.0.0.1')!.words[3])).toBe(2);
    expect(table.size).toBe(1);
  });
});
