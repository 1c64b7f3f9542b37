export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of composite ones with `-N`. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

export type StorageClass = 'STANDARD' | 'GLACIER' | 'DEEP_ARCHIVE' | (string & {});

/** What a client says of an object besides its bytes. */
export interface ObjectDescription {
  /** Answered as they were given, by names in lower case: content-type, cache-control, content-disposition, content-encoding, content-language, expires, x-amz-website-redirect-location. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `x-amz-meta-…` without that prefix. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly storageClass?: StorageClass;
}

/** An object as the index knows it. */
export interface ObjectEntry extends ObjectDescription {
  readonly key: string;
  readonly size: number;
  readonly lastModifiedMs: number;
  /** Without quotes: hex MD5; of multipart uploads the MD5 of the parts' MD5s, `-` and their number. */
  readonly etag: string;
  readonly storageClass: StorageClass;
  readonly checksum?: ObjectChecksum;
  /** Of multipart uploads: sizes in their order. */
  readonly partSizes?: readonly number[];
  /** Of archived objects that were asked for: under way, or there until then. */
  readonly restore?: { readonly readyMs: number; readonly expiresMs: number };
}

/** Of conditional requests; each absent one holds. A failed one is `PreconditionFailed` of writes. */
export interface WriteConditions {
  /** `*`: only where there is none. */
  readonly ifNoneMatch?: '*';
  /** Only in the place of the object with this ETag (no quotes), or of any with `*`. */
  readonly ifMatch?: string;
}

/** What the bytes must turn out to be. */
export interface ExpectedContent {
  /** Bytes; `IncompleteBody` otherwise. */
  readonly size?: number;
  /** Base64, of `Content-MD5`; `BadDigest` otherwise. */
  readonly md5?: string;
  /** Made while bytes pass, kept with the object; `BadDigest` where the value is given and another. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value?: string };
}

export interface PutRequest extends ExpectedContent, ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly conditions?: WriteConditions;
}

/** A part of the bytes, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface ListRequest {
  readonly bucket: string;
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Entries and prefixes after this one, in UTF-8 byte order. A common prefix given here is passed over whole. */
  readonly after?: string;
  /** Entries and common prefixes together; 0 gives none. */
  readonly maxKeys: number;
}

export interface ListPage {
  /** Entries in UTF-8 byte order of the keys. */
  readonly entries: readonly ObjectEntry[];
  readonly commonPrefixes: readonly string[];
  /** The `after` of the next page; absent on the last one. */
  readonly next?: string;
}

export interface UploadRequest extends ObjectDescription {
  readonly bucket: string;
  readonly key: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type?: ObjectChecksum['type'] };
  /** ARN of who begins it. */
  readonly initiator: string;
}

export interface Upload extends UploadRequest {
  readonly uploadId: string;
  readonly initiatedMs: number;
}

export interface PartRequest extends ExpectedContent {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  /** 1 to 10,000 */
  readonly partNumber: number;
  readonly body: PutRequest['body'];
}

export interface Part {
  readonly partNumber: number;
  readonly size: number;
  readonly lastModifiedMs: number;
  /** Hex MD5, without quotes. */
  readonly etag: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
}

export interface CompleteRequest {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly {
    readonly partNumber: number;
    readonly etag: string;
    readonly checksum?: string;
  }[];
  /** Of the whole object, where the client gives it. */
  readonly checksum?: string;
  readonly size?: number;
  readonly conditions?: WriteConditions;
}

/** In UTF-8 byte order of the keys, then as they were begun. */
export interface UploadListRequest {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Those after all uploads of a key, or after one of them. A common prefix given here is passed over whole. */
  readonly after?: { readonly key: string; readonly uploadId?: string };
  readonly most: number;
}

export interface UploadPage {
  readonly uploads: readonly Upload[];
  readonly commonPrefixes: readonly string[];
  readonly isTruncated: boolean;
  /** The `after` of the next page; absent on the last one. */
  readonly next?: { readonly key: string; readonly uploadId?: string };
}

/** A whole object becomes another, on the disk, without passing through here where that can be. */
export interface CopyRequest extends ObjectDescription {
  readonly source: { readonly bucket: string; readonly entry: ObjectEntry };
  readonly bucket: string;
  readonly key: string;
  /** Another one than the source has is made anew. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm };
  readonly conditions?: WriteConditions;
}

/** What lifecycle rules did. */
export interface SweepReport {
  readonly expired: number;
  readonly transitioned: number;
  readonly abortedUploads: number;
  /** Restored copies whose days are over. */
  readonly endedRestores: number;
  /** Objects and uploads that could not be dealt with; the next sweep tries again. */
  readonly failed: number;
}

/** What start-up found. */
export interface ReconcileReport {
  /** Whether all was looked at: it goes on beside the requests. */
  readonly isDone: boolean;
  /** That were found with their files. */
  readonly objects: number;
  /** In the index, without a file: no longer listed; `bucket/key`, the first ones. */
  readonly missingFiles: readonly string[];
  /** Files without an entry: laid in by hand; `headgate s3 adopt` makes them objects. */
  readonly unknownFiles: readonly string[];
  readonly unknownCount: number;
  readonly missingCount: number;
}
