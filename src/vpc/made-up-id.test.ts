import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { madeUpId } from './made-up-id.ts';

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
