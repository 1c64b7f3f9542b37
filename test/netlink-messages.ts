import { endianness } from 'node:os';

const littleEndian = endianness() === 'LE';

/** A netlink message with its header, padded. */
export function message(type: number, body: Uint8Array, flags = 2): Uint8Array {
  const bytes = new Uint8Array(16 + padded(body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16 + body.length, littleEndian);
  view.setUint16(4, type, littleEndian);
  view.setUint16(6, flags, littleEndian);
  bytes.set(body, 16);
  return bytes;
}

/** A netlink attribute with its header, padded. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, littleEndian);
  view.setUint16(2, type, littleEndian);
  bytes.set(value, 4);
  return bytes;
}

export function netlinkBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
export const uint16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer);
export const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(`${value}\0`));

const padded = (length: number): number => (length + 3) & ~3;
