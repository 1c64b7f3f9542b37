import type { CaptureParser, CaptureProblem } from './capture-parser.ts';
import type { FrameCounts } from './frame-source.ts';
import { PcapParser } from './pcap-parser.ts';
import { PcapngParser } from './pcapng-parser.ts';

/** How many bytes tell a format. */
export const magicBytes = 4;

const sectionHeaderBlock = 0x0a0d0d0a;
/** The classic magic numbers, as they are when the file's byte order is read as big-endian. */
const pcapMagics: Readonly<Record<number, { isLittleEndian: boolean; hasNanoseconds: boolean }>> = {
  2712847316: { isLittleEndian: false, hasNanoseconds: false },
  3569595041: { isLittleEndian: true, hasNanoseconds: false },
  2712812621: { isLittleEndian: false, hasNanoseconds: true },
  1295823521: { isLittleEndian: true, hasNanoseconds: true },
};

/** The parser of the format that begins with these four bytes; `undefined` if there is none. */
export function parserFor(magic: Uint8Array, counts: FrameCounts): CaptureParser | undefined {
  const word = bigEndianWord(magic);
  if (word === sectionHeaderBlock) return new PcapngParser(counts);
  const variant = pcapMagics[word];
  return variant && new PcapParser(counts, variant.isLittleEndian, variant.hasNanoseconds);
}

/** What else a file may be, by its first bytes, and what to do about it. */
const others: readonly { name: string; start: readonly number[]; advice: string }[] = [
  {
    name: 'a Zstandard archive',
    start: [0x28, 0xb5, 0x2f, 0xfd],
    advice: 'decompress it first: zstd -dc FILE',
  },
  { name: 'an xz archive', start: [0xfd, 0x37, 0x7a, 0x58], advice: 'decompress it first: xz -dc FILE' },
  { name: 'a bzip2 archive', start: [0x42, 0x5a, 0x68], advice: 'decompress it first: bzip2 -dc FILE' },
  { name: 'an lz4 archive', start: [0x04, 0x22, 0x4d, 0x18], advice: 'decompress it first: lz4 -dc FILE' },
  { name: 'a zip archive', start: [0x50, 0x4b, 0x03, 0x04], advice: 'unpack it first: unzip -p FILE' },
  {
    name: 'a pcap file of a patched libpcap',
    start: [0xa1, 0xb2, 0xcd, 0x34],
    advice: 'convert it: tcpdump -r FILE -w -',
  },
  {
    name: 'a pcap file of a patched libpcap',
    start: [0x34, 0xcd, 0xb2, 0xa1],
    advice: 'convert it: tcpdump -r FILE -w -',
  },
  { name: 'a snoop file', start: [0x73, 0x6e, 0x6f, 0x6f], advice: 'convert it: editcap -F pcapng FILE NEW' },
];

/** Why nothing here reads a file that begins so. */
export function unknownFormat(start: Uint8Array): CaptureProblem & { readonly advice?: string } {
  const other = others.find((one) => one.start.every((byte, i) => start[i] === byte));
  const shown = start.length === 0 ? 'nothing at all' : hex(start);
  return {
    found: other ? `${shown} (${other.name})` : shown,
    expected:
      'the first bytes of a pcap file (d4 c3 b2 a1 and its variants) or of a pcapng file (0a 0d 0d 0a), gzip or not',
    ...(other && { advice: other.advice }),
  };
}

function bigEndianWord(bytes: Uint8Array): number {
  return ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
