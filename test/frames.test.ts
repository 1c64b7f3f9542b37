import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressBytes,
  concat,
  crc32c,
  ethernet,
  fragmentHeader,
  fragmentIpv4,
  fragmentIpv6,
  hopByHop,
  icmpPacket,
  internetChecksum,
  ipv4,
  ipv6,
  linuxCooked,
  linuxCooked2,
  sctp,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from './frames.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const v4 = { src: '10.0.0.1', dst: '192.168.1.2' };
const v6 = { src: 'fd00::1', dst: 'fd00::2' };

/** The transport checksum that a receiver computes: 0 when the packet is sound. */
function received(packet: Uint8Array, protocol: number): number {
  const isIpv4 = packet[0] >> 4 === 4;
  const addresses = isIpv4 ? packet.subarray(12, 20) : packet.subarray(8, 40);
  const payload = packet.subarray(isIpv4 ? 20 : 40);
  const length = [0, 0, payload.length >> 8, payload.length & 255];
  return internetChecksum(concat(addresses, length, [0, 0, 0, protocol], payload));
}

describe('frames', () => {
  it('knows the published check values', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    // RFC 1071, section 3.
    expect(internetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(
      ~0xddf2 & 0xffff,
    );
  });

  it('lays out each link header', () => {
    const payload = ipv4({ ...v4, protocol: 253, payload: [] });
    expect(text(ethernet({ payload }).subarray(0, 14))).toBe('0200000000020200000000010800');
    expect(text(ethernet({ vlans: [100, 7], payload }).subarray(12, 22))).toBe('88a80064810000070800');
    expect(text(ethernet({ vlans: [{ id: 5, priority: 3 }], payload }).subarray(12, 18))).toBe(
      '810060050800',
    );
    expect(text(linuxCooked({ packetType: 4, payload }).subarray(0, 16))).toBe(
      '00040001000602000000000100000800',
    );
    expect(text(linuxCooked2({ payload }).subarray(0, 20))).toBe('0800000000000002000100060200000000010000');
  });

  it('fills in checksums that a receiver accepts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), fc.boolean(), (payload, isIpv4) => {
        const ends = isIpv4 ? v4 : v6;
        expect(received(tcpPacket({ ...ends, srcPort: 1, dstPort: 2, payload }), 6)).toBe(0);
        expect(received(udpPacket({ ...ends, srcPort: 1, dstPort: 2, payload }), 17)).toBe(0);
        expect(received(icmpPacket({ ...v6, type: 128, payload }), 58)).toBe(0);
        expect(internetChecksum(icmpPacket({ ...v4, type: 8, payload }).subarray(20))).toBe(0);
        expect(internetChecksum(tcpPacket({ ...v4, srcPort: 1, dstPort: 2 }).subarray(0, 20))).toBe(0);
      }),
    );
  });

  it('keeps a checksum that is there already', () => {
    const segment = tcp({ srcPort: 1, dstPort: 2 });
    segment[16] = 0x12;
    expect(ipv4({ ...v4, protocol: 6, payload: segment }).subarray(36, 38)).toEqual(Uint8Array.of(0x12, 0));
  });

  it('cuts packets into fragments that join again', () => {
    const payload = new Uint8Array(100).fill(7);
    const packet = udpPacket({ ...v4, srcPort: 1, dstPort: 2, payload });
    const pieces = fragmentIpv4(packet, 48);
    expect(pieces.map((piece) => piece.length)).toEqual([68, 68, 32]);
    expect(pieces.map((piece) => (piece[6] << 8) | piece[7])).toEqual([0x2000, 0x2006, 12]);
    expect(concat(...pieces.map((piece) => piece.subarray(20)))).toEqual(packet.subarray(20));
    const packet6 = udpPacket({ ...v6, srcPort: 1, dstPort: 2, payload });
    const pieces6 = fragmentIpv6(packet6, 48, 0x01020304);
    expect(pieces6.map((piece) => text(piece.subarray(40, 48)))).toEqual([
      '1100000101020304',
      '1100003101020304',
      '1100006001020304',
    ]);
    expect(concat(...pieces6.map((piece) => piece.subarray(48)))).toEqual(packet6.subarray(40));
  });

  it('chains IPv6 extension headers', () => {
    const payload = udp({ srcPort: 53, dstPort: 53 });
    const packet = ipv6({
      ...v6,
      protocol: 17,
      payload,
      extensions: [hopByHop(), fragmentHeader({ more: true })],
    });
    expect(packet.length).toBe(40 + 8 + 8 + 8);
    expect([packet[6], packet[40], packet[48], packet[5]]).toEqual([0, 44, 17, 24]);
  });

  it('pads SCTP chunks and checks them with CRC32c', () => {
    const packet = sctp({ srcPort: 1, dstPort: 2, payload: [1, 2, 3] });
    expect(packet.length).toBe(12 + 16 + 4);
    const crc = new DataView(packet.buffer).getUint32(8, true);
    packet.fill(0, 8, 12);
    expect(crc32c(packet)).toBe(crc);
  });

  it('refuses what is not an address', () => {
    expect(() => addressBytes('10.0.0')).toThrow('not an address');
  });
});
