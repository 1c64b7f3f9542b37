import { createHash } from 'node:crypto';
import { copyFile, link, open } from 'node:fs/promises';
import { ServiceError } from '../fault/index.ts';
import type { BucketGates } from './bucket-gates.ts';
import { objectIndexKey } from './index-key.ts';
import { multipartChecksum, multipartEtag } from './multipart-checksum.ts';
import { isCode } from './object-folder.ts';
import type { ObjectIndex } from './object-index.ts';
import { checkConditions, type Placement } from './placement.ts';
import { s3Faults } from './s3-faults.ts';
import { removeIfThere } from './settlement.ts';
import type { CompleteRequest, ObjectEntry, Upload } from './shapes.ts';
import { writeAll } from './stage-body.ts';
import { type StoredEntry, versioned } from './stored-entry.ts';
import type { FiledPart, Uploads } from './uploads.ts';
import { isVersionId } from './version-ids.ts';

const leastPartBytes = 5 * 1024 ** 2;
/** 48.8 TiB: 10,000 parts of 5 GiB. */
const mostBytes = 10_000 * 5 * 1024 ** 3;
const copyBytes = 256 * 1024;
/** How many completed uploads are remembered, to answer a repeated request. */
const mostRemembered = 10_000;
const forgetAtOnce = 100;

export interface CompleteOptions {
  readonly index: ObjectIndex;
  readonly uploads: Uploads;
  readonly placement: Placement;
  readonly gates: BucketGates;
  readonly newVersion: () => string;
  readonly clock: () => number;
}

/** Makes the object of an upload; asked again, it gives the same answer for a while. */
export async function completeUpload(
  options: CompleteOptions,
  request: CompleteRequest,
): Promise<ObjectEntry> {
  const { uploads, index } = options;
  const asked = hashOfParts(request);
  const { bucket, key, uploadId } = request;
  try {
    const upload = uploads.get(bucket, key, uploadId);
    return await uploads.hold(upload, (there) => complete(options, there, request, asked));
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'NoSuchUpload')) throw error;
    const done = isVersionId(uploadId) ? index.completed.get(Buffer.from(uploadId)) : undefined;
    if (done?.bucket === bucket && done.key === key && done.parts === asked) return done.entry;
    throw error;
  }
}

async function complete(
  options: CompleteOptions,
  upload: Upload,
  request: CompleteRequest,
  asked: string,
): Promise<ObjectEntry> {
  const { index, uploads, placement } = options;
  const { bucket, key, uploadId } = upload;
  const parts = partsOf(options, upload, request);
  checkConditions(index.objects.get(objectIndexKey(bucket, key)), request.conditions);
  const version = options.newVersion();
  const entry = await entryOf(options, upload, request, parts, version);
  const staged = placement.folderOf(entry.storageClass).stagedFile(version);
  const first = uploads.fileOf(upload, parts[0].version);
  await assemble(options, upload, parts, staged);
  try {
    await placement.syncStaging(entry.storageClass);
    const publication = {
      bucket,
      key,
      entry,
      partSizes: parts.map(({ size }) => size),
      conditions: request.conditions,
      alsoWrite: () => {
        uploads.forget(upload);
        const completedMs = options.clock();
        const remembered = { bucket, key, parts: asked, entry: versioned(key, entry), completedMs };
        index.completed.put(Buffer.from(uploadId), remembered);
        forgetOldest(index);
      },
    };
    await options.gates.within(bucket, () => placement.publish(publication));
  } catch (error) {
    await removeIfThere(staged);
    await cutBack(first, parts[0].size);
    throw error;
  }
  await uploads.removeFiles(upload);
  return { ...versioned(key, entry), partSizes: parts.map(({ size }) => size) };
}

/** The parts that were asked for, as they are kept. */
function partsOf({ uploads }: CompleteOptions, upload: Upload, request: CompleteRequest): FiledPart[] {
  const { checksum } = upload;
  const isComposite = checksum?.type === 'COMPOSITE';
  const parts: FiledPart[] = [];
  let before = 0;
  for (const asked of request.parts) {
    if (asked.partNumber <= before) throw s3Faults.invalidPartOrder();
    before = asked.partNumber;
  }
  for (const [position, asked] of request.parts.entries()) {
    const part = uploads.part(upload.uploadId, asked.partNumber);
    if (!part || part.etag !== asked.etag.replaceAll('"', '')) throw s3Faults.invalidPart();
    if (asked.checksum !== undefined && asked.checksum !== part.checksum?.value) throw s3Faults.invalidPart();
    if (isComposite && asked.checksum === undefined) {
      throw s3Faults.noPartChecksum(checksum.algorithm, asked.partNumber);
    }
    // As AWS says of uploads whose parts have checksums.
    if (isComposite && asked.partNumber !== position + 1) throw s3Faults.invalidPartOrder();
    parts.push(part);
  }
  if (parts.length === 0) throw s3Faults.invalidPart();
  if (parts.slice(0, -1).some(({ size }) => size < leastPartBytes)) throw s3Faults.partTooSmall();
  return parts;
}

async function entryOf(
  { clock }: CompleteOptions,
  { headers, metadata, tags, storageClass = 'STANDARD', checksum }: Upload,
  request: CompleteRequest,
  parts: readonly FiledPart[],
  version: string,
): Promise<StoredEntry> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size > mostBytes) throw s3Faults.objectTooLarge();
  if (request.size !== undefined && request.size !== size) throw s3Faults.otherObjectSize(request.size, size);
  const made = checksum?.type && (await multipartChecksum(checksum.algorithm, checksum.type, parts));
  if (checksum && request.checksum !== undefined && !isSame(request.checksum, made?.value)) {
    throw s3Faults.badChecksum(checksum.algorithm);
  }
  return {
    ...(headers && { headers }),
    ...(metadata && { metadata }),
    ...(tags && { tags }),
    size,
    lastModifiedMs: clock(),
    etag: multipartEtag(parts),
    storageClass,
    ...(made && { checksum: made }),
    version,
  };
}

/** Clients give composite ones with and without the number of parts. */
function isSame(given: string, made: string | undefined): boolean {
  return given === made || (made !== undefined && given === made.replace(/-\d+$/, ''));
}

/**
 * The first part grows by the others, so that it need not be copied, and gets the staged name beside its own. Until the
 * upload is an object, the first part is as long as the index says: what is beyond is cut off when it is tried again.
 */
async function assemble(
  { uploads }: CompleteOptions,
  upload: Upload,
  parts: readonly FiledPart[],
  staged: string,
): Promise<void> {
  const [{ version, size }, ...others] = parts;
  const first = uploads.fileOf(upload, version);
  try {
    const handle = await open(first, 'r+');
    try {
      await handle.truncate(size);
      let at = size;
      for (const part of others)
        at += await append(uploads.fileOf(upload, part.version), handle, at, part.size);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await linkOrCopy(first, staged);
  } catch (error) {
    await cutBack(first, size);
    throw error;
  }
}

async function append(
  file: string,
  to: Awaited<ReturnType<typeof open>>,
  position: number,
  size: number,
): Promise<number> {
  const from = await open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(copyBytes, Math.max(size, 1)));
    let done = 0;
    while (done < size) {
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, size - done), done);
      if (bytesRead === 0) throw s3Faults.internal();
      await writeAll(to, buffer.subarray(0, bytesRead), position + done);
      done += bytesRead;
    }
    return size;
  } finally {
    await from.close();
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    // File systems without hard links.
    if (!isCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS')) throw error;
    await copyFile(from, to);
    const handle = await open(to, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function cutBack(file: string, size: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(size);
  } finally {
    await handle.close();
  }
}

function hashOfParts({ parts }: CompleteRequest): string {
  const text = parts.map(({ partNumber, etag }) => `${partNumber} ${etag.replaceAll('"', '')}`).join('\n');
  return createHash('sha256').update(text).digest('hex');
}

/** Within a commit. */
function forgetOldest(index: ObjectIndex): void {
  const { entryCount } = index.completed.getStats() as { readonly entryCount: number };
  if (entryCount < mostRemembered) return;
  for (const uploadId of [...index.completed.getKeys({ limit: forgetAtOnce })])
    index.completed.remove(uploadId);
}
