/**
 * Real frames for the tests of all rooms: lengths and checksums are right unless a test asks for something else.
 * Build from the inside out: `ethernet({ payload: ipv4({ src, dst, protocol, payload: tcp({ … }) }) })`, or in one go
 * with `tcpPacket`, `udpPacket`, `icmpPacket`. Addresses and MACs are text; every function returns fresh bytes.
 */
import { parseAddress } from '../src/ip/index.ts';
import { ipProtocol, tcpFlag } from '../src/packet/packet-view.ts';

export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, qinq: 0x88a8 } as const;
/** IANA numbers of the IPv6 extension headers. */
const extension = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  none: 59,
  destination: 60,
} as const;

type Bytes = Uint8Array | readonly number[];

// ---- link layers

export interface EthernetFields {
  src?: string;
  dst?: string;
  /** 802.1Q tags from the outermost in; the outer of two is 0x88a8 unless said otherwise. */
  vlans?: readonly (number | { id: number; priority?: number; etherType?: number })[];
  /** Told from the payload's first half-byte if absent. */
  etherType?: number;
  payload: Bytes;
}

export function ethernet(fields: EthernetFields): Uint8Array {
  const vlans = (fields.vlans ?? []).map((vlan) => (typeof vlan === 'number' ? { id: vlan } : vlan));
  const tags = vlans.flatMap((vlan, i) => [
    ...u16(vlan.etherType ?? (i < vlans.length - 1 ? etherType.qinq : etherType.vlan)),
    ...u16(((vlan.priority ?? 0) << 13) | vlan.id),
  ]);
  return concat(
    mac(fields.dst ?? '02:00:00:00:00:02'),
    mac(fields.src ?? '02:00:00:00:00:01'),
    tags,
    u16(fields.etherType ?? etherTypeOf(fields.payload)),
    fields.payload,
  );
}

export interface CookedFields {
  /** `sll_pkttype`: 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us. */
  packetType?: number;
  src?: string;
  etherType?: number;
  interfaceIndex?: number;
  payload: Bytes;
}

/** LINKTYPE_LINUX_SLL (113). */
export function linuxCooked(fields: CookedFields): Uint8Array {
  return concat(
    u16(fields.packetType ?? 0),
    u16(1),
    u16(6),
    mac(fields.src ?? '02:00:00:00:00:01'),
    [0, 0],
    u16(fields.etherType ?? etherTypeOf(fields.payload)),
    fields.payload,
  );
}

/** LINKTYPE_LINUX_SLL2 (276). */
export function linuxCooked2(fields: CookedFields): Uint8Array {
  return concat(
    u16(fields.etherType ?? etherTypeOf(fields.payload)),
    [0, 0],
    u32(fields.interfaceIndex ?? 2),
    u16(1),
    [fields.packetType ?? 0, 6],
    mac(fields.src ?? '02:00:00:00:00:01'),
    [0, 0],
    fields.payload,
  );
}

/** LINKTYPE_NULL (0) in the byte order of the capturing host, or LINKTYPE_LOOP (108) when `bigEndian`. */
export function bsdLoopback(fields: { family?: number; bigEndian?: boolean; payload: Bytes }): Uint8Array {
  const family = u32(fields.family ?? (fields.payload[0] >> 4 === 6 ? 30 : 2));
  return concat(fields.bigEndian ? family : family.reverse(), fields.payload);
}

export function arp(fields: {
  senderIp: string;
  targetIp: string;
  senderMac?: string;
  reply?: boolean;
}): Uint8Array {
  const sender = mac(fields.senderMac ?? '02:00:00:00:00:01');
  const operation = u16(fields.reply ? 2 : 1);
  const start = [...u16(1), ...u16(etherType.ipv4), 6, 4, ...operation];
  return concat(
    start,
    sender,
    addressBytes(fields.senderIp),
    [0, 0, 0, 0, 0, 0],
    addressBytes(fields.targetIp),
  );
}

// ---- network layer

export interface Ipv4Fields {
  src: string;
  dst: string;
  protocol: number;
  payload: Bytes;
  ttl?: number;
  tos?: number;
  id?: number;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** Where the payload lies in the datagram, in bytes (a multiple of 8). */
  fragmentOffset?: number;
  /** Padded with end-of-options to a multiple of four bytes. */
  options?: Bytes;
  /** What the header says, where a test wants it to lie; the checksum stays right. */
  totalLength?: number;
  headerLength?: number;
}

/** RFC 791. Fills in the TCP or UDP checksum of a payload that has none, unless this is a fragment. */
export function ipv4(fields: Ipv4Fields): Uint8Array {
  const options = padded(fields.options ?? [], 4);
  const headerLength = 20 + options.length;
  const offset = fields.fragmentOffset ?? 0;
  const flags = (fields.dontFragment ? 0x4000 : 0) | (fields.moreFragments ? 0x2000 : 0);
  const header = concat(
    [0x40 | ((fields.headerLength ?? headerLength) / 4), fields.tos ?? 0],
    u16(fields.totalLength ?? headerLength + fields.payload.length),
    u16(fields.id ?? 1),
    u16(flags | (offset >> 3)),
    [fields.ttl ?? 64, fields.protocol, 0, 0],
    addressBytes(fields.src),
    addressBytes(fields.dst),
    options,
  );
  writeU16(header, 10, internetChecksum(header));
  const isFragment = offset > 0 || fields.moreFragments === true;
  return concat(header, isFragment ? fields.payload : withTransportChecksum(fields));
}

export interface Ipv6Fields {
  src: string;
  dst: string;
  /** Of the payload, after the extension headers. */
  protocol: number;
  payload: Bytes;
  hopLimit?: number;
  trafficClass?: number;
  flowLabel?: number;
  extensions?: readonly Ipv6Extension[];
  /** What the header says, where a test wants it to lie. */
  payloadLength?: number;
}

/** An extension header whose first byte, the next header, `ipv6` fills in. */
export interface Ipv6Extension {
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

/** RFC 8200. Fills in the TCP, UDP or ICMPv6 checksum of a payload that has none, unless this is a fragment. */
export function ipv6(fields: Ipv6Fields): Uint8Array {
  const extensions = fields.extensions ?? [];
  const chain = concat(
    ...extensions.map(({ bytes }, i) => [
      extensions[i + 1]?.protocol ?? fields.protocol,
      ...bytes.subarray(1),
    ]),
  );
  const isFragment = extensions.some(isRealFragment);
  const payload = isFragment ? fields.payload : withTransportChecksum(fields);
  return concat(
    u32(((6 << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0)) >>> 0),
    u16(fields.payloadLength ?? chain.length + payload.length),
    [extensions[0]?.protocol ?? fields.protocol, fields.hopLimit ?? 64],
    addressBytes(fields.src),
    addressBytes(fields.dst),
    chain,
    payload,
  );
}

function isRealFragment({ protocol, bytes }: Ipv6Extension): boolean {
  return protocol === extension.fragment && (((bytes[2] << 8) | bytes[3]) & 0xfff9) !== 0;
}

/** Hop-by-hop options: padding, `bytes` long in all (a multiple of 8). */
export function hopByHop(bytes = 8): Ipv6Extension {
  return { protocol: extension.hopByHop, bytes: optionsHeader(bytes) };
}

export function destinationOptions(bytes = 8): Ipv6Extension {
  return { protocol: extension.destination, bytes: optionsHeader(bytes) };
}

/** One PadN option fills the header (RFC 8200 4.2). */
function optionsHeader(bytes: number): Uint8Array {
  const header = new Uint8Array(bytes);
  header.set([0, bytes / 8 - 1, 1, Math.min(bytes - 4, 255)]);
  return header;
}

/** A routing header with the given addresses; type 0 unless told. */
export function routing(
  fields: { type?: number; segmentsLeft?: number; addresses?: readonly string[] } = {},
): Ipv6Extension {
  const addresses = fields.addresses ?? [];
  const start = [
    0,
    addresses.length * 2,
    fields.type ?? 0,
    fields.segmentsLeft ?? addresses.length,
    0,
    0,
    0,
    0,
  ];
  return { protocol: extension.routing, bytes: concat(start, ...addresses.map(addressBytes)) };
}

/** `offset` in bytes (a multiple of 8). */
export function fragmentHeader(fields: { offset?: number; more?: boolean; id?: number } = {}): Ipv6Extension {
  const word = (fields.offset ?? 0) | (fields.more ? 1 : 0);
  return { protocol: extension.fragment, bytes: concat([0, 0], u16(word), u32(fields.id ?? 1)) };
}

/** RFC 4302, with an integrity check value of 12 zero bytes. */
export function authentication(): Ipv6Extension {
  return {
    protocol: extension.authentication,
    bytes: concat([0, 4, 0, 0], u32(0x100), u32(1), new Uint8Array(12)),
  };
}

/** `ipv4` or `ipv6`, as the addresses say. */
export function ip(fields: { src: string; dst: string; protocol: number; payload: Bytes }): Uint8Array {
  return fields.src.includes(':') ? ipv6(fields) : ipv4(fields);
}

/** Cuts an IPv4 packet without options into fragments of `payloadBytes` (a multiple of 8) each. */
export function fragmentIpv4(packet: Uint8Array, payloadBytes: number): Uint8Array[] {
  return slices(packet.subarray(20), payloadBytes).map(({ offset, bytes, more }) => {
    const piece = concat(packet.subarray(0, 20), bytes);
    writeU16(piece, 2, piece.length);
    writeU16(piece, 6, (more ? 0x2000 : 0) | (offset >> 3));
    writeU16(piece, 10, 0);
    writeU16(piece, 10, internetChecksum(piece.subarray(0, 20)));
    return piece;
  });
}

/** Cuts an IPv6 packet without extension headers into fragments of `payloadBytes` (a multiple of 8) each. */
export function fragmentIpv6(packet: Uint8Array, payloadBytes: number, id = 1): Uint8Array[] {
  return slices(packet.subarray(40), payloadBytes).map(({ offset, bytes, more }) => {
    const header = fragmentHeader({ offset, more, id }).bytes;
    header[0] = packet[6];
    const piece = concat(packet.subarray(0, 40), header, bytes);
    writeU16(piece, 4, piece.length - 40);
    piece[6] = extension.fragment;
    return piece;
  });
}

function slices(bytes: Uint8Array, length: number): { offset: number; bytes: Uint8Array; more: boolean }[] {
  const count = Math.max(1, Math.ceil(bytes.length / length));
  return Array.from({ length: count }, (_, i) => ({
    offset: i * length,
    bytes: bytes.subarray(i * length, (i + 1) * length),
    more: i < count - 1,
  }));
}

// ---- transport layer

export interface TcpFields {
  srcPort: number;
  dstPort: number;
  /** An OR of `tcpFlag`; SYN unless told. */
  flags?: number;
  sequence?: number;
  acknowledgement?: number;
  window?: number;
  options?: Bytes;
  payload?: Bytes;
}

export function tcp(fields: TcpFields): Uint8Array {
  const options = padded(fields.options ?? [], 4);
  return concat(
    u16(fields.srcPort),
    u16(fields.dstPort),
    u32(fields.sequence ?? 1),
    u32(fields.acknowledgement ?? 0),
    [(5 + options.length / 4) << 4, fields.flags ?? tcpFlag.syn],
    u16(fields.window ?? 65535),
    [0, 0, 0, 0],
    options,
    fields.payload ?? [],
  );
}

export function udp(fields: {
  srcPort: number;
  dstPort: number;
  length?: number;
  payload?: Bytes;
}): Uint8Array {
  const payload = fields.payload ?? [];
  return concat(
    u16(fields.srcPort),
    u16(fields.dstPort),
    u16(fields.length ?? 8 + payload.length),
    [0, 0],
    payload,
  );
}

/** One DATA chunk, or none when there is no payload; RFC 9260, with its CRC32c. */
export function sctp(fields: {
  srcPort: number;
  dstPort: number;
  tag?: number;
  payload?: Bytes;
}): Uint8Array {
  const payload = fields.payload;
  const chunk = payload
    ? concat([0, 3], u16(16 + payload.length), u32(1), u32(0), u32(0), padded(payload, 4))
    : [];
  const packet = concat(u16(fields.srcPort), u16(fields.dstPort), u32(fields.tag ?? 1), u32(0), chunk);
  packet.set(u32(crc32c(packet)).reverse(), 8);
  return packet;
}

export interface IcmpFields {
  type: number;
  code?: number;
  /** The second word: identifier and sequence of an echo, unused or MTU of an error. */
  rest?: number;
  /** Of an error: the quoted packet. */
  payload?: Bytes;
}

export function icmp(fields: IcmpFields): Uint8Array {
  const message = icmpv6(fields);
  writeU16(message, 2, internetChecksum(message));
  return message;
}

/** `ipv6` fills in the checksum, for which it takes the addresses. */
export function icmpv6(fields: IcmpFields): Uint8Array {
  return concat([fields.type, fields.code ?? 0, 0, 0], u32(fields.rest ?? 0), fields.payload ?? []);
}

// ---- whole packets

export interface Endpoints {
  src: string;
  dst: string;
}

export function tcpPacket(fields: Endpoints & TcpFields): Uint8Array {
  return ip({ src: fields.src, dst: fields.dst, protocol: ipProtocol.tcp, payload: tcp(fields) });
}

export function udpPacket(fields: Endpoints & Parameters<typeof udp>[0]): Uint8Array {
  return ip({ src: fields.src, dst: fields.dst, protocol: ipProtocol.udp, payload: udp(fields) });
}

/** ICMP between IPv4 addresses, ICMPv6 between IPv6 addresses. */
export function icmpPacket(fields: Endpoints & IcmpFields): Uint8Array {
  const { src, dst } = fields;
  return src.includes(':')
    ? ipv6({ src, dst, protocol: ipProtocol.icmpv6, payload: icmpv6(fields) })
    : ipv4({ src, dst, protocol: ipProtocol.icmp, payload: icmp(fields) });
}

// ---- bytes

export function concat(...parts: readonly Bytes[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** 4 or 16 bytes. */
export function addressBytes(text: string): Uint8Array {
  const address = parseAddress(text);
  if (!address) throw new Error(`not an address: ${text}`);
  const bytes = concat(...address.words.map((word) => u32(word >>> 0)));
  return address.family === 4 ? bytes.subarray(12) : bytes;
}

/** RFC 1071. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** The payload, its transport checksum filled in if it was 0; over the pseudo-header of RFC 793, 768 and 8200. */
function withTransportChecksum(fields: {
  src: string;
  dst: string;
  protocol: number;
  payload: Bytes;
}): Bytes {
  const at = checksumOffset(fields.protocol);
  const { payload } = fields;
  if (at === undefined || payload.length < at + 2 || payload[at] !== 0 || payload[at + 1] !== 0)
    return payload;
  const pseudoHeader = concat(
    addressBytes(fields.src),
    addressBytes(fields.dst),
    u32(payload.length),
    u32(fields.protocol),
  );
  const filled = concat(payload);
  const checksum = internetChecksum(concat(pseudoHeader, filled));
  writeU16(filled, at, checksum === 0 && fields.protocol === ipProtocol.udp ? 0xffff : checksum);
  return filled;
}

function checksumOffset(protocol: number): number | undefined {
  if (protocol === ipProtocol.tcp) return 16;
  if (protocol === ipProtocol.udp) return 6;
  return protocol === ipProtocol.icmpv6 ? 2 : undefined;
}

function etherTypeOf(payload: Bytes): number {
  return payload[0] >> 4 === 6 ? etherType.ipv6 : etherType.ipv4;
}

function mac(text: string): number[] {
  return text.split(':').map((byte) => Number.parseInt(byte, 16));
}

function padded(bytes: Bytes, multiple: number): Uint8Array {
  const result = new Uint8Array(Math.ceil(bytes.length / multiple) * multiple);
  result.set(bytes);
  return result;
}

function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes.set(u16(value), at);
}
