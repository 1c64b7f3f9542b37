/**
 * What a capture file holds, read the slow and obvious way: the whole file at once, one field at a time, with nothing of
 * the code that it checks. Knows as much of the formats as the shared captures need, and says so where it does not.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface SlowFrame {
  readonly link: number;
  readonly bytes: DataView;
  /** On the wire. */
  readonly originalLength: number;
}

/** An IP packet as its own header describes it. */
export interface SlowPacket {
  readonly src: string;
  readonly dst: string;
  /** After IPv6 extension headers. */
  readonly protocol: number;
  /** 0 where there are none: other protocols than TCP and UDP, and fragments but the first. */
  readonly srcPort: number;
  readonly dstPort: number;
  readonly icmpType: number;
  /** Total length of the IP packet. */
  readonly length: number;
}

export function slowFrames(file: string): SlowFrame[] {
  const content = readFileSync(file);
  const bytes = file.endsWith('.gz') ? gunzipSync(content) : content;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(0) === 0x0a0d0d0a ? pcapngFrames(view) : pcapFrames(view);
}

function pcapFrames(view: DataView): SlowFrame[] {
  const isLittle = [0xd4c3b2a1, 0x4d3cb2a1].includes(view.getUint32(0));
  const link = view.getUint32(20, isLittle);
  const frames: SlowFrame[] = [];
  for (let at = 24; at < view.byteLength; ) {
    const length = view.getUint32(at + 8, isLittle);
    const originalLength = view.getUint32(at + 12, isLittle);
    frames.push({ link, bytes: part(view, at + 16, length), originalLength });
    at += 16 + length;
  }
  return frames;
}

/** One section; Enhanced Packet Blocks. */
function pcapngFrames(view: DataView): SlowFrame[] {
  const isLittle = view.getUint32(8) === 0x4d3c2b1a;
  const links: number[] = [];
  const frames: SlowFrame[] = [];
  for (let at = 0; at < view.byteLength; at += view.getUint32(at + 4, isLittle)) {
    const type = view.getUint32(at, isLittle);
    if (type === 1) links.push(view.getUint16(at + 8, isLittle));
    if (type === 6) {
      const link = links[view.getUint32(at + 8, isLittle)];
      const originalLength = view.getUint32(at + 24, isLittle);
      frames.push({ link, bytes: part(view, at + 28, view.getUint32(at + 20, isLittle)), originalLength });
    }
  }
  return frames;
}

/** The IP packet in a frame, or `undefined` when its link layer says that there is none. */
export function slowPacket({ link, bytes, originalLength }: SlowFrame): SlowPacket | undefined {
  const ip = ipBytes(link, bytes);
  if (!ip) return undefined;
  const packet = ip.getUint8(0) >> 4 === 4 ? ipv4Packet(ip) : ipv6Packet(ip);
  // A total length of 0 is left to the device by segmentation offload: the packet is what the frame holds.
  return packet.length > 0
    ? packet
    : { ...packet, length: originalLength - (bytes.byteLength - ip.byteLength) };
}

function ipBytes(link: number, bytes: DataView): DataView | undefined {
  if (link === 0) return part(bytes, 4);
  if (link === 12 || link === 101) return bytes;
  if (link !== 1 && link !== 113) throw new Error(`bug: link type ${link} in the shared captures`);
  let at = link === 1 ? 12 : 14;
  while ([0x8100, 0x88a8, 0x9100].includes(bytes.getUint16(at))) at += 4;
  const isIp = bytes.getUint16(at) === 0x0800 || bytes.getUint16(at) === 0x86dd;
  return isIp ? part(bytes, at + 2) : undefined;
}

function ipv4Packet(ip: DataView): SlowPacket {
  const dotted = (at: number) => [0, 1, 2, 3].map((i) => ip.getUint8(at + i)).join('.');
  const headerLength = (ip.getUint8(0) & 15) * 4;
  const isLaterFragment = (ip.getUint16(6) & 0x1fff) !== 0;
  return {
    src: dotted(12),
    dst: dotted(16),
    length: ip.getUint16(2),
    ...transport(ip, headerLength, ip.getUint8(9), isLaterFragment),
  };
}

function ipv6Packet(ip: DataView): SlowPacket {
  let protocol = ip.getUint8(6);
  let at = 40;
  let isLaterFragment = false;
  while ([0, 43, 44, 60].includes(protocol) && !isLaterFragment) {
    if (protocol === 44) isLaterFragment = ip.getUint16(at + 2) >> 3 !== 0;
    const length = protocol === 44 ? 8 : (ip.getUint8(at + 1) + 1) * 8;
    protocol = ip.getUint8(at);
    at += length;
  }
  return {
    src: ipv6Text(ip, 8),
    dst: ipv6Text(ip, 24),
    length: 40 + ip.getUint16(4),
    ...transport(ip, at, protocol, isLaterFragment),
  };
}

function transport(ip: DataView, at: number, protocol: number, isLaterFragment: boolean) {
  const hasPorts = (protocol === 6 || protocol === 17) && !isLaterFragment;
  const isIcmp = (protocol === 1 || protocol === 58) && !isLaterFragment;
  return {
    protocol,
    srcPort: hasPorts ? ip.getUint16(at) : 0,
    dstPort: hasPorts ? ip.getUint16(at + 2) : 0,
    icmpType: isIcmp ? ip.getUint8(at) : 0,
  };
}

/** As records print it: the WHATWG URL serialiser shortens as RFC 5952 does. */
export function ipv6Text(bytes: DataView, at: number): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.getUint16(at + 2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

function part(view: DataView, at: number, length = view.byteLength - at): DataView {
  return new DataView(view.buffer, view.byteOffset + at, length);
}
