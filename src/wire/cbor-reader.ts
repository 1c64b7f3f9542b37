import { isUtf8 } from 'node:buffer';
import { timeOfSeconds } from './timestamps.ts';
import { malformed } from './wire-faults.ts';

const deepest = 32;
const breakByte = 0xff;
const indefinite = -1;

/**
 * The value of a CBOR body: of an empty one, an empty object. Bodies come from anybody: the SDK's reader shifts big
 * integers in time square to their length, makes text of huge decimals, and takes any bytes for UTF-8.
 *
 * Read is what Smithy's protocol writes: maps with text for keys, lists, text, bytes, numbers, and epoch times
 * (tag 1), which become Dates.
 * @throws ServiceError SerializationException for anything else
 * @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
export function parseCbor(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  const reader = new CborReader(body);
  const value = reader.value(0);
  reader.end();
  return value;
}

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw notCbor();
  }

  value(depth: number): unknown {
    if (depth > deepest) throw malformed('cbor', 'The request is nested too deeply.');
    const head = this.#byte();
    const major = head >> 5;
    const minor = head & 0x1f;
    switch (major) {
      case 0:
        return this.#argument(minor);
      case 1:
        return -1 - this.#argument(minor);
      case 2:
        return this.#string(major, minor);
      case 3:
        return textOf(this.#string(major, minor));
      case 4:
        return this.#list(minor, depth);
      case 5:
        return this.#map(minor, depth);
      case 6:
        return this.#tagged(this.#argument(minor), depth);
      default:
        return this.#simple(minor);
    }
  }

  #byte(): number {
    return this.#bytes[this.#take(1)];
  }

  /** Where the next bytes are; they are there. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw notCbor();
    this.#at = at + count;
    return at;
  }

  #argument(minor: number): number {
    if (minor < 24) return minor;
    if (minor === 24) return this.#byte();
    if (minor === 25) return this.#view.getUint16(this.#take(2));
    if (minor === 26) return this.#view.getUint32(this.#take(4));
    if (minor === 27) return Number(this.#view.getBigUint64(this.#take(8)));
    throw notCbor();
  }

  #length(minor: number): number {
    return minor === 31 ? indefinite : this.#argument(minor);
  }

  #string(major: number, minor: number): Uint8Array {
    const length = this.#length(minor);
    if (length !== indefinite) {
      const at = this.#take(length);
      return this.#bytes.subarray(at, at + length);
    }
    const chunks: Uint8Array[] = [];
    for (let head = this.#byte(); head !== breakByte; head = this.#byte()) {
      if (head >> 5 !== major || (head & 0x1f) === 31) throw notCbor();
      chunks.push(this.#string(major, head & 0x1f));
    }
    return Buffer.concat(chunks);
  }

  /** Whether another item follows in what has a length, or ends by a break. */
  #hasMore(length: number, read: number): boolean {
    if (length !== indefinite) return read < length;
    if (this.#bytes[this.#at] !== breakByte) return true;
    this.#at++;
    return false;
  }

  #list(minor: number, depth: number): unknown[] {
    const length = this.#length(minor);
    const items: unknown[] = [];
    while (this.#hasMore(length, items.length)) items.push(this.value(depth + 1));
    return items;
  }

  #map(minor: number, depth: number): unknown {
    const length = this.#length(minor);
    const entries = new Map<string, unknown>();
    while (this.#hasMore(length, entries.size)) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' || entries.has(key)) throw notCbor();
      entries.set(key, this.value(depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #tagged(tag: number, depth: number): unknown {
    const value = this.value(depth + 1);
    const time = tag === 1 && typeof value === 'number' ? timeOfSeconds(value) : undefined;
    if (!time) throw notCbor();
    return time;
  }

  #simple(minor: number): unknown {
    if (minor === 20 || minor === 21) return minor === 21;
    if (minor === 22 || minor === 23) return null;
    if (minor === 25) return halfFloat(this.#view.getUint16(this.#take(2)));
    if (minor === 26) return this.#view.getFloat32(this.#take(4));
    if (minor === 27) return this.#view.getFloat64(this.#take(8));
    throw notCbor();
  }
}

const notCbor = () => malformed('cbor', 'The request is not the CBOR that was expected.');

function textOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw malformed('cbor', 'The request is not valid UTF-8.');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
