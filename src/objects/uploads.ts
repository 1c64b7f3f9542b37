import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { BucketGates } from './bucket-gates.ts';
import { isUsableKey } from './check-key.ts';
import { afterPrefix, partIndexKey, uploadIndexKey, uploadKeyEnd } from './index-key.ts';
import { scanKeys } from './list-scan.ts';
import { checksumType } from './multipart-checksum.ts';
import { isCode } from './object-folder.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Placement } from './placement.ts';
import { s3Faults } from './s3-faults.ts';
import { removeIfThere } from './settlement.ts';
import type { Part, PartRequest, Upload, UploadListRequest, UploadPage, UploadRequest } from './shapes.ts';
import { stageBody } from './stage-body.ts';
import type { StoredPart, StoredUpload } from './stored-entry.ts';
import { isVersionId, versionIdLength } from './version-ids.ts';

const mostParts = 10_000;
const pageUploads = 500;

export interface UploadsOptions {
  readonly index: ObjectIndex;
  readonly gates: BucketGates;
  readonly placement: Placement;
  readonly newVersion: () => string;
  readonly clock: () => number;
}

/** A part, and the name of its file. */
export type FiledPart = StoredPart & { readonly partNumber: number };

/** Multipart uploads until they are objects: parts are files of their own in `.headgate/uploads`. */
export class Uploads {
  readonly #index: ObjectIndex;
  readonly #gates: BucketGates;
  readonly #placement: Placement;
  readonly #newVersion: () => string;
  readonly #clock: () => number;

  constructor({ index, gates, placement, newVersion, clock }: UploadsOptions) {
    this.#index = index;
    this.#gates = gates;
    this.#placement = placement;
    this.#newVersion = newVersion;
    this.#clock = clock;
  }

  create({ bucket, key, ...request }: UploadRequest): Promise<Upload> {
    return this.#gates.within(bucket, async () => {
      const { checksum } = request;
      const stored: StoredUpload = {
        ...request,
        ...(checksum && { checksum: { algorithm: checksum.algorithm, type: checksumType(checksum) } }),
        initiatedMs: this.#clock(),
      };
      const uploadId = this.#newVersion();
      const indexKey = uploadIndexKey(bucket, key, uploadId);
      await this.#index.commit(() => this.#index.uploads.put(indexKey, stored));
      return { bucket, key, uploadId, ...stored };
    });
  }

  find(bucket: string, key: string, uploadId: string): Upload | undefined {
    if (!isVersionId(uploadId) || !isUsableKey(key)) return undefined;
    const stored = this.#index.uploads.get(uploadIndexKey(bucket, key, uploadId));
    return stored && { bucket, key, uploadId, ...stored };
  }

  /** @throws NoSuchUpload */
  get(bucket: string, key: string, uploadId: string): Upload {
    const upload = this.find(bucket, key, uploadId);
    if (!upload) throw s3Faults.noSuchUpload();
    return upload;
  }

  async putPart(request: PartRequest): Promise<Part> {
    const { bucket, key, uploadId, partNumber } = request;
    const upload = this.get(bucket, key, uploadId);
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > mostParts) {
      throw s3Faults.invalidPartNumber();
    }
    try {
      return await this.#putPart(upload, request);
    } catch (error) {
      // Its folder is taken away under it.
      if (!this.find(bucket, key, uploadId)) throw s3Faults.noSuchUpload();
      throw error;
    }
  }

  /** One change of an upload at a time; it is still there. @throws NoSuchUpload */
  hold<T>(
    upload: Pick<Upload, 'bucket' | 'key' | 'uploadId'>,
    change: (upload: Upload) => Promise<T>,
  ): Promise<T> {
    const { bucket, key, uploadId } = upload;
    return this.#placement.hold(uploadId, '', () => change(this.get(bucket, key, uploadId)));
  }

  part(uploadId: string, partNumber: number): FiledPart | undefined {
    const stored = this.#index.parts.get(partIndexKey(uploadId, partNumber));
    return stored && { ...stored, partNumber };
  }

  listParts(upload: Upload, after: number, most: number) {
    const start = partIndexKey(upload.uploadId, Math.min(Math.max(after, 0), mostParts) + 1);
    const end = afterPrefix(Buffer.from(upload.uploadId));
    const found = [...this.#index.parts.getRange({ start, end, limit: most + 1 })];
    const parts = found
      .slice(0, most)
      .map(({ key, value }) => partOf(key.readUInt32BE(versionIdLength), value));
    return { parts, isTruncated: most > 0 && found.length > most };
  }

  list(bucket: string, { prefix, delimiter, after, most }: UploadListRequest): UploadPage {
    const start =
      after &&
      (after.uploadId === undefined
        ? afterPrefix(Buffer.from(`${bucket}\0${after.key}\0`))
        : Buffer.from(`${bucket}\0${after.key}\0${after.uploadId}\0`));
    const request = { bucket, prefix, delimiter, after: after?.key, start, most };
    const { found, isTruncated } = scanKeys(this.#index.uploads, request, uploadKeyEnd);
    const uploads = found.flatMap((one) =>
      one.kind === 'entry'
        ? [
            {
              bucket,
              key: one.key,
              uploadId: one.indexKey.toString('utf8', uploadKeyEnd(one.indexKey) + 1),
              ...one.value,
            },
          ]
        : [],
    );
    const commonPrefixes = found.flatMap((one) => (one.kind === 'prefix' ? [one.prefix] : []));
    const last = found.at(-1);
    if (!isTruncated || !last) return { uploads, commonPrefixes, isTruncated };
    const next =
      last.kind === 'prefix'
        ? { key: last.prefix }
        : { key: last.key, uploadId: uploads[uploads.length - 1].uploadId };
    return { uploads, commonPrefixes, isTruncated, next };
  }

  /** All of a bucket. */
  *of(bucket: string): Generator<Upload> {
    for (let page = this.list(bucket, { most: pageUploads }); ; ) {
      yield* page.uploads;
      if (!page.next) return;
      page = this.list(bucket, { most: pageUploads, after: page.next });
    }
  }

  /** @throws NoSuchUpload */
  async abort(bucket: string, key: string, uploadId: string): Promise<void> {
    await this.hold(this.get(bucket, key, uploadId), async (upload) => {
      await this.#index.commit(() => this.forget(upload));
      await this.removeFiles(upload);
    });
  }

  /** Within a commit. */
  forget({ bucket, key, uploadId }: Upload): void {
    this.#index.uploads.remove(uploadIndexKey(bucket, key, uploadId));
    const start = Buffer.from(uploadId);
    for (const part of [...this.#index.parts.getKeys({ start, end: afterPrefix(start) })]) {
      this.#index.parts.remove(part);
    }
  }

  /** A part that is under way may keep the folder; start-up removes it then. */
  async removeFiles(upload: Upload): Promise<void> {
    try {
      await rm(this.#folderOf(upload), { recursive: true, force: true, maxRetries: 2 });
    } catch (error) {
      if (!isCode(error, 'ENOTEMPTY')) throw error;
    }
  }

  fileOf(upload: Upload, version: string): string {
    return path.join(this.#folderOf(upload), version);
  }

  #folderOf(upload: Upload): string {
    return path.join(this.#placement.folderOf(upload.storageClass ?? 'STANDARD').uploads, upload.uploadId);
  }

  async #putPart(upload: Upload, request: PartRequest): Promise<Part> {
    const version = this.#newVersion();
    const file = this.fileOf(upload, version);
    await mkdir(path.dirname(file), { recursive: true });
    const content = await stageBody(file, request.body, { ...request, ...expectedChecksum(upload, request) });
    const stored: StoredPart = { ...content, lastModifiedMs: this.#clock(), version };
    try {
      await this.#placement.syncFolder(path.dirname(file));
      await this.#placement.syncFolder(path.dirname(path.dirname(file)));
      await this.#keepPart(upload, request.partNumber, stored);
    } catch (error) {
      await removeIfThere(file);
      throw error;
    }
    return partOf(request.partNumber, stored);
  }

  async #keepPart(upload: Upload, partNumber: number, stored: StoredPart): Promise<void> {
    await this.hold(upload, async () => {
      const previous = this.part(upload.uploadId, partNumber);
      const indexKey = partIndexKey(upload.uploadId, partNumber);
      await this.#index.commit(() => this.#index.parts.put(indexKey, stored));
      if (previous) await removeIfThere(this.fileOf(upload, previous.version));
    });
  }
}

/** What a part brings besides what the upload wants of every part. @throws InvalidRequest where it is another */
function expectedChecksum(upload: Upload, request: PartRequest): Pick<PartRequest, 'checksum'> {
  const wanted = upload.checksum?.algorithm;
  if (!wanted) return {};
  const given = request.checksum?.algorithm;
  if (given && given !== wanted) throw s3Faults.otherChecksum(wanted, given);
  return given ? {} : { checksum: { algorithm: wanted } };
}

function partOf(partNumber: number, { version: _version, ...part }: StoredPart): Part {
  return { partNumber, ...part };
}
