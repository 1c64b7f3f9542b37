import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, type IpAddress, parseAddress } from './address.ts';
import { type Prefix, parsePrefix, prefixContains } from './prefix.ts';
import { PrefixMap } from './prefix-map.ts';

describe('PrefixMap', () => {
  const map = new PrefixMap<string>();
  const added = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3/32', '0.0.0.0/0', '2001:db8::/32'].map((text) =>
    map.add(parsePrefix(text)!, text),
  );

  it('takes prefixes of any length', () => {
    expect(added).toEqual([true, true, true, true, true]);
  });

  it('keeps the first of equal prefixes', () => {
    expect(map.add(parsePrefix('10.0.0.9/8')!, 'again')).toBe(false);
    expect(map.find(parseAddress('10.9.9.9')!)).toBe('10.0.0.0/8');
  });

  it.each([
    { name: 'the longest prefix', address: '10.1.2.3', expected: '10.1.2.3/32' },
    { name: 'the middle one', address: '10.1.2.4', expected: '10.1.0.0/16' },
    { name: 'the shortest', address: '11.0.0.0', expected: '0.0.0.0/0' },
    { name: 'IPv6', address: '2001:db8::1', expected: '2001:db8::/32' },
    { name: 'nothing, as 0.0.0.0/0 is IPv4', address: '2001:db9::1', expected: undefined },
  ])('finds $name', ({ address, expected }) => {
    expect(map.find(parseAddress(address)!)).toBe(expected);
  });

  it('agrees with a scan of all prefixes', () => {
    // Few bits differ, so that prefixes lie in each other.
    const bits = fc.integer({ min: 0, max: 15 });
    const family = fc.constantFrom(4 as const, 6 as const);
    const address = fc
      .tuple(family, bits, bits)
      .map(
        ([of, high, low]) =>
          parseAddress(
            of === 4 ? `${high * 16}.0.0.${low}` : `${high.toString(16)}000::${low.toString(16)}`,
          )!,
      );
    const prefix = fc
      .tuple(address, fc.constantFrom(0, 1, 2, 3, 4, 28, 30, 32, 33, 126, 128))
      .map(([{ family: of, words }, length]) => ({
        family: of,
        words,
        length: of === 4 ? Math.min(32, length) : length,
      }))
      .map((raw) => parsePrefix(prefixText(raw))!);
    fc.assert(
      fc.property(
        fc.array(prefix, { maxLength: 30 }),
        fc.array(address, { maxLength: 20 }),
        (prefixes, asked) => {
          const numbers = new PrefixMap<number>();
          for (const [i, one] of prefixes.entries()) numbers.add(one, i);
          for (const one of asked) expect(numbers.find(one)).toBe(scan(prefixes, one));
        },
      ),
    );
  });
});

/** The first of the longest prefixes that hold the address. */
function scan(prefixes: readonly Prefix[], { family, words }: IpAddress): number | undefined {
  let best: number | undefined;
  for (const [i, prefix] of prefixes.entries()) {
    if (
      prefixContains(prefix, family, ...words) &&
      (best === undefined || prefix.length > prefixes[best].length)
    )
      best = i;
  }
  return best;
}

function prefixText({ family, words, length }: Prefix): string {
  const [w0, w1, w2, w3] = words;
  return `${formatAddress(family, w0, w1, w2, w3)}/${length}`;
}
