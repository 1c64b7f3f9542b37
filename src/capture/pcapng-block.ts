/** Block types of draft-ietf-opsawg-pcapng, section 11.1. */
export const blockType = {
  interfaceDescription: 1,
  packet: 2,
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  journal: 9,
  decryptionSecrets: 10,
  custom: 0x0bad,
  customNotCopied: 0x40000bad,
  /** Reads alike in both byte orders. */
  sectionHeader: 0x0a0d0d0a,
} as const;

/** More than any block of a real capture: what claims to be longer is damaged. */
export const blockBytesLimit = 16 * 1024 * 1024;

const known: ReadonlySet<number> = new Set(Object.values(blockType));

/** Whether the registry names this type of block. */
export function isKnownBlock(type: number): boolean {
  return known.has(type);
}
