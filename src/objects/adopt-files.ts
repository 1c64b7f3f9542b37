import { closeSync, constants } from 'node:fs';
import { link, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '../fault/index.ts';
import { isUsableKey } from './check-key.ts';
import { ContentDigests } from './content-digests.ts';
import { isHashed, keyPath } from './key-path.ts';
import type { ObjectFolder } from './object-folder.ts';
import { knownFiles, type ReconciliationOptions, type UnknownFile } from './reconciliation.ts';
import { removeIfThere } from './settlement.ts';

const readBytes = 256 * 1024;

export interface AdoptOptions
  extends Pick<ReconciliationOptions, 'index' | 'placement' | 'gates' | 'report'> {
  readonly folder: ObjectFolder;
  readonly newVersion: () => string;
}

/** Files that somebody has laid into a bucket's folder become its objects, each as it is found. */
export async function adoptFiles(options: AdoptOptions, bucket: string) {
  let [adopted, bytes, refused] = [0, 0, 0];
  for await (const file of knownFiles(options, options.folder, bucket)) {
    if (file.isKnown) continue;
    const outcome = await adoptFile(options, bucket, file);
    if (typeof outcome === 'number') {
      adopted += 1;
      bytes += outcome;
      continue;
    }
    refused += 1;
    if (refused <= 20) {
      options.report(`S3: ${JSON.stringify([bucket, ...file.names].join('/'))} stays a file: ${outcome}`);
    }
  }
  return { adopted, bytes };
}

/** @returns its bytes, or why it is none */
async function adoptFile(options: AdoptOptions, bucket: string, { names, key: told }: UnknownFile) {
  if (told === undefined && isHashed(names)) return 'its name is cut, and the index does not know the whole';
  // What is no name of ours is a key that is meant as it is written.
  const key = told ?? names.join('/');
  if (!isUsableKey(key)) return 'its path is no key';
  const { folder, placement } = options;
  const file = path.join(folder.bucketFolder(bucket), ...names);
  const version = options.newVersion();
  const staged = folder.stagedFile(version);
  try {
    const { size, etag, lastModifiedMs } = await digestFile(file, staged);
    await placement.syncStaging('STANDARD');
    const headers = { 'content-type': 'binary/octet-stream' };
    const entry = { headers, size, etag, lastModifiedMs, storageClass: 'STANDARD', version };
    const publication = { bucket, key, entry, conditions: { ifNoneMatch: '*' } } as const;
    await options.gates.within(bucket, () => placement.publish(publication));
    await removeElsewhere(options, bucket, key, file);
    return size;
  } catch (error) {
    if (error instanceof ServiceError) return error.message;
    if (error instanceof Error && 'syscall' in error) return error.message;
    throw error;
  } finally {
    // Where the name was right already, renaming has left both.
    await removeIfThere(staged);
  }
}

/** Of a file that is made durable and gets a staged name beside its own: until it is an object it stays where it is. */
async function digestFile(file: string, staged: string) {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const before = await handle.stat();
    const digests = new ContentDigests({ size: before.size });
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    for (let at = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      digests.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    const content = digests.end();
    await handle.sync();
    await link(file, staged);
    const linked = await open(staged, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const after = await linked.stat();
      if (after.ino !== before.ino || after.mtimeMs !== before.mtimeMs || after.size !== before.size) {
        throw new ServiceError('OperationAborted', 'it is being written');
      }
    } finally {
      await linked.close();
    }
    return { ...content, lastModifiedMs: Math.floor(before.mtimeMs) };
  } finally {
    await handle.close();
  }
}

/** A file whose name was not the one of its key. */
async function removeElsewhere(
  { folder }: AdoptOptions,
  bucket: string,
  key: string,
  file: string,
): Promise<void> {
  const opened = folder.openFile(bucket, key);
  if (opened) closeSync(opened.fd);
  const plain = path.join(folder.bucketFolder(bucket), ...keyPath(key));
  if (opened && file !== plain && file !== `${plain}%`) await unlink(file);
}
