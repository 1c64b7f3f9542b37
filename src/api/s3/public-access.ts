import type { PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import type { BucketResource } from '../../objects/index.ts';
import { iamPlace, type Kind, kind, type Stored } from '../../resource/index.ts';
import type { S3Parts } from './parts.ts';

export type PublicAccessSettings = Stored<PublicAccessBlockConfiguration>;

/** Of an account, at `iamPlace`, under its id. */
export const accountPublicAccessBlocks: Kind<PublicAccessSettings> = kind('s3-account-public-access-block');

/** What new buckets have, since April 2023. */
export const fullPublicAccessBlock = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
} as const;

/** Every setting told, as it is answered: what was not given is false. */
export function completeSettings(given: PublicAccessBlockConfiguration): PublicAccessSettings {
  return {
    BlockPublicAcls: given.BlockPublicAcls === true,
    IgnorePublicAcls: given.IgnorePublicAcls === true,
    BlockPublicPolicy: given.BlockPublicPolicy === true,
    RestrictPublicBuckets: given.RestrictPublicBuckets === true,
  };
}

/** What holds for a bucket: of its own settings and its account's the stricter. */
export function publicAccessBlockOf(
  { resources }: Pick<S3Parts, 'resources'>,
  { publicAccessBlock = {}, ownerAccountId }: BucketResource,
): PublicAccessSettings {
  const account = resources.get(accountPublicAccessBlocks, iamPlace(ownerAccountId), ownerAccountId) ?? {};
  return {
    BlockPublicAcls: publicAccessBlock.BlockPublicAcls === true || account.BlockPublicAcls === true,
    IgnorePublicAcls: publicAccessBlock.IgnorePublicAcls === true || account.IgnorePublicAcls === true,
    BlockPublicPolicy: publicAccessBlock.BlockPublicPolicy === true || account.BlockPublicPolicy === true,
    RestrictPublicBuckets:
      publicAccessBlock.RestrictPublicBuckets === true || account.RestrictPublicBuckets === true,
  };
}
