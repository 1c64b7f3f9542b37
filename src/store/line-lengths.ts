/** Hot: once for every value of a record that comes into the store; allocates one array for each batch. */
import { ipv4Code, type RowBatch, type StoredColumn } from './row-batch.ts';

/** UTF-8 bytes of each message: of a record, of the line that would be rebuilt. */
export function messageLengths(batch: RowBatch): Int32Array {
  if (batch.kind === 'text') {
    return Int32Array.from(batch.messages, (message) => Buffer.byteLength(message));
  }
  // The spaces, and one for each value: a `-`, or the first digit.
  const lengths = new Int32Array(batch.timestampsMs.length).fill(2 * batch.columns.length - 1);
  for (const column of batch.columns) addLengths(lengths, column);
  return lengths;
}

function addLengths(lengths: Int32Array, column: StoredColumn): void {
  if (column.type === 'text') addTexts(lengths, column.codes, column.texts);
  else if (column.type === 'address') addAddresses(lengths, column);
  else if (column.type === 'int32') addDigits32(lengths, column.values);
  else addDigits64(lengths, column.values);
}

function addDigits32(lengths: Int32Array, values: Int32Array): void {
  for (let i = 0; i < values.length; i++) lengths[i] += moreDigits(values[i]);
}

function addDigits64(lengths: Int32Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < 1e9) lengths[i] += moreDigits(value);
    else if (value >= 1e9) lengths[i] += 9 + moreDigits(value / 1e9);
  }
}

/** Digits behind the first, of less than 10^10; none of what is missing. */
function moreDigits(value: number): number {
  if (value < 1e5) {
    if (value < 1e3) return value < 10 ? 0 : value < 100 ? 1 : 2;
    return value < 1e4 ? 3 : 4;
  }
  if (value < 1e7) return value < 1e6 ? 5 : 6;
  return value < 1e8 ? 7 : value < 1e9 ? 8 : 9;
}

function addTexts(lengths: Int32Array, codes: Int32Array, texts: readonly string[]): void {
  const more = Int32Array.from(texts, (text) => Buffer.byteLength(text) - 1);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code >= 0) lengths[i] += more[code];
  }
}

function addAddresses(lengths: Int32Array, column: Extract<StoredColumn, { type: 'address' }>): void {
  const { values, codes } = column;
  if (column.texts.length > 0) addTexts(lengths, codes, column.texts);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] !== ipv4Code) continue;
    const value = values[i];
    lengths[i] +=
      2 +
      digitsOf[value >>> 24] +
      digitsOf[(value >>> 16) & 255] +
      digitsOf[(value >>> 8) & 255] +
      digitsOf[value & 255];
  }
}

const digitsOf = Uint8Array.from({ length: 256 }, (_, octet) => String(octet).length);
