import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../test/open-account.ts';
import { iamPlace } from '../resource/index.ts';
import { Authorizer, serviceCaller } from './authorizer.ts';
import type { Caller } from './caller.ts';
import { denialSentence } from './denial-sentence.ts';
import { roles } from './kinds.ts';
import type { Decision, Permission } from './permission.ts';

let account: OpenedAccount;
const accountId = '123456789012';
const arn = (rest: string) => `arn:aws:iam::${accountId}:${rest}`;

beforeAll(async () => {
  account = await OpenedAccount.open();
});
afterAll(() => account.close());

function may(caller: Caller, action: string, more: Partial<Permission> = {}): Decision['reason'] {
  return account.authorizer.decide({ caller, action, resource: '*', keys: {}, ...more }).reason;
}

async function newUser(UserName: string): Promise<Caller> {
  await account.call('iam:CreateUser', { UserName });
  const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName });
  return account.callerOf(AccessKey.AccessKeyId);
}

function roleOf(name: string) {
  return account.resources.get(roles, iamPlace(accountId), name)!;
}

describe('decisions follow what is changed', () => {
  it('policies of users and groups, at once', async () => {
    const ann = await newUser('ann');
    expect(may(ann, 's3:GetObject')).toBe('implicit-deny');
    const own = { UserName: 'ann', PolicyName: 'own', PolicyDocument: policy('s3:*') };
    await account.call('iam:PutUserPolicy', own);
    expect(may(ann, 's3:GetObject')).toBe('allowed');
    const group = { GroupName: 'crew', PolicyName: 'no', PolicyDocument: policy('s3:*', { Effect: 'Deny' }) };
    await account.call('iam:CreateGroup', { GroupName: 'crew' });
    await account.call('iam:PutGroupPolicy', group);
    expect(may(ann, 's3:GetObject')).toBe('allowed');
    await account.call('iam:AddUserToGroup', { GroupName: 'crew', UserName: 'ann' });
    expect(may(ann, 's3:GetObject')).toBe('explicit-deny');
    await account.call('iam:RemoveUserFromGroup', { GroupName: 'crew', UserName: 'ann' });
    await account.call('iam:DeleteUserPolicy', own);
    expect(may(ann, 's3:GetObject')).toBe('implicit-deny');
  });

  it('the default version of a managed policy', async () => {
    const ben = await newUser('ben');
    const { Policy } = await account.call('iam:CreatePolicy', {
      PolicyName: 'rules',
      PolicyDocument: policy('s3:*'),
    });
    const PolicyArn = Policy.Arn;
    await account.call('iam:AttachUserPolicy', { UserName: 'ben', PolicyArn });
    expect(may(ben, 's3:GetObject')).toBe('allowed');
    await account.call('iam:CreatePolicyVersion', { PolicyArn, PolicyDocument: policy('ec2:*') });
    expect(may(ben, 's3:GetObject')).toBe('allowed');
    await account.call('iam:SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v2' });
    expect(may(ben, 's3:GetObject')).toBe('implicit-deny');
    await account.call('iam:PutUserPermissionsBoundary', { UserName: 'ben', PermissionsBoundary: PolicyArn });
    expect(may(ben, 'ec2:CreateVpc')).toBe('allowed');
  });

  it('a role that is made again is another', async () => {
    const role = { RoleName: 'worker', AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }) };
    const own = { RoleName: 'worker', PolicyName: 'own', PolicyDocument: policy('s3:*') };
    await account.call('iam:CreateRole', role);
    await account.call('iam:PutRolePolicy', own);
    const session = account.authorizer.roleSession(roleOf('worker'), 'night');
    expect(may(session, 's3:GetObject')).toBe('allowed');
    await account.call('iam:DeleteRolePolicy', own);
    await account.call('iam:DeleteRole', { RoleName: 'worker' });
    expect(may(session, 's3:GetObject')).toBe('implicit-deny');
    await account.call('iam:CreateRole', role);
    await account.call('iam:PutRolePolicy', own);
    expect(may(session, 's3:GetObject')).toBe('implicit-deny');
  });

  it('services assume whom the role trusts', async () => {
    const source = {
      'aws:SourceAccount': accountId,
      'aws:SourceArn': 'arn:aws:ec2:eu-west-1:1:vpc-flow-log/fl-1',
    };
    await account.call('iam:CreateRole', {
      RoleName: 'flow-logs',
      AssumeRolePolicyDocument: trust(
        { Service: 'vpc-flow-logs.amazonaws.com' },
        { Condition: { StringEquals: { 'aws:SourceAccount': accountId } } },
      ),
    });
    const assumed = (service: string, keys: Permission['keys']) =>
      account.authorizer.mayAssume({ role: roleOf('flow-logs'), service, keys });
    expect(assumed('vpc-flow-logs.amazonaws.com', source)).toBe(true);
    expect(assumed('vpc-flow-logs.amazonaws.com', { ...source, 'aws:SourceAccount': '999988887777' })).toBe(
      false,
    );
    expect(assumed('vpc-flow-logs.amazonaws.com', {})).toBe(false);
    expect(assumed('ec2.amazonaws.com', source)).toBe(false);
  });

  it('know the time, also where the request does not tell it', async () => {
    const eve = await newUser('eve');
    const Condition = { DateLessThan: { 'aws:CurrentTime': '2026-03-01T12:00:00Z' } };
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition },
    });
    await account.call('iam:PutUserPolicy', { UserName: 'eve', PolicyName: 'own', PolicyDocument });
    const atMs = (nowMs: number) => new Authorizer(account.resources, () => nowMs);
    const asked = { caller: eve, action: 'ec2:CreateVpc', resource: '*', keys: {} };
    const noonMs = Date.UTC(2026, 2, 1, 12);
    expect(atMs(noonMs).decide(asked).isAllowed).toBe(false);
    expect(atMs(noonMs - 1).decide(asked).isAllowed).toBe(true);
  });

  it('a service may nothing by itself', () => {
    expect(may(serviceCaller('ec2.amazonaws.com'), 's3:GetObject', { resourceAccount: accountId })).toBe(
      'implicit-deny',
    );
  });

  it('a resource policy that is none gives nothing', async () => {
    const cal = await newUser('cal');
    expect(may(cal, 's3:GetObject', { resourcePolicy: '{"Statement":' })).toBe('implicit-deny');
  });
});

describe('denials say why', () => {
  const asked = { action: 's3:GetObject', resource: 'arn:aws:s3:::a/b', keys: {} } as const;
  const caller: Caller = { kind: 'user', accountId, arn: arn('user/x'), userId: 'AIDAX', userName: 'x' };
  const begin = `User: ${arn('user/x')} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::a/b"`;

  it.each<[Decision['reason'], Decision['decidedBy'], string]>([
    ['implicit-deny', 'identity', 'because no identity-based policy allows the s3:GetObject action'],
    ['explicit-deny', 'identity', 'with an explicit deny in an identity-based policy'],
    ['implicit-deny', 'boundary', 'because no permissions boundary allows the s3:GetObject action'],
    ['explicit-deny', 'boundary', 'with an explicit deny in a permissions boundary'],
    ['implicit-deny', 'session', 'because no session policy allows the s3:GetObject action'],
    ['explicit-deny', 'session', 'with an explicit deny in a session policy'],
    ['implicit-deny', 'resource', 'because no resource-based policy allows the s3:GetObject action'],
    ['explicit-deny', 'resource', 'with an explicit deny in a resource-based policy'],
    ['implicit-deny', 'trust', 'because no role trust policy allows the s3:GetObject action'],
    ['explicit-deny', 'trust', 'with an explicit deny in the role trust policy'],
  ])('%s by %s', (reason, decidedBy, end) => {
    const decision = { isAllowed: false, reason, decidedBy };
    expect(denialSentence({ caller, ...asked }, decision)).toBe(`${begin} ${end}`);
  });

  it('without a resource', () => {
    const decision = { isAllowed: false, reason: 'implicit-deny', decidedBy: 'identity' } as const;
    expect(denialSentence({ caller, ...asked, resource: '*' }, decision)).toBe(
      `User: ${arn('user/x')} is not authorized to perform: s3:GetObject ` +
        'because no identity-based policy allows the s3:GetObject action',
    );
    expect(denialSentence({ caller, ...asked, action: 'iam:ListPolicies', resource: '*' }, decision)).toBe(
      `User: ${arn('user/x')} is not authorized to perform: iam:ListPolicies on resource: * ` +
        'because no identity-based policy allows the iam:ListPolicies action',
    );
  });
});

it('a decision takes microseconds', async () => {
  const dee = await newUser('dee');
  for (const name of ['ReadOnlyAccess', 'AmazonVPCFullAccess', 'CloudWatchLogsFullAccess']) {
    await account.call('iam:AttachUserPolicy', {
      UserName: 'dee',
      PolicyArn: `arn:aws:iam::aws:policy/${name}`,
    });
  }
  const decideMany = (count: number) => {
    const before = performance.now();
    for (let i = 0; i < count; i++)
      may(dee, 'ec2:DeleteSecurityGroup', { keys: { 'aws:SourceIp': '10.0.0.1' } });
    return ((performance.now() - before) * 1000) / count;
  };
  decideMany(2_000);
  expect(Math.min(...[1, 2, 3].map(() => decideMany(2_000)))).toBeLessThan(20);
});
