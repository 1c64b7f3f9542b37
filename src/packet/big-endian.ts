/** Hot: small enough that the engine inlines them. The caller has checked that the bytes are there. */
export function word16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

/** As a signed 32-bit integer. */
export function word32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}
