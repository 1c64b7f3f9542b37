/** Hot: records of a capture as stored columns; budget 0.3 µs for a record of the default format. */
import { fieldText } from './field-text.ts';
import type { Field } from './fields.ts';
import { isAddress } from './line-columns.ts';
import type { RecordBatch } from './record-batch.ts';
import { ipv4Code, missingCode, missingInt32, type StoredColumn } from './stored-column.ts';

const dot = 0x2e;
const zero = 0x30;
const int32Max = 0x7fff_ffff;

/**
 * Records as stored columns. A record has no quoting, so a text that cannot stand in a line (empty, or with a space)
 * becomes what `fieldText` makes of it, and a number that none can hold (negative, no whole number, too great) a `-`.
 */
export function recordColumns(batch: RecordBatch): StoredColumn[] {
  return batch.format.fields.map((field, i) => {
    const column = batch.columns[i];
    if (!('texts' in column)) return numberColumn(field, column.numbers, batch.length);
    if (isAddress(field)) return addressColumn(column.texts, batch.length);
    return textColumn(column.texts, batch.length);
  });
}

function numberColumn(field: Field, numbers: Float64Array, length: number): StoredColumn {
  if (field.type === 'int32') {
    const values = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const value = numbers[i];
      const whole = value | 0;
      values[i] = whole === value && whole >= 0 ? whole : missingInt32;
    }
    return { type: 'int32', values };
  }
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = numbers[i];
    values[i] = value >= 0 && value <= int32Max && (value | 0) === value ? value : wholeOrMissing(value);
  }
  return { type: 'int64', values };
}

function wholeOrMissing(value: number): number {
  return value >= 0 && Number.isSafeInteger(value) ? value : Number.NaN;
}

function textColumn(source: readonly string[], length: number): StoredColumn {
  const interner = new TextInterner();
  const codes = new Int32Array(length);
  for (let i = 0; i < length; i++) codes[i] = interner.code(source[i]);
  return { type: 'text', codes, texts: interner.texts };
}

function addressColumn(source: readonly string[], length: number): StoredColumn {
  const interner = new TextInterner();
  const values = new Uint32Array(length);
  const codes = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const word = ipv4Of(source[i]);
    if (word >= 0) {
      values[i] = word;
      codes[i] = ipv4Code;
    } else codes[i] = interner.code(source[i]);
  }
  return { type: 'address', values, codes, texts: interner.texts };
}

/** An IPv4 address as a number when its text is the one that `formatIpv4` writes; else -1. */
function ipv4Of(text: string): number {
  let number = 0;
  let byte = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === dot) {
      if (byte < 0) return -1;
      number = number * 256 + byte;
      byte = -1;
      dots++;
    } else {
      const digit = unit - zero;
      if (digit < 0 || digit > 9 || byte === 0) return -1;
      byte = byte < 0 ? digit : byte * 10 + digit;
      if (byte > 255) return -1;
    }
  }
  return dots === 3 && byte >= 0 ? number * 256 + byte : -1;
}

/** Texts by number. The texts of a capture come from dictionaries, so that the last one is often the same string. */
class TextInterner {
  readonly texts: string[] = [];
  readonly #codes = new Map<string, number>();
  #last: string | undefined;
  #lastCode = 0;

  code(text: string): number {
    if (text === this.#last) return this.#lastCode;
    let code = this.#codes.get(text);
    if (code === undefined) {
      const shown = fieldText(text);
      code = shown === '-' ? missingCode : this.texts.push(shown) - 1;
      this.#codes.set(text, code);
    }
    this.#last = text;
    this.#lastCode = code;
    return code;
  }
}
