import { closeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { adoptFiles } from './adopt-files.ts';
import { Archive, copyOpenFile } from './archive.ts';
import { keepArchiveFolder, requireApart } from './archive-place.ts';
import { BucketGates } from './bucket-gates.ts';
import { checkKey, isUsableKey } from './check-key.ts';
import { completeUpload } from './complete-upload.ts';
import { DiskFaults } from './disk-faults.ts';
import { afterPrefix, objectIndexKey } from './index-key.ts';
import type { BucketResource } from './kinds.ts';
import { scanKeys } from './list-scan.ts';
import { ObjectBytes } from './object-bytes.ts';
import { ObjectFolder } from './object-folder.ts';
import { ObjectIndex } from './object-index.ts';
import { Placement } from './placement.ts';
import { Reconciliation } from './reconciliation.ts';
import { s3Faults } from './s3-faults.ts';
import { removeIfThere } from './settlement.ts';
import type {
  ByteRange,
  CompleteRequest,
  CopyRequest,
  ListPage,
  ListRequest,
  ObjectDescription,
  ObjectEntry,
  Part,
  PartRequest,
  PutRequest,
  ReconcileReport,
  SweepReport,
  Upload,
  UploadListRequest,
  UploadPage,
  UploadRequest,
  WriteConditions,
} from './shapes.ts';
import { type StagedContent, stageBody } from './stage-body.ts';
import { type StoredEntry, versioned } from './stored-entry.ts';
import { sweep } from './sweep.ts';
import { Uploads } from './uploads.ts';
import { VersionIds } from './version-ids.ts';

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

interface Parts {
  readonly options: ObjectStoreOptions;
  readonly clock: () => number;
  readonly newVersion: () => string;
  readonly standard: ObjectFolder;
  readonly archiveFolder: ObjectFolder;
  readonly index: ObjectIndex;
  readonly faults: DiskFaults;
  readonly placement: Placement;
}

/**
 * Buckets' objects. Buckets themselves are resources (`buckets`); here a bucket is a folder and a part of the index.
 * Refusals are ServiceErrors with S3's codes: `NoSuchBucket`, `NoSuchKey`, `NoSuchUpload`, `InvalidPart`,
 * `InvalidPartOrder`, `EntityTooSmall`, `PreconditionFailed`, `BadDigest`, `InvalidDigest`, `IncompleteBody`,
 * `InvalidObjectState`, `KeyTooLongError`, `BucketNotEmpty`; a full disk is `ServiceUnavailable`, any other trouble with
 * it `InternalError`.
 */
export class ObjectStore {
  readonly #parts: Parts;
  readonly #gates: BucketGates;
  readonly #uploads: Uploads;
  readonly #archive: Archive;
  readonly #reconciliation: Reconciliation;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { index, placement, newVersion, clock, standard, archiveFolder, options } = parts;
    const folders = [standard, archiveFolder];
    const gates = new BucketGates(index, folders, clock);
    this.#gates = gates;
    this.#uploads = new Uploads({ index, gates, placement, newVersion, clock });
    const { restoreDelayMs, report } = options;
    this.#archive = new Archive({ index, gates, placement, restoreDelayMs, newVersion, clock });
    this.#reconciliation = new Reconciliation({ index, gates, placement, folders, report });
  }

  /**
   * Undoes or ends what a crash has left; whether index and disk agree is looked at beside the requests.
   * @throws ConfigError where the archive's folder is not one of its own
   */
  static async open(options: ObjectStoreOptions): Promise<ObjectStore> {
    const { report, clock = Date.now } = options;
    requireApart(options.folder, options.archiveFolder);
    const standard = await ObjectFolder.open(options.folder);
    const archiveFolder = await ObjectFolder.open(options.archiveFolder);
    requireApart(standard.folder, archiveFolder.folder);
    await mkdir(options.indexFolder, { recursive: true });
    await keepArchiveFolder(options.indexFolder, archiveFolder.folder);
    const index = new ObjectIndex(options.indexFolder, report);
    const versions = new VersionIds(clock);
    const newVersion = () => versions.next();
    const faults = new DiskFaults(clock, report);
    const placement = new Placement({ standard, archive: archiveFolder, index, faults, newVersion });
    await placement.recover();
    return new ObjectStore({
      options,
      clock,
      newVersion,
      standard,
      archiveFolder,
      index,
      faults,
      placement,
    });
  }

  /** What start-up has found so far. */
  get reconciled(): ReconcileReport {
    return this.#reconciliation.report;
  }

  /** What start-up found, when all was looked at. */
  async whenReconciled(): Promise<ReconcileReport> {
    await this.#reconciliation.ended;
    return this.#reconciliation.report;
  }

  makeBucket(bucket: string): Promise<void> {
    return this.#asDisk(() => this.#gates.make(bucket));
  }

  /** Uploads that are under way end. @throws ServiceError `BucketNotEmpty` */
  removeBucket(bucket: string): Promise<void> {
    const { index } = this.#parts;
    const start = Buffer.from(`${bucket}\0`);
    const range = { start, end: afterPrefix(start) };
    const requireEmpty = () => {
      for (const _key of index.objects.getKeys({ ...range, limit: 1 })) throw s3Faults.bucketNotEmpty();
    };
    return this.#asDisk(async () => {
      requireEmpty();
      await this.#gates.remove(bucket, async () => {
        requireEmpty();
        for (const { key, uploadId } of this.#uploads.of(bucket))
          await this.#uploads.abort(bucket, key, uploadId);
        const missing = [...index.missing.getKeys(range)];
        await index.commit(() => {
          for (const key of missing) index.missing.remove(key);
        });
      });
    });
  }

  /** On the disk and in the index when fulfilled; before, nobody sees any of it. */
  async put(request: PutRequest): Promise<ObjectEntry> {
    checkKey(request.key);
    return this.#stage(request, request.conditions, (file) => stageBody(file, request.body, request));
  }

  /** The bytes of a whole object without their passing through here, where its digests hold for the copy as well. */
  async copy(request: CopyRequest): Promise<ObjectEntry> {
    checkKey(request.key);
    const { source, checksum } = request;
    const { entry } = source;
    const own = entry.checksum?.type === 'FULL_OBJECT' ? entry.checksum : undefined;
    const isSameChecksum = checksum === undefined || checksum.algorithm === own?.algorithm;
    // The copy of an object in parts is in one.
    if (!isSameChecksum || entry.etag.includes('-')) {
      const wanted = checksum ?? entry.checksum;
      const body = await this.read(source.bucket, entry);
      return this.put({ ...request, body, ...(wanted && { checksum: { algorithm: wanted.algorithm } }) });
    }
    this.#archive.requireReadable(entry);
    const { fd } = this.#open(source.bucket, entry);
    try {
      return await this.#stage(request, request.conditions, async (file) => {
        await copyOpenFile(fd, file);
        const { size, etag } = entry;
        return { size, etag, ...(own && { checksum: { algorithm: own.algorithm, value: own.value } }) };
      });
    } finally {
      closeSync(fd);
    }
  }

  head(bucket: string, key: string): ObjectEntry | undefined {
    const { index } = this.#parts;
    const entry = isUsableKey(key) ? index.objects.get(objectIndexKey(bucket, key)) : undefined;
    if (!entry) return undefined;
    const partSizes = entry.etag.includes('-') ? index.partSizes.get(Buffer.from(entry.version)) : undefined;
    return { ...this.#shown(key, entry), ...(partSizes && { partSizes }) };
  }

  /**
   * The bytes of that version, even when the object is replaced while they are read. Asked for in the same turn as the
   * entry, or else it may be gone. Whoever does not iterate to the end calls `return`.
   * @throws InvalidObjectState when archived; NoSuchKey, InternalError when removed or replaced since
   */
  async read(bucket: string, entry: ObjectEntry, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    this.#archive.requireReadable(entry);
    const { fd } = this.#open(bucket, entry);
    const start = Math.max(range?.first ?? 0, 0);
    const end = Math.min((range?.last ?? entry.size) + 1, entry.size);
    return new ObjectBytes(fd, { start, end }, (error) => this.#parts.faults.of(error));
  }

  /** Whether there was one. */
  async remove(bucket: string, key: string, conditions?: Pick<WriteConditions, 'ifMatch'>): Promise<boolean> {
    checkKey(key);
    const ifMatch = conditions?.ifMatch;
    return this.#within(bucket, () =>
      this.#parts.placement.withdraw(bucket, key, ({ etag }) => {
        if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== etag) throw s3Faults.preconditionFailed();
        return true;
      }),
    );
  }

  /** @throws NoSuchKey */
  async setTags(bucket: string, key: string, tags: Readonly<Record<string, string>>): Promise<void> {
    checkKey(key);
    const isThere = await this.#within(bucket, () =>
      this.#archive.change(bucket, key, (entry) => ({ ...entry, tags })),
    );
    if (!isThere) throw s3Faults.noSuchKey();
  }

  list({ bucket, maxKeys, ...request }: ListRequest): ListPage {
    const { found, isTruncated } = scanKeys(
      this.#parts.index.objects,
      { bucket, ...request, most: maxKeys },
      (indexKey) => indexKey.length,
    );
    const entries = found.flatMap((one) => (one.kind === 'entry' ? [this.#shown(one.key, one.value)] : []));
    const commonPrefixes = found.flatMap((one) => (one.kind === 'prefix' ? [one.prefix] : []));
    const last = found.at(-1);
    if (!isTruncated || !last) return { entries, commonPrefixes };
    return { entries, commonPrefixes, next: last.kind === 'prefix' ? last.prefix : last.key };
  }

  async createUpload(request: UploadRequest): Promise<Upload> {
    checkKey(request.key);
    return this.#asDisk(() => this.#uploads.create(request));
  }

  upload(bucket: string, key: string, uploadId: string): Upload | undefined {
    return this.#uploads.find(bucket, key, uploadId);
  }

  putPart(request: PartRequest): Promise<Part> {
    return this.#asDisk(() => this.#uploads.putPart(request));
  }

  /** In the order of their numbers, after one. */
  listParts(upload: Upload, after: number, most: number) {
    return this.#uploads.listParts(upload, after, most);
  }

  listUploads(bucket: string, request: UploadListRequest): UploadPage {
    return this.#uploads.list(bucket, request);
  }

  /** Asked again after it succeeded, it gives the same answer for a day. */
  completeUpload(request: CompleteRequest): Promise<ObjectEntry> {
    const { index, placement, newVersion, clock } = this.#parts;
    const options = { index, placement, newVersion, clock, uploads: this.#uploads, gates: this.#gates };
    return this.#asDisk(() => completeUpload(options, request));
  }

  abortUpload(bucket: string, key: string, uploadId: string): Promise<void> {
    return this.#asDisk(() => this.#uploads.abort(bucket, key, uploadId));
  }

  /** The copy of an archived object appears after the delay, and stays for days. @returns whether one was there already */
  async restore(bucket: string, key: string, days: number): Promise<'begun' | 'extended'> {
    checkKey(key);
    return this.#asDisk(() => this.#archive.restore(bucket, key, days));
  }

  /** Files that were laid into a bucket's folder by hand become its objects. */
  async adopt(bucket: string): Promise<{ readonly adopted: number; readonly bytes: number }> {
    if (!this.#gates.has(bucket)) throw s3Faults.noSuchBucket();
    await this.#reconciliation.ended;
    const { index, placement, newVersion, standard, options } = this.#parts;
    const { report } = options;
    const gates = this.#gates;
    return adoptFiles({ index, placement, gates, newVersion, folder: standard, report }, bucket);
  }

  /** Applies the lifecycle rules of buckets, as of now. */
  sweep(buckets: Iterable<BucketResource>): Promise<SweepReport> {
    const { index, placement, clock, options } = this.#parts;
    const { report } = options;
    return sweep(
      { index, placement, clock, report, gates: this.#gates, archive: this.#archive, uploads: this.#uploads },
      buckets,
    );
  }

  async close(): Promise<void> {
    await this.#reconciliation.stop();
    await this.#parts.placement.close();
    await this.#parts.index.close();
  }

  /** A staged file that `write` makes becomes the object. */
  #stage(
    request: ObjectDescription & { readonly bucket: string; readonly key: string },
    conditions: WriteConditions | undefined,
    write: (file: string) => Promise<StagedContent>,
  ): Promise<ObjectEntry> {
    const { placement, clock } = this.#parts;
    const { bucket, key, headers, metadata, tags, storageClass = 'STANDARD' } = request;
    return this.#asDisk(async () => {
      const madeMs = this.#gates.require(bucket);
      const version = this.#parts.newVersion();
      const file = placement.folderOf(storageClass).stagedFile(version);
      try {
        const { checksum, ...content } = await write(file);
        const entry: StoredEntry = {
          ...content,
          ...(checksum && { checksum: { ...checksum, type: 'FULL_OBJECT' } }),
          ...(headers && { headers }),
          ...(metadata && { metadata }),
          ...(tags && { tags }),
          lastModifiedMs: clock(),
          storageClass,
          version,
        };
        await placement.syncStaging(storageClass);
        await this.#gates.within(bucket, () => placement.publish({ bucket, key, entry, conditions }), madeMs);
        return versioned(key, entry);
      } catch (error) {
        await removeIfThere(file);
        throw error;
      }
    });
  }

  #open(bucket: string, entry: ObjectEntry) {
    try {
      return this.#parts.placement.open(bucket, entry);
    } catch (error) {
      throw this.#parts.faults.of(error);
    }
  }

  /** Without a restored copy whose days are over. */
  #shown(key: string, entry: StoredEntry): ObjectEntry {
    if (!entry.restore || this.#parts.clock() < entry.restore.expiresMs) return versioned(key, entry);
    const { restore: _over, ...rest } = entry;
    return versioned(key, rest);
  }

  #within<T>(bucket: string, change: () => Promise<T>): Promise<T> {
    return this.#asDisk(() => this.#gates.within(bucket, change));
  }

  async #asDisk<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw this.#parts.faults.of(error);
    }
  }
}
