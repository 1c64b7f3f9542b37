import { iamPlace, type ResourceView } from '../resource/index.ts';
import { awsManagedPolicy } from './aws-managed-policies.ts';
import type { Caller, CallerSession } from './caller.ts';
import {
  type GroupResource,
  groups,
  policies,
  type RoleResource,
  roles,
  type UserResource,
  users,
} from './kinds.ts';

/** A policy of an identity, with where it comes from. */
export interface IdentityPolicy {
  readonly source: 'user' | 'group' | 'role' | 'aws-managed' | 'user-managed';
  /** The name of a managed policy; of an inline one, kind, owner and name. */
  readonly id: string;
  readonly text: string;
}

export interface IdentityPolicies {
  readonly policies: readonly IdentityPolicy[];
  /** `undefined`: there is no boundary. */
  readonly boundary: IdentityPolicy | undefined;
  readonly tags: UserResource['Tags'];
}

/** A policy that allows nothing stands for a boundary that is no more. */
const nothing = '{"Version":"2012-10-17","Statement":[]}';
const none: IdentityPolicies = { policies: [], boundary: undefined, tags: [] };

/** Members of a group, as long as the group stays as it is. */
const memberSets = new WeakMap<GroupResource, ReadonlySet<string>>();

/** What a user or role session may do by its own policies, those of its groups among them. Services have none. */
export function identityPolicies(view: ResourceView, caller: Caller): IdentityPolicies {
  if (caller.kind === 'user' && caller.userName !== undefined) {
    const user = view.get(users, iamPlace(caller.accountId), caller.userName);
    return user?.UserId === caller.userId ? userPolicies(view, user) : none;
  }
  return caller.session ? sessionPolicies(view, caller.accountId, caller.session) : none;
}

/** A role that was deleted and made again is another role. */
function sessionPolicies(view: ResourceView, accountId: string, session: CallerSession): IdentityPolicies {
  const role = view.get(roles, iamPlace(accountId), nameIn(session.roleArn));
  if (role?.RoleId !== session.roleId) return none;
  const own = rolePolicies(view, role);
  const isReplaced = (key: string) => Object.hasOwn(session.tags, key);
  const sessionTags = Object.entries(session.tags).map(([Key, Value]) => ({ Key, Value }));
  return { ...own, tags: [...own.tags.filter(({ Key }) => !isReplaced(Key)), ...sessionTags] };
}

export function userPolicies(view: ResourceView, user: UserResource): IdentityPolicies {
  const accountId = accountOf(user.Arn);
  const found = ownPolicies(view, accountId, 'user', user.UserName, user);
  for (const group of view.list(groups, iamPlace(accountId))) {
    if (membersOf(group).has(user.UserName)) found.push(...groupPolicies(view, group));
  }
  return { policies: found, boundary: boundaryOf(view, accountId, user), tags: user.Tags };
}

export function rolePolicies(view: ResourceView, role: RoleResource): IdentityPolicies {
  const accountId = accountOf(role.Arn);
  const found = ownPolicies(view, accountId, 'role', role.RoleName, role);
  return { policies: found, boundary: boundaryOf(view, accountId, role), tags: role.Tags };
}

export function groupPolicies(view: ResourceView, group: GroupResource): IdentityPolicy[] {
  return ownPolicies(view, accountOf(group.Arn), 'group', group.GroupName, group);
}

function ownPolicies(
  view: ResourceView,
  accountId: string,
  source: 'user' | 'group' | 'role',
  name: string,
  { inlinePolicies, attachedPolicies }: Pick<UserResource, 'inlinePolicies' | 'attachedPolicies'>,
): IdentityPolicy[] {
  const found: IdentityPolicy[] = [];
  for (const policy of Object.keys(inlinePolicies)) {
    found.push({ source, id: `${source}_${name}_${policy}`, text: inlinePolicies[policy] });
  }
  for (const arn of attachedPolicies) {
    const policy = managedPolicy(view, accountId, arn);
    if (policy) found.push(policy);
  }
  return found;
}

function boundaryOf(
  view: ResourceView,
  accountId: string,
  { PermissionsBoundary: arn }: Pick<UserResource, 'PermissionsBoundary'>,
): IdentityPolicy | undefined {
  if (arn === undefined) return undefined;
  return managedPolicy(view, accountId, arn) ?? { source: 'user-managed', id: nameIn(arn), text: nothing };
}

/** The default version of a managed policy of AWS or of the account. */
export function managedPolicy(
  view: ResourceView,
  accountId: string,
  arn: string,
): IdentityPolicy | undefined {
  const ofAws = awsManagedPolicy(arn);
  const policy = ofAws ?? view.get(policies, iamPlace(accountId), arn);
  const version = policy?.versions.find(({ VersionId }) => VersionId === policy.DefaultVersionId);
  if (!policy || !version) return undefined;
  return { source: ofAws ? 'aws-managed' : 'user-managed', id: policy.PolicyName, text: version.Document };
}

function membersOf(group: GroupResource): ReadonlySet<string> {
  const known = memberSets.get(group);
  if (known) return known;
  const members = new Set(group.members);
  memberSets.set(group, members);
  return members;
}

function accountOf(arn: string): string {
  return arn.split(':')[4];
}

function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
