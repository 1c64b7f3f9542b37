import type { BucketResource } from '../../objects/index.ts';
import type { ConditionKeys } from './access.ts';
import { s3Errors } from './errors.ts';

/** Headers that say who else may do something. */
export interface NamesGrantees {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
}

const grantHeaders = {
  GrantFullControl: 's3:x-amz-grant-full-control',
  GrantRead: 's3:x-amz-grant-read',
  GrantReadACP: 's3:x-amz-grant-read-acp',
  GrantWrite: 's3:x-amz-grant-write',
  GrantWriteACP: 's3:x-amz-grant-write-acp',
} as const;
const grantMembers = Object.keys(grantHeaders) as readonly (keyof typeof grantHeaders)[];
const cannedAcls: ReadonlySet<string> = new Set([
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'log-delivery-write',
]);
/** They leave an object to its owner, who is the bucket's here. */
const owning: ReadonlySet<string> = new Set(['private', 'bucket-owner-read', 'bucket-owner-full-control']);

export function namesGrants(input: NamesGrantees): boolean {
  return grantMembers.some((member) => input[member] !== undefined);
}

/** Condition keys of what a request asks for others. */
export function aclKeys(input: NamesGrantees): ConditionKeys {
  const keys: Record<string, string> = {};
  if (input.ACL !== undefined) keys['s3:x-amz-acl'] = input.ACL;
  for (const member of grantMembers) {
    const value = input[member];
    if (value !== undefined) keys[grantHeaders[member]] = value;
  }
  return keys;
}

/**
 * What ACL headers may ask of an object. A bucket whose owner owns all objects takes only what says just that.
 * @throws ServiceError `AccessControlListNotSupported` and others
 */
export function checkObjectAcl(
  { objectOwnership }: BucketResource,
  input: NamesGrantees,
  blocksPublic: boolean,
): void {
  const { ACL } = input;
  checkCanned(ACL);
  if (namesGrants(input)) {
    if (ACL !== undefined) {
      throw s3Errors.invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed');
    }
    if (objectOwnership === 'BucketOwnerEnforced') throw s3Errors.noAcls();
    throw s3Errors.notImplemented('Grants to single grantees are');
  }
  if (ACL === undefined || ACL === 'bucket-owner-full-control') return;
  if (objectOwnership === 'BucketOwnerEnforced') throw s3Errors.noAcls();
  if (owning.has(ACL)) return;
  if (blocksPublic && ACL.startsWith('public-')) throw s3Errors.accessDenied();
  throw s3Errors.notImplemented(`The ACL ${ACL} is`);
}

/** @throws ServiceError `InvalidArgument` for a canned ACL that there is none of */
export function checkCanned(acl: string | undefined): void {
  if (acl === undefined || cannedAcls.has(acl)) return;
  throw s3Errors.invalidArgument('The canned ACL you specified is not valid', 'x-amz-acl', acl);
}
