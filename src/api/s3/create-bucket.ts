import type { CreateBucketOutput, CreateBucketRequest } from '@aws-sdk/client-s3';
import { type BucketResource, bucketPlace, buckets } from '../../objects/index.ts';
import type { ResourceView } from '../../resource/index.ts';
import type { Call, Target } from '../action.ts';
import type { Checked } from '../checked.ts';
import { regionCodes } from '../ec2/regions.ts';
import { bucketArn } from './access.ts';
import { aclKeys, namesGrants } from './acl-rules.ts';
import { checkBucketName } from './bucket-name.ts';
import { s3Errors } from './errors.ts';
import type { S3Parts } from './parts.ts';
import { fullPublicAccessBlock } from './public-access.ts';
import { bucketTagLimit, checkTags } from './tags.ts';

type Input = Checked<CreateBucketRequest>;

/** AWS's default quota of an account. */
const maxBuckets = 10_000;
const firstRegion = 'us-east-1';

/** With tags, or an owner of objects, one must be allowed to put these too. */
export function createBucketTargets(input: Input, _call: Call): readonly Target[] {
  const resource = bucketArn(input.Bucket);
  const constraint = input.CreateBucketConfiguration?.LocationConstraint;
  const keys = {
    ...aclKeys(input),
    ...(constraint !== undefined && { 's3:locationconstraint': constraint }),
    ...(input.ObjectOwnership !== undefined && { 's3:x-amz-object-ownership': input.ObjectOwnership }),
  };
  const targets = [{ action: 's3:CreateBucket', resource, keys }];
  if (input.ObjectOwnership !== undefined) {
    targets.push({ action: 's3:PutBucketOwnershipControls', resource, keys });
  }
  if (input.CreateBucketConfiguration?.Tags?.length) {
    targets.push({ action: 's3:TagResource', resource, keys });
  }
  if (input.ACL !== undefined) targets.push({ action: 's3:PutBucketAcl', resource, keys });
  return targets;
}

export async function createBucket(parts: S3Parts, input: Input, call: Call): Promise<CreateBucketOutput> {
  const { Bucket: name } = input;
  checkBucketName(name);
  const { accountId, region } = call.place;
  const bucket: BucketResource = {
    Name: name,
    ownerAccountId: accountId,
    BucketRegion: bucketRegion(input.CreateBucketConfiguration?.LocationConstraint, region),
    CreationDate: new Date(Math.floor(call.nowMs / 1000) * 1000).toISOString(),
    publicAccessBlock: fullPublicAccessBlock,
    objectOwnership: ownershipOf(input),
    ...tagsOf(input),
  };
  if (!checkFree(parts.resources, bucket, region)) {
    checkQuota(parts.resources, accountId);
    await parts.objects.makeBucket(name);
    await parts.resources.write((draft) => {
      if (checkFree(draft, bucket, region)) return;
      checkQuota(draft, accountId);
      draft.put(buckets, bucketPlace, name, bucket);
    });
  }
  const isFirst = bucket.BucketRegion === firstRegion;
  return {
    Location: isFirst ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
    BucketArn: bucketArn(name),
  };
}

/**
 * Whether the bucket is the caller's already, and that is no fault: us-east-1 answers as if it had made it.
 * @throws ServiceError `BucketAlreadyOwnedByYou`, `BucketAlreadyExists`
 */
function checkFree(
  view: ResourceView,
  { Name, ownerAccountId, BucketRegion }: BucketResource,
  region: string,
): boolean {
  const other = view.get(buckets, bucketPlace, Name);
  if (!other) return false;
  if (other.ownerAccountId !== ownerAccountId) {
    throw s3Errors.refusal(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      409,
      { BucketName: Name },
    );
  }
  const isLegacy =
    region === firstRegion && BucketRegion === firstRegion && other.BucketRegion === firstRegion;
  if (isLegacy) return true;
  throw s3Errors.refusal(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName: Name },
  );
}

function checkQuota(view: ResourceView, accountId: string): void {
  let owned = 0;
  for (const { ownerAccountId } of view.list(buckets, bucketPlace)) {
    if (ownerAccountId === accountId) owned += 1;
  }
  if (owned >= maxBuckets) {
    throw s3Errors.refusal('TooManyBuckets', 'You have attempted to create more buckets than allowed', 400);
  }
}

/** The endpoint of us-east-1 makes buckets anywhere, the others only in their own Region, and want to be told so. */
function bucketRegion(constraint: string | undefined, endpoint: string): string {
  if (constraint === undefined || constraint === '') {
    if (endpoint === firstRegion) return endpoint;
    throw illegalConstraint('unspecified');
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (endpoint !== firstRegion && region !== endpoint) throw illegalConstraint(constraint);
  if (region === firstRegion || !regionCodes.includes(region)) {
    throw s3Errors.refusal(
      'InvalidLocationConstraint',
      'The specified location-constraint is not valid',
      400,
      { LocationConstraint: constraint.slice(0, 256) },
    );
  }
  return region;
}

function illegalConstraint(constraint: string) {
  return s3Errors.refusal(
    'IllegalLocationConstraintException',
    `The ${constraint.slice(0, 256)} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    400,
  );
}

function ownershipOf(input: Input): NonNullable<BucketResource['objectOwnership']> {
  const { ObjectOwnership: ownership = 'BucketOwnerEnforced', ACL } = input;
  if (!['BucketOwnerPreferred', 'BucketOwnerEnforced', 'ObjectWriter'].includes(ownership)) {
    throw s3Errors.invalidArgument(
      'Invalid x-amz-object-ownership header: ',
      'x-amz-object-ownership',
      ownership,
    );
  }
  const hasOthers = namesGrants(input) || (ACL !== undefined && ACL !== 'private');
  if (hasOthers && ownership === 'BucketOwnerEnforced') {
    throw s3Errors.refusal(
      'InvalidBucketAclWithObjectOwnership',
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
      400,
    );
  }
  if (hasOthers) throw s3Errors.notImplemented('ACLs that let in others than the owner of the bucket are');
  if (input.ObjectLockEnabledForBucket === true) throw s3Errors.notImplemented('S3 Object Lock is');
  if (input.BucketNamespace !== undefined && input.BucketNamespace !== 'global') {
    throw s3Errors.notImplemented('The namespace of buckets of an account and a Region is');
  }
  if (input.CreateBucketConfiguration?.Bucket ?? input.CreateBucketConfiguration?.Location) {
    throw s3Errors.notImplemented('S3 Express One Zone is');
  }
  return ownership;
}

function tagsOf({ CreateBucketConfiguration }: Input): Pick<BucketResource, 'tags'> {
  const tags = CreateBucketConfiguration?.Tags ?? [];
  checkTags(tags, bucketTagLimit);
  return tags.length > 0 ? { tags } : {};
}
