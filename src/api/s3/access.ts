import { type BucketResource, bucketPlace, buckets, type ObjectEntry } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { s3Errors } from './errors.ts';
import type { S3Parts } from './parts.ts';
import { publicAccessBlockOf } from './public-access.ts';
import { isPublicPolicy } from './public-policy.ts';

/** How requests name a bucket. */
export interface NamesBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string | undefined;
}

export interface NamesObject extends NamesBucket {
  readonly Key: string;
  readonly VersionId?: string;
}

export type ConditionKeys = NonNullable<Target['keys']>;

/** "Amazon S3 object key naming": bytes of UTF-8. */
const maxKeyBytes = 1024;

/** @throws ServiceError `NoSuchBucket`; `AccessDenied` when it is not the expected owner's */
export function bucketOf(
  { resources }: Pick<S3Parts, 'resources'>,
  { Bucket, ExpectedBucketOwner }: NamesBucket,
): BucketResource {
  if (ExpectedBucketOwner !== undefined && !/^\d{12}$/.test(ExpectedBucketOwner)) {
    throw s3Errors.refusal(
      'InvalidBucketOwnerAWSAccountID',
      'The value of the expected bucket owner parameter must be an AWS account ID.',
      400,
    );
  }
  const bucket = resources.get(buckets, bucketPlace, Bucket);
  if (!bucket) throw s3Errors.noSuchBucket(Bucket);
  if (ExpectedBucketOwner !== undefined && ExpectedBucketOwner !== bucket.ownerAccountId) {
    throw s3Errors.accessDenied();
  }
  return bucket;
}

/** The bucket, or a key of it, as IAM is asked about it. `action`: with the prefix, `s3:GetObject`. */
export function targetOf(
  parts: Pick<S3Parts, 'resources'>,
  bucket: BucketResource,
  call: Pick<Call, 'caller'>,
  { action, key, keys }: { readonly action: string; readonly key?: string; readonly keys?: ConditionKeys },
): Target {
  const arn = bucketArn(bucket.Name);
  const policy = policyFor(parts, bucket, call);
  return {
    action,
    resource: key === undefined ? arn : `${arn}/${key}`,
    account: bucket.ownerAccountId,
    ...(policy !== undefined && { resourcePolicy: policy }),
    keys: { 's3:ResourceAccount': bucket.ownerAccountId, ...keys },
  };
}

/** Targets of an action on a bucket. Whether the bucket is there is told before permission is asked, as S3 does. */
export function onBucket<Input extends NamesBucket>(
  parts: S3Parts,
  action: string,
  keysOf?: (input: Input) => ConditionKeys,
) {
  return (input: Input, call: Call): readonly Target[] => {
    const keys = keysOf?.(input);
    return [targetOf(parts, bucketOf(parts, input), call, { action, ...(keys && { keys }) })];
  };
}

/** Targets of an action on an object; conditions may ask for the tags that it has. */
export function onObject<Input extends NamesObject>(
  parts: S3Parts,
  action: string | ((input: Input) => string),
  keysOf?: (input: Input) => ConditionKeys,
) {
  return (input: Input, call: Call): readonly Target[] => {
    checkKey(input.Key);
    const bucket = bucketOf(parts, input);
    const name = typeof action === 'string' ? action : action(input);
    const keys = { ...existingTagKeys(parts, bucket.Name, input.Key, name), ...keysOf?.(input) };
    return [targetOf(parts, bucket, call, { action: name, key: input.Key, keys })];
  };
}

/** @throws ServiceError `KeyTooLongError` */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes > maxKeyBytes) {
    throw s3Errors.refusal('KeyTooLongError', 'Your key is too long', 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(maxKeyBytes),
    });
  }
}

/** Buckets have no versions here: objects' version is `null`. @throws ServiceError `InvalidArgument` for another one */
export function checkVersion(versionId: string | undefined): void {
  if (versionId === undefined || versionId === 'null') return;
  throw s3Errors.invalidArgument(
    versionId === '' ? 'Version id cannot be the empty string' : 'Invalid version id specified',
    'versionId',
    versionId,
  );
}

/**
 * An object that a request is about.
 * @throws ServiceError `NoSuchKey` for who may list the bucket, `AccessDenied` for others
 */
export function entryOf(
  parts: S3Parts,
  bucket: BucketResource,
  { Key, VersionId }: Pick<NamesObject, 'Key' | 'VersionId'>,
  call: Call,
): ObjectEntry {
  checkVersion(VersionId);
  const entry = parts.objects.head(bucket.Name, Key);
  if (entry) return entry;
  call.require(targetOf(parts, bucket, call, { action: 's3:ListBucket' }));
  throw s3Errors.noSuchKey(Key);
}

/** Actions whose conditions may ask for the tags that an object has: `s3:ExistingObjectTag`. */
const seesTags =
  /^s3:(?:GetObject(?:Version)?(?:|Acl|Attributes|Tagging)|PutObject(?:Version)?(?:Acl|Tagging)|DeleteObject(?:Version)?Tagging)$/;

export function existingTagKeys(
  { objects }: S3Parts,
  bucket: string,
  key: string,
  action: string,
): ConditionKeys {
  if (!seesTags.test(action)) return {};
  const tags = objects.head(bucket, key)?.tags ?? {};
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [`s3:ExistingObjectTag/${name}`, value]),
  );
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/** Where public access is restricted, a public policy lets nobody of other accounts in. */
function policyFor(
  parts: Pick<S3Parts, 'resources'>,
  bucket: BucketResource,
  { caller }: Pick<Call, 'caller'>,
): string | undefined {
  const { policy, ownerAccountId } = bucket;
  if (policy === undefined || caller.accountId === ownerAccountId) return policy;
  const isRestricted = publicAccessBlockOf(parts, bucket).RestrictPublicBuckets && isPublicPolicy(policy);
  return isRestricted ? undefined : policy;
}
