import {
  awsManagedPolicies,
  awsManagedPolicy,
  type PolicyResource,
  policies,
  roles,
  users,
} from '../../iam/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import type { Call, Target } from '../action.ts';
import { groupEntity, type Identity, resourceTagKeys, roleEntity, userEntity } from './entities.ts';
import { errors } from './errors.ts';
import { placeOf } from './iam-parts.ts';

/** How often each policy is in use, by ARN. */
export interface PolicyUses {
  readonly attachments: ReadonlyMap<string, number>;
  readonly boundaries: ReadonlyMap<string, number>;
}

/** One of the account, or of AWS. */
export function managedPolicy(view: ResourceView, place: Place, arn: string): PolicyResource | undefined {
  return view.get(policies, place, arn) ?? awsManagedPolicy(arn);
}

/** Those of the account, then those of AWS. */
export function managedPolicyList(
  view: ResourceView,
  place: Place,
  scope: string | undefined,
): readonly PolicyResource[] {
  return [
    ...(scope === 'AWS' ? [] : view.list(policies, place)),
    ...(scope === 'Local' ? [] : awsManagedPolicies),
  ];
}

/** @throws ServiceError `NoSuchEntity`, `InvalidInput` */
export function findPolicy(view: ResourceView, place: Place, arn: string): PolicyResource {
  checkArn(arn);
  const policy = managedPolicy(view, place, arn);
  if (!policy) throw errors.noSuchEntity(`Policy ${arn} was not found.`);
  return policy;
}

/** One that may be changed: those of AWS are AWS's own. */
export function findOwnPolicy(view: ResourceView, call: Call, arn: string): PolicyResource {
  const policy = findPolicy(view, placeOf(call), arn);
  if (isOfAws(arn)) throw errors.accessDenied(call, `policy ${arn}`);
  return policy;
}

/** @throws ServiceError `NoSuchEntity`, `InvalidInput`, `PolicyNotAttachable` */
export function findAttachable(view: ResourceView, place: Place, arn: string): PolicyResource {
  checkArn(arn);
  const policy = managedPolicy(view, place, arn);
  if (!policy) throw errors.noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  if (policy.Path.startsWith('/aws-service-role/')) throw errors.notAttachable(arn);
  return policy;
}

export function isOfAws(arn: string): boolean {
  return arn.startsWith('arn:aws:iam::aws:');
}

function checkArn(arn: string): void {
  if (!/^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/./.test(arn)) {
    throw errors.invalidInput(`ARN ${arn} is not valid.`);
  }
}

/** What IAM is asked about a policy; another account's belongs to that one. */
export function policyTarget(view: ResourceView, arn: string, call: Call, keys: Target['keys'] = {}): Target {
  const [, , , , owner] = arn.split(':');
  const tags = managedPolicy(view, placeOf(call), arn)?.Tags;
  const isOthers = /^\d{12}$/.test(owner ?? '') && owner !== call.caller.accountId;
  return {
    resource: arn,
    ...(isOthers && { account: owner }),
    keys: { ...resourceTagKeys(tags), ...keys },
  };
}

export function policyUses(view: ResourceView, place: Place): PolicyUses {
  const attachments = new Map<string, number>();
  const boundaries = new Map<string, number>();
  for (const { attachedPolicies } of identitiesOf(view, place)) {
    for (const arn of attachedPolicies) attachments.set(arn, (attachments.get(arn) ?? 0) + 1);
  }
  for (const { PermissionsBoundary: arn } of [...view.list(users, place), ...view.list(roles, place)]) {
    if (arn !== undefined) boundaries.set(arn, (boundaries.get(arn) ?? 0) + 1);
  }
  return { attachments, boundaries };
}

function* identitiesOf(view: ResourceView, place: Place): Generator<Identity> {
  yield* view.list(userEntity.kind, place);
  yield* view.list(groupEntity.kind, place);
  yield* view.list(roleEntity.kind, place);
}
