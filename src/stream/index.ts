/**
 * Delivery streams (Firehose): records that are on the disk when they were acknowledged, buffered, processed, and
 * delivered to buckets and HTTP endpoints. It knows nothing of who may do what but by the stream's own role.
 */
export type { BucketTarget } from './bucket-target.ts';
export {
  DeliveryStreams,
  type DeliveryStreamsOptions,
  notFound,
  type PlacedStreamStatus,
  type StreamAt,
  streamArn,
} from './delivery-streams.ts';
export { type DeliveryStreamResource, deliveryStreams, logDeliveryTag } from './kinds.ts';
export { ObjectPrefixes } from './prefix-expression.ts';
export type { RecordIntake } from './shapes.ts';
export { defaultHints } from './stream-config.ts';
export { isTimeZone } from './timestamp-format.ts';
