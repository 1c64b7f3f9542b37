import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, trust } from '../../test/open-account.ts';
import { globalPlace } from '../resource/index.ts';
import { administratorKey, createAccount, homeAccountId, resetAdministratorKey } from './account.ts';
import type { SessionCredentials } from './credentials.ts';
import { sessions } from './kinds.ts';

let account: OpenedAccount;

beforeAll(async () => {
  account = await OpenedAccount.open();
});

afterAll(() => account.close());

const failureOf = (accessKeyId: string, token?: string, atMs = account.nowMs) => {
  const found = account.credentials.find(accessKeyId, token, atMs);
  return 'failure' in found ? found.failure : 'none';
};

const assume = async (roleName: string, more: object = {}): Promise<SessionCredentials> => {
  const RoleArn = `arn:aws:iam::${account.accountId}:role/${roleName}`;
  const input = { RoleArn, RoleSessionName: 'tests', ...more };
  return (await account.call('sts:AssumeRole', input)).Credentials;
};

describe('access keys', () => {
  it('are those of AWS in form, and stand for their user', () => {
    expect(account.key.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(account.key.secretAccessKey).toMatch(/^[\w+/]{40}$/);
    expect(account.credentials.find(account.key.accessKeyId, undefined, account.nowMs)).toEqual({
      secret: account.key.secretAccessKey,
      caller: {
        kind: 'user',
        accountId: account.accountId,
        arn: `arn:aws:iam::${account.accountId}:user/admin`,
        userId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
        userName: 'admin',
      },
    });
  });

  it('are unknown, inactive, or have no token', async () => {
    await account.call('iam:CreateUser', { UserName: 'keys' });
    const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName: 'keys' });
    expect(failureOf(AccessKey.AccessKeyId)).toBe('none');
    expect(failureOf(AccessKey.AccessKeyId, 'token')).toBe('invalid-token');
    expect(failureOf('AKIAIOSFODNN7EXAMPLE')).toBe('unknown');
    const named = { UserName: 'keys', AccessKeyId: AccessKey.AccessKeyId };
    await account.call('iam:UpdateAccessKey', { ...named, Status: 'Inactive' });
    expect(failureOf(AccessKey.AccessKeyId)).toBe('inactive');
    await account.call('iam:DeleteAccessKey', named);
    expect(failureOf(AccessKey.AccessKeyId)).toBe('unknown');
  });

  it('follow a user who gets another name', async () => {
    await account.call('iam:CreateUser', { UserName: 'before' });
    const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName: 'before' });
    await account.call('iam:UpdateUser', { UserName: 'before', NewUserName: 'after', NewPath: '/p/' });
    expect(account.callerOf(AccessKey.AccessKeyId).arn).toBe(
      `arn:aws:iam::${account.accountId}:user/p/after`,
    );
  });
});

describe('sessions', () => {
  beforeAll(async () => {
    const AssumeRolePolicyDocument = trust({ AWS: account.accountId });
    await account.call('iam:CreateRole', { RoleName: 'visitor', AssumeRolePolicyDocument });
    await account.call('iam:CreateRole', { RoleName: 'leaving', AssumeRolePolicyDocument });
  });

  it('need their token, end on time, and outlive a restart', async () => {
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = await assume('visitor');
    expect(AccessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(SessionToken.length).toBeGreaterThanOrEqual(100);
    expect(Expiration.getTime()).toBe(account.nowMs + 3_600_000);
    await account.reopen();
    const found = account.credentials.find(AccessKeyId, SessionToken, account.nowMs);
    expect(found).toMatchObject({
      secret: SecretAccessKey,
      caller: {
        kind: 'role-session',
        arn: `arn:aws:sts::${account.accountId}:assumed-role/visitor/tests`,
        userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:tests$/),
      },
    });
    expect(failureOf(AccessKeyId)).toBe('invalid-token');
    expect(failureOf(AccessKeyId, `${SessionToken}x`)).toBe('invalid-token');
    expect(failureOf(AccessKeyId, SessionToken, Expiration.getTime() - 1)).toBe('none');
    expect(failureOf(AccessKeyId, SessionToken, Expiration.getTime())).toBe('expired');
  });

  it('end with their role, though another has its name', async () => {
    const { AccessKeyId, SessionToken } = await assume('leaving');
    await account.call('iam:DeleteRole', { RoleName: 'leaving' });
    expect(failureOf(AccessKeyId, SessionToken)).toBe('unknown');
    await account.call('iam:CreateRole', {
      RoleName: 'leaving',
      AssumeRolePolicyDocument: trust({ AWS: account.accountId }),
    });
    expect(failureOf(AccessKeyId, SessionToken)).toBe('unknown');
  });

  it('of users act as them', async () => {
    const { Credentials } = await account.call('sts:GetSessionToken', { DurationSeconds: 900 });
    expect(account.callerOf(Credentials.AccessKeyId, Credentials.SessionToken)).toEqual({
      ...account.administrator,
      tokenIssuedMs: account.nowMs,
    });
  });

  it('are forgotten a day after they have ended', async () => {
    const short = await assume('visitor', { DurationSeconds: 900 });
    const long = await assume('visitor', { DurationSeconds: 3600 });
    const dayMs = 24 * 3_600_000;
    await account.credentials.prune(short.Expiration.getTime() + dayMs - 1);
    expect(failureOf(short.AccessKeyId, short.SessionToken, short.Expiration.getTime())).toBe('expired');
    await account.credentials.prune(short.Expiration.getTime() + dayMs);
    const left = [...account.resources.list(sessions, globalPlace)].map(({ AccessKeyId }) => AccessKeyId);
    expect(left).not.toContain(short.AccessKeyId);
    expect(left).toContain(long.AccessKeyId);
  });

  it('of one user leave room for those of others', async () => {
    const { UserName, UserId } = (await account.call('iam:CreateUser', { UserName: 'greedy' })).User;
    const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName });
    const greedy = account.callerOf(AccessKey.AccessKeyId);
    const one = (await account.call('sts:GetSessionToken', {}, greedy)).Credentials.AccessKeyId;
    await account.resources.write((draft) => {
      const session = draft.get(sessions, globalPlace, one);
      if (session?.userId !== UserId) throw new Error('no session');
      for (let number = 1; number < 2000; number += 1) {
        draft.put(sessions, globalPlace, `${one}${number}`, session);
      }
    });
    expect(await account.refusal('sts:GetSessionToken', {}, greedy)).toBe('Throttling: Rate exceeded');
    expect(await account.refusal('sts:GetSessionToken')).toBe('no error');
    account.nowMs += 12 * 3_600_000;
    expect(await account.refusal('sts:GetSessionToken', {}, greedy)).toBe('no error');
    account.nowMs -= 12 * 3_600_000;
  });
});

describe('accounts', () => {
  it('have an administrator whose key is told again and can be replaced', async () => {
    const { resources, vault, accountId, nowMs } = account;
    expect(homeAccountId(resources)).toBe(accountId);
    expect(administratorKey(resources, vault, accountId)).toEqual({
      accessKeyId: account.key.accessKeyId,
      secretAccessKey: account.key.secretAccessKey,
    });
    const made = await resources.write((draft) =>
      createAccount(draft, vault, { name: 'guests', isHome: false, nowMs }),
    );
    expect(made.accountId).toMatch(/^[1-9]\d{11}$/);
    const reset = await resources.write((draft) =>
      resetAdministratorKey(draft, vault, { accountId: made.accountId, nowMs }),
    );
    expect(failureOf(made.accessKeyId)).toBe('unknown');
    expect(failureOf(reset.accessKeyId)).toBe('none');
    expect(administratorKey(resources, vault, made.accountId)).toEqual(reset);
  });

  it('come back in by a reset, whatever has been done to the administrator', async () => {
    const { resources, vault, nowMs } = account;
    const made = await resources.write((draft) =>
      createAccount(draft, vault, { name: 'locked', isHome: false, nowMs }),
    );
    const locked = account.callerOf(made.accessKeyId);
    const denial = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'iam:List*', Resource: '*' }],
    });
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess';
    const { Credentials } = await account.call('sts:GetSessionToken', {}, locked);
    await account.call('iam:CreateGroup', { GroupName: 'limited' }, locked);
    const ofGroup = { GroupName: 'limited', PolicyName: 'p', PolicyDocument: denial };
    await account.call('iam:PutGroupPolicy', ofGroup, locked);
    await account.call('iam:AddUserToGroup', { GroupName: 'limited', UserName: 'admin' }, locked);
    const ofUser = { UserName: 'admin', PolicyName: 'p', PolicyDocument: denial };
    await account.call('iam:PutUserPolicy', ofUser, locked);
    await account.call('iam:PutUserPermissionsBoundary', { UserName: 'admin', PermissionsBoundary }, locked);
    expect(await account.refusal('iam:ListUsers', {}, locked)).toMatch(/^AccessDenied/);
    const reset = await resources.write((draft) =>
      resetAdministratorKey(draft, vault, { accountId: made.accountId, nowMs }),
    );
    expect(await account.refusal('iam:ListUsers', {}, account.callerOf(reset.accessKeyId))).toBe('no error');
    expect(failureOf(Credentials.AccessKeyId, Credentials.SessionToken)).toBe('unknown');
  });

  it.each([
    { name: 'an id of letters', accountId: 'abc', code: 'InvalidAccountId' },
    { name: 'an id that is taken', accountId: '123456789012', code: 'AccountExists' },
    { name: 'a short key', accessKeyId: 'SHORT', code: 'InvalidAccessKey' },
    { name: 'a short secret', secretAccessKey: 'short', code: 'InvalidAccessKey' },
  ])('are refused with $name', async ({ accountId = '210987654321', code, ...key }) => {
    const administratorKey = { accessKeyId: 'AKIDCHOSEN0123456789', secretAccessKey: 'x'.repeat(40), ...key };
    const made = account.resources.write((draft) =>
      createAccount(draft, account.vault, {
        accountId,
        name: 'x',
        isHome: false,
        nowMs: account.nowMs,
        administratorKey,
      }),
    );
    await expect(made).rejects.toMatchObject({ code });
  });
});
