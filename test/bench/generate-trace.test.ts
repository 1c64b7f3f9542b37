import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ensureTrace, generateTrace } from '../../bench/generate-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = { seed: 3, packets: 20_000, conversations: 500, seconds: 30 };
const summary = generateTrace(join(folder, 'a.pcap'), spec);
const frames = readFrames(readFileSync(summary.file));

interface Frame {
  readonly timeUs: number;
  readonly bytes: Buffer;
}

/** A classic pcap file, little-endian, read the slow way. */
function readFrames(file: Buffer): Frame[] {
  const list: Frame[] = [];
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const timeUs = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
    list.push({ timeUs, bytes: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return list;
}

interface IpPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly headerSum: number;
  readonly addresses: Buffer;
  readonly isFragment: boolean;
  readonly payload: Buffer;
}

function readIp({ bytes }: Frame): IpPacket {
  const ip = bytes.subarray(bytes.readUInt16BE(12) === 0x8100 ? 18 : 14);
  return ip[0] >> 4 === 4 ? readIpv4(ip) : readIpv6(ip);
}

function readIpv4(ip: Buffer): IpPacket {
  return {
    source: ip.toString('hex', 12, 16),
    destination: ip.toString('hex', 16, 20),
    protocol: ip[9],
    headerSum: onesComplementSum(ip.subarray(0, 20)),
    addresses: ip.subarray(12, 20),
    isFragment: (ip.readUInt16BE(6) & 0x3fff) !== 0,
    payload: ip.subarray(20, ip.readUInt16BE(2)),
  };
}

function readIpv6(ip: Buffer): IpPacket {
  return {
    source: ip.toString('hex', 8, 24),
    destination: ip.toString('hex', 24, 40),
    protocol: ip[6] === 44 ? ip[40] : ip[6],
    headerSum: 0xffff,
    addresses: ip.subarray(8, 40),
    isFragment: ip[6] === 44,
    payload: ip.subarray(40, 40 + ip.readUInt16BE(4)),
  };
}

/** RFC 1071: 0xffff over data that holds its own right checksum. */
function onesComplementSum(...parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts)
    for (let i = 0; i < part.length; i += 2) {
      sum += part[i] * 256 + (i + 1 < part.length ? part[i + 1] : 0);
      sum = (sum & 0xffff) + (sum >>> 16);
    }
  return sum;
}

function transportSum({ protocol, addresses, payload }: IpPacket): number {
  const pseudo = Buffer.concat([
    addresses,
    Buffer.from([0, protocol, payload.length >> 8, payload.length & 0xff]),
  ]);
  return protocol === 1 ? onesComplementSum(payload) : onesComplementSum(pseudo, payload);
}

function conversationKey({ source, destination, protocol, payload }: IpPacket): string {
  const ports =
    protocol === 6 || protocol === 17 ? [payload.readUInt16BE(0), payload.readUInt16BE(2)] : ['', ''];
  const ends = [`${source} ${ports[0]}`, `${destination} ${ports[1]}`].sort();
  return `${protocol} ${ends.join(' ')}`;
}

describe('generateTrace', () => {
  it('writes as many packets as asked, in time order, within the time asked', () => {
    expect(frames.length).toBe(spec.packets);
    expect(summary.packets).toBe(spec.packets);
    const times = frames.map(({ timeUs }) => timeUs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[times.length - 1] - times[0]).toBeLessThan(spec.seconds * 1e6);
  });

  it('writes the conversations asked for, each with its own 5-tuple', () => {
    const whole = frames.map(readIp).filter(({ isFragment }) => !isFragment);
    expect(new Set(whole.map(conversationKey)).size).toBe(spec.conversations);
  });

  it('writes right lengths and checksums', () => {
    const packets = frames.map(readIp);
    expect(packets.filter(({ headerSum }) => headerSum !== 0xffff)).toEqual([]);
    const whole = packets.filter(({ isFragment }) => !isFragment);
    expect(whole.filter((packet) => transportSum(packet) !== 0xffff)).toEqual([]);
    expect(frames.filter(({ bytes }) => bytes.length < 64 || bytes.length > 1518)).toEqual([]);
  });

  it('mixes families, protocols, VLAN tags and fragments', () => {
    expect(summary.tcpPackets + summary.udpPackets + summary.icmpPackets).toBe(spec.packets);
    for (const count of [summary.ipv6Packets, summary.vlanPackets, summary.fragments, summary.icmpPackets])
      expect(count).toBeGreaterThan(0);
  });

  it('writes the same bytes for the same seed', () => {
    const again = generateTrace(join(folder, 'b.pcap'), spec);
    const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(hash(again.file)).toBe(hash(summary.file));
  });

  it('keeps a trace that is there, and makes it anew for another spec', () => {
    expect(ensureTrace(summary.file, spec)).toEqual(summary);
    const other = ensureTrace(join(folder, 'b.pcap'), { ...spec, packets: 10_000 });
    expect(other.packets).toBe(10_000);
  });
});
