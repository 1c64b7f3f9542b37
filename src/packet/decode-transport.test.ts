import { describe, expect, it } from 'vitest';
import { type DecodeOptions, decoded } from '../../test/decoded.ts';
import {
  concat,
  ethernet,
  hopByHop,
  icmpPacket,
  ip,
  ipv6,
  sctp,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from '../../test/frames.ts';
import { linkType } from './frame-batch.ts';

const ends = { src: '10.0.0.1', dst: '10.0.0.2' };
const ends6 = { src: 'fd00::1', dst: 'fd00::2' };
const raw = { link: linkType.raw };

describe('transport headers', () => {
  const read = [
    {
      name: 'TCP',
      packet: tcpPacket({ ...ends, srcPort: 65535, dstPort: 1, flags: 0xd2 }),
      view: { protocol: 6, srcPort: 65535, dstPort: 1, tcpFlags: 0xd2 },
    },
    {
      name: 'TCP with options',
      packet: tcpPacket({ ...ends, srcPort: 9, dstPort: 8, flags: 16, options: new Uint8Array(40) }),
      view: { srcPort: 9, dstPort: 8, tcpFlags: 16, bytes: 80 },
    },
    {
      name: 'UDP',
      packet: udpPacket({ ...ends, srcPort: 68, dstPort: 67 }),
      view: { protocol: 17, srcPort: 68, dstPort: 67, tcpFlags: 0 },
    },
    {
      name: 'UDP whose length offload left at 0',
      packet: udpPacket({ ...ends, srcPort: 68, dstPort: 67, length: 0 }),
      view: { srcPort: 68, dstPort: 67 },
    },
    {
      name: 'SCTP',
      packet: ip({ ...ends, protocol: 132, payload: sctp({ srcPort: 36412, dstPort: 36413 }) }),
      view: { protocol: 132, srcPort: 36412, dstPort: 36413 },
    },
    {
      name: 'an echo request',
      packet: icmpPacket({ ...ends, type: 8, rest: 0x12345678 }),
      view: { protocol: 1, srcPort: 0, dstPort: 0, icmpType: 8, icmpCode: 0 },
    },
    {
      name: 'a redirect',
      packet: icmpPacket({ ...ends, type: 5, code: 1 }),
      view: { icmpType: 5, icmpCode: 1, quotedFamily: 0 },
    },
    {
      name: 'an ICMPv6 echo reply',
      packet: icmpPacket({ ...ends6, type: 129 }),
      view: { protocol: 58, srcPort: 0, dstPort: 0, icmpType: 129 },
    },
    {
      name: 'GRE',
      packet: ip({ ...ends, protocol: 47, payload: new Uint8Array(4) }),
      view: { protocol: 47, srcPort: 0, dstPort: 0 },
    },
    {
      name: 'a protocol of number 255 without payload',
      packet: ip({ ...ends, protocol: 255, payload: [] }),
      view: { protocol: 255, bytes: 20 },
    },
  ];
  it.each(read)('reads $name', ({ packet, view }) => {
    const got = decoded(packet, raw);
    expect(got.outcome).toBe('ip');
    expect(got.view).toMatchObject(view);
  });

  const shortTcp = tcp({ srcPort: 1, dstPort: 2 }).subarray(0, 19);
  const tinyHeader = tcp({ srcPort: 1, dstPort: 2 });
  tinyHeader[12] = 0x40;
  const longHeader = tcp({ srcPort: 1, dstPort: 2 });
  longHeader[12] = 0x60;
  const malformed = [
    {
      name: 'TCP shorter than its header',
      packet: ip({ ...ends, protocol: 6, payload: shortTcp }),
      outcome: 'tcp-header',
    },
    {
      name: 'TCP with a header of four words',
      packet: ip({ ...ends, protocol: 6, payload: tinyHeader }),
      outcome: 'tcp-header',
    },
    {
      name: 'TCP with a header longer than the packet',
      packet: ip({ ...ends, protocol: 6, payload: longHeader }),
      outcome: 'tcp-header',
    },
    {
      name: 'UDP shorter than its header',
      packet: ip({ ...ends, protocol: 17, payload: new Uint8Array(7) }),
      outcome: 'udp-length',
    },
    {
      name: 'UDP with a length of 7',
      packet: udpPacket({ ...ends, srcPort: 1, dstPort: 2, length: 7 }),
      outcome: 'udp-length',
    },
    {
      name: 'UDP with a length beyond the packet',
      packet: udpPacket({ ...ends, srcPort: 1, dstPort: 2, length: 9 }),
      outcome: 'udp-length',
    },
    {
      name: 'SCTP shorter than its header',
      packet: ip({ ...ends, protocol: 132, payload: new Uint8Array(11) }),
      outcome: 'sctp-header',
    },
    {
      name: 'ICMP shorter than type and checksum',
      packet: ip({ ...ends, protocol: 1, payload: new Uint8Array(3) }),
      outcome: 'icmp-header',
    },
    {
      name: 'ICMPv6 shorter than type and checksum',
      packet: ip({ ...ends6, protocol: 58, payload: new Uint8Array(3) }),
      outcome: 'icmp-header',
    },
  ];
  it.each(malformed)('$name is malformed: $outcome', ({ packet, outcome }) => {
    expect(decoded(packet, raw).outcome).toBe(outcome);
  });

  const snaps = [
    {
      name: 'TCP cut before its flags has ports only',
      packet: tcpPacket({ ...ends, srcPort: 7, dstPort: 9 }),
      captured: 33,
      view: { srcPort: 7, dstPort: 9, tcpFlags: 0, bytes: 40 },
    },
    {
      name: 'TCP cut behind its flags has them',
      packet: tcpPacket({ ...ends, srcPort: 7, dstPort: 9 }),
      captured: 34,
      view: { srcPort: 7, tcpFlags: 2 },
    },
    {
      name: 'ICMP cut inside type and code has neither',
      packet: icmpPacket({ ...ends, type: 8 }),
      captured: 21,
      view: { icmpType: 0, bytes: 28 },
    },
    {
      name: 'SCTP cut before its ports',
      packet: ip({ ...ends, protocol: 132, payload: sctp({ srcPort: 7, dstPort: 9 }) }),
      captured: 22,
      view: { srcPort: 0 },
    },
  ];
  it.each(snaps)('$name', ({ packet, captured, view }) => {
    const got = decoded(packet, { ...raw, captured });
    expect(got.outcome).toBe('ip');
    expect(got.view).toMatchObject(view);
  });
});

describe('offloaded super-packets', () => {
  const tcpOf = (payload: number, options = 0) =>
    tcpPacket({
      ...ends,
      srcPort: 1,
      dstPort: 2,
      flags: 16,
      options: new Uint8Array(options),
      payload: new Uint8Array(payload),
    });
  const bigUdp = udpPacket({ ...ends, srcPort: 1, dstPort: 2, payload: new Uint8Array(3000) });
  const behindExtension = ipv6({
    ...ends6,
    protocol: 6,
    extensions: [hopByHop()],
    payload: concat(tcp({ srcPort: 1, dstPort: 2 }), new Uint8Array(2000)),
  });
  const rows: readonly {
    name: string;
    packet: Uint8Array;
    options: DecodeOptions;
    packets: number;
    bytes: number;
  }[] = [
    {
      name: 'ten full segments',
      packet: tcpOf(14_600),
      options: { segmentBytes: 1460 },
      packets: 10,
      bytes: 10 * 1500,
    },
    {
      name: 'a last segment that is not full',
      packet: tcpOf(3000),
      options: { segmentBytes: 1448 },
      packets: 3,
      bytes: 3000 + 3 * 40,
    },
    {
      name: 'headers with options in each',
      packet: tcpOf(2896, 12),
      options: { segmentBytes: 1448 },
      packets: 2,
      bytes: 2 * 1500,
    },
    {
      name: 'a payload of one segment',
      packet: tcpOf(1448),
      options: { segmentBytes: 1448 },
      packets: 1,
      bytes: 1488,
    },
    { name: 'no payload', packet: tcpOf(0), options: { segmentBytes: 1448 }, packets: 1, bytes: 40 },
    { name: 'a frame that is no super-packet', packet: tcpOf(3000), options: {}, packets: 1, bytes: 3040 },
    {
      name: 'of which only headers were captured',
      packet: tcpOf(14_600),
      options: { segmentBytes: 1460, captured: 54 },
      packets: 10,
      bytes: 10 * 1500,
    },
    { name: 'UDP', packet: bigUdp, options: { segmentBytes: 1000 }, packets: 3, bytes: 3000 + 3 * 28 },
    {
      name: 'IPv6 with an extension header in each',
      packet: behindExtension,
      options: { segmentBytes: 1000 },
      packets: 2,
      bytes: 2 * (40 + 8 + 20 + 1000),
    },
  ];
  it.each(rows)('$name', ({ packet, options, packets, bytes }) => {
    const frame = ethernet({ payload: packet });
    const { outcome, view } = decoded(frame, options);
    expect(outcome).toBe('ip');
    expect(view).toMatchObject({ packets, bytes });
  });

  it('are never a protocol without segments', () => {
    const packet = ip({
      ...ends,
      protocol: 47,
      payload: udp({ srcPort: 1, dstPort: 2, payload: new Uint8Array(3000) }),
    });
    expect(decoded(packet, { ...raw, segmentBytes: 1000 }).view).toMatchObject({ packets: 1, bytes: 3028 });
  });
});
