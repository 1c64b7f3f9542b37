/** Hot: a column of a row group as Parquet's pages; budget 50 ns for a value. */
import { formatIpv4 } from '../ip/index.ts';
import { NumberDictionary } from './number-dictionary.ts';
import { ipv4Code, missingCode, missingInt32, type StoredColumn } from './stored-column.ts';
import { writeVarint } from './thrift-writer.ts';

/** One column of a row group, not compressed. */
export interface ColumnPages {
  /** The distinct values; absent when the data page has the values themselves. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | undefined;
  readonly data: Uint8Array;
  /** Of values that are null. */
  readonly nulls: number;
  /** Of numbers, in the bytes of their type; absent where all are null. */
  readonly range: { readonly min: Uint8Array; readonly max: Uint8Array } | undefined;
}

/** `-` is null in a number and the text `-` in a string. */
export function columnPages(column: StoredColumn, length: number): ColumnPages {
  if (column.type === 'int32' || column.type === 'int64') return numberPages(column, length);
  const { codes, entries } =
    column.type === 'text' ? textCodes(column, length) : addressCodes(column, length);
  // Flows come in no order of addresses: least and greatest texts would cost time and exclude nothing.
  return {
    dictionary: { bytes: textBytes(entries), count: entries.length },
    data: dataPage(presence(length, undefined), coded(codes, length, entries.length)),
    nulls: 0,
    range: undefined,
  };
}

type NumberColumn = Extract<StoredColumn, { type: 'int32' | 'int64' }>;

function numberPages({ type, values }: NumberColumn, length: number): ColumnPages {
  const width = type === 'int32' ? 4 : 8;
  const present = new Float64Array(length);
  const isThere = new Uint8Array(length);
  let count = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value === missingInt32 || Number.isNaN(value)) continue;
    isThere[i] = 1;
    present[count++] = value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const known = numberCodes(present, count);
  const levels = presence(length, count === length ? undefined : isThere);
  return {
    dictionary: known && { bytes: plain(known.values, known.size, width), count: known.size },
    data: dataPage(levels, known ? coded(known.codes, count, known.size) : plain(present, count, width)),
    nulls: length - count,
    range: count === 0 ? undefined : { min: plain([min], 1, width), max: plain([max], 1, width) },
  };
}

/** Undefined where so many values differ that a dictionary would save nothing. */
function numberCodes(values: Float64Array, count: number) {
  const dictionary = new NumberDictionary();
  const codes = new Int32Array(count);
  const most = count / 2;
  for (let i = 0; i < count; i++) {
    codes[i] = dictionary.code(values[i]);
    if (dictionary.size > most) return undefined;
  }
  return { codes, values: dictionary.values, size: dictionary.size };
}

interface TextCodes {
  readonly codes: Int32Array;
  readonly entries: readonly string[];
}

/** The column's own dictionary may have more than these rows need. */
class UsedTexts {
  readonly entries: string[] = [];
  readonly #texts: readonly string[];
  readonly #codes: Int32Array;
  #dash = -1;

  constructor(texts: readonly string[]) {
    this.#texts = texts;
    this.#codes = new Int32Array(texts.length).fill(-1);
  }

  code(number: number): number {
    if (number === missingCode) {
      if (this.#dash < 0) this.#dash = this.entries.push('-') - 1;
      return this.#dash;
    }
    const known = this.#codes[number];
    if (known >= 0) return known;
    this.#codes[number] = this.entries.push(this.#texts[number]) - 1;
    return this.entries.length - 1;
  }
}

function textCodes(
  { codes: numbers, texts }: Extract<StoredColumn, { type: 'text' }>,
  length: number,
): TextCodes {
  const used = new UsedTexts(texts);
  const codes = new Int32Array(length);
  for (let i = 0; i < length; i++) codes[i] = used.code(numbers[i]);
  return { codes, entries: used.entries };
}

function addressCodes(
  { values, codes: numbers, texts }: Extract<StoredColumn, { type: 'address' }>,
  length: number,
): TextCodes {
  const used = new UsedTexts(texts);
  const addresses = new NumberDictionary();
  const codes = new Int32Array(length);
  const codeOfAddress: number[] = [];
  for (let i = 0; i < length; i++) {
    if (numbers[i] !== ipv4Code) {
      codes[i] = used.code(numbers[i]);
      continue;
    }
    const address = addresses.code(values[i]);
    if (address === codeOfAddress.length) codeOfAddress.push(used.entries.push(formatIpv4(values[i])) - 1);
    codes[i] = codeOfAddress[address];
  }
  return { codes, entries: used.entries };
}

/** Each text after its length. */
function textBytes(texts: readonly string[]): Uint8Array {
  let most = 0;
  for (const text of texts) most += 4 + text.length * 3;
  const bytes = Buffer.allocUnsafe(most);
  let at = 0;
  for (const text of texts) {
    const length = bytes.write(text, at + 4);
    bytes.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return bytes.subarray(0, at);
}

function plain(values: ArrayLike<number>, count: number, width: 4 | 8): Uint8Array {
  const words = new Uint32Array((count * width) / 4);
  if (width === 4) for (let i = 0; i < count; i++) words[i] = values[i];
  else {
    for (let i = 0; i < count; i++) {
      const value = values[i];
      words[2 * i] = value % 0x1_0000_0000;
      words[2 * i + 1] = value / 0x1_0000_0000;
    }
  }
  return new Uint8Array(words.buffer);
}

/** Definition levels, one for each row: 0 is null. */
function presence(length: number, isThere: Uint8Array | undefined): Uint8Array {
  const levels = isThere ? packed(isThere, length, 1) : repeated(length, 1);
  const bytes = new Uint8Array(4 + levels.length);
  new DataView(bytes.buffer).setUint32(0, levels.length, true);
  bytes.set(levels, 4);
  return bytes;
}

function dataPage(levels: Uint8Array, values: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(levels.length + values.length);
  bytes.set(levels);
  bytes.set(values, levels.length);
  return bytes;
}

/**
 * Codes in as many bits as the greatest needs, which comes first, but for those that no byte ends with: gzip finds
 * what repeats by bytes, so that files are an eighth smaller with codes of 1, 2, 4, 8 or 16 bits.
 */
function coded(codes: Int32Array, count: number, distinct: number): Uint8Array {
  // Not all readers take a width of no bits.
  const needed = Math.max(1, 32 - Math.clz32(Math.max(0, distinct - 1)));
  const bits = needed > 16 ? needed : 2 ** Math.ceil(Math.log2(needed));
  const run = distinct <= 1 ? repeated(count, 0) : packed(codes, count, bits);
  const bytes = new Uint8Array(1 + run.length);
  bytes[0] = bits;
  bytes.set(run, 1);
  return bytes;
}

/** A run of one value, which takes a byte. */
function repeated(count: number, value: number): Uint8Array {
  const bytes: number[] = [];
  writeVarint(bytes, count * 2);
  bytes.push(value);
  return Uint8Array.from(bytes);
}

/** Runs of equal values are left to the compression of the page. */
function packed(values: ArrayLike<number>, count: number, bits: number): Uint8Array {
  const groups = Math.ceil(count / 8);
  const header: number[] = [];
  writeVarint(header, groups * 2 + 1);
  const bytes = new Uint8Array(header.length + groups * bits);
  bytes.set(header);
  let at = header.length;
  let held = 0;
  let heldBits = 0;
  for (let i = 0; i < count; i++) {
    held |= values[i] << heldBits;
    heldBits += bits;
    while (heldBits >= 8) {
      bytes[at++] = held;
      held >>>= 8;
      heldBits -= 8;
    }
  }
  if (heldBits > 0) bytes[at] = held;
  return bytes;
}
