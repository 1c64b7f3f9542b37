import type {
  ByteRange,
  CompleteRequest,
  ListPage,
  ListRequest,
  ObjectEntry,
  Part,
  PartRequest,
  PutRequest,
  ReconcileReport,
  Upload,
  UploadRequest,
  WriteConditions,
} from './shapes.ts';

export interface ObjectStoreOptions {
  /** `headgate-data/s3`: a folder for each bucket. */
  readonly folder: string;
  /** Where the index is. */
  readonly indexFolder: string;
  /** Of objects in GLACIER and DEEP_ARCHIVE. */
  readonly archiveFolder: string;
  /** Until the copy of a restored object is there. */
  readonly restoreDelayMs: number;
  readonly clock?: () => number;
  /** Told, as one line, what a person should know. */
  readonly report: (line: string) => void;
}

const notYet = (): never => {
  throw new Error('bug: not yet');
};

/**
 * Buckets' objects. Buckets themselves are resources (`buckets`); here a bucket is a folder and a part of the index.
 * Refusals are ServiceErrors with S3's codes: `NoSuchKey`, `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`,
 * `EntityTooSmall`, `PreconditionFailed`, `ConditionalRequestConflict`, `BadDigest`, `IncompleteBody`,
 * `InvalidObjectState`, `KeyTooLongError`, `BucketNotEmpty`; a full disk is `InternalError`/`ServiceUnavailable`.
 */
export class ObjectStore {
  static open(_options: ObjectStoreOptions): Promise<ObjectStore> {
    return notYet();
  }
  /** What start-up found. */
  get reconciled(): ReconcileReport {
    return notYet();
  }
  makeBucket(_bucket: string): Promise<void> {
    return notYet();
  }
  /** @throws ServiceError `BucketNotEmpty` */
  removeBucket(_bucket: string): Promise<void> {
    return notYet();
  }
  /** On the disk and in the index when fulfilled; before, nobody sees any of it. */
  put(_request: PutRequest): Promise<ObjectEntry> {
    return notYet();
  }
  head(_bucket: string, _key: string): ObjectEntry | undefined {
    return notYet();
  }
  /** The bytes, of that very version even when the object is replaced meanwhile. @throws `InvalidObjectState` when archived */
  read(_bucket: string, _entry: ObjectEntry, _range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return notYet();
  }
  /** Whether there was one. */
  remove(_bucket: string, _key: string, _conditions?: Pick<WriteConditions, 'ifMatch'>): Promise<boolean> {
    return notYet();
  }
  setTags(_bucket: string, _key: string, _tags: Readonly<Record<string, string>>): Promise<void> {
    return notYet();
  }
  list(_request: ListRequest): ListPage {
    return notYet();
  }
  createUpload(_request: UploadRequest): Promise<Upload> {
    return notYet();
  }
  upload(_bucket: string, _key: string, _uploadId: string): Upload | undefined {
    return notYet();
  }
  putPart(_request: PartRequest): Promise<Part> {
    return notYet();
  }
  /** In the order of their numbers, after one. */
  listParts(
    _upload: Upload,
    _after: number,
    _most: number,
  ): { readonly parts: readonly Part[]; readonly isTruncated: boolean } {
    return notYet();
  }
  /** In UTF-8 byte order of the keys, then as they were begun; after a key, or an upload of it. */
  listUploads(
    _bucket: string,
    _options: {
      readonly prefix?: string;
      readonly delimiter?: string;
      readonly after?: { readonly key: string; readonly uploadId?: string };
      readonly most: number;
    },
  ): {
    readonly uploads: readonly Upload[];
    readonly commonPrefixes: readonly string[];
    readonly isTruncated: boolean;
  } {
    return notYet();
  }
  completeUpload(_request: CompleteRequest): Promise<ObjectEntry> {
    return notYet();
  }
  abortUpload(_bucket: string, _key: string, _uploadId: string): Promise<void> {
    return notYet();
  }
  /** The copy of an archived object appears after the delay, and stays for days. @returns whether one was there already */
  restore(_bucket: string, _key: string, _days: number): Promise<'begun' | 'extended'> {
    return notYet();
  }
  /** Files that were laid into a bucket's folder by hand become its objects. */
  adopt(_bucket: string): Promise<{ readonly adopted: number; readonly bytes: number }> {
    return notYet();
  }
  close(): Promise<void> {
    return notYet();
  }
}
