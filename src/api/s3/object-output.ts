import type { ObjectEntry } from '../../objects/index.ts';
import { keptHeaders } from './object-input.ts';
import { wholeSecondsMs } from './read-conditions.ts';

/** What S3 says of objects whose type nobody has told. */
const defaultType = 'binary/octet-stream';
const archives: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Members that tell of an object in the answers to Get and Head, by their names in the model. */
export function describedOutput(entry: ObjectEntry, nowMs: number): Readonly<Record<string, unknown>> {
  const { headers = {}, metadata = {}, storageClass } = entry;
  const kept = Object.entries(keptHeaders).map(([name, member]) => [member, headers[name]]);
  return {
    ContentType: defaultType,
    ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)),
    AcceptRanges: 'bytes',
    LastModified: modifiedOf(entry),
    ETag: quotedEtag(entry),
    ServerSideEncryption: 'AES256',
    ...(Object.keys(metadata).length > 0 && { Metadata: metadata }),
    ...(storageClass !== 'STANDARD' && { StorageClass: storageClass }),
    ...restoreOutput(entry, nowMs),
  };
}

export function modifiedOf({ lastModifiedMs }: Pick<ObjectEntry, 'lastModifiedMs'>): Date {
  return new Date(wholeSecondsMs(lastModifiedMs));
}

export function quotedEtag({ etag }: Pick<ObjectEntry, 'etag'>): string {
  return `"${etag}"`;
}

/** Whether its bytes are out of reach, until RestoreObject has brought a copy of them. */
export function isOutOfReach({ storageClass, restore }: ObjectEntry, nowMs: number): boolean {
  if (!archives.has(storageClass)) return false;
  return !restore || restore.readyMs > nowMs || restore.expiresMs <= nowMs;
}

export function isArchived({ storageClass }: Pick<ObjectEntry, 'storageClass'>): boolean {
  return archives.has(storageClass);
}

function restoreOutput({ restore }: ObjectEntry, nowMs: number): { readonly Restore?: string } {
  if (!restore || restore.expiresMs <= nowMs) return {};
  if (restore.readyMs > nowMs) return { Restore: 'ongoing-request="true"' };
  const expiry = new Date(restore.expiresMs).toUTCString();
  return { Restore: `ongoing-request="false", expiry-date="${expiry}"` };
}
