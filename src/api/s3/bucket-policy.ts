import type { GetBucketPolicyOutput, GetBucketPolicyStatusOutput } from '@aws-sdk/client-s3';
import type { BucketResource } from '../../objects/index.ts';
import type { Call, Target } from '../action.ts';
import { bucketArn, bucketOf, type NamesBucket, onBucket } from './access.ts';
import { checkBucketPolicy } from './bucket-policy-rules.ts';
import { changeBucket } from './change-bucket.ts';
import { s3Errors } from './errors.ts';
import type { Actions, S3Parts } from './parts.ts';
import { publicAccessBlockOf } from './public-access.ts';
import { isPublicPolicy } from './public-policy.ts';

export function policyActions(parts: S3Parts): Actions {
  return {
    GetBucketPolicy: {
      targets: onPolicy(parts, 's3:GetBucketPolicy'),
      run: (input: NamesBucket, call: Call): GetBucketPolicyOutput => ({
        Policy: policyOf(ownBucket(parts, input, call)),
      }),
    },
    GetBucketPolicyStatus: {
      targets: onBucket(parts, 's3:GetBucketPolicyStatus'),
      run: (input: NamesBucket): GetBucketPolicyStatusOutput => ({
        PolicyStatus: { IsPublic: isPublicPolicy(policyOf(bucketOf(parts, input))) },
      }),
    },
    PutBucketPolicy: {
      targets: onPolicy(parts, 's3:PutBucketPolicy'),
      run: (input: NamesBucket & { readonly Policy: string }, call: Call) => putPolicy(parts, input, call),
    },
    DeleteBucketPolicy: {
      targets: onPolicy(parts, 's3:DeleteBucketPolicy'),
      run: async (input: NamesBucket, call: Call) => {
        ownBucket(parts, input, call);
        await changeBucket(parts, input, ({ policy: _, ...bucket }) => bucket);
      },
    },
  };
}

/** The owner's root may always mend a policy, even one that shuts everybody out. */
function onPolicy(parts: S3Parts, action: string) {
  const targets = onBucket(parts, action);
  return (input: NamesBucket, call: Call): readonly Target[] => {
    const [target] = targets(input, call);
    const isRoot = call.caller.kind === 'root' && call.caller.accountId === target.account;
    if (!isRoot) return [target];
    const { resourcePolicy: _, ...without } = target;
    return [without];
  };
}

/** Policies are the owner's affair, whomever they let in. @throws ServiceError `MethodNotAllowed` */
function ownBucket(parts: S3Parts, input: NamesBucket, call: Call): BucketResource {
  const bucket = bucketOf(parts, input);
  if (bucket.ownerAccountId === call.caller.accountId) return bucket;
  throw s3Errors.methodNotAllowed();
}

function policyOf({ policy, Name }: BucketResource): string {
  if (policy !== undefined) return policy;
  throw s3Errors.refusal('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: Name });
}

async function putPolicy(
  parts: S3Parts,
  input: NamesBucket & { readonly Policy: string },
  call: Call,
): Promise<{ readonly httpStatus: number }> {
  const bucket = ownBucket(parts, input, call);
  checkBucketPolicy(input.Policy, bucket.Name, parts.resources);
  if (publicAccessBlockOf(parts, bucket).BlockPublicPolicy && isPublicPolicy(input.Policy)) {
    throw s3Errors.accessDenied(
      `User: ${call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(bucket.Name)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
    );
  }
  await changeBucket(parts, input, (known) => ({ ...known, policy: input.Policy }));
  return { httpStatus: 204 };
}
