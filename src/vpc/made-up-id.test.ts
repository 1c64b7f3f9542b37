import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { madeUpId } from './made-up-id.ts';
import { protocolNumber } from './protocol-number.ts';

const identity = { accountId: '123456789012', region: 'us-east-1' };

describe('madeUpId', () => {
  it('is the prefix and 17 hex digits of the SHA-256 of what names the thing', () => {
    const text = 'headgate\0device\x00123456789012\0us-east-1\0name eth0';
    const digest = createHash('sha256').update(text).digest('hex');
    expect(madeUpId('eni', 'device', identity, 'name eth0')).toBe(`eni-${digest.slice(0, 17)}`);
  });

  it.each([
    { name: 'kind', other: madeUpId('eni', 'address', identity, 'name eth0') },
    {
      name: 'account',
      other: madeUpId('eni', 'device', { ...identity, accountId: '210987654321' }, 'name eth0'),
    },
    { name: 'Region', other: madeUpId('eni', 'device', { ...identity, region: 'eu-west-1' }, 'name eth0') },
    { name: 'natural key', other: madeUpId('eni', 'device', identity, 'name eth1') },
  ])('differs by $name', ({ other }) => {
    expect(other).not.toBe(madeUpId('eni', 'device', identity, 'name eth0'));
  });
});

describe('protocolNumber', () => {
  it.each([
    { name: 'every', text: '-1', expected: -1 },
    { name: 'TCP', text: 'tcp', expected: 6 },
    { name: 'ICMPv6', text: 'icmpv6', expected: 58 },
    { name: 'a number', text: '132', expected: 132 },
    { name: 'HOPOPT', text: '0', expected: 0 },
    { name: 'beyond 255', text: '256', expected: undefined },
    { name: 'another name', text: 'sctp', expected: undefined },
    { name: 'a name that objects have', text: 'constructor', expected: undefined },
    { name: 'leading zero', text: '06', expected: undefined },
    { name: 'nothing', text: '', expected: undefined },
  ])('$name', ({ text, expected }) => {
    expect(protocolNumber(text)).toBe(expected);
  });
});
