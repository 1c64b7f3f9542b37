import { createHash } from 'node:crypto';
import { isHashed, keyPath } from './key-path.ts';

/** Under what the index keeps the key of a path that does not tell it; undefined where the path does. */
export function hashedPathKey(bucket: string, key: string): Buffer | undefined {
  const names = keyPath(key);
  return isHashed(names) ? hashOfPath(bucket, names) : undefined;
}

export function hashOfPath(bucket: string, names: readonly string[]): Buffer {
  return createHash('sha256')
    .update([bucket, ...names].join('/'))
    .digest();
}
