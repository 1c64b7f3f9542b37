import { describe, expect, it } from 'vitest';
import { protocolNumber } from './protocol-number.ts';

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
