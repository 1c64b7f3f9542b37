/**
 * Where records go: batches to destinations. So far a directory tree of objects in the layout that AWS gives a
 * bucket. What the records are, and which flow log asked for them, is settled before.
 */
export { S3Tree, type WrittenObject } from './s3-tree.ts';
export { StoreDestination } from './store-destination.ts';
