/**
 * Objects in buckets (S3), over a local folder that a person can read: bytes as files, everything else in an ordered
 * index. Bodies stream, keys never leave their bucket's folder, an object is there whole or not at all. It knows nothing
 * of HTTP, nor of who may do what.
 */
export { lastArchiveFolder } from './archive-place.ts';
export { KeyLocks } from './key-locks.ts';
export { type BucketResource, bucketPlace, buckets } from './kinds.ts';
export { ObjectStore, type ObjectStoreOptions } from './object-store.ts';
export type * from './shapes.ts';
