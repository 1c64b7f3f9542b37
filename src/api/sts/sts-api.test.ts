import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../../test/open-account.ts';
import { type Caller, createAccount } from '../../iam/index.ts';

let account: OpenedAccount;
/** May assume roles by a policy of its own. */
let user: Caller;
/** May do nothing. */
let nobody: Caller;
/** The administrator of another account. */
let stranger: Caller;

const accountId = '123456789012';
const otherId = '210987654321';
const roleArn = (name: string, owner = accountId) => `arn:aws:iam::${owner}:role/${name}`;
const ownAccount = trust({ AWS: accountId });

const assume = (name: string, caller: Caller, more: object = {}) =>
  account.call('sts:AssumeRole', { RoleArn: roleArn(name), RoleSessionName: 'work', ...more }, caller);
const refusal = (name: string, caller: Caller, more: object = {}) =>
  account.refusal('sts:AssumeRole', { RoleArn: roleArn(name), RoleSessionName: 'work', ...more }, caller);
const sessionOf = async (name: string, caller: Caller, more: object = {}): Promise<Caller> => {
  const { Credentials } = await assume(name, caller, more);
  return account.callerOf(Credentials.AccessKeyId, Credentials.SessionToken);
};
const newUser = async (UserName: string): Promise<Caller> => {
  await account.call('iam:CreateUser', { UserName });
  const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName });
  return account.callerOf(AccessKey.AccessKeyId);
};

beforeAll(async () => {
  account = await OpenedAccount.open();
  user = await newUser('user');
  nobody = await newUser('nobody');
  await account.call('iam:PutUserPolicy', {
    UserName: 'user',
    PolicyName: 'assume',
    PolicyDocument: policy(['sts:AssumeRole', 'sts:TagSession']),
  });
  const other = await account.resources.write((draft) =>
    createAccount(draft, account.vault, {
      accountId: otherId,
      name: 'other',
      isHome: false,
      nowMs: account.nowMs,
    }),
  );
  stranger = account.callerOf(other.accessKeyId);
  const roles: Record<string, string> = {
    open: ownAccount,
    named: trust({ AWS: `arn:aws:iam::${accountId}:user/nobody` }),
    foreign: trust({ AWS: otherId }, { Condition: { StringEquals: { 'sts:ExternalId': 'agreed' } } }),
    service: trust({ Service: 'vpc-flow-logs.amazonaws.com' }),
    chained: trust({ AWS: roleArn('open') }),
    untagged: trust({ AWS: accountId }, { Action: 'sts:AssumeRole' }),
  };
  for (const [RoleName, AssumeRolePolicyDocument] of Object.entries(roles)) {
    await account.call('iam:CreateRole', { RoleName, AssumeRolePolicyDocument, MaxSessionDuration: 7200 });
  }
  await account.call('iam:PutRolePolicy', {
    RoleName: 'open',
    PolicyName: 'all',
    PolicyDocument: policy('*'),
  });
});

afterAll(() => account.close());

describe('GetCallerIdentity', () => {
  it('tells everybody who he is, even under an explicit deny', async () => {
    await account.call('iam:PutUserPolicy', {
      UserName: 'nobody',
      PolicyName: 'nothing',
      PolicyDocument: policy('sts:GetCallerIdentity', { Effect: 'Deny' }),
    });
    expect(await account.call('sts:GetCallerIdentity', {}, nobody)).toEqual({
      UserId: nobody.userId,
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:user/nobody`,
    });
    const session = await sessionOf('open', user);
    expect(await account.call('sts:GetCallerIdentity', {}, session)).toEqual({
      UserId: expect.stringMatching(/^AROA[A-Z2-7]{17}:work$/),
      Account: accountId,
      Arn: `arn:aws:sts::${accountId}:assumed-role/open/work`,
    });
  });
});

describe('AssumeRole', () => {
  const denied = (caller: string, name: string, action = 'sts:AssumeRole') =>
    `AccessDenied: User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn(name)}`;
  const userArn = `arn:aws:iam::${accountId}:user/user`;
  const nobodyArn = `arn:aws:iam::${accountId}:user/nobody`;

  it('gives a session of the role', async () => {
    const answer = await assume('open', user, { DurationSeconds: 900 });
    expect(answer).toMatchObject({
      AssumedRoleUser: {
        Arn: `arn:aws:sts::${accountId}:assumed-role/open/work`,
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:work$/),
      },
      Credentials: { Expiration: new Date(account.nowMs + 900_000) },
    });
    expect(answer.PackedPolicySize).toBeUndefined();
  });

  it.each([
    { name: 'a role that is not there', role: 'none', caller: () => user, answer: denied(userArn, 'none') },
    {
      name: 'a role that trusts a service',
      role: 'service',
      caller: () => user,
      answer: denied(userArn, 'service'),
    },
    {
      name: 'a role that trusts somebody else',
      role: 'named',
      caller: () => user,
      answer: denied(userArn, 'named'),
    },
    {
      name: 'no permission, where the account is trusted',
      role: 'open',
      caller: () => nobody,
      answer: denied(nobodyArn, 'open'),
    },
    {
      name: 'tags where the role does not let them be set',
      role: 'untagged',
      caller: () => user,
      more: { Tags: [{ Key: 'a', Value: 'b' }] },
      answer: denied(userArn, 'untagged', 'sts:TagSession'),
    },
    {
      name: 'another account without the external id',
      role: 'foreign',
      caller: () => stranger,
      answer: denied(`arn:aws:iam::${otherId}:user/admin`, 'foreign'),
    },
    {
      name: 'another account with a wrong external id',
      role: 'foreign',
      caller: () => stranger,
      more: { ExternalId: 'guessed' },
      answer: denied(`arn:aws:iam::${otherId}:user/admin`, 'foreign'),
    },
    {
      name: 'longer than the role lets sessions be',
      role: 'open',
      caller: () => user,
      more: { DurationSeconds: 7201 },
      answer:
        'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    },
    {
      name: 'a session policy that is none',
      role: 'open',
      caller: () => user,
      more: { Policy: 'nonsense' },
      answer: 'MalformedPolicyDocument: Syntax errors in policy.',
    },
    {
      name: 'a session policy that is too long',
      role: 'open',
      caller: () => user,
      more: { Policy: policy(`s3:${'x'.repeat(2048)}`) },
      answer:
        "ValidationError: 1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
    },
    {
      name: 'more than ten managed policies',
      role: 'open',
      caller: () => user,
      more: { PolicyArns: Array(11).fill({ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }) },
      answer:
        "ValidationError: 1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
    },
    {
      name: 'a managed policy that is not there',
      role: 'open',
      caller: () => user,
      more: { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/None' }] },
      answer:
        'MalformedPolicyDocument: Policy arn:aws:iam::aws:policy/None does not exist or is not attachable.',
    },
    {
      name: 'transitive tags that are not given',
      role: 'open',
      caller: () => user,
      more: { TransitiveTagKeys: ['a'] },
      answer:
        'InvalidParameterValue: The specified transitive tag key must be included in the requested tags.',
    },
    {
      name: 'a tag twice',
      role: 'open',
      caller: () => user,
      more: {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      answer:
        'InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    },
  ])('refuses $name', async ({ role, caller, more, answer }) => {
    expect(await refusal(role, caller(), more)).toBe(answer);
  });

  it('refuses an ARN that is of no role', async () => {
    const RoleArn = `arn:aws:iam::${accountId}:user/user`;
    expect(await account.refusal('sts:AssumeRole', { RoleArn, RoleSessionName: 'work' }, user)).toBe(
      `ValidationError: ${RoleArn} is invalid`,
    );
  });

  it('needs no policy of a user whom the role names', async () => {
    expect((await sessionOf('named', nobody)).arn).toBe(`arn:aws:sts::${accountId}:assumed-role/named/work`);
  });

  it('goes across accounts when both allow it', async () => {
    const session = await sessionOf('foreign', stranger, { ExternalId: 'agreed' });
    expect(session.accountId).toBe(accountId);
  });

  it('goes on from a session for an hour', async () => {
    const session = await sessionOf('open', user);
    expect((await sessionOf('chained', session)).session?.roleArn).toBe(roleArn('chained'));
    expect(await refusal('chained', session, { DurationSeconds: 3601 })).toBe(
      'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
    expect(await refusal('chained', user)).toBe(denied(userArn, 'chained'));
  });

  it('hands transitive tags on, which the next session cannot set again', async () => {
    const Tags = [
      { Key: 'team', Value: 'net' },
      { Key: 'cost', Value: '1' },
    ];
    const session = await sessionOf('open', user, { Tags, TransitiveTagKeys: ['team'] });
    expect(session.session).toMatchObject({ tags: { team: 'net', cost: '1' }, transitiveTagKeys: ['team'] });
    expect((await sessionOf('chained', session)).session?.tags).toEqual({ team: 'net' });
    expect(await refusal('chained', session, { Tags: [{ Key: 'Team', Value: 'x' }] })).toMatch(
      /^InvalidParameterValue: One of the specified transitive tag keys/,
    );
  });

  it('limits a session by its policies', async () => {
    const answer = await assume('open', user, {
      Policy: policy('iam:ListUsers'),
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess' }],
    });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    expect(answer.PackedPolicySize).toBeLessThan(30);
    const { AccessKeyId, SessionToken } = answer.Credentials;
    const session = account.callerOf(AccessKeyId, SessionToken);
    expect(await account.refusal('iam:ListUsers', {}, session)).toBe('no error');
    expect(await account.refusal('iam:ListRoles', {}, session)).toMatch(
      /^AccessDenied: .* because no session policy allows the iam:ListRoles action$/,
    );
  });

  it('refuses more policies and tags than a session carries', async () => {
    const random = Array.from({ length: 50 }, (_, number) => ({
      Key: `${number}${account.vault.encrypt('x'.repeat(60), 'key')}`.slice(0, 128),
      Value: account.vault.encrypt('x'.repeat(150), 'value').slice(0, 256),
    }));
    expect(await refusal('open', user, { Tags: random })).toMatch(
      /^PackedPolicyTooLarge: Packed size of session tags consumes \d{3,}% of allotted space\.$/,
    );
  });
});

describe('GetSessionToken', () => {
  it('is for users', async () => {
    const { Credentials } = await account.call('sts:GetSessionToken', {}, nobody);
    expect(Credentials.Expiration.getTime()).toBe(account.nowMs + 12 * 3_600_000);
    const session = await sessionOf('open', user);
    const token = account.callerOf(Credentials.AccessKeyId, Credentials.SessionToken);
    for (const caller of [session, token]) {
      expect(await account.refusal('sts:GetSessionToken', {}, caller)).toBe(
        'AccessDenied: Cannot call GetSessionToken with session credentials',
      );
    }
  });

  it('gives what IAM does not take, so that what has leaked ends', async () => {
    const { Credentials } = await account.call('sts:GetSessionToken');
    const token = account.callerOf(Credentials.AccessKeyId, Credentials.SessionToken);
    for (const action of ['CreateAccessKey', 'ListAccessKeys', 'GetAccountSummary']) {
      expect(await account.refusal(`iam:${action}`, {}, token)).toBe(
        'InvalidClientTokenId: The security token included in the request is invalid.',
      );
    }
  });
});

describe('GetAccessKeyInfo and DecodeAuthorizationMessage', () => {
  it('tell the account of a key, and no message', async () => {
    expect(await account.call('sts:GetAccessKeyInfo', { AccessKeyId: account.key.accessKeyId })).toEqual({
      Account: accountId,
    });
    expect(await account.refusal('sts:GetAccessKeyInfo', { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).toMatch(
      /^ValidationError: /,
    );
    expect(await account.refusal('sts:DecodeAuthorizationMessage', { EncodedMessage: 'x' })).toMatch(
      /^InvalidAuthorizationMessageException: /,
    );
    expect(await account.refusal('sts:GetAccessKeyInfo', { AccessKeyId: 'x' }, nobody)).toMatch(
      /^AccessDenied: User: \S+ is not authorized to perform: sts:GetAccessKeyInfo /,
    );
  });
});
