/** Hot: once for every value of a record that comes into the store. */
import { ipv4Code, type RowBatch, type StoredColumn } from './row-batch.ts';

/** UTF-8 bytes of each message: of a record, of the line that would be rebuilt. */
export function messageLengths(batch: RowBatch): Float64Array {
  if (batch.kind === 'text') {
    return Float64Array.from(batch.messages, (message) => Buffer.byteLength(message));
  }
  const lengths = new Float64Array(batch.timestampsMs.length).fill(batch.columns.length - 1);
  for (const column of batch.columns) addLengths(lengths, column);
  return lengths;
}

function addLengths(lengths: Float64Array, column: StoredColumn): void {
  if (column.type === 'text') addTexts(lengths, column.codes, column.texts);
  else if (column.type === 'address') addAddresses(lengths, column);
  else addDigits(lengths, column.values);
}

/** A `-` is as long as one digit. */
function addDigits(lengths: Float64Array, values: Int32Array | Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    let digits = 1;
    for (let power = 10; value >= power; power *= 10) digits++;
    lengths[i] += digits;
  }
}

function addTexts(lengths: Float64Array, codes: Int32Array, texts: readonly string[]): void {
  const bytes = Float64Array.from(texts, (text) => Buffer.byteLength(text));
  for (let i = 0; i < codes.length; i++) lengths[i] += codes[i] < 0 ? 1 : bytes[codes[i]];
}

function addAddresses(lengths: Float64Array, column: Extract<StoredColumn, { type: 'address' }>): void {
  const { values, codes } = column;
  addTexts(lengths, codes, column.texts);
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] !== ipv4Code) continue;
    const value = values[i];
    // Three dots, and the first digit, which `addTexts` has counted.
    const octets = digitsOf[value >>> 24] + digitsOf[(value >>> 16) & 255];
    lengths[i] += 2 + octets + digitsOf[(value >>> 8) & 255] + digitsOf[value & 255];
  }
}

const digitsOf = Uint8Array.from({ length: 256 }, (_, octet) => String(octet).length);
