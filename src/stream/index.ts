/**
 * Delivery streams (Firehose): records that are on the disk when they were acknowledged, buffered, processed, and
 * delivered to buckets and HTTP endpoints. It knows nothing of who may do what but by the stream's own role.
 */
export { type DeliveryStreamResource, deliveryStreams, logDeliveryTag } from './kinds.ts';
export type { RecordIntake, RecordOrigin } from './shapes.ts';
