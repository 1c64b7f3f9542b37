import type { ObjectEntry } from '../../objects/index.ts';
import { unquoted } from './object-input.ts';

/** Of conditional requests, by their headers. */
export interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
}

/** The header whose condition does not hold; undefined when all do. */
export type FailedCondition = 'If-Match' | 'If-Unmodified-Since' | 'If-None-Match' | 'If-Modified-Since';

/**
 * "Conditional requests": an ETag counts more than a time. If-Match that holds makes nothing of If-Unmodified-Since,
 * If-None-Match that is given makes nothing of If-Modified-Since.
 */
export function failedCondition(
  { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince }: ReadConditions,
  entry: Pick<ObjectEntry, 'etag' | 'lastModifiedMs'>,
): FailedCondition | undefined {
  const modifiedMs = wholeSecondsMs(entry.lastModifiedMs);
  if (IfMatch !== undefined) {
    if (!names(IfMatch, entry.etag)) return 'If-Match';
  } else if (IfUnmodifiedSince && modifiedMs > IfUnmodifiedSince.getTime()) {
    return 'If-Unmodified-Since';
  }
  if (IfNoneMatch !== undefined) return names(IfNoneMatch, entry.etag) ? 'If-None-Match' : undefined;
  return IfModifiedSince && modifiedMs <= IfModifiedSince.getTime() ? 'If-Modified-Since' : undefined;
}

/** Headers tell times to the second, and so do S3's listings. */
export function wholeSecondsMs(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function names(header: string, etag: string): boolean {
  return header
    .split(',')
    .map((each) => unquoted(each.trim().replace(/^W\//, '')))
    .some((each) => each === '*' || each === etag);
}
