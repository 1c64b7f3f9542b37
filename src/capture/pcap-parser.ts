/**
 * Hot: every frame of a classic pcap file passes `parse`; budget about 20 ns. Nothing allocates or throws per frame.
 * The format is that of draft-ietf-opsawg-pcap.
 */
import type { FrameBatch } from '../packet/frame-batch.ts';
import type { CaptureParser, CaptureProblem } from './capture-parser.ts';
import type { FrameCounts } from './frame-source.ts';
import { capturedBytesLimit, clampLength, readInt32, readUint16 } from './record-bytes.ts';

const headerBytes = 24;
const recordHeaderBytes = 16;
/** The word of the link type: its low half is the type; where bit 26 says so, the top four bits count FCS half-words. */
const fcsPresent = 0x0400_0000;

export class PcapParser implements CaptureParser {
  readonly format = 'pcap';
  readonly headerBytes = headerBytes;
  readonly isInsideBlock = false;
  hasHeader = false;
  problem: CaptureProblem | undefined;
  readonly #counts: FrameCounts;
  readonly #isLittleEndian: boolean;
  readonly #fractionsPerMs: number;
  #linkType = 0;
  /** Bytes of the frame check sequence at the end of each frame, which is no part of it here. */
  #fcsBytes = 0;

  constructor(counts: FrameCounts, isLittleEndian: boolean, hasNanoseconds: boolean) {
    this.#counts = counts;
    this.#isLittleEndian = isLittleEndian;
    this.#fractionsPerMs = hasNanoseconds ? 1_000_000 : 1000;
  }

  parse(bytes: Uint8Array, start: number, end: number, batch: FrameBatch): number {
    if (this.hasHeader) return this.#parseRecords(bytes, start, end, batch);
    if (end - start < headerBytes) return start;
    this.#readHeader(bytes, start);
    return this.problem ? start : this.#parseRecords(bytes, start + headerBytes, end, batch);
  }

  #parseRecords(bytes: Uint8Array, start: number, end: number, batch: FrameBatch): number {
    const isLittleEndian = this.#isLittleEndian;
    const fractionsPerMs = this.#fractionsPerMs;
    const fcsBytes = this.#fcsBytes;
    const { capacity, offset, capturedLength, originalLength, timeMs, linkType } = batch;
    const first = batch.count;
    let count = first;
    let at = start;
    while (count < capacity && end - at >= recordHeaderBytes) {
      const captured = readInt32(bytes, at + 8, isLittleEndian);
      if (captured < 0 || captured > capturedBytesLimit) {
        this.problem = absurdLength(captured);
        break;
      }
      const frame = at + recordHeaderBytes;
      if (end - frame < captured) break;
      const stated = clampLength(readInt32(bytes, at + 12, isLittleEndian));
      const length = Math.max(Math.max(stated, captured) - fcsBytes, 0);
      offset[count] = frame;
      capturedLength[count] = Math.min(captured, length);
      originalLength[count] = length;
      // Seconds are unsigned: until 2106.
      timeMs[count] =
        (readInt32(bytes, at, isLittleEndian) >>> 0) * 1000 +
        (readInt32(bytes, at + 4, isLittleEndian) >>> 0) / fractionsPerMs;
      linkType[count] = this.#linkType;
      count++;
      at = frame + captured;
    }
    batch.count = count;
    this.#counts.frames += count - first;
    return at;
  }

  #readHeader(bytes: Uint8Array, at: number): void {
    const major = readUint16(bytes, at + 4, this.#isLittleEndian);
    const minor = readUint16(bytes, at + 6, this.#isLittleEndian);
    // Before 2.3 the two lengths of a record stood the other way round.
    if (major !== 2 || minor < 3) {
      this.problem = { found: `pcap version ${major}.${minor}`, expected: 'version 2.4' };
      return;
    }
    const word = readInt32(bytes, at + 20, this.#isLittleEndian);
    this.#linkType = word & 0xffff;
    this.#fcsBytes = word & fcsPresent ? (word >>> 28) * 2 : 0;
    this.hasHeader = true;
  }
}

function absurdLength(captured: number): CaptureProblem {
  return {
    found: `a record of ${captured >>> 0} captured bytes`,
    expected: `at most ${capturedBytesLimit}`,
  };
}
