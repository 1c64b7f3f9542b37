import { describe, expect, it } from 'vitest';
import { decoded } from '../../test/decoded.ts';
import {
  destinationOptions,
  fragmentHeader,
  fragmentIpv4,
  fragmentIpv6,
  icmpPacket,
  ipv6,
  udp,
  udpPacket,
} from '../../test/frames.ts';
import { FragmentCache } from './fragment-cache.ts';
import { linkType } from './frame-batch.ts';
import type { PacketView } from './packet-view.ts';

const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ends6 = { src: 'fd00::1', dst: 'fd00::2' };
const datagram = udpPacket({ ...ends, srcPort: 5000, dstPort: 53, payload: new Uint8Array(60) });
const [first, middle, last] = fragmentIpv4(datagram, 24);

function resolved(cache: FragmentCache, packet: Uint8Array, timeMs = 0): PacketView {
  const { view } = decoded(packet, { link: linkType.raw });
  view.timeMs = timeMs;
  cache.resolve(view);
  return view;
}

const ports = ({ srcPort, dstPort }: PacketView) => [srcPort, dstPort];

describe('FragmentCache', () => {
  it('gives later fragments the ports of the first', () => {
    const cache = new FragmentCache(16);
    expect(ports(resolved(cache, first))).toEqual([5000, 53]);
    expect(ports(resolved(cache, last))).toEqual([5000, 53]);
    expect(ports(resolved(cache, middle))).toEqual([5000, 53]);
  });

  it('gives type and code of ICMP', () => {
    const cache = new FragmentCache(16);
    const [head, tail] = fragmentIpv4(icmpPacket({ ...ends, type: 8, payload: new Uint8Array(40) }), 24);
    resolved(cache, head);
    expect(resolved(cache, tail)).toMatchObject({ icmpType: 8, icmpCode: 0, srcPort: 0 });
  });

  it('joins IPv6 fragments by their identification', () => {
    const cache = new FragmentCache(16);
    const packet = udpPacket({ ...ends6, srcPort: 5000, dstPort: 53, payload: new Uint8Array(60) });
    resolved(cache, fragmentIpv6(packet, 24, 77)[0]);
    expect(ports(resolved(cache, fragmentIpv6(packet, 24, 77)[2]))).toEqual([5000, 53]);
    expect(ports(resolved(cache, fragmentIpv6(packet, 24, 78)[2]))).toEqual([0, 0]);
  });

  it('gives IPv6 fragments the protocol behind the extension headers that only the first has', () => {
    const cache = new FragmentCache(16);
    const transport = udp({ srcPort: 5000, dstPort: 53, payload: new Uint8Array(8), length: 64 });
    resolved(
      cache,
      ipv6({
        ...ends6,
        protocol: 17,
        extensions: [fragmentHeader({ more: true }), destinationOptions()],
        payload: transport,
      }),
    );
    const tail = ipv6({
      ...ends6,
      protocol: 60,
      extensions: [fragmentHeader({ offset: 24 })],
      payload: new Uint8Array(32),
    });
    expect(resolved(cache, tail)).toMatchObject({ protocol: 17, srcPort: 5000, dstPort: 53 });
  });

  const strangers = [
    {
      name: 'another identification',
      packet: udpPacket({ ...ends, srcPort: 1, dstPort: 2, payload: new Uint8Array(60) }),
      id: 2,
    },
    {
      name: 'another source',
      packet: udpPacket({ ...ends, src: '10.0.0.3', srcPort: 1, dstPort: 2, payload: new Uint8Array(60) }),
      id: 1,
    },
    {
      name: 'another destination',
      packet: udpPacket({ ...ends, dst: '10.0.0.3', srcPort: 1, dstPort: 2, payload: new Uint8Array(60) }),
      id: 1,
    },
    {
      name: 'another protocol',
      packet: icmpPacket({ ...ends, type: 8, payload: new Uint8Array(60) }),
      id: 1,
    },
  ];
  it.each(strangers)('keeps apart a datagram of $name', ({ packet, id }) => {
    const cache = new FragmentCache(16);
    resolved(cache, first);
    const tail = fragmentIpv4(packet, 24)[1].slice();
    tail.set([id >> 8, id & 255], 4);
    expect(ports(resolved(cache, tail))).toEqual([0, 0]);
  });

  it.each([
    { name: '30 s later', timeMs: 30_000, ports: [5000, 53] },
    { name: 'more than 30 s later', timeMs: 30_001, ports: [0, 0] },
    { name: 'earlier, by reordering', timeMs: -1000, ports: [5000, 53] },
    { name: 'more than 30 s earlier', timeMs: -30_001, ports: [0, 0] },
  ])('a fragment $name', ({ timeMs, ports: expected }) => {
    const cache = new FragmentCache(16);
    resolved(cache, first, 0);
    expect(ports(resolved(cache, last, timeMs))).toEqual(expected);
  });

  it('leaves ports 0 when the first fragment comes last', () => {
    const cache = new FragmentCache(16);
    expect(ports(resolved(cache, last))).toEqual([0, 0]);
  });

  it('takes the newest first fragment of an identification', () => {
    const cache = new FragmentCache(16);
    resolved(cache, first);
    resolved(
      cache,
      fragmentIpv4(udpPacket({ ...ends, srcPort: 7, dstPort: 9, payload: new Uint8Array(60) }), 24)[0],
    );
    expect(ports(resolved(cache, last))).toEqual([7, 9]);
  });

  it('is bounded: a flood of first fragments forgets, and never mixes datagrams up', () => {
    const cache = new FragmentCache(8);
    const tails = Array.from({ length: 200 }, (_, id) => {
      const packet = udpPacket({ ...ends, srcPort: 1000 + id, dstPort: 53, payload: new Uint8Array(60) });
      const pieces = fragmentIpv4(packet, 24).map((piece) => {
        const copy = piece.slice();
        copy.set([0, id], 4);
        return copy;
      });
      resolved(cache, pieces[0]);
      return pieces[1];
    });
    const found = tails.map((tail) => resolved(cache, tail).srcPort);
    for (const [id, port] of found.entries()) expect([0, 1000 + id]).toContain(port);
    const kept = found.filter((port) => port !== 0).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(8);
  });
});
