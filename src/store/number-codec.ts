import { invariant } from '../fault/index.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/**
 * Hot: runs over every number that is committed. Numbers are kept as their distance to the smallest one, in as few
 * bytes as the largest distance needs; a journal of flow log records is a third of the size for it.
 */

type Numbers = Int32Array | Uint32Array | Float64Array;

/** What stands for NaN: no number that may be missing is negative. */
const missing = -1;

/** Whole numbers within 2^53. Gives the largest, -1 when there is none. */
export function writeNumbers(writer: ByteWriter, values: Int32Array | Uint32Array | Float64Array): number {
  const { least, most, width } = spanOf(values);
  const kept = begin(writer, least, width, values.length);
  for (let i = 0; i < kept.length; i++) kept[i] = values[i] - least;
  return most;
}

/** As `writeNumbers`, of numbers that are not negative; NaN is one that is missing. */
export function writeOptionalNumbers(writer: ByteWriter, values: Float64Array): void {
  let hasMissing = false;
  for (let i = 0; i < values.length; i++) hasMissing ||= Number.isNaN(values[i]);
  if (!hasMissing) {
    writeNumbers(writer, values);
    return;
  }
  writeNumbers(
    writer,
    values.map((value) => (Number.isNaN(value) ? missing : value)),
  );
}

export function readInt32(reader: ByteReader, length: number): Int32Array {
  return readInto(reader, new Int32Array(length));
}

export function readUint32(reader: ByteReader, length: number): Uint32Array {
  return readInto(reader, new Uint32Array(length));
}

export function readFloat64(reader: ByteReader, length: number): Float64Array {
  return readInto(reader, new Float64Array(length));
}

export function readOptionalNumbers(reader: ByteReader, length: number): Float64Array {
  const values = readFloat64(reader, length);
  for (let i = 0; i < length; i++) if (values[i] === missing) values[i] = Number.NaN;
  return values;
}

/** Writes what is needed to read the numbers, and gives the place for them; none when all are the same. */
function begin(writer: ByteWriter, least: number, width: number, length: number) {
  writer.uint8(width);
  writer.float64(least);
  const { buffer, offset } = writer.room(width * length);
  return view(width, buffer, offset, width === 0 ? 0 : length);
}

function readInto<T extends Numbers>(reader: ByteReader, values: T): T {
  const width = reader.uint8();
  const least = reader.float64();
  const { buffer, offset } = reader.room(width * values.length);
  if (width === 0) values.fill(least);
  else {
    const kept = view(width, buffer, offset, values.length);
    for (let i = 0; i < values.length; i++) values[i] = kept[i] + least;
  }
  return values;
}

function spanOf(values: Numbers): { least: number; most: number; width: number } {
  if (values.length === 0) return { least: 0, most: -1, width: 0 };
  let least = values[0];
  let most = least;
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  const isWhole = !(values instanceof Float64Array) || areWhole(values);
  invariant(
    isWhole && Number.isSafeInteger(least) && Number.isSafeInteger(most),
    'a number that is not whole',
  );
  return { least, most, width: widthOf(most - least) };
}

function areWhole(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== Math.floor(values[i])) return false;
  return true;
}

function widthOf(span: number): number {
  if (span === 0) return 0;
  if (span < 2 ** 8) return 1;
  if (span < 2 ** 16) return 2;
  return span < 2 ** 32 ? 4 : 8;
}

function view(width: number, buffer: ArrayBuffer, offset: number, length: number) {
  if (width <= 1) return new Uint8Array(buffer, offset, length);
  if (width === 2) return new Uint16Array(buffer, offset, length);
  if (width === 4) return new Uint32Array(buffer, offset, length);
  invariant(width === 8, 'a number of a width that is none');
  return new Float64Array(buffer, offset, length);
}
