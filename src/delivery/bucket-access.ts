import type { ServiceAccess } from '../iam/service-access.ts';
import type { BucketResource } from '../objects/kinds.ts';
import type { Place } from '../resource/index.ts';
import { deliverySource } from './log-delivery.ts';

/** What deliveries say of whom their objects belong to; bucket policies ask for it. */
export const deliveredAcl = 'bucket-owner-full-control';

export interface BucketAccessRequest {
  /** Of the flow log. */
  readonly place: Place;
  readonly bucket: Pick<BucketResource, 'ownerAccountId' | 'policy'>;
  readonly bucketArn: string;
}

/** Whether the bucket's policy lets the flow log's deliveries put an object of this key. */
export function mayDeliver(
  access: Pick<ServiceAccess, 'isAllowed'>,
  { place, bucket, bucketArn }: BucketAccessRequest,
  key: string,
): boolean {
  return access.isAllowed({
    source: deliverySource(place),
    action: 's3:PutObject',
    resource: `${bucketArn}/${key}`,
    resourceAccount: bucket.ownerAccountId,
    resourcePolicy: bucket.policy,
    keys: { 's3:x-amz-acl': deliveredAcl },
  });
}

/** Whether it lets them look whose the bucket is: asked for when a flow log is made. */
export function mayReadAcl(
  access: Pick<ServiceAccess, 'isAllowed'>,
  { place, bucket, bucketArn }: BucketAccessRequest,
): boolean {
  return access.isAllowed({
    source: deliverySource(place),
    action: 's3:GetBucketAcl',
    resource: bucketArn,
    resourceAccount: bucket.ownerAccountId,
    resourcePolicy: bucket.policy,
  });
}
