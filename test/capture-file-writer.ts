/** Capture files for tests, made in memory. */
import { concat } from './frames.ts';

export interface WrittenFrame {
  bytes: Uint8Array;
  /** Milliseconds since the epoch, with fraction. */
  timeMs?: number;
  /** At least the captured length unless a test wants the file to lie. */
  originalLength?: number;
  /** pcapng only: number of the interface in its section. */
  interfaceId?: number;
  /** pcapng only; `enhanced` unless told. */
  block?: 'enhanced' | 'simple' | 'obsolete';
}

export interface PcapOptions {
  bigEndian?: boolean;
  nanoseconds?: boolean;
  linkType?: number;
  /** The whole word of the header, with the bits above the link type. */
  linkTypeWord?: number;
  snapLength?: number;
}

export function writePcap(frames: readonly WrittenFrame[], options: PcapOptions = {}): Uint8Array {
  const { u16, u32 } = integers(options.bigEndian ?? false);
  const header = concat(
    u32(options.nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    u16(2),
    u16(4),
    u32(0),
    u32(0),
    u32(options.snapLength ?? 65535),
    u32(options.linkTypeWord ?? options.linkType ?? 1),
  );
  const records = frames.flatMap((frame) => {
    const { seconds, nanoseconds } = splitTime(frame.timeMs ?? 0);
    const fraction = options.nanoseconds ? nanoseconds : Math.floor(nanoseconds / 1000);
    const lengths = concat(u32(frame.bytes.length), u32(frame.originalLength ?? frame.bytes.length));
    return [u32(seconds), u32(fraction), lengths, frame.bytes];
  });
  return joined([header, ...records]);
}

export interface PcapngInterface {
  linkType?: number;
  snapLength?: number;
  /** As in the file: n for 10^-n s, 0x80 | n for 2^-n s; microseconds, unstated, if absent. */
  resolution?: number;
  offsetSeconds?: bigint;
  fcsLength?: number;
}

export interface PcapngOptions {
  bigEndian?: boolean;
  /** One Ethernet interface if absent. */
  interfaces?: readonly PcapngInterface[];
  /** Of the section; -1, unknown, if absent. */
  sectionLength?: bigint;
  /** Whole blocks to put before each frame. */
  between?: Uint8Array;
}

/** One section. */
export function writePcapng(frames: readonly WrittenFrame[], options: PcapngOptions = {}): Uint8Array {
  const bigEndian = options.bigEndian ?? false;
  const { u16, u32, u64 } = integers(bigEndian);
  const interfaces = options.interfaces ?? [{}];
  const version = concat(u32(0x1a2b3c4d), u16(1), u16(0));
  const section = pcapngBlock(0x0a0d0d0a, concat(version, u64(options.sectionLength ?? -1n)), bigEndian);
  const descriptions = interfaces.map((one) => interfaceBlock(one, bigEndian));
  const blocks = frames.flatMap((frame) => [
    options.between ?? new Uint8Array(0),
    packetBlock(frame, interfaces[frame.interfaceId ?? 0] ?? {}, bigEndian),
  ]);
  return joined([section, ...descriptions, ...blocks]);
}

/** A block of any type; the body is padded to a multiple of four bytes. */
export function pcapngBlock(type: number, body: Uint8Array, bigEndian = false): Uint8Array {
  const { u32 } = integers(bigEndian);
  const length = 12 + Math.ceil(body.length / 4) * 4;
  return concat(u32(type), u32(length), body, new Uint8Array(length - 12 - body.length), u32(length));
}

function interfaceBlock(one: PcapngInterface, bigEndian: boolean): Uint8Array {
  const { u16, u32, u64 } = integers(bigEndian);
  const option = (code: number, value: Uint8Array) =>
    concat(u16(code), u16(value.length), value, new Uint8Array(-value.length & 3));
  const options = [
    // if_name, so that a reader has something to skip
    option(2, new TextEncoder().encode('eth0x')),
    ...(one.resolution === undefined ? [] : [option(9, Uint8Array.of(one.resolution))]),
    ...(one.offsetSeconds === undefined ? [] : [option(14, u64(one.offsetSeconds))]),
    ...(one.fcsLength === undefined ? [] : [option(13, Uint8Array.of(one.fcsLength))]),
    option(0, new Uint8Array(0)),
  ];
  const fixed = concat(u16(one.linkType ?? 1), u16(0), u32(one.snapLength ?? 0));
  return pcapngBlock(1, concat(fixed, ...options), bigEndian);
}

function packetBlock(frame: WrittenFrame, one: PcapngInterface, bigEndian: boolean): Uint8Array {
  const { u16, u32 } = integers(bigEndian);
  const { bytes, interfaceId = 0 } = frame;
  const original = u32(frame.originalLength ?? bytes.length);
  if (frame.block === 'simple') return pcapngBlock(3, concat(original, bytes), bigEndian);
  const ticks = ticksOf(frame.timeMs ?? 0, one);
  const times = concat(u32(Number(ticks >> 32n)), u32(Number(ticks & 0xffffffffn)));
  const lengths = concat(u32(bytes.length), original);
  if (frame.block === 'obsolete') {
    return pcapngBlock(2, concat(u16(interfaceId), u16(0), times, lengths, bytes), bigEndian);
  }
  return pcapngBlock(6, concat(u32(interfaceId), times, lengths, bytes), bigEndian);
}

function ticksOf(timeMs: number, one: PcapngInterface): bigint {
  const { seconds, nanoseconds } = splitTime(timeMs);
  const resolution = one.resolution ?? 6;
  const perSecond = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  const total = (BigInt(seconds) - (one.offsetSeconds ?? 0n)) * 1_000_000_000n + BigInt(nanoseconds);
  return BigInt.asUintN(64, (total * perSecond) / 1_000_000_000n);
}

/** To the microsecond, which is what a float of today's milliseconds holds. */
function splitTime(timeMs: number): { seconds: number; nanoseconds: number } {
  const seconds = Math.floor(timeMs / 1000);
  return { seconds, nanoseconds: Math.round((timeMs - seconds * 1000) * 1000) * 1000 };
}

/** As `concat`, for more parts than a call takes arguments. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Integers in a byte order. */
function integers(bigEndian: boolean) {
  const ordered = (bytes: Uint8Array) => (bigEndian ? bytes : bytes.reverse());
  const sized = (length: number) => (value: number | bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)));
    return ordered(bytes.slice(8 - length));
  };
  return { u16: sized(2), u32: sized(4), u64: sized(8) };
}
