import type { GetBucketAclOutput } from '@aws-sdk/client-s3';
import type { BucketResource } from '../../objects/index.ts';
import type { Call } from '../action.ts';
import { bucketOf, entryOf, type NamesBucket, type NamesObject, onBucket, onObject } from './access.ts';
import { aclKeys, checkCanned, checkObjectAcl, type NamesGrantees, namesGrants } from './acl-rules.ts';
import { s3Errors } from './errors.ts';
import { ownerOf } from './owner.ts';
import type { Actions, S3Parts } from './parts.ts';
import { publicAccessBlockOf } from './public-access.ts';

interface GivesAcl extends NamesGrantees {
  readonly AccessControlPolicy?: {
    readonly Grants?: readonly {
      readonly Grantee?: { readonly ID?: string; readonly URI?: string };
      readonly Permission?: string;
    }[];
    readonly Owner?: { readonly ID?: string };
  };
}

/** Everything is its owner's, wholly: the one ACL that buckets and objects have here. */
export function aclActions(parts: S3Parts): Actions {
  return {
    GetBucketAcl: {
      targets: onBucket(parts, 's3:GetBucketAcl'),
      run: (input: NamesBucket) => ownersAcl(bucketOf(parts, input)),
    },
    PutBucketAcl: {
      targets: onBucket<NamesBucket & GivesAcl>(parts, 's3:PutBucketAcl', aclKeys),
      run: (input: NamesBucket & GivesAcl) => checkBucketAcl(parts, input),
    },
    GetObjectAcl: {
      targets: onObject(parts, 's3:GetObjectAcl'),
      run: (input: NamesObject, call: Call) => {
        const bucket = bucketOf(parts, input);
        entryOf(parts, bucket, input, call);
        return ownersAcl(bucket);
      },
    },
    PutObjectAcl: {
      targets: onObject<NamesObject & GivesAcl>(parts, 's3:PutObjectAcl', aclKeys),
      run: (input: NamesObject & GivesAcl, call: Call) => {
        const bucket = bucketOf(parts, input);
        entryOf(parts, bucket, input, call);
        checkGiven(input);
        if (isOwners(bucket, input)) return;
        if (input.AccessControlPolicy) throw otherGrants(bucket);
        checkObjectAcl(bucket, input, publicAccessBlockOf(parts, bucket).BlockPublicAcls === true);
      },
    },
  };
}

function ownersAcl({ ownerAccountId }: BucketResource): GetBucketAclOutput {
  const Owner = ownerOf(ownerAccountId);
  return {
    Owner,
    Grants: [{ Grantee: { Type: 'CanonicalUser', ...Owner }, Permission: 'FULL_CONTROL' }],
  };
}

function checkBucketAcl(parts: S3Parts, input: NamesBucket & GivesAcl): void {
  const bucket = bucketOf(parts, input);
  checkGiven(input);
  checkCanned(input.ACL);
  if (isOwners(bucket, input)) return;
  if (bucket.objectOwnership === 'BucketOwnerEnforced') throw s3Errors.noAcls();
  if (input.ACL === 'private') return;
  const blocks = publicAccessBlockOf(parts, bucket).BlockPublicAcls === true;
  if (blocks && input.ACL?.startsWith('public-')) throw s3Errors.accessDenied();
  throw otherGrants(bucket);
}

function checkGiven(input: GivesAcl): void {
  if (input.ACL !== undefined || input.AccessControlPolicy || namesGrants(input)) return;
  throw s3Errors.refusal('MissingSecurityHeader', 'Your request was missing a required header', 400, {
    MissingHeaderName: 'x-amz-acl',
  });
}

/** Whether a list says what holds anyway. */
function isOwners({ ownerAccountId }: BucketResource, { AccessControlPolicy }: GivesAcl): boolean {
  const grants = AccessControlPolicy?.Grants;
  if (grants?.length !== 1) return false;
  const [{ Grantee, Permission }] = grants;
  return Permission === 'FULL_CONTROL' && Grantee?.ID === ownerOf(ownerAccountId).ID;
}

function otherGrants({ objectOwnership }: BucketResource) {
  return objectOwnership === 'BucketOwnerEnforced'
    ? s3Errors.noAcls()
    : s3Errors.notImplemented('ACLs that let in others than the owner are');
}
