import { crc32 } from 'node:zlib';
import type { Loss } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';

/**
 * A segment's file: a head, frames, and at last a tail that says where the footer is. Every frame has a header with its
 * own checksum, which also counts the segment's number, so that no other file's frame passes for one of it.
 *
 * head    8 bytes `HGFLOWS1`, the number as a float64
 * frame   kind, bytes, rows, CRC-32 of the payload, CRC-32 of the header before: 32-bit each, then the payload
 * tail    8 bytes `HGSEALED`, the footer's place as a float64, CRC-32 of both, 4 bytes of nothing
 *
 * Rows of an unfinished file can be read as well: the names that they count by stand before them.
 */
export const frameKind = { rows: 1, names: 2, losses: 3, tally: 4, footer: 5 } as const;
type FrameKind = (typeof frameKind)[keyof typeof frameKind];

export const headBytes = 16;
export const frameHeaderBytes = 20;
export const tailBytes = 24;
/** Rows that are written, and read, at once: 8 MiB. */
export const maxPieceRows = 65_536;

const headMagic = Buffer.from('HGFLOWS1');
const tailMagic = Buffer.from('HGSEALED');

/** What stands at the end of a segment. Interfaces go by the numbers of the run that wrote it. */
export interface Footer {
  readonly runId: string;
  readonly sealedMs: number;
  /** Null: Infinity, which JSON has not. */
  readonly before: number | null;
  readonly windows: readonly CoveredWindow[];
  readonly losses: readonly Loss[];
  readonly rows: number;
  /** The rows are no more: each entry of the tally is a loss. */
  readonly isDropped: boolean;
  /** Places of frames. */
  readonly namesAt: readonly number[];
  readonly tallyAt: number;
}

export interface FrameHeader {
  readonly kind: number;
  readonly bytes: number;
  readonly rows: number;
  readonly crc: number;
}

export function encodeHead(number: number): Buffer {
  const head = Buffer.alloc(headBytes);
  headMagic.copy(head);
  head.writeDoubleLE(number, 8);
  return head;
}

export const isHead = (bytes: Buffer, number: number): boolean => bytes.equals(encodeHead(number));

export function encodeFrameHeader(
  number: number,
  kind: FrameKind,
  payload: Uint8Array,
  rows: number = 0,
): Buffer {
  const header = Buffer.alloc(frameHeaderBytes);
  header.writeUInt32LE(kind, 0);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(rows, 8);
  header.writeUInt32LE(crc32(payload), 12);
  header.writeUInt32LE(crc32(header.subarray(0, 16), number >>> 0), 16);
  return header;
}

/** Undefined when it is none of this segment. */
export function decodeFrameHeader(number: number, header: Buffer): FrameHeader | undefined {
  if (header.length < frameHeaderBytes) return undefined;
  if (header.readUInt32LE(16) !== crc32(header.subarray(0, 16), number >>> 0)) return undefined;
  return {
    kind: header.readUInt32LE(0),
    bytes: header.readUInt32LE(4),
    rows: header.readUInt32LE(8),
    crc: header.readUInt32LE(12),
  };
}

export function encodeTail(footerAt: number): Buffer {
  const tail = Buffer.alloc(tailBytes);
  tailMagic.copy(tail);
  tail.writeDoubleLE(footerAt, 8);
  tail.writeUInt32LE(crc32(tail.subarray(0, 16)), 16);
  return tail;
}

/** Where the footer is; undefined when the segment was not finished. */
export function decodeTail(tail: Buffer): number | undefined {
  const isWhole =
    tail.length === tailBytes &&
    tail.subarray(0, 8).equals(tailMagic) &&
    tail.readUInt32LE(16) === crc32(tail.subarray(0, 16));
  return isWhole ? tail.readDoubleLE(8) : undefined;
}

export const encodeJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export const beforeOf = ({ before }: Footer): number => before ?? Number.POSITIVE_INFINITY;
