import type { ObjectChecksum, ObjectEntry, StorageClass, Upload } from './shapes.ts';

/** What the index keeps of an object; sizes of parts are beside, by the version, as lists have no use for them. */
export interface StoredEntry extends Omit<ObjectEntry, 'key' | 'partSizes'> {
  /** Another one whenever the bytes are put anew or moved. */
  readonly version: string;
}

/** An entry as it is handed out: the version goes with it, so that its bytes and no others are read. */
export interface VersionedEntry extends ObjectEntry {
  readonly version: string;
}

export type StoredUpload = Omit<Upload, 'bucket' | 'key' | 'uploadId'>;

export interface StoredPart {
  readonly size: number;
  readonly lastModifiedMs: number;
  readonly etag: string;
  readonly checksum?: Omit<ObjectChecksum, 'type'>;
  /** Of its file. */
  readonly version: string;
}

/** An upload that became an object: a repeated request is answered alike. */
export interface CompletedUpload {
  readonly bucket: string;
  readonly key: string;
  /** Of the parts as they were given. */
  readonly parts: string;
  readonly entry: ObjectEntry;
  readonly completedMs: number;
}

/** Something is to be done on the disk for that key, until it is durable. */
export interface PendingKey {
  readonly bucket: string;
  readonly key: string;
}

export function isArchived(storageClass: StorageClass): boolean {
  return storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';
}

export function versioned(key: string, entry: StoredEntry): VersionedEntry {
  return { key, ...entry };
}
