import { deflateRawSync } from 'node:zlib';
import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { ServiceError } from '../../fault/index.ts';
import { awsManagedPolicy, parsePolicy, policies, type RoleResource } from '../../iam/index.ts';
import { iamPlace, type ResourceView } from '../../resource/index.ts';
import type { Checked } from '../checked.ts';

type PolicyInput = Pick<Checked<AssumeRoleRequest>, 'Policy' | 'PolicyArns' | 'Tags'>;

/** Of the text that is given with a request. */
const mostCharacters = 2048;
const mostPolicyArns = 10;
/** Of the packed form. AWS does not tell its own form; this is the same policy, compressed. */
const mostPackedBytes = 2048;

/**
 * The documents that limit a session: the one that is given, and the managed ones as they are now.
 * @throws ServiceError `MalformedPolicyDocument`, `ValidationError`
 */
export function sessionPolicies(
  view: ResourceView,
  { Policy, PolicyArns = [] }: PolicyInput,
  role: Pick<RoleResource, 'Arn'>,
): readonly string[] {
  if (PolicyArns.length > mostPolicyArns) throw tooLong('policyArns', mostPolicyArns);
  if (Policy !== undefined) {
    if (Policy.length > mostCharacters) throw tooLong('policy', mostCharacters);
    parsePolicy(Policy, 'session');
  }
  const [, , , , accountId] = role.Arn.split(':');
  const managed = PolicyArns.map(({ arn = '' }) => documentOf(view, accountId, arn));
  return Policy === undefined ? managed : [Policy, ...managed];
}

/**
 * How much of what a session may carry its policies and tags take, in percent; undefined when it has none.
 * @throws ServiceError `PackedPolicyTooLarge`
 */
export function packedPercent({ Policy, PolicyArns = [], Tags = [] }: PolicyInput): number | undefined {
  if (Policy === undefined && PolicyArns.length === 0 && Tags.length === 0) return undefined;
  const text = JSON.stringify([Policy, PolicyArns.map(({ arn }) => arn), Tags]);
  const percent = Math.ceil((deflateRawSync(text).length * 100) / mostPackedBytes);
  if (percent <= 100) return percent;
  throw new ServiceError(
    'PackedPolicyTooLarge',
    Policy === undefined && PolicyArns.length === 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

/** Bounds that the model lacks, in the words of those that it has. */
function tooLong(member: string, most: number): ServiceError {
  return new ServiceError(
    'ValidationError',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length ` +
      `less than or equal to ${most}`,
  );
}

function documentOf(view: ResourceView, accountId: string, arn: string): string {
  const policy = view.get(policies, iamPlace(accountId), arn) ?? awsManagedPolicy(arn);
  const version = policy?.versions.find(({ VersionId }) => VersionId === policy.DefaultVersionId);
  if (version) return version.Document;
  throw new ServiceError('MalformedPolicyDocument', `Policy ${arn} does not exist or is not attachable.`);
}
