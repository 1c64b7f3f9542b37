import { versionIdLength } from './version-ids.ts';

/** No name of a bucket has this byte, so that what is before it is one. */
const separator = Buffer.from([0]);

/** Of an object: entries are in the order of these bytes, which within a bucket is UTF-8 byte order of the keys. */
export function objectIndexKey(bucket: string, key: string): Buffer {
  return Buffer.from(`${bucket}\0${key}`);
}

/** Uploads are in the order of their keys, then as they were begun. */
export function uploadIndexKey(bucket: string, key: string, uploadId: string): Buffer {
  return Buffer.from(`${bucket}\0${key}\0${uploadId}`);
}

export function partIndexKey(uploadId: string, partNumber: number): Buffer {
  const bytes = Buffer.alloc(versionIdLength + 4);
  bytes.write(uploadId);
  bytes.writeUInt32BE(partNumber, versionIdLength);
  return bytes;
}

/** The first byte of the key within an object's or upload's index key. */
export function keyStart(bucket: string): number {
  return Buffer.byteLength(bucket) + separator.length;
}

/** The end of the key within an upload's index key. */
export function uploadKeyEnd(indexKey: Buffer): number {
  return indexKey.length - versionIdLength - separator.length;
}

/** The first that is after all that begin with these bytes. UTF-8 has no byte 0xff, so the last one can be counted up. */
export function afterPrefix(prefix: Buffer): Buffer {
  const bytes = Buffer.from(prefix);
  bytes[bytes.length - 1] += 1;
  return bytes;
}

/** The first that is after it. */
export function justAfter(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, separator]);
}
