import { endianness } from 'node:os';
import { ConfigError } from '../fault/index.ts';
import { libc } from './libc.ts';

/**
 * Asking the kernel for lists over rtnetlink(7). Unlike /sys, whose view belongs to a mount, and os.networkInterfaces,
 * which leaves out devices without carrier, this is always the network namespace of the process, and all of it.
 */
export interface NetlinkMessage {
  readonly type: number;
  /** What follows the message header: a fixed part by type, then attributes. */
  readonly body: Uint8Array;
}

// linux/netlink.h, linux/rtnetlink.h
const afNetlink = 16;
const sockRaw = 3;
const sockCloexec = 0o2000000;
const netlinkRoute = 0;
const flagsRequestDump = 0x301;
const flagDumpInterrupted = 0x10;
const headerBytes = 16;
const messageError = 2;
const messageDone = 3;
const attributeTypeMask = 0x3fff;

export const netlinkRequest = { links: 18, addresses: 22 } as const;
export const netlinkMessage = { link: 16, address: 20 } as const;

/** A dump that devices come and go under is asked for again, this often. */
const mostAttempts = 4;
const receiveBytes = 1 << 18;
const littleEndian = endianness() === 'LE';

/** The kernel's list of all links or all addresses. Throws `ConfigError` (`DeviceList`) when it gives none. */
export function dumpNetlink(request: number): readonly NetlinkMessage[] {
  let messages: readonly NetlinkMessage[] = [];
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const dump = parseDump(receiveDump(request));
    messages = dump.messages;
    if (!dump.interrupted) break;
  }
  return messages;
}

/** The datagrams of one dump. */
function receiveDump(request: number): readonly Uint8Array[] {
  const c = libc();
  const fd = c.socket(afNetlink, sockRaw | sockCloexec, netlinkRoute);
  if (fd < 0) throw listError(c.errorName());
  try {
    const message = dumpRequest(request);
    if (c.send(fd, message, message.length, 0) < 0) throw listError(c.errorName());
    return receiveUntilDone(fd);
  } finally {
    c.close(fd);
  }
}

/** struct nlmsghdr, then an all-zero struct ifinfomsg or ifaddrmsg: every family, every device. */
function dumpRequest(request: number): Uint8Array {
  const message = new Uint8Array(headerBytes + (request === netlinkRequest.links ? 16 : 8));
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, littleEndian);
  view.setUint16(4, request, littleEndian);
  view.setUint16(6, flagsRequestDump, littleEndian);
  return message;
}

function receiveUntilDone(fd: number): readonly Uint8Array[] {
  const c = libc();
  const buffer = new Uint8Array(receiveBytes);
  const datagrams: Uint8Array[] = [];
  for (;;) {
    const length = c.recv(fd, buffer, buffer.length, 0);
    if (length < 0 && c.errorName() === 'EINTR') continue;
    if (length <= 0) throw listError(length < 0 ? c.errorName() : 'the answer ended early');
    const datagram = buffer.slice(0, length);
    datagrams.push(datagram);
    if (parseDump([datagram]).done) return datagrams;
  }
}

function listError(why: string): ConfigError {
  return new ConfigError('DeviceList', `the kernel did not list the network devices (${why})`);
}

export interface NetlinkDump {
  readonly messages: readonly NetlinkMessage[];
  /** The end of the list was seen. */
  readonly done: boolean;
  /** The list changed while it was read: it may lack some. */
  readonly interrupted: boolean;
}

/** Splits datagrams into messages. Throws `ConfigError` (`DeviceList`) when the kernel answered with an error. */
export function parseDump(datagrams: readonly Uint8Array[]): NetlinkDump {
  const messages: NetlinkMessage[] = [];
  let done = false;
  let interrupted = false;
  for (const datagram of datagrams) {
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    let at = 0;
    while (at + headerBytes <= datagram.length) {
      const length = view.getUint32(at, littleEndian);
      if (length < headerBytes || at + length > datagram.length) break;
      const type = view.getUint16(at + 4, littleEndian);
      if ((view.getUint16(at + 6, littleEndian) & flagDumpInterrupted) !== 0) interrupted = true;
      if (type === messageError) {
        throw listError(`error ${length < 20 ? 0 : -view.getInt32(at + 16, littleEndian)}`);
      }
      if (type === messageDone) done = true;
      else messages.push({ type, body: datagram.subarray(at + headerBytes, at + length) });
      at += align4(length);
    }
  }
  return { messages, done, interrupted };
}

/** The attributes of a message, or nested in one, from `offset` on; of a repeated type the last. */
export function parseAttributes(bytes: Uint8Array, offset = 0): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = offset; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4 || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, littleEndian) & attributeTypeMask;
    attributes.set(type, bytes.subarray(at + 4, at + length));
    at += align4(length);
  }
  return attributes;
}

export function readUint16(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(offset, littleEndian);
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, littleEndian);
}

/** A text attribute, without the zero that ends it. */
export function readText(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '';
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

const align4 = (length: number): number => (length + 3) & ~3;
