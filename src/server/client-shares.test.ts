import { describe, expect, it, vi } from 'vitest';
import { ClientShares } from './client-shares.ts';

const open = () =>
  new ClientShares({
    heldBytes: 100,
    heldBytesOfAddress: 60,
    requests: 4,
    requestsOfAddress: 3,
    requestsOfKey: 1,
  });

describe('ClientShares', () => {
  it('leaves requests to others', () => {
    const shares = open();
    const leases = [1, 2, 3].map(() => shares.enter('a'));
    expect(leases.every((lease) => lease !== undefined)).toBe(true);
    expect(shares.enter('a')).toBeUndefined();
    expect(shares.enter('b')).toBeDefined();
    expect(shares.enter('c')).toBeUndefined();
    leases[0]?.release();
    leases[0]?.release();
    expect(shares.requests).toBe(3);
    expect(shares.enter('c')).toBeDefined();
  });

  it('gives up the body that has been coming in for the longest', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const shares = open();
    const givenUp: string[] = [];
    const reading = (address: string, name: string) => {
      const lease = shares.enter(address);
      lease?.beginReading(() => givenUp.push(name));
      return lease;
    };
    const [first, second] = [reading('a', 'first'), reading('a', 'second'), reading('a', 'third')];
    expect(shares.enter('a')).toBeUndefined();
    vi.advanceTimersByTime(1000);
    second?.endReading();
    expect(shares.enter('a')).toBeDefined();
    expect(givenUp).toEqual(['first']);
    expect(first?.tryHold(1)).toBe(false);
    first?.release();
    expect(shares.requests).toBe(3);
    expect(shares.enter('b')).toBeDefined();
    expect(shares.enter('c')).toBeDefined();
    expect(givenUp).toEqual(['first', 'third']);
    expect(shares.enter('d')).toBeUndefined();
    vi.useRealTimers();
  });

  it('gives up bodies for their memory', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const shares = open();
    const givenUp: string[] = [];
    const [slow, fast, other] = ['a', 'a', 'b'].map((address) => shares.enter(address));
    slow?.beginReading(() => givenUp.push('slow'));
    expect(slow?.tryHold(50)).toBe(true);
    fast?.beginReading(() => givenUp.push('fast'));
    expect(fast?.tryHold(20)).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(other?.tryHold(61)).toBe(false);
    expect(slow?.tryHold(11)).toBe(false);
    expect(givenUp).toEqual([]);
    expect(other?.tryHold(60)).toBe(true);
    expect(givenUp).toEqual(['slow']);
    expect(shares.heldBytes).toBe(60);
    vi.useRealTimers();
  });

  it('leaves memory to others', () => {
    const shares = open();
    const [a, b] = [shares.enter('a'), shares.enter('b')];
    expect(a?.tryHold(60)).toBe(true);
    expect(a?.tryHold(1)).toBe(false);
    expect(b?.tryHold(41)).toBe(false);
    expect(b?.tryHold(40)).toBe(true);
    a?.hold(1000);
    expect(shares.heldBytes).toBe(1100);
    a?.release();
    expect(shares.heldBytes).toBe(40);
    expect(b?.tryHold(20)).toBe(true);
  });

  it('takes what one holds beyond its share from nobody else', () => {
    const shares = open();
    const [a, b, c] = [shares.enter('a'), shares.enter('b'), shares.enter('b')];
    a?.hold(30);
    a?.hold(1000);
    expect(shares.heldBytes).toBe(1030);
    expect(b?.tryHold(41)).toBe(false);
    expect(b?.tryHold(40)).toBe(true);
    a?.release();
    b?.release();
    expect(shares.heldBytes).toBe(0);
    expect(c?.tryHold(60)).toBe(true);
  });

  it('counts access keys', () => {
    const shares = open();
    const [first, second] = [shares.enter('a'), shares.enter('b')];
    expect(first?.tryAccessKey('key')).toBe(true);
    expect(second?.tryAccessKey('key')).toBe(false);
    expect(second?.tryAccessKey('other')).toBe(true);
    first?.release();
    expect(shares.enter('a')?.tryAccessKey('key')).toBe(true);
  });
});
