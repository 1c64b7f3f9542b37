import type { LifecycleRule, PublicAccessBlockConfiguration } from '@aws-sdk/client-s3';
import { globalPlace, type Kind, kind, type Stored } from '../resource/index.ts';

/** A bucket, at `bucketPlace`, by its name. Sub-resources are there when they were put. */
export interface BucketResource {
  readonly Name: string;
  readonly ownerAccountId: string;
  readonly BucketRegion: string;
  /** ISO 8601 */
  readonly CreationDate: string;
  /** As it was put: JSON. */
  readonly policy?: string;
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly publicAccessBlock?: Stored<PublicAccessBlockConfiguration>;
  readonly objectOwnership?: 'BucketOwnerPreferred' | 'BucketOwnerEnforced' | 'ObjectWriter';
  readonly lifecycle?: readonly Stored<LifecycleRule>[];
  /** Given with the lifecycle configuration; `all_storage_classes_128K` when absent, as at AWS. */
  readonly transitionDefaultMinimumObjectSize?: 'varies_by_storage_class' | 'all_storage_classes_128K';
}

export const buckets: Kind<BucketResource> = kind('s3-bucket');

/** Names of buckets are everybody's. */
export const bucketPlace = globalPlace;
