import { bucketFolder, type DestinationFault, mayDeliver, mayReadAcl } from '../../delivery/index.ts';
import type { ServiceAccess } from '../../iam/index.ts';
import { type BucketResource, bucketPlace, buckets } from '../../objects/index.ts';
import type { Draft } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import { policyWithDelivery } from './flow-logs-bucket-policy.ts';
import type { DestinationMembers } from './flow-logs-destination.ts';

export type DeliveryAccess = Pick<ServiceAccess, 'assume' | 'isAllowed'>;

type BucketCall = Pick<Call, 'place' | 'isAllowed'>;

/** A destination that can be delivered to, and what a flow log's creation changes there. */
export interface ReadyDestination {
  readonly prepare: (draft: Draft) => void;
}

/**
 * A bucket of Headgate's own, for deliveries: its policy must let them in. Where it does not, and the caller's account
 * owns it and the caller may change its policy, log delivery's statements are put into it with the flow log.
 */
export function readyBucket(
  draft: Draft,
  call: BucketCall,
  { LogDestination = '', DestinationOptions }: DestinationMembers,
  access: DeliveryAccess,
): ReadyDestination | DestinationFault {
  const { bucketArn, bucketName, prefix } = bucketFolder(LogDestination);
  const bucket = draft.get(buckets, bucketPlace, bucketName);
  if (!bucket) return 'missing';
  const { place } = call;
  const { accountId, region } = place;
  const folder = DestinationOptions?.HiveCompatiblePartitions ? `aws-account-id=${accountId}` : accountId;
  const objects = `${prefix}AWSLogs/${folder}/`;
  const isOpen = (policy: string | undefined): boolean => {
    const { ownerAccountId } = bucket;
    const asked = { ownerAccountId, ...(policy !== undefined && { policy }) };
    const request = { place, bucketArn, bucket: asked };
    return mayReadAcl(access, request) && mayDeliver(access, request, `${objects}vpcflowlogs`);
  };
  if (isOpen(bucket.policy)) return { prepare: () => undefined };
  if (!mayChangePolicy(bucket, bucketArn, call)) return 'denied';
  const needed = { bucketArn, objectsArn: `${bucketArn}/${objects}*`, accountId, region };
  const amended = policyWithDelivery(bucket.policy, needed);
  if ('fault' in amended) return amended.fault;
  // A statement that denies is stronger than ours.
  if (!isOpen(amended.policy)) return 'denied';
  return {
    prepare: (target) => target.put(buckets, bucketPlace, bucketName, { ...bucket, policy: amended.policy }),
  };
}

function mayChangePolicy(
  { ownerAccountId, policy }: BucketResource,
  resource: string,
  call: BucketCall,
): boolean {
  if (call.place.accountId !== ownerAccountId) return false;
  const resourcePolicy = policy === undefined ? {} : { resourcePolicy: policy };
  return ['s3:GetBucketPolicy', 's3:PutBucketPolicy'].every((action) =>
    call.isAllowed({ resource, action, ...resourcePolicy }),
  );
}
