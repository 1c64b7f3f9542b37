import { crc32 } from 'node:zlib';

/**
 * A journal is a header and frames: the payload's length (uint32), the CRC-32 of all that follows it (uint32), the
 * commit's sequence and the id of its first row (float64 each), the payload. All little-endian. Sequences count
 * commits from 1 and have no gap, from one journal to the next.
 */
export const journalHeader = Buffer.from('HGJRNL1\n');
const headBytes = 24;

export interface Frame {
  readonly sequence: number;
  readonly firstId: number;
  readonly payload: Uint8Array;
}

export function frameHead({ sequence, firstId, payload }: Frame): Uint8Array {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(payload.length, 0);
  head.writeDoubleLE(sequence, 8);
  head.writeDoubleLE(firstId, 16);
  head.writeUInt32LE(crc32(payload, crc32(head.subarray(8))), 4);
  return head;
}

export interface ReadJournal {
  readonly frames: readonly Frame[];
  /** Up to the end of the last good frame. */
  readonly goodBytes: number;
  /** Whether good frames follow what is not one: then it is no torn tail but damage. */
  readonly isDamaged: boolean;
}

/** The frames from the beginning whose sequences go on from `next`; payloads are copies. */
export function readFrames(bytes: Buffer, next: number): ReadJournal {
  const frames: Frame[] = [];
  const hasHeader = bytes.subarray(0, journalHeader.length).equals(journalHeader);
  let at = journalHeader.length;
  while (hasHeader) {
    const frame = frameAt(bytes, at, next + frames.length);
    if (!frame) break;
    frames.push(frame);
    at += headBytes + frame.payload.length;
  }
  const goodBytes = hasHeader ? at : 0;
  return { frames, goodBytes, isDamaged: hasFrameBehind(bytes, goodBytes, next + frames.length) };
}

function frameAt(bytes: Buffer, at: number, sequence: number): Frame | undefined {
  if (at + headBytes > bytes.length || bytes.readDoubleLE(at + 8) !== sequence) return undefined;
  const end = at + headBytes + bytes.readUInt32LE(at);
  if (end > bytes.length) return undefined;
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return undefined;
  const payload = new Uint8Array(bytes.subarray(at + headBytes, end));
  return { sequence, firstId: bytes.readDoubleLE(at + 16), payload };
}

/** Runs only over what could not be read. */
function hasFrameBehind(bytes: Buffer, from: number, next: number): boolean {
  const most = next + bytes.length / headBytes;
  for (let at = from; at + headBytes <= bytes.length; at++) {
    const sequence = bytes.readDoubleLE(at + 8);
    if (!(sequence >= next && sequence <= most) || !Number.isInteger(sequence)) continue;
    if (frameAt(bytes, at, sequence)) return true;
  }
  return false;
}
