/** Hot: `timeMs` and the columns are read for each frame. Interfaces are added at a few per file. */
import { readInt32, readUint16 } from './record-bytes.ts';

const capacity = 65_536;
const optionsAt = 16;
/** Option codes of an Interface Description Block. */
const option = { end: 0, timestampResolution: 9, fcsLength: 13, timestampOffset: 14 } as const;

/** The interfaces of one pcapng section: their link types and clocks. */
export class InterfaceTable {
  count = 0;
  linkType = new Int32Array(4);
  /** Bytes of a frame that are captured at most; the greatest number if there is no limit. */
  snapLength = new Int32Array(4);
  fcsBytes = new Int32Array(4);
  #multiplier = new Float64Array(4);
  #divisor = new Float64Array(4);
  #offsetMs = new Float64Array(4);

  get isFull(): boolean {
    return this.count === capacity;
  }

  clear(): void {
    this.count = 0;
  }

  /** Exact to a microsecond for today's times: a float has 53 bits, nanoseconds since 1970 take 61. */
  timeMs(index: number, ticks: number): number {
    return (ticks * this.#multiplier[index]) / this.#divisor[index] + this.#offsetMs[index];
  }

  /** Adds what the Interface Description Block from `at` says; `end` is where its closing length stands. */
  add(bytes: Uint8Array, at: number, end: number, isLittleEndian: boolean): void {
    if (this.count === this.linkType.length) this.#grow();
    const index = this.count++;
    const snapLength = readInt32(bytes, at + 12, isLittleEndian);
    this.linkType[index] = readUint16(bytes, at + 8, isLittleEndian);
    this.snapLength[index] = snapLength > 0 ? snapLength : 0x7fffffff;
    this.fcsBytes[index] = 0;
    this.#offsetMs[index] = 0;
    this.#setResolution(index, 6);
    this.#readOptions(bytes, at + optionsAt, end, isLittleEndian, index);
  }

  /** Options of an unexpected length, or that reach beyond the block, say nothing. */
  #readOptions(bytes: Uint8Array, start: number, end: number, isLittleEndian: boolean, index: number): void {
    let at = start;
    while (end - at >= 4) {
      const code = readUint16(bytes, at, isLittleEndian);
      const length = readUint16(bytes, at + 2, isLittleEndian);
      const value = at + 4;
      if (code === option.end || end - value < length) return;
      if (code === option.timestampResolution && length === 1) this.#setResolution(index, bytes[value]);
      if (code === option.fcsLength && length === 1) this.fcsBytes[index] = fcsLength(bytes[value]);
      if (code === option.timestampOffset && length === 8) {
        this.#offsetMs[index] = signed64(bytes, value, isLittleEndian) * 1000;
      }
      at = value + ((length + 3) & ~3);
    }
  }

  /** `resolution`: ticks of 10^-n s, or of 2^-n s where the top bit is set. */
  #setResolution(index: number, resolution: number): void {
    const exponent = resolution & 0x7f;
    const isBinary = resolution >= 0x80;
    // Powers of ten up to 10^22 are exact, those below 1 are not: hence always a quotient of two whole numbers.
    this.#multiplier[index] = isBinary ? 1000 : 10 ** Math.max(3 - exponent, 0);
    this.#divisor[index] = isBinary ? 2 ** exponent : 10 ** Math.max(exponent - 3, 0);
  }

  #grow(): void {
    const length = this.linkType.length * 2;
    this.linkType = grownInt32(this.linkType, length);
    this.snapLength = grownInt32(this.snapLength, length);
    this.fcsBytes = grownInt32(this.fcsBytes, length);
    this.#multiplier = grownFloat64(this.#multiplier, length);
    this.#divisor = grownFloat64(this.#divisor, length);
    this.#offsetMs = grownFloat64(this.#offsetMs, length);
  }
}

/** The specification says bits, its example and many writers mean bytes; no FCS is shorter than 8 or longer than 64 bits. */
function fcsLength(value: number): number {
  return value >= 8 ? value >> 3 : value;
}

function signed64(bytes: Uint8Array, at: number, isLittleEndian: boolean): number {
  const high = readInt32(bytes, isLittleEndian ? at + 4 : at, isLittleEndian);
  const low = readInt32(bytes, isLittleEndian ? at : at + 4, isLittleEndian);
  return high * 0x1_0000_0000 + (low >>> 0);
}

function grownInt32(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}

function grownFloat64(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(column);
  return grown;
}
