import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, type IpAddress, parseAddress } from './address.ts';
import { formatPrefix, maskAddress, parsePrefix, prefixContains } from './prefix.ts';

const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseAddress(text)!);
const bitsOf = (family: 4 | 6) => (family === 4 ? 32 : 128);
const anyPrefix = anyAddress.chain((address) =>
  fc
    .nat(bitsOf(address.family))
    .map((length) => ({ ...address, words: maskAddress(address, length), length })),
);

/** The address as text of 32 or 128 binary digits: slow and obvious. */
function binary({ family, words }: { family: 4 | 6; words: readonly number[] }): string {
  const digits = words.map((word) => (word >>> 0).toString(2).padStart(32, '0'));
  return family === 4 ? digits[3] : digits.join('');
}

function flippedAfter({ family, words }: IpAddress, kept: number): IpAddress {
  const mask = maskAddress({ family, words: [-1, -1, -1, -1] }, kept);
  const [w0, w1, w2, w3] = words.map((word, i) => word ^ ~mask[i]);
  return { family, words: family === 4 ? [0, 0, 0, w3] : [w0, w1, w2, w3] };
}

describe('parsePrefix', () => {
  it.each([
    { name: 'IPv4', text: '10.0.0.0/8', expected: '10.0.0.0/8' },
    { name: 'one address', text: '10.0.1.9/32', expected: '10.0.1.9/32' },
    { name: 'everything', text: '0.0.0.0/0', expected: '0.0.0.0/0' },
    { name: 'host bits, which are cleared', text: '10.0.1.9/20', expected: '10.0.0.0/20' },
    { name: 'IPv6', text: '2001:db8:1:2:3::/48', expected: '2001:db8:1::/48' },
    { name: 'everything of IPv6', text: '::1/0', expected: '::/0' },
    { name: 'one IPv6 address', text: '::1/128', expected: '::1/128' },
  ])('reads $name', ({ text, expected }) => {
    expect(formatPrefix(parsePrefix(text)!)).toBe(expected);
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'no length', text: '10.0.0.0' },
    { name: 'an empty length', text: '10.0.0.0/' },
    { name: 'no address', text: '/8' },
    { name: 'a length of 33', text: '10.0.0.0/33' },
    { name: 'a length of 129', text: '::/129' },
    { name: 'a negative length', text: '10.0.0.0/-1' },
    { name: 'a fraction', text: '10.0.0.0/8.5' },
    { name: 'a mask', text: '10.0.0.0/255.0.0.0' },
    { name: 'two lengths', text: '10.0.0.0/8/8' },
    { name: 'a space', text: '10.0.0.0/8 ' },
    { name: 'a line feed at the end', text: '10.0.0.0/8\n' },
    { name: 'three numbers', text: '10.0.0/8' },
  ])('refuses $name', ({ text }) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  it('reads back what formatPrefix writes', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });
});

describe('maskAddress', () => {
  it('keeps the first bits and clears the others', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (address, anyLength) => {
        const length = anyLength % (bitsOf(address.family) + 1);
        const masked = { family: address.family, words: maskAddress(address, length) };
        const digits = binary(address);
        expect(binary(masked)).toBe(digits.slice(0, length).padEnd(digits.length, '0'));
        if (address.family === 4) expect(masked.words.slice(0, 3)).toEqual([0, 0, 0]);
      }),
    );
  });
});

describe('prefixContains', () => {
  it.each([
    { name: 'its first address', prefix: '10.0.0.0/8', address: '10.0.0.0', inside: true },
    { name: 'its last address', prefix: '10.0.0.0/8', address: '10.255.255.255', inside: true },
    { name: 'the one before', prefix: '10.0.0.0/8', address: '9.255.255.255', inside: false },
    { name: 'the one after', prefix: '10.0.0.0/8', address: '11.0.0.0', inside: false },
    { name: 'a prefix of length 0', prefix: '0.0.0.0/0', address: '203.0.113.5', inside: true },
    { name: 'the other family', prefix: '0.0.0.0/0', address: '::', inside: false },
    { name: 'the mapped address', prefix: '::/0', address: '10.0.0.1', inside: false },
    {
      name: 'IPv6 across a word',
      prefix: '2001:db8:ffff:8000::/49',
      address: '2001:db8:ffff:8001::',
      inside: true,
    },
    {
      name: 'IPv6 beside it',
      prefix: '2001:db8:ffff:8000::/49',
      address: '2001:db8:ffff:7fff::',
      inside: false,
    },
  ])('$name', ({ prefix, address, inside }) => {
    const { family, words } = parseAddress(address)!;
    expect(prefixContains(parsePrefix(prefix)!, family, ...words)).toBe(inside);
  });

  it('agrees with node:net', () => {
    // Half of the addresses differ from the prefix in the last bits only, else hardly any lies inside.
    const near = anyPrefix.chain((prefix) =>
      fc.nat(bitsOf(prefix.family)).map((kept) => ({ prefix, address: flippedAfter(prefix, kept) })),
    );
    const far = fc.record({ prefix: anyPrefix, address: anyAddress });
    fc.assert(
      fc.property(fc.oneof(near, far), ({ prefix, address }) => {
        const list = new BlockList();
        const name = (family: 4 | 6) => (family === 4 ? ('ipv4' as const) : ('ipv6' as const));
        list.addSubnet(formatAddress(prefix.family, ...prefix.words), prefix.length, name(prefix.family));
        const expected =
          prefix.family === address.family &&
          list.check(formatAddress(address.family, ...address.words), name(address.family));
        expect(prefixContains(prefix, address.family, ...address.words)).toBe(expected);
      }),
    );
  });
});
