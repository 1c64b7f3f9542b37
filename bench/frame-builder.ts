import type { Conversation } from './conversation.ts';
import type { Host } from './hosts.ts';
import type { PcapWriter } from './pcap-writer.ts';
import { Random } from './random.ts';

/** TCP options of every segment: two no-ops and a timestamp (RFC 7323). */
const tcpHeaderBytes = 32;
const maximumDatagramBytes = 9000;

/** What all payloads are a prefix of, with the sums that make their checksums a look-up. */
const payload = new Uint8Array(maximumDatagramBytes);
const payloadSums = new Float64Array(maximumDatagramBytes / 2 + 1);
fillPayload();

function fillPayload(): void {
  const random = new Random(1);
  for (let i = 0; i < payload.length; i++) payload[i] = random.int32();
  for (let i = 0; i < payload.length; i += 2)
    payloadSums[i / 2 + 1] = payloadSums[i / 2] + payload[i] * 256 + payload[i + 1];
}

/** The sum of the first `length` bytes as 16-bit words, the last padded with 0 (RFC 1071). */
function payloadSum(length: number): number {
  return payloadSums[length >> 1] + (length & 1 ? payload[length - 1] * 256 : 0);
}

function wordSum(words: readonly number[]): number {
  return words.reduce((sum, word) => sum + (word >>> 16) + (word & 0xffff), 0);
}

function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 65536) + (folded % 65536);
  return ~folded & 0xffff;
}

interface Fragment {
  readonly id: number;
  /** In bytes, a multiple of 8. */
  readonly offset: number;
  readonly more: boolean;
}

/** Builds Ethernet frames of a conversation with right lengths and checksums, and counts what it built. */
export class FrameBuilder {
  readonly counts = {
    frames: 0,
    ipBytes: 0,
    small: 0,
    full: 0,
    ipv6: 0,
    vlan: 0,
    fragments: 0,
    tcp: 0,
    udp: 0,
    icmp: 0,
  };
  readonly #writer: PcapWriter;
  #ipId = 0;

  constructor(writer: PcapWriter) {
    this.#writer = writer;
  }

  /** `sequence` and `acknowledge` are 32-bit; `flags` the TCP flags byte. */
  tcp(
    timeUs: number,
    talk: Conversation,
    fromClient: boolean,
    segment: { flags: number; sequence: number; acknowledge: number; dataBytes: number },
  ): void {
    const { bytes } = this.#writer;
    const length = tcpHeaderBytes + segment.dataBytes;
    const at = this.#ip(timeUs, talk, fromClient, length, undefined);
    this.#ports(at, talk, fromClient);
    put32(bytes, at + 4, segment.sequence);
    put32(bytes, at + 8, segment.acknowledge);
    put16(bytes, at + 12, (8 << 12) | segment.flags);
    put16(bytes, at + 14, 502);
    put32(bytes, at + 16, 0);
    put32(bytes, at + 20, 0x0101080a);
    put32(bytes, at + 24, Math.floor(timeUs / 1000));
    put32(bytes, at + 28, 0);
    bytes.set(payload.subarray(0, segment.dataBytes), at + tcpHeaderBytes);
    const sum = sumBytes(bytes, at, tcpHeaderBytes) + payloadSum(segment.dataBytes);
    put16(bytes, at + 16, foldChecksum(sum + pseudoSum(talk, length)));
    this.counts.tcp++;
  }

  udp(timeUs: number, talk: Conversation, fromClient: boolean, dataBytes: number): void {
    const { bytes } = this.#writer;
    const at = this.#ip(timeUs, talk, fromClient, 8 + dataBytes, undefined);
    this.#udpHeader(at, talk, fromClient, dataBytes);
    bytes.set(payload.subarray(0, dataBytes), at + 8);
    this.counts.udp++;
  }

  /** One fragment of a datagram of `dataBytes`: `length` bytes from `fragment.offset` of UDP header and data. */
  udpFragment(
    timeUs: number,
    talk: Conversation,
    fromClient: boolean,
    dataBytes: number,
    fragment: Fragment,
    length: number,
  ): void {
    const { bytes } = this.#writer;
    const at = this.#ip(timeUs, talk, fromClient, length, fragment);
    const first = fragment.offset === 0;
    if (first) this.#udpHeader(at, talk, fromClient, dataBytes);
    const from = first ? 0 : fragment.offset - 8;
    bytes.set(payload.subarray(from, fragment.offset - 8 + length), first ? at + 8 : at);
    this.counts.udp++;
    this.counts.fragments++;
  }

  /** An echo request from the client or an echo reply from the server, with 56 bytes of data as ping sends. */
  echo(timeUs: number, talk: Conversation, fromClient: boolean, number: number): void {
    const { bytes } = this.#writer;
    const at = this.#ip(timeUs, talk, fromClient, 64, undefined);
    const type = talk.family === 6 ? (fromClient ? 128 : 129) : fromClient ? 8 : 0;
    put16(bytes, at, type << 8);
    put16(bytes, at + 2, 0);
    put16(bytes, at + 4, talk.clientPort);
    put16(bytes, at + 6, number);
    bytes.set(payload.subarray(0, 56), at + 8);
    // ICMPv6 covers the addresses (RFC 4443, 2.3), ICMP does not.
    const pseudo = talk.family === 6 ? pseudoSum(talk, 64) : 0;
    put16(bytes, at + 2, foldChecksum(sumBytes(bytes, at, 8) + payloadSum(56) + pseudo));
    this.counts.icmp++;
  }

  #udpHeader(at: number, talk: Conversation, fromClient: boolean, dataBytes: number): void {
    const { bytes } = this.#writer;
    this.#ports(at, talk, fromClient);
    put16(bytes, at + 4, 8 + dataBytes);
    put16(bytes, at + 6, 0);
    const checksum = foldChecksum(
      sumBytes(bytes, at, 8) + payloadSum(dataBytes) + pseudoSum(talk, 8 + dataBytes),
    );
    put16(bytes, at + 6, checksum || 0xffff);
  }

  #ports(at: number, talk: Conversation, fromClient: boolean): void {
    put16(this.#writer.bytes, at, fromClient ? talk.clientPort : talk.serverPort);
    put16(this.#writer.bytes, at + 2, fromClient ? talk.serverPort : talk.clientPort);
  }

  /** Writes the link and IP headers for `length` bytes of IP payload; gives where that payload goes. */
  #ip(
    timeUs: number,
    talk: Conversation,
    fromClient: boolean,
    length: number,
    part: Fragment | undefined,
  ): number {
    const source = fromClient ? talk.client : talk.server;
    const destination = fromClient ? talk.server : talk.client;
    const linkBytes = talk.vlan ? 18 : 14;
    const ipHeaderBytes = talk.family === 4 ? 20 : part ? 48 : 40;
    const at = this.#writer.frame(timeUs, linkBytes + ipHeaderBytes + length);
    this.#count(talk, ipHeaderBytes + length);
    this.#ethernet(at, talk, source, destination);
    const ip = at + linkBytes;
    if (talk.family === 4) this.#ipv4(ip, talk, source, destination, length, part);
    else this.#ipv6(ip, talk, source, destination, length, part);
    return ip + ipHeaderBytes;
  }

  #count(talk: Conversation, ipBytes: number): void {
    this.counts.frames++;
    this.counts.ipBytes += ipBytes;
    if (ipBytes <= 128) this.counts.small++;
    if (ipBytes >= 1400) this.counts.full++;
    if (talk.family === 6) this.counts.ipv6++;
    if (talk.vlan) this.counts.vlan++;
  }

  #ethernet(at: number, talk: Conversation, source: Host, destination: Host): void {
    const { bytes } = this.#writer;
    putMac(bytes, at, destination);
    putMac(bytes, at + 6, source);
    const etherType = talk.family === 4 ? 0x0800 : 0x86dd;
    if (talk.vlan) {
      put16(bytes, at + 12, 0x8100);
      put16(bytes, at + 14, talk.vlan);
    }
    put16(bytes, at + (talk.vlan ? 16 : 12), etherType);
  }

  #ipv4(
    at: number,
    talk: Conversation,
    source: Host,
    destination: Host,
    length: number,
    part?: Fragment,
  ): void {
    const { bytes } = this.#writer;
    this.#ipId = (this.#ipId + 1) & 0xffff;
    put16(bytes, at, 0x4500);
    put16(bytes, at + 2, 20 + length);
    put16(bytes, at + 4, part ? part.id & 0xffff : this.#ipId);
    put16(bytes, at + 6, part ? (part.more ? 0x2000 : 0) | (part.offset >> 3) : 0x4000);
    put16(bytes, at + 8, (64 << 8) | talk.protocol);
    put16(bytes, at + 10, 0);
    put32(bytes, at + 12, source.ipv4);
    put32(bytes, at + 16, destination.ipv4);
    put16(bytes, at + 10, foldChecksum(sumBytes(bytes, at, 20)));
  }

  #ipv6(
    at: number,
    talk: Conversation,
    source: Host,
    destination: Host,
    length: number,
    part?: Fragment,
  ): void {
    const { bytes } = this.#writer;
    put32(bytes, at, 0x60000000);
    put16(bytes, at + 4, (part ? 8 : 0) + length);
    put16(bytes, at + 6, ((part ? 44 : talk.protocol) << 8) | 64);
    for (let i = 0; i < 4; i++) {
      put32(bytes, at + 8 + i * 4, source.ipv6[i]);
      put32(bytes, at + 24 + i * 4, destination.ipv6[i]);
    }
    if (!part) return;
    put16(bytes, at + 40, talk.protocol << 8);
    put16(bytes, at + 42, part.offset | (part.more ? 1 : 0));
    put32(bytes, at + 44, part.id);
  }
}

/** The pseudo header that TCP, UDP and ICMPv6 checksums cover; the same both ways. */
function pseudoSum(talk: Conversation, length: number): number {
  const { client, server, family, protocol } = talk;
  const addresses =
    family === 4 ? wordSum([client.ipv4, server.ipv4]) : wordSum(client.ipv6) + wordSum(server.ipv6);
  return addresses + protocol + length;
}

function sumBytes(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  for (let i = at; i < at + length; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  return sum;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value & 0xffff);
}

function putMac(bytes: Uint8Array, at: number, host: Host): void {
  bytes[at] = 2;
  for (let i = 0; i < 5; i++) bytes[at + 1 + i] = host.mac[i];
}
