import { invariant } from '../fault/index.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/**
 * Hot: runs over every number that is committed. Numbers are kept as their distance to the smallest one, in as few
 * bytes as the largest distance needs; a journal of flow log records is a third of the size for it.
 */

type Numbers = Int32Array | Uint32Array | Float64Array;

/** Whole numbers within 2^53; NaN is not one. Gives the largest, -1 when there is none. */
export function writeNumbers(writer: ByteWriter, values: Numbers): number {
  const { least, most, width } = spanOf(values);
  writer.uint8(width);
  writer.float64(least);
  const { buffer, offset } = writer.room(width * values.length);
  if (width > 0) {
    const kept = view(width, buffer, offset, values.length);
    for (let i = 0; i < values.length; i++) kept[i] = values[i] - least;
  }
  return most;
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
  let most = values[0];
  let whole = true;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < least) least = value;
    if (value > most) most = value;
    whole = whole && value === Math.floor(value);
  }
  invariant(whole && Number.isSafeInteger(least) && Number.isSafeInteger(most), 'a number that is not whole');
  return { least, most, width: widthOf(most - least) };
}

function widthOf(span: number): number {
  if (span === 0) return 0;
  if (span < 2 ** 8) return 1;
  if (span < 2 ** 16) return 2;
  return span < 2 ** 32 ? 4 : 8;
}

function view(width: number, buffer: ArrayBuffer, offset: number, length: number) {
  if (width === 1) return new Uint8Array(buffer, offset, length);
  if (width === 2) return new Uint16Array(buffer, offset, length);
  if (width === 4) return new Uint32Array(buffer, offset, length);
  invariant(width === 8, 'a number of a width that is none');
  return new Float64Array(buffer, offset, length);
}
