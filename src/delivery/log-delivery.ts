import type { FlowLogResource } from '../flowlog/index.ts';
import type { ServiceSource } from '../iam/service-access.ts';
import type { Place } from '../resource/index.ts';

/** Who delivers to buckets and delivery streams, by the guide's pages on each. */
const deliveryService = 'delivery.logs.amazonaws.com';

/** Why nothing can be delivered to a destination, as CreateFlowLogs tells it. */
export type DestinationFault = 'missing' | 'denied' | 'undeliverable' | 'policy-too-large';

/** The ARN of where a flow log's records go, whether it was given by ARN or by the name of a log group. */
export function destinationArn(
  { LogDestination, LogGroupName }: Pick<FlowLogResource, 'LogDestination' | 'LogGroupName'>,
  { region, accountId }: Place,
): string {
  return LogDestination ?? `arn:aws:logs:${region}:${accountId}:log-group:${LogGroupName}`;
}

/** A bucket and a folder in it. */
export interface BucketFolder {
  readonly bucketName: string;
  /** As policies are asked about it, whatever partition the destination's ARN has: no other way around a statement. */
  readonly bucketArn: string;
  /** With a slash at its end; empty without a folder. */
  readonly prefix: string;
}

/** Of `arn:aws:s3:::bucket/sub/folder/`, with or without the last slash. */
export function bucketFolder(arn: string): BucketFolder {
  const [bucketName, ...folders] = arn.slice(arn.lastIndexOf(':::') + 3).split('/');
  const folder = folders.join('/');
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  return { bucketName, bucketArn: `arn:aws:s3:::${bucketName}`, prefix };
}

/** A delivery stream, as resources have it. */
export interface StreamAddress {
  readonly place: Place;
  readonly name: string;
}

/** Of `arn:aws:firehose:region:account:deliverystream/name`, or with a colon before the name. */
export function streamAddress(arn: string): StreamAddress {
  const [, , , region = '', accountId = '', ...rest] = arn.split(':');
  return { place: { accountId, region }, name: rest.join(':').replace(/^deliverystream[/:]/, '') };
}

/** How log delivery shows itself to policies: `aws:SourceArn` is the account's logs, as the guide's bucket policy has it. */
export function deliverySource({ accountId, region }: Place): ServiceSource {
  return { service: deliveryService, accountId, arn: `arn:aws:logs:${region}:${accountId}:*` };
}
