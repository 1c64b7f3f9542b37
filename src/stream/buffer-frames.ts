import { frameOf } from './frame-file.ts';
import type { RecordOrigin } from './shapes.ts';

/** The first frame of each buffer. */
export interface BufferHeader {
  /** Names of objects and requests follow from it. */
  readonly id: string;
  /** All that is known of origins when the buffer begins. */
  readonly origins: readonly RecordOrigin[];
}

/** Records that were taken together. */
export interface BufferBatch {
  readonly arrivedMs: number;
  readonly origin?: RecordOrigin;
  readonly records: readonly Uint8Array[];
}

const header = 1;
const batch = 2;
/** Kind, time, length of the origin's text, number of records. */
const fixedBytes = 1 + 8 + 4 + 4;

export function headerFrame(value: BufferHeader): Buffer {
  return frameOf([Uint8Array.of(header), Buffer.from(JSON.stringify(value))]);
}

/** `[kind][time, f64][length of origin, u32][number of records, u32][origin as JSON][lengths, u32 each][records]` */
export function batchFrame({ arrivedMs, origin, records }: BufferBatch): Buffer {
  const text = Buffer.from(origin === undefined ? '' : JSON.stringify(origin));
  const fixed = Buffer.alloc(fixedBytes);
  fixed.writeUInt8(batch, 0);
  fixed.writeDoubleLE(arrivedMs, 1);
  fixed.writeUInt32LE(text.length, 9);
  fixed.writeUInt32LE(records.length, 13);
  const lengths = Buffer.alloc(4 * records.length);
  records.forEach((record, index) => {
    lengths.writeUInt32LE(record.length, 4 * index);
  });
  return frameOf([fixed, text, lengths, ...records]);
}

/** Undefined for what is none. */
export function readHeader(payload: Buffer): BufferHeader | undefined {
  return payload[0] === header ? JSON.parse(payload.toString('utf8', 1)) : undefined;
}

export function readBatch(payload: Buffer): BufferBatch | undefined {
  if (payload[0] !== batch) return undefined;
  const arrivedMs = payload.readDoubleLE(1);
  const textLength = payload.readUInt32LE(9);
  const count = payload.readUInt32LE(13);
  const text = payload.toString('utf8', fixedBytes, fixedBytes + textLength);
  const lengthsAt = fixedBytes + textLength;
  let at = lengthsAt + 4 * count;
  const records = Array.from({ length: count }, (_, index) => {
    const begin = at;
    at += payload.readUInt32LE(lengthsAt + 4 * index);
    return payload.subarray(begin, at);
  });
  return { arrivedMs, records, ...(textLength > 0 && { origin: JSON.parse(text) }) };
}
