/**
 * Hot: every block of a pcapng file passes `parse`; budget about 30 ns for a frame. Nothing allocates or throws per
 * frame. The format is that of draft-ietf-opsawg-pcapng. The length at the end of a block, which repeats the one at
 * its start, is not looked at: a block whose frame is there need not be there to its end.
 */
import type { FrameBatch } from '../packet/frame-batch.ts';
import type { CaptureParser, CaptureProblem } from './capture-parser.ts';
import type { FrameCounts } from './frame-source.ts';
import { InterfaceTable } from './interface-table.ts';
import { blockBytesLimit, blockType, isKnownBlock } from './pcapng-block.ts';
import { capturedBytesLimit, clampLength, readInt32, readUint16 } from './record-bytes.ts';

const smallestBlock = 12;
/** A section header up to its version. */
const sectionStartBytes = 16;
const smallestSectionHeader = 28;
const smallestInterfaceBlock = 20;
/** Where the frame lies in a Simple Packet Block, and in an Enhanced or obsolete one. */
const simpleFrameAt = 12;
const frameAt = 28;
const incomplete = -1;

export class PcapngParser implements CaptureParser {
  readonly format = 'pcapng';
  readonly headerBytes = smallestSectionHeader;
  hasHeader = false;
  problem: CaptureProblem | undefined;
  readonly #counts: FrameCounts;
  /** Of the section being read. */
  readonly #interfaces = new InterfaceTable();
  #isLittleEndian = true;
  /** Of the block being read, what is still to come and not wanted. */
  #toSkip = 0;
  #lastTimeMs = 0;

  constructor(counts: FrameCounts) {
    this.#counts = counts;
  }

  get isInsideBlock(): boolean {
    return this.#toSkip > 0;
  }

  parse(bytes: Uint8Array, start: number, end: number, batch: FrameBatch): number {
    const first = batch.count;
    let at = this.#advance(start, this.#toSkip, end);
    while (batch.count < batch.capacity && end - at >= smallestBlock) {
      const next = this.#parseBlock(bytes, at, end, batch);
      if (next === incomplete) break;
      at = next;
    }
    this.#counts.frames += batch.count - first;
    return at;
  }

  /** Returns the place after the block, or `incomplete`: it is not whole, or has a problem. */
  #parseBlock(bytes: Uint8Array, at: number, end: number, batch: FrameBatch): number {
    const type = readInt32(bytes, at, this.#isLittleEndian);
    if (type === blockType.sectionHeader) return this.#parseSectionHeader(bytes, at, end);
    const length = readInt32(bytes, at + 4, this.#isLittleEndian);
    if (length < smallestBlock || length > blockBytesLimit || (length & 3) !== 0)
      return this.#badLength(length);
    if (type === blockType.enhancedPacket) {
      const interfaceId = readInt32(bytes, at + 8, this.#isLittleEndian);
      return this.#parsePacket(bytes, at, end, length, interfaceId, batch);
    }
    if (type === blockType.packet) {
      const interfaceId = readUint16(bytes, at + 8, this.#isLittleEndian);
      return this.#parsePacket(bytes, at, end, length, interfaceId, batch);
    }
    if (type === blockType.simplePacket) return this.#parseSimplePacket(bytes, at, end, length, batch);
    if (type === blockType.interfaceDescription) return this.#parseInterface(bytes, at, end, length);
    if (!isKnownBlock(type)) this.#counts.unknownBlocks++;
    return this.#advance(at, length, end);
  }

  /** Enhanced Packet Block and obsolete Packet Block: alike but for the interface's width. */
  #parsePacket(
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    interfaceId: number,
    batch: FrameBatch,
  ): number {
    if (length < frameAt + 4) return this.#badLength(length);
    if (end - at < frameAt) return incomplete;
    const isLittleEndian = this.#isLittleEndian;
    const captured = readInt32(bytes, at + 20, isLittleEndian);
    if (captured < 0 || captured > capturedBytesLimit || captured > length - frameAt - 4) {
      return this.#badCapturedLength(captured, length);
    }
    if (end - at - frameAt < captured) return incomplete;
    if (interfaceId < 0 || interfaceId >= this.#interfaces.count) {
      this.#counts.unknownInterface++;
      return this.#advance(at, length, end);
    }
    const ticksHigh = readInt32(bytes, at + 12, isLittleEndian) >>> 0;
    const ticksLow = readInt32(bytes, at + 16, isLittleEndian) >>> 0;
    this.#lastTimeMs = this.#interfaces.timeMs(interfaceId, ticksHigh * 0x1_0000_0000 + ticksLow);
    this.#addFrame(batch, interfaceId, at + frameAt, captured, readInt32(bytes, at + 24, isLittleEndian));
    return this.#advance(at, length, end);
  }

  /** Simple Packet Block: of the first interface, cut to its snap length, without a time. */
  #parseSimplePacket(bytes: Uint8Array, at: number, end: number, length: number, batch: FrameBatch): number {
    if (length < simpleFrameAt + 4) return this.#badLength(length);
    const stated = clampLength(readInt32(bytes, at + 8, this.#isLittleEndian));
    const room = length - simpleFrameAt - 4;
    const captured = Math.min(
      stated,
      room,
      this.#interfaces.count > 0 ? this.#interfaces.snapLength[0] : room,
    );
    if (captured > capturedBytesLimit) return this.#badCapturedLength(captured, length);
    if (end - at - simpleFrameAt < captured) return incomplete;
    if (this.#interfaces.count === 0) {
      this.#counts.unknownInterface++;
    } else {
      this.#counts.withoutTime++;
      this.#addFrame(batch, 0, at + simpleFrameAt, captured, stated);
    }
    return this.#advance(at, length, end);
  }

  #addFrame(batch: FrameBatch, interfaceId: number, at: number, captured: number, stated: number): void {
    const index = batch.count;
    const length = Math.max(
      Math.max(clampLength(stated), captured) - this.#interfaces.fcsBytes[interfaceId],
      0,
    );
    batch.offset[index] = at;
    batch.capturedLength[index] = Math.min(captured, length);
    batch.originalLength[index] = length;
    batch.timeMs[index] = this.#lastTimeMs;
    batch.linkType[index] = this.#interfaces.linkType[interfaceId];
    batch.count = index + 1;
  }

  /** Steps over `length` bytes from `at`; what lies beyond the end is skipped when it comes. */
  #advance(at: number, length: number, end: number): number {
    const available = end - at;
    this.#toSkip = length > available ? length - available : 0;
    return length > available ? end : at + length;
  }

  /** Everything after it is in its byte order, and its interfaces are its own. The section's length is not needed. */
  #parseSectionHeader(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < sectionStartBytes) return incomplete;
    const isBigEndian = readInt32(bytes, at + 8, false) === 0x1a2b3c4d;
    const isLittleEndian = readInt32(bytes, at + 8, true) === 0x1a2b3c4d;
    if (!isBigEndian && !isLittleEndian) {
      return this.#stop('no byte-order magic in a section header', '1a 2b 3c 4d, forwards or backwards');
    }
    const major = readUint16(bytes, at + 12, isLittleEndian);
    if (major !== 1) return this.#stop(`pcapng version ${major}`, 'version 1');
    const length = readInt32(bytes, at + 4, isLittleEndian);
    if (length < smallestSectionHeader || length > blockBytesLimit || (length & 3) !== 0) {
      return this.#badLength(length);
    }
    this.#isLittleEndian = isLittleEndian;
    this.#interfaces.clear();
    this.hasHeader = true;
    return this.#advance(at, length, end);
  }

  #parseInterface(bytes: Uint8Array, at: number, end: number, length: number): number {
    if (length < smallestInterfaceBlock || length > capturedBytesLimit) return this.#badLength(length);
    if (end - at < length) return incomplete;
    if (this.#interfaces.isFull)
      return this.#stop('too many interfaces', `at most ${this.#interfaces.count}`);
    this.#interfaces.add(bytes, at, at + length - 4, this.#isLittleEndian);
    return this.#advance(at, length, end);
  }

  #badLength(length: number): number {
    const limit = `${smallestBlock} to ${blockBytesLimit} for its kind`;
    return this.#stop(`a block of ${length >>> 0} bytes`, `a multiple of 4, ${limit}`);
  }

  #badCapturedLength(captured: number, length: number): number {
    const limit = `at most ${capturedBytesLimit}, and room for them`;
    return this.#stop(`${captured >>> 0} captured bytes in a block of ${length}`, limit);
  }

  #stop(found: string, expected: string): number {
    this.problem = { found, expected };
    return incomplete;
  }
}
