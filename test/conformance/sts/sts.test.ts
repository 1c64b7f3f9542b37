import { CreateRoleCommand, DeleteRoleCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { policy, trust } from '../../open-account.ts';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let iam: IAMClient;
let sts: STSClient;
let RoleName = '';
let RoleArn = '';

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  sts = new STSClient(served.client());
  RoleName = served.name('role');
  const AssumeRolePolicyDocument = trust({ AWS: served.accountId });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  RoleArn = Role!.Arn!;
});

afterAll(async () => {
  await iam.send(new DeleteRoleCommand({ RoleName })).catch(() => undefined);
  await served.close();
});

const assume = async (more: object = {}) =>
  sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'tests', ...more }));

const clientOf = async (more: object = {}) => {
  const { Credentials } = await assume(more);
  return served.client({
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
};

describe('serialization', () => {
  it('tells who one is', async () => {
    const { UserId, Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Account).toBe(served.accountId);
    expect(Arn).toContain(served.accountId);
    expect(UserId).toMatch(/^A(?:IDA|ROA)/);
  });

  it('gives a session', async () => {
    const answer = await assume({ DurationSeconds: 900, Policy: policy('iam:ListUsers') });
    expect(answer).toMatchObject({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.any(String),
        SessionToken: expect.stringMatching(/^.{100,}$/),
        Expiration: expect.any(Date),
      },
      AssumedRoleUser: {
        Arn: `arn:aws:sts::${served.accountId}:assumed-role/${RoleName}/tests`,
        AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:tests$/),
      },
      PackedPolicySize: expect.any(Number),
    });
    const leftMs = answer.Credentials!.Expiration!.getTime() - Date.now();
    expect(Math.abs(leftMs - 900_000)).toBeLessThan(30_000);
  });

  it.skipIf(isRemote)('tells the account of a key', async () => {
    const { credentials } = served.client();
    const { Account } = await sts.send(
      new GetAccessKeyInfoCommand({ AccessKeyId: credentials?.accessKeyId }),
    );
    expect(Account).toBe(served.accountId);
  });
});

describe('validation', () => {
  it.each([
    { name: 'a session name with a space', more: { RoleSessionName: 'a b' }, says: /at 'roleSessionName'/ },
    { name: 'a session name of one character', more: { RoleSessionName: 'a' }, says: /at 'roleSessionName'/ },
    {
      name: 'too short a time',
      more: { DurationSeconds: 899 },
      says: /at 'durationSeconds'.*greater than or equal to 900/,
    },
    {
      name: 'too long a time',
      more: { DurationSeconds: 43_201 },
      says: /at 'durationSeconds'.*less than or equal to 43200/,
    },
    { name: 'a role that is none', more: { RoleArn: 'arn:aws:iam::1:user/somebody' }, says: /is invalid$/ },
    {
      name: 'longer than the role allows',
      more: { DurationSeconds: 3601 },
      says: /MaxSessionDuration set for this role/,
    },
  ])('refuses $name', async ({ more, says }) => {
    const { code, message, status } = await refusal(assume(more));
    expect({ code, status }).toEqual({ code: 'ValidationError', status: 400 });
    expect(message).toMatch(says);
  });

  it('refuses a policy that is none', async () => {
    expect(await refusal(assume({ Policy: 'nonsense' }))).toMatchObject({
      code: 'MalformedPolicyDocument',
      status: 400,
    });
  });

  it.skipIf(isRemote)('decodes no messages', async () => {
    const command = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'message' });
    expect(await refusal(sts.send(command))).toMatchObject({
      code: 'InvalidAuthorizationMessageException',
      status: 400,
    });
  });
});

describe.skipIf(isRemote)('behaviour', () => {
  it('does not say whether a role is not there or does not trust', async () => {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    const none = `arn:aws:iam::${served.accountId}:role/none`;
    expect(await refusal(assume({ RoleArn: none }))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message: `User: ${Arn} is not authorized to perform: sts:AssumeRole on resource: ${none}`,
    });
  });

  it('lets a session do what its role and its policies allow', async () => {
    const session = await clientOf();
    const { Arn } = await new STSClient(session).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${served.accountId}:assumed-role/${RoleName}/tests`);
    expect(await refusal(new IAMClient(session).send(new ListUsersCommand({})))).toEqual({
      code: 'AccessDenied',
      status: 403,
      message:
        `User: ${Arn} is not authorized to perform: iam:ListUsers on resource: ` +
        `arn:aws:iam::${served.accountId}:user/ because no identity-based policy allows the iam:ListUsers action`,
    });
  });

  it('refuses a token that is not of the key, and a key without its token', async () => {
    const { credentials, ...session } = await clientOf();
    const who = (sessionToken?: string) => {
      const { accessKeyId, secretAccessKey } = credentials!;
      const signing = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
      return new STSClient({ ...session, credentials: signing }).send(new GetCallerIdentityCommand({}));
    };
    const invalid = {
      code: 'InvalidClientTokenId',
      status: 403,
      message: 'The security token included in the request is invalid.',
    };
    expect(await refusal(who())).toEqual(invalid);
    expect(await refusal(who('other'.repeat(30)))).toEqual(invalid);
  });

  it('gives users sessions of their own', async () => {
    const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const client = served.client({
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
    const { Arn } = await new STSClient(client).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:iam::${served.accountId}:user/admin`);
  });
});
