import { describe, expect, it } from 'vitest';
import { attribute, message, netlinkBytes } from '../../test/netlink-messages.ts';
import { parseAttributes, parseDump, readText } from './netlink.ts';

describe('parseDump', () => {
  it('splits datagrams into messages, each on a boundary of four bytes', () => {
    const first = netlinkBytes(message(16, Uint8Array.of(1, 2, 3)), message(20, Uint8Array.of(4)));
    const second = netlinkBytes(message(16, Uint8Array.of(5)), message(3, new Uint8Array(4)));
    const dump = parseDump([first, second]);
    expect(dump.messages.map(({ type, body }) => [type, ...body])).toEqual([
      [16, 1, 2, 3],
      [20, 4],
      [16, 5],
    ]);
    expect(dump).toMatchObject({ done: true, interrupted: false });
  });

  it('knows that a list without its end is not whole', () => {
    expect(parseDump([netlinkBytes(message(16, Uint8Array.of(1)))]).done).toBe(false);
  });

  it('knows that the list changed while it was read', () => {
    expect(parseDump([netlinkBytes(message(16, Uint8Array.of(1), 0x12))]).interrupted).toBe(true);
  });

  it.each([
    { name: 'a cut message', bytes: netlinkBytes(message(16, new Uint8Array(20))).subarray(0, 30) },
    { name: 'a cut header', bytes: netlinkBytes(message(16, new Uint8Array(20))).subarray(0, 9) },
    { name: 'a length of 0', bytes: new Uint8Array(32) },
  ])('stops at $name', ({ bytes }) => {
    expect(parseDump([bytes]).messages).toEqual([]);
  });

  it('fails with the error that the kernel answered', () => {
    const error = netlinkBytes(message(2, new Uint8Array(Int32Array.of(-22).buffer)));
    expect(() => parseDump([error])).toThrow('the kernel did not list the network devices (error 22)');
  });
});

describe('parseAttributes', () => {
  it('reads types without their flag bits, up to the first that is cut', () => {
    const bytes = netlinkBytes(
      attribute(3, Uint8Array.from(Buffer.from('eth0\0'))),
      attribute(0x8000 | 18, Uint8Array.of(9)),
      attribute(7, new Uint8Array(8)).subarray(0, 8),
    );
    const attributes = parseAttributes(bytes);
    expect([...attributes.keys()]).toEqual([3, 18]);
    expect(readText(attributes.get(3))).toBe('eth0');
  });

  it('stops at a length of 0', () => {
    expect(parseAttributes(new Uint8Array(8)).size).toBe(0);
  });
});
