import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';
import type { Caller } from '../../iam/index.ts';

let account: OpenedAccount;

const accountId = '123456789012';
const iamArn = (rest: string) => `arn:aws:iam::${accountId}:${rest}`;

beforeAll(async () => {
  account = await OpenedAccount.open();
});

afterAll(() => account.close());

/** A user with one policy of its own. */
async function userWith(document: string): Promise<Caller> {
  const UserName = `user${Math.random()}`;
  await account.call('iam:CreateUser', { UserName });
  await account.call('iam:PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: document });
  const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName });
  return account.callerOf(AccessKey.AccessKeyId);
}

function conditional(Action: string, Resource: string, Condition: object): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, Condition }],
  });
}

describe('what IAM actions are about', () => {
  const trusted = trust({ AWS: accountId });
  const boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const policyOf = (action: string) =>
    /^(?:At|De)tach/.test(action)
      ? { PolicyArn: boundary }
      : { PolicyName: 'p', ...(action.startsWith('Put') && { PolicyDocument: policy('*') }) };

  beforeAll(async () => {
    await account.call('iam:CreateUser', { UserName: 'ann', Path: '/team/' });
    await account.call('iam:CreateUser', { UserName: 'fenced', PermissionsBoundary: boundary });
    await account.call('iam:CreateRole', {
      RoleName: 'cook',
      Path: '/k/',
      AssumeRolePolicyDocument: trusted,
    });
    await account.call('iam:CreateGroup', { GroupName: 'crew' });
    await account.call('iam:CreateInstanceProfile', { InstanceProfileName: 'box' });
    await account.call('iam:CreatePolicy', { PolicyName: 'rules', PolicyDocument: policy('*') });
    await account.call('iam:TagUser', { UserName: 'ann', Tags: [{ Key: 'team', Value: 'net' }] });
  });

  it.each<[action: string, input: object, resource: string]>([
    ['CreateUser', { UserName: 'bob', Path: '/x/' }, iamArn('user/x/bob')],
    ['GetUser', { UserName: 'ann' }, iamArn('user/team/ann')],
    ['GetUser', { UserName: 'nobody' }, iamArn('user/nobody')],
    ['ListUsers', { PathPrefix: '/team/' }, iamArn('user/team/')],
    ['ListUsers', {}, iamArn('user/')],
    ['CreateAccessKey', { UserName: 'ann' }, iamArn('user/team/ann')],
    ['AddUserToGroup', { GroupName: 'crew', UserName: 'ann' }, iamArn('group/crew')],
    ['ListGroupsForUser', { UserName: 'ann' }, iamArn('user/team/ann')],
    ['GetRole', { RoleName: 'cook' }, iamArn('role/k/cook')],
    [
      'PutRolePolicy',
      { RoleName: 'cook', PolicyName: 'p', PolicyDocument: policy('*') },
      iamArn('role/k/cook'),
    ],
    ['GetPolicy', { PolicyArn: iamArn('policy/rules') }, iamArn('policy/rules')],
    ['CreatePolicy', { PolicyName: 'q', PolicyDocument: policy('*') }, iamArn('policy/q')],
    ['GetInstanceProfile', { InstanceProfileName: 'box' }, iamArn('instance-profile/box')],
    [
      'CreateServiceLinkedRole',
      { AWSServiceName: 'delivery.logs.amazonaws.com' },
      iamArn('role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery'),
    ],
  ])('%s %j', async (action, input, resource) => {
    const nobody = await userWith(policy('s3:GetObject'));
    expect(await account.refusal(`iam:${action}`, input, nobody)).toBe(
      `AccessDenied: User: ${nobody.arn} is not authorized to perform: iam:${action} on resource: ${resource} ` +
        `because no identity-based policy allows the iam:${action} action`,
    );
    const allowed = await userWith(policy(`iam:${action}`, { Resource: resource }));
    expect(await account.refusal(`iam:${action}`, input, allowed)).not.toMatch(/^AccessDenied/);
  });

  it.each<[name: string, action: string, condition: object, allowed: object, denied: object]>([
    [
      'the policy that is attached',
      'AttachRolePolicy',
      { ArnEquals: { 'iam:PolicyARN': boundary } },
      { RoleName: 'cook', PolicyArn: boundary },
      { RoleName: 'cook', PolicyArn: iamArn('policy/rules') },
    ],
    [
      'the boundary of a new user',
      'CreateUser',
      { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      { UserName: 'bounded', PermissionsBoundary: boundary },
      { UserName: 'unbounded' },
    ],
    ...['AttachUserPolicy', 'DetachUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'].map(
      (action): [string, string, object, object, object] => [
        `the boundary of the user of ${action}`,
        action,
        { StringEquals: { 'iam:PermissionsBoundary': boundary } },
        { UserName: 'fenced', ...policyOf(action) },
        { UserName: 'ann', ...policyOf(action) },
      ],
    ),
    [
      'the tags of a new role',
      'CreateRole',
      {
        StringEquals: { 'aws:RequestTag/team': 'net' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
      },
      { RoleName: 'tagged', AssumeRolePolicyDocument: trusted, Tags: [{ Key: 'team', Value: 'net' }] },
      { RoleName: 'untagged', AssumeRolePolicyDocument: trusted },
    ],
    [
      'the tags of a user',
      'GetUser',
      { StringEquals: { 'iam:ResourceTag/team': 'net' } },
      { UserName: 'ann' },
      { UserName: 'admin' },
    ],
    [
      'the service of a linked role',
      'CreateServiceLinkedRole',
      { StringEquals: { 'iam:AWSServiceName': 'vpc-flow-logs.amazonaws.com' } },
      { AWSServiceName: 'vpc-flow-logs.amazonaws.com' },
      { AWSServiceName: 'delivery.logs.amazonaws.com' },
    ],
  ])('can depend on %s', async (_, action, condition, allowed, denied) => {
    const caller = await userWith(conditional(`iam:${action}`, '*', condition));
    expect(await account.refusal(`iam:${action}`, denied, caller)).toMatch(/^AccessDenied/);
    expect(await account.refusal(`iam:${action}`, allowed, caller)).toBe('no error');
  });

  it('a role in an instance profile is passed to EC2', async () => {
    const input = { InstanceProfileName: 'box', RoleName: 'cook' };
    const caller = await userWith(policy('iam:AddRoleToInstanceProfile'));
    expect(await account.refusal('iam:AddRoleToInstanceProfile', input, caller)).toBe(
      `AccessDenied: User: ${caller.arn} is not authorized to perform: iam:PassRole on resource: ` +
        `${iamArn('role/k/cook')} because no identity-based policy allows the iam:PassRole action`,
    );
  });

  it('another account’s policy is that account’s', async () => {
    const PolicyArn = 'arn:aws:iam::210987654321:policy/rules';
    expect(await account.refusal('iam:GetPolicy', { PolicyArn })).toMatch(/^AccessDenied: /);
  });

  it('is the caller where no user is named', async () => {
    const caller = await userWith(policy('*'));
    expect((await account.call('iam:GetUser', {}, caller)).User.Arn).toBe(caller.arn);
    const RoleArn = iamArn('role/k/cook');
    const { Credentials } = await account.call('sts:AssumeRole', { RoleArn, RoleSessionName: 's' });
    const session = account.callerOf(Credentials.AccessKeyId, Credentials.SessionToken);
    expect(await account.refusal('iam:GetUser', {}, session)).toBe(
      'ValidationError: Must specify userName when calling with non-User credentials',
    );
  });
});
