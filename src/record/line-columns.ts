/** Hot: reads lines character by character into typed arrays; budget 1 µs for a line of the default format. */
import type { Field } from './fields.ts';
import type { LogFormat } from './log-format.ts';
import { ipv4Code, missingCode, missingInt32, type StoredColumn } from './stored-column.ts';
import { emptyHash, hashOn, TextDictionary } from './text-dictionary.ts';

const space = 0x20;
const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const int32Max = 0x7fff_ffff;
/** Digits of the greatest safe integer. */
const maxDigits = 16;

export interface LineColumns {
  readonly length: number;
  /** In the order of the format's fields. */
  readonly columns: readonly StoredColumn[];
}

/** The fields that are addresses: they are kept as numbers where they are IPv4. */
export function isAddress(field: Field): boolean {
  return /^(?:pkt-)?(?:src|dst)addr$/.test(field.token);
}

/**
 * Reads lines of one format into columns. A line is taken only when its columns give it back byte for byte: values
 * joined by one space, as many as the format has fields, numbers without signs and leading zeros and in the range of
 * their type. Any other has to be kept as text.
 */
export class LineReader {
  readonly #fields: readonly Field[];
  #columns: readonly ColumnReader[];
  #capacity: number;
  #length = 0;

  /** @param capacity how many lines to expect */
  constructor(format: LogFormat, capacity = 1024) {
    this.#fields = format.fields;
    this.#capacity = Math.max(1, capacity);
    this.#columns = this.#fields.map((field) => columnReader(field, this.#capacity));
  }

  /** How many lines were taken since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Reads `text.slice(from, to)`; false when it has to be kept as text. */
  add(text: string, from = 0, to = text.length): boolean {
    const row = this.#length;
    if (row === this.#capacity) this.#grow();
    const columns = this.#columns;
    const last = columns.length - 1;
    let at = from;
    for (let i = 0; i < last; i++) {
      at = columns[i].read(text, at, to, row) + 1;
      // After the separator there is at least one character: 0 is -1 + 1.
      if (at === 0 || at >= to) return false;
    }
    if (columns[last].read(text, at, to, row) !== to) return false;
    this.#length = row + 1;
    return true;
  }

  /**
   * The lines taken so far, which are the caller's now.
   * @param capacity how many lines to expect next
   */
  take(capacity = this.#capacity): LineColumns {
    const length = this.#length;
    const columns = this.#columns.map((column) => column.take(length));
    this.#capacity = Math.max(1, capacity);
    this.#columns = this.#fields.map((field) => columnReader(field, this.#capacity));
    this.#length = 0;
    return { length, columns };
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const column of this.#columns) column.grow(this.#capacity);
  }
}

interface ColumnReader {
  /** Reads the value that begins at `at` into the row; gives where it ends (a space, or `to`), -1 when it is not canonical. */
  read(text: string, at: number, to: number, row: number): number;
  grow(capacity: number): void;
  take(length: number): StoredColumn;
}

function columnReader(field: Field, capacity: number): ColumnReader {
  if (field.type === 'int32') return new Int32Reader(capacity);
  if (field.type === 'int64') return new Int64Reader(capacity);
  return isAddress(field) ? new AddressReader(capacity) : new TextReader(capacity);
}

class Int32Reader implements ColumnReader {
  #values: Int32Array;

  constructor(capacity: number) {
    this.#values = new Int32Array(capacity);
  }

  read(text: string, at: number, to: number, row: number): number {
    const end = endOfNumber(text, at, to);
    if (end < 0) return isDash(text, at, to) ? this.#set(row, missingInt32, at + 1) : -1;
    if (end - at > 10) return -1;
    let value = 0;
    for (let i = at; i < end; i++) value = value * 10 + (text.charCodeAt(i) - zero);
    return value > int32Max ? -1 : this.#set(row, value, end);
  }

  #set(row: number, value: number, end: number): number {
    this.#values[row] = value;
    return end;
  }

  grow(capacity: number): void {
    const values = new Int32Array(capacity);
    values.set(this.#values);
    this.#values = values;
  }

  take(length: number): StoredColumn {
    return { type: 'int32', values: firstOf(this.#values, length) };
  }
}

class Int64Reader implements ColumnReader {
  #values: Float64Array;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  read(text: string, at: number, to: number, row: number): number {
    const end = endOfNumber(text, at, to);
    if (end < 0) return isDash(text, at, to) ? this.#set(row, Number.NaN, at + 1) : -1;
    if (end - at > maxDigits) return -1;
    let value = 0;
    for (let i = at; i < end; i++) value = value * 10 + (text.charCodeAt(i) - zero);
    return value > Number.MAX_SAFE_INTEGER ? -1 : this.#set(row, value, end);
  }

  #set(row: number, value: number, end: number): number {
    this.#values[row] = value;
    return end;
  }

  grow(capacity: number): void {
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#values = values;
  }

  take(length: number): StoredColumn {
    return { type: 'int64', values: firstOf(this.#values, length) };
  }
}

class TextReader implements ColumnReader {
  #codes: Int32Array;
  readonly #dictionary = new TextDictionary();

  constructor(capacity: number) {
    this.#codes = new Int32Array(capacity);
  }

  read(text: string, at: number, to: number, row: number): number {
    let hash = emptyHash;
    let end = at;
    for (; end < to; end++) {
      const unit = text.charCodeAt(end);
      if (unit === space) break;
      hash = hashOn(hash, unit);
    }
    if (end === at) return -1;
    this.#codes[row] =
      end === at + 1 && text.charCodeAt(at) === dash
        ? missingCode
        : this.#dictionary.code(text, at, end, hash);
    return end;
  }

  grow(capacity: number): void {
    const codes = new Int32Array(capacity);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  take(length: number): StoredColumn {
    return { type: 'text', codes: firstOf(this.#codes, length), texts: this.#dictionary.texts };
  }
}

class AddressReader implements ColumnReader {
  #values: Uint32Array;
  #codes: Int32Array;
  readonly #dictionary = new TextDictionary();

  constructor(capacity: number) {
    this.#values = new Uint32Array(capacity);
    this.#codes = new Int32Array(capacity);
  }

  read(text: string, at: number, to: number, row: number): number {
    let word = 0;
    let byte = -1;
    let dots = 0;
    let i = at;
    for (; i < to; i++) {
      const unit = text.charCodeAt(i);
      if (unit === dot) {
        if (byte < 0) return this.#readOther(text, at, to, row);
        word = (word << 8) | byte;
        byte = -1;
        dots++;
      } else {
        const digit = unit - zero;
        if (digit < 0 || digit > 9) {
          if (unit === space) break;
          return this.#readOther(text, at, to, row);
        }
        // A digit after 0 would come back without the 0.
        if (byte === 0) return this.#readOther(text, at, to, row);
        byte = byte < 0 ? digit : byte * 10 + digit;
        if (byte > 255) return this.#readOther(text, at, to, row);
      }
    }
    if (dots !== 3 || byte < 0) return this.#readOther(text, at, to, row);
    this.#values[row] = (word << 8) | byte;
    this.#codes[row] = ipv4Code;
    return i;
  }

  #readOther(text: string, at: number, to: number, row: number): number {
    let hash = emptyHash;
    let end = at;
    for (; end < to; end++) {
      const unit = text.charCodeAt(end);
      if (unit === space) break;
      hash = hashOn(hash, unit);
    }
    if (end === at) return -1;
    this.#values[row] = 0;
    this.#codes[row] =
      end === at + 1 && text.charCodeAt(at) === dash
        ? missingCode
        : this.#dictionary.code(text, at, end, hash);
    return end;
  }

  grow(capacity: number): void {
    const values = new Uint32Array(capacity);
    values.set(this.#values);
    this.#values = values;
    const codes = new Int32Array(capacity);
    codes.set(this.#codes);
    this.#codes = codes;
  }

  take(length: number): StoredColumn {
    return {
      type: 'address',
      values: firstOf(this.#values, length),
      codes: firstOf(this.#codes, length),
      texts: this.#dictionary.texts,
    };
  }
}

/** Where the digits that begin here end, at a space or at `to`; -1 when it is no whole number as one writes it. */
function endOfNumber(text: string, at: number, to: number): number {
  let end = at;
  for (; end < to; end++) {
    const unit = text.charCodeAt(end);
    if (unit < zero || unit > zero + 9) {
      if (unit === space) break;
      return -1;
    }
  }
  if (end === at) return -1;
  return end > at + 1 && text.charCodeAt(at) === zero ? -1 : end;
}

function isDash(text: string, at: number, to: number): boolean {
  if (at >= to || text.charCodeAt(at) !== dash) return false;
  return at + 1 === to || text.charCodeAt(at + 1) === space;
}

function firstOf<Values extends Int32Array | Uint32Array | Float64Array>(
  values: Values,
  length: number,
): Values {
  return (values.length === length ? values : values.slice(0, length)) as Values;
}
