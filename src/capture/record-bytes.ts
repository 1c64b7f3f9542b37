/** Hot: read several times for each frame; does not allocate. */

/** libpcap's MAXIMUM_SNAPLEN: no capture of a network holds longer frames. */
export const capturedBytesLimit = 262_144;
/** The longest record that a parser wants in one piece. */
export const recordBytesLimit = capturedBytesLimit + 64;

/** A 32-bit field as a signed integer. */
export function readInt32(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  return isLittleEndian
    ? bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
    : (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

export function readUint16(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  return isLittleEndian ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1];
}

/** A length that a file states as unsigned: what does not fit an array of `Int32` is its greatest number. */
export function clampLength(length: number): number {
  return length < 0 ? 0x7fffffff : length;
}
