import { afterPrefix, justAfter, keyStart } from './index-key.ts';
import type { Table } from './object-index.ts';

/** More than any index key has, less than the index can be asked for. */
const mostAskedBytes = 1536;

export interface ScanRequest {
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  /** Of the names that are listed, keys and common prefixes: those after this one. */
  readonly after?: string | undefined;
  /** Instead of `after`, within the keys: the first index key. */
  readonly start?: Buffer | undefined;
  readonly most: number;
}

export type Found<T> =
  | { readonly kind: 'entry'; readonly key: string; readonly indexKey: Buffer; readonly value: T }
  | { readonly kind: 'prefix'; readonly prefix: string };

export interface Scan<T> {
  readonly found: readonly Found<T>[];
  readonly isTruncated: boolean;
}

/**
 * A page of a table in the order of its keys, those with a common prefix as one. What a common prefix covers is passed
 * over in one step, so that a page costs what it shows, however much there is.
 */
export function scanKeys<T>(
  table: Table<T>,
  request: ScanRequest,
  keyEnd: (indexKey: Buffer) => number,
): Scan<T> {
  const base = keyStart(request.bucket);
  const first = Buffer.from(`${request.bucket}\0${request.prefix ?? ''}`);
  if (first.length > mostAskedBytes) return { found: [], isTruncated: false };
  const end = afterPrefix(first);
  const delimiter = request.delimiter ? Buffer.from(request.delimiter) : undefined;
  const found: Found<T>[] = [];
  let at: Buffer | undefined = startOf(request, first, delimiter);
  while (at && found.length < request.most && at.compare(end) < 0) {
    const start = at;
    at = undefined;
    for (const { key: indexKey, value } of table.getRange({
      start,
      end,
      limit: request.most - found.length,
    })) {
      const key = indexKey.subarray(base, keyEnd(indexKey));
      const cut = delimiter ? key.indexOf(delimiter, first.length - base) : -1;
      if (delimiter && cut !== -1) {
        const common = indexKey.subarray(0, base + cut + delimiter.length);
        found.push({ kind: 'prefix', prefix: common.toString('utf8', base) });
        at = afterPrefix(common);
        break;
      }
      found.push({ kind: 'entry', key: key.toString(), indexKey: Buffer.from(indexKey), value });
      at = justAfter(indexKey);
    }
  }
  const isMore = at !== undefined && found.length > 0 && at.compare(end) < 0 && hasAny(table, at, end);
  return { found, isTruncated: isMore };
}

function startOf(
  { bucket, prefix = '', after, start }: ScanRequest,
  first: Buffer,
  delimiter: Buffer | undefined,
) {
  if (after === undefined) return later(first, start ?? first);
  // What is cut off here decides about no key: it would be behind the end of every one.
  const name = Buffer.from(`${bucket}\0${after}`).subarray(0, mostAskedBytes);
  // A name within what a common prefix covers comes after that prefix, which is not listed again.
  const isWithin = delimiter !== undefined && after.startsWith(prefix);
  const cut = isWithin ? name.indexOf(delimiter, first.length) : -1;
  if (delimiter && cut !== -1) return afterPrefix(name.subarray(0, cut + delimiter.length));
  return later(first, start?.subarray(0, mostAskedBytes) ?? justAfter(name));
}

function later(one: Buffer, other: Buffer): Buffer {
  return one.compare(other) < 0 ? other : one;
}

function hasAny<T>(table: Table<T>, start: Buffer, end: Buffer): boolean {
  for (const _key of table.getKeys({ start, end, limit: 1 })) return true;
  return false;
}
