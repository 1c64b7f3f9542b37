import { invariant } from '../fault/index.ts';

/** Major types, RFC 8949 3.1, in their three bits. */
const unsigned = 0x00;
const negative = 0x20;
const bytes = 0x40;
const text = 0x60;
const list = 0x80;
const map = 0xa0;
const epochTag = 0xc1;
const float64 = 0xfb;

/**
 * The CBOR of a document: of what JSON has, Dates (epoch times) and bytes. Written here because the SDK's writer comes
 * with all of its clients' protocols: 80 ms and 11 MB at the start.
 */
export function writeCbor(value: unknown): Uint8Array {
  const writer = new CborWriter();
  writer.value(value);
  return writer.written();
}

class CborWriter {
  #buffer = Buffer.allocUnsafe(1024);
  #at = 0;

  written(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#head(value ? 0xf5 : 0xf4);
    else if (value === null) this.#head(0xf6);
    else this.#object(value);
  }

  #object(value: unknown): void {
    invariant(typeof value === 'object' && value !== null, `${typeof value} has a form in CBOR`);
    if (value instanceof Date) {
      this.#head(epochTag);
      this.#number(value.getTime() / 1000);
    } else if (value instanceof Uint8Array) {
      this.#argument(bytes, value.length);
      this.#append(value);
    } else if (Array.isArray(value)) {
      this.#argument(list, value.length);
      for (const item of value) this.value(item);
    } else {
      this.#entries(Object.entries(value));
    }
  }

  #entries(entries: readonly (readonly [string, unknown])[]): void {
    this.#argument(map, entries.length);
    for (const [name, held] of entries) {
      this.#text(name);
      this.value(held);
    }
  }

  #text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#argument(text, length);
    this.#reserve(length);
    this.#at += this.#buffer.write(value, this.#at);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.#argument(value < 0 ? negative : unsigned, value < 0 ? -1 - value : value);
      return;
    }
    this.#head(float64);
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  /** A major type with its number: a length, or the value itself. */
  #argument(major: number, argument: number): void {
    if (argument < 24) this.#head(major | argument);
    else if (argument < 2 ** 8) {
      this.#head(major | 24);
      this.#head(argument);
    } else if (argument < 2 ** 16) {
      this.#head(major | 25);
      this.#reserve(2);
      this.#at = this.#buffer.writeUInt16BE(argument, this.#at);
    } else if (argument < 2 ** 32) {
      this.#head(major | 26);
      this.#reserve(4);
      this.#at = this.#buffer.writeUInt32BE(argument, this.#at);
    } else {
      this.#head(major | 27);
      this.#reserve(8);
      this.#at = this.#buffer.writeBigUInt64BE(BigInt(argument), this.#at);
    }
  }

  #head(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = byte;
  }

  #append(chunk: Uint8Array): void {
    this.#reserve(chunk.length);
    this.#buffer.set(chunk, this.#at);
    this.#at += chunk.length;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}
