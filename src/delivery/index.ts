/**
 * Where records go: batches to destinations. Flow logs at work, each with the queue of what waits to be delivered; log
 * groups, buckets and delivery streams, of Headgate's own and outside; a directory tree of objects in the layout that AWS
 * gives a bucket.
 */
export { mayDeliver, mayReadAcl } from './bucket-access.ts';
export { Destinations } from './destinations.ts';
export type { FlowLogReport } from './flow-log-run.ts';
export { FlowLogs, type LoggedPackets } from './flow-logs.ts';
export { bucketFolder, type DestinationFault, streamAddress } from './log-delivery.ts';
export { S3Tree, type WrittenObject } from './s3-tree.ts';
export { crossAccountSession } from './stream-access.ts';
export { StreamSubscriptionSink } from './subscription-sink.ts';
