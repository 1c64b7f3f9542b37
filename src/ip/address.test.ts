import { isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, formatIpv6, parseAddress } from './address.ts';

const format = (text: string): string | undefined => {
  const address = parseAddress(text);
  return address && formatAddress(address.family, ...address.words);
};

describe('parseAddress', () => {
  it.each([
    { name: 'IPv4', text: '10.0.1.9', family: 4, words: [0, 0, 0, 0x0a000109] },
    { name: 'IPv4 from 128 on is negative', text: '255.255.255.255', family: 4, words: [0, 0, 0, -1] },
    { name: 'IPv4 of zeros', text: '0.0.0.0', family: 4, words: [0, 0, 0, 0] },
    { name: 'all of IPv6', text: '1:2:3:4:5:6:7:8', family: 6, words: [65538, 196612, 327686, 458760] },
    { name: 'unspecified', text: '::', family: 6, words: [0, 0, 0, 0] },
    { name: 'loopback', text: '::1', family: 6, words: [0, 0, 0, 1] },
    { name: 'zeros at the end', text: 'fe80::', family: 6, words: [0xfe80 << 16, 0, 0, 0] },
    { name: '`::` for one group', text: '1::3:4:5:6:7:8', family: 6, words: [65536, 196612, 327686, 458760] },
    { name: 'upper case', text: '2001:DB8::F', family: 6, words: [0x20010db8, 0, 0, 15] },
    { name: 'IPv4 inside', text: '::ffff:10.0.1.9', family: 6, words: [0, 0, 0xffff, 0x0a000109] },
  ])('reads $name', ({ text, family, words }) => {
    expect(parseAddress(text)).toEqual({ family, words });
  });

  it.each([
    { name: 'nothing', text: '' },
    { name: 'three numbers', text: '10.0.1' },
    { name: 'five numbers', text: '10.0.0.0.1' },
    { name: 'a dot at the end', text: '10.0.0.1.' },
    { name: 'an empty number', text: '10..0.1' },
    { name: '256', text: '10.0.0.256' },
    { name: 'a leading zero', text: '10.0.0.01' },
    { name: 'two zeros', text: '10.0.0.00' },
    { name: 'a space', text: ' 10.0.0.1' },
    { name: 'digits of another script', text: '١.0.0.1' },
    { name: 'hexadecimal IPv4', text: '0x0a.0.0.1' },
    { name: 'a number that overflows', text: '10.0.0.4294967297' },
    { name: 'seven groups', text: '1:2:3:4:5:6:7' },
    { name: 'nine groups', text: '1:2:3:4:5:6:7:8:9' },
    { name: '`::` for nothing', text: '1:2:3:4::5:6:7:8' },
    { name: '`::` twice', text: '1::2::3' },
    { name: 'three colons', text: ':::' },
    { name: 'a colon at the end', text: '1:2:3:4:5:6:7:' },
    { name: 'five digits', text: '12345::' },
    { name: 'a letter after f', text: 'g::' },
    { name: 'IPv4 in front', text: '10.0.1.9::' },
    { name: 'IPv4 in the middle', text: '::10.0.1.9:1' },
    { name: 'IPv4 too late', text: '1:2:3:4:5:6:7:10.0.1.9' },
    { name: 'a zone', text: 'fe80::1%eth0' },
    { name: 'brackets', text: '[::1]' },
  ])('refuses $name', ({ text }) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('takes what node:net takes, of texts that are nearly addresses', () => {
    const piece = fc.constantFrom(
      ':',
      '::',
      '.',
      '0',
      '1',
      '10',
      '255',
      '256',
      '01',
      'ffff',
      'A',
      'g',
      '12345',
    );
    const whole = fc.oneof(fc.ipV4(), fc.ipV6());
    const damaged = fc
      .tuple(whole, fc.nat(40), fc.nat(3), piece)
      .map(([text, at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone));
    const anything = fc.array(piece, { maxLength: 17 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(whole, damaged, anything), (text) => {
        const family = isIPv4(text) ? 4 : isIPv6(text) ? 6 : undefined;
        expect(parseAddress(text)?.family, text).toBe(family);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('formatAddress', () => {
  it.each([
    { name: 'no leading zeros', text: '2001:0db8:0001:0000:0000:0000:0000:0001', expected: '2001:db8:1::1' },
    { name: 'lower case', text: '2001:DB8::ABCD', expected: '2001:db8::abcd' },
    { name: 'one zero group stays', text: '2001:db8:0:1:1:1:1:1', expected: '2001:db8:0:1:1:1:1:1' },
    { name: 'two are shortened', text: '2001:db8:0:0:1:1:1:1', expected: '2001:db8::1:1:1:1' },
    { name: 'the longest run', text: '2001:0:0:1:0:0:0:1', expected: '2001:0:0:1::1' },
    { name: 'the first of equal runs', text: '2001:db8:0:0:1:0:0:1', expected: '2001:db8::1:0:0:1' },
    { name: 'a run at the end', text: '1:2:3:4:5:6:0:0', expected: '1:2:3:4:5:6::' },
    { name: 'a run at the beginning', text: '0:0:0:4:5:6:7:8', expected: '::4:5:6:7:8' },
    { name: 'only zeros', text: '0:0:0:0:0:0:0:0', expected: '::' },
    { name: 'an IPv4 tail, as groups', text: '::ffff:10.0.1.9', expected: '::ffff:a00:109' },
  ])('writes as RFC 5952 says: $name', ({ text, expected }) => {
    expect(format(text)).toBe(expected);
  });

  it('is read back as what it was', () => {
    const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 0x10000, -65536));
    fc.assert(
      fc.property(word, word, word, word, (w0, w1, w2, w3) => {
        const text = formatIpv6(w0, w1, w2, w3);
        expect(isIPv6(text)).toBe(true);
        expect(parseAddress(text)).toEqual({ family: 6, words: [w0, w1, w2, w3] });
        expect(parseAddress(formatAddress(4, 0, 0, 0, w3))).toEqual({ family: 4, words: [0, 0, 0, w3] });
      }),
    );
  });

  it('shortens by the rules of RFC 5952, slowly written out', () => {
    const group = fc.oneof(
      { arbitrary: fc.constant(0), weight: 3 },
      { arbitrary: fc.nat(0xffff), weight: 2 },
    );
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        expect(format(groups.map((one) => one.toString(16)).join(':'))).toBe(shortened(groups));
      }),
    );
  });
});

/** For every run length from the longest, the first place where it fits. */
function shortened(groups: readonly number[]): string {
  const hex = groups.map((group) => group.toString(16));
  for (let length = 8; length >= 2; length--) {
    for (let from = 0; from + length <= 8; from++) {
      if (groups.slice(from, from + length).some((group) => group !== 0)) continue;
      return `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
    }
  }
  return hex.join(':');
}
