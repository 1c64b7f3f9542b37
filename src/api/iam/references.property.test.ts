import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';
import {
  accessKeys,
  awsManagedPolicy,
  groups,
  instanceProfiles,
  policies,
  roles,
  sessions,
  users,
} from '../../iam/index.ts';
import { globalPlace, iamPlace } from '../../resource/index.ts';

const accountId = '123456789012';
const place = iamPlace(accountId);
const name = fc.constantFrom('a', 'A', 'b', 'c');
const arn = fc.constantFrom(
  'arn:aws:iam::aws:policy/ReadOnlyAccess',
  `arn:aws:iam::${accountId}:policy/a`,
  `arn:aws:iam::${accountId}:policy/b`,
);

/** Calls as users make them, sensible or not. */
const calls = fc.oneof(
  ofUser('CreateUser'),
  ofUser('DeleteUser'),
  fc.record({ UserName: name, NewUserName: name }).map((input) => ['UpdateUser', input] as const),
  ofUser('CreateAccessKey'),
  ofGroup('CreateGroup'),
  ofGroup('DeleteGroup'),
  fc.record({ GroupName: name, NewGroupName: name }).map((input) => ['UpdateGroup', input] as const),
  fc.record({ GroupName: name, UserName: name }).map((input) => ['AddUserToGroup', input] as const),
  fc.record({ GroupName: name, UserName: name }).map((input) => ['RemoveUserFromGroup', input] as const),
  name.map((RoleName) => ['CreateRole', { RoleName, AssumeRolePolicyDocument: trusted }] as const),
  name.map((RoleName) => ['DeleteRole', { RoleName }] as const),
  name.map((RoleName) => ['AssumeRole', { RoleArn: roleArn(RoleName), RoleSessionName: 'tests' }] as const),
  name.map((InstanceProfileName) => ['CreateInstanceProfile', { InstanceProfileName }] as const),
  name.map((InstanceProfileName) => ['DeleteInstanceProfile', { InstanceProfileName }] as const),
  ofProfile('AddRoleToInstanceProfile'),
  ofProfile('RemoveRoleFromInstanceProfile'),
  name.map((PolicyName) => ['CreatePolicy', { PolicyName, PolicyDocument: anything }] as const),
  arn.map((PolicyArn) => ['DeletePolicy', { PolicyArn }] as const),
  fc.record({ UserName: name, PolicyArn: arn }).map((input) => ['AttachUserPolicy', input] as const),
  fc.record({ RoleName: name, PolicyArn: arn }).map((input) => ['AttachRolePolicy', input] as const),
  fc.record({ GroupName: name, PolicyArn: arn }).map((input) => ['DetachGroupPolicy', input] as const),
  fc
    .record({ UserName: name, PermissionsBoundary: arn })
    .map((input) => ['PutUserPermissionsBoundary', input] as const),
);

const trusted = trust({ AWS: accountId });
const anything = policy('*');

function roleArn(roleName: string): string {
  return `arn:aws:iam::${accountId}:role/${roleName}`;
}

function ofUser(action: string) {
  return name.map((UserName) => [action, { UserName }] as const);
}

function ofGroup(action: string) {
  return name.map((GroupName) => [action, { GroupName }] as const);
}

function ofProfile(action: string) {
  return fc.record({ InstanceProfileName: name, RoleName: name }).map((input) => [action, input] as const);
}

function checkReferences({ resources }: OpenedAccount): void {
  const has = (arn: string) => awsManagedPolicy(arn) ?? resources.get(policies, place, arn);
  const names = [...resources.entries(users, place)].map(([id]) => id.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const [id, user] of resources.entries(users, place)) {
    expect(user.UserName).toBe(id);
    expect(user.Arn.endsWith(`:user/${id}`)).toBe(true);
    for (const arn of [...user.attachedPolicies, user.PermissionsBoundary ?? []].flat()) {
      expect(has(arn), arn).toBeDefined();
    }
  }
  for (const group of resources.list(groups, place)) {
    for (const member of group.members) expect(resources.get(users, place, member), member).toBeDefined();
  }
  for (const key of resources.list(accessKeys, globalPlace)) {
    expect(resources.get(users, place, key.UserName), key.UserName).toBeDefined();
  }
  for (const { role } of resources.list(instanceProfiles, place)) {
    if (role !== undefined) expect(resources.get(roles, place, role), role).toBeDefined();
  }
  for (const { roleName = '', roleId } of resources.list(sessions, globalPlace)) {
    expect(resources.get(roles, place, roleName)?.RoleId).toBe(roleId);
  }
}

it('whatever is called, nothing refers to what is not there', async () => {
  const account = await OpenedAccount.open();
  try {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 20, maxLength: 40 }), async (made) => {
        for (const [action, input] of made) {
          const service = action === 'AssumeRole' ? 'sts' : 'iam';
          if ((await account.refusal(`${service}:${action}`, input)) === 'no error') answered += 1;
        }
        checkReferences(account);
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(answered).toBeGreaterThan(100);
  } finally {
    await account.close();
  }
});
