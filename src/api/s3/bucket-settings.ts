import type {
  GetBucketLifecycleConfigurationOutput,
  GetBucketOwnershipControlsOutput,
  GetPublicAccessBlockOutput,
  PublicAccessBlockConfiguration,
  TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3';
import type { Stored } from '../../resource/index.ts';
import { bucketOf, type NamesBucket, onBucket } from './access.ts';
import { changeBucket } from './change-bucket.ts';
import { s3Errors } from './errors.ts';
import { type GivenRule, lifecycleRules } from './lifecycle-rules.ts';
import type { Actions, S3Parts } from './parts.ts';
import { completeSettings } from './public-access.ts';

/** Configurations of buckets that are kept. */
export function settingsActions(parts: S3Parts): Actions {
  return { ...publicAccessActions(parts), ...ownershipActions(parts), ...lifecycleActions(parts) };
}

function publicAccessActions(parts: S3Parts): Actions {
  return {
    GetPublicAccessBlock: {
      targets: onBucket(parts, 's3:GetBucketPublicAccessBlock'),
      run: (input: NamesBucket): GetPublicAccessBlockOutput => {
        const { publicAccessBlock } = bucketOf(parts, input);
        if (publicAccessBlock) return { PublicAccessBlockConfiguration: publicAccessBlock };
        throw s3Errors.noSuchPublicAccessBlock();
      },
    },
    PutPublicAccessBlock: {
      targets: onBucket(parts, 's3:PutBucketPublicAccessBlock'),
      run: (
        input: NamesBucket & { readonly PublicAccessBlockConfiguration: PublicAccessBlockConfiguration },
      ) => {
        const publicAccessBlock = completeSettings(input.PublicAccessBlockConfiguration);
        return changeBucket(parts, input, (bucket) => ({ ...bucket, publicAccessBlock }));
      },
    },
    DeletePublicAccessBlock: {
      targets: onBucket(parts, 's3:PutBucketPublicAccessBlock'),
      run: (input: NamesBucket) =>
        changeBucket(parts, input, ({ publicAccessBlock: _, ...bucket }) => bucket),
    },
  };
}

type Ownership = 'BucketOwnerPreferred' | 'BucketOwnerEnforced' | 'ObjectWriter';

interface GivesOwnership extends NamesBucket {
  readonly OwnershipControls: { readonly Rules: readonly { readonly ObjectOwnership: Ownership }[] };
}

function ownershipActions(parts: S3Parts): Actions {
  return {
    GetBucketOwnershipControls: {
      targets: onBucket(parts, 's3:GetBucketOwnershipControls'),
      run: (input: NamesBucket): GetBucketOwnershipControlsOutput => {
        const { objectOwnership, Name } = bucketOf(parts, input);
        if (objectOwnership) return { OwnershipControls: { Rules: [{ ObjectOwnership: objectOwnership }] } };
        throw s3Errors.refusal(
          'OwnershipControlsNotFoundError',
          'The bucket ownership controls were not found',
          404,
          { BucketName: Name },
        );
      },
    },
    PutBucketOwnershipControls: {
      targets: onBucket(parts, 's3:PutBucketOwnershipControls'),
      run: (input: GivesOwnership) => {
        const [rule, ...others] = input.OwnershipControls.Rules;
        if (!rule || others.length > 0 || !isOwnership(rule.ObjectOwnership)) throw s3Errors.malformedXml();
        const { ObjectOwnership } = rule;
        return changeBucket(parts, input, (bucket) => ({ ...bucket, objectOwnership: ObjectOwnership }));
      },
    },
    DeleteBucketOwnershipControls: {
      targets: onBucket(parts, 's3:PutBucketOwnershipControls'),
      run: (input: NamesBucket) => changeBucket(parts, input, ({ objectOwnership: _, ...bucket }) => bucket),
    },
  };
}

function isOwnership(text: string): text is Ownership {
  return text === 'BucketOwnerPreferred' || text === 'BucketOwnerEnforced' || text === 'ObjectWriter';
}

interface GivesLifecycle extends NamesBucket {
  readonly LifecycleConfiguration?: { readonly Rules: readonly GivenRule[] };
  readonly TransitionDefaultMinimumObjectSize?: TransitionDefaultMinimumObjectSize;
}

/** AWS's default: what is smaller is not moved to another class. */
const defaultMinimumSize = 'all_storage_classes_128K';

function lifecycleActions(parts: S3Parts): Actions {
  return {
    GetBucketLifecycleConfiguration: {
      targets: onBucket(parts, 's3:GetLifecycleConfiguration'),
      run: (input: NamesBucket): Stored<GetBucketLifecycleConfigurationOutput> => {
        const {
          lifecycle,
          Name,
          transitionDefaultMinimumObjectSize: size = defaultMinimumSize,
        } = bucketOf(parts, input);
        if (lifecycle) return { Rules: [...lifecycle], TransitionDefaultMinimumObjectSize: size };
        throw s3Errors.refusal(
          'NoSuchLifecycleConfiguration',
          'The lifecycle configuration does not exist',
          404,
          { BucketName: Name },
        );
      },
    },
    PutBucketLifecycleConfiguration: {
      targets: onBucket(parts, 's3:PutLifecycleConfiguration'),
      run: async (input: GivesLifecycle) => {
        const { TransitionDefaultMinimumObjectSize: size = defaultMinimumSize } = input;
        const lifecycle = lifecycleRules(input.LifecycleConfiguration?.Rules ?? []);
        await changeBucket(parts, input, (bucket) => ({
          ...bucket,
          lifecycle,
          transitionDefaultMinimumObjectSize: size,
        }));
        return { TransitionDefaultMinimumObjectSize: size };
      },
    },
    DeleteBucketLifecycle: {
      targets: onBucket(parts, 's3:PutLifecycleConfiguration'),
      run: (input: NamesBucket) =>
        changeBucket(
          parts,
          input,
          ({ lifecycle: _, transitionDefaultMinimumObjectSize: __, ...bucket }) => bucket,
        ),
    },
  };
}
