import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../test/open-account.ts';
import { createAccount } from './index.ts';
import { ServiceAccess } from './service-access.ts';

const service = { Service: 'vpc-flow-logs.amazonaws.com' };
const roleArn = (name: string, accountId = '123456789012') => `arn:aws:iam::${accountId}:role/${name}`;
const flowLog = (accountId: string) => ({
  service: service.Service,
  accountId,
  arn: `arn:aws:ec2:us-east-1:${accountId}:vpc-flow-log/fl-0123456789abcdef0`,
});
const own = flowLog('123456789012');
const fromHere = { StringEquals: { 'aws:SourceAccount': '123456789012' } };
const fromThere = { ArnLike: { 'aws:SourceArn': 'arn:aws:ec2:*:210987654321:vpc-flow-log/*' } };

let account: OpenedAccount;
let roles: ServiceAccess;
/** Of the other account. */
let otherKeyId: string;

beforeAll(async () => {
  account = await OpenedAccount.open();
  roles = new ServiceAccess(account.resources, account.authorizer);
  const trusts = {
    open: trust(service),
    conditional: trust(service, { Condition: fromHere }),
    elsewhere: trust(service, { Condition: fromThere }),
    others: trust({ Service: 'ec2.amazonaws.com' }),
    accounts: trust({ AWS: '123456789012' }),
  };
  for (const [RoleName, AssumeRolePolicyDocument] of Object.entries(trusts)) {
    await account.call('iam:CreateRole', { RoleName, AssumeRolePolicyDocument });
  }
  const { accessKeyId } = await account.resources.write((draft) =>
    createAccount(draft, account.vault, {
      accountId: '210987654321',
      name: 'other',
      isHome: false,
      nowMs: account.nowMs,
    }),
  );
  otherKeyId = accessKeyId;
  const theirs = { RoleName: 'open', AssumeRolePolicyDocument: trust(service) };
  await account.call('iam:CreateRole', theirs, account.callerOf(accessKeyId));
});

afterAll(() => account.close());

describe('the role of a flow log', () => {
  it.each([
    ['a role that trusts the service', roleArn('open'), own, true],
    ['a role that trusts it for the account', roleArn('conditional'), own, true],
    ['a role that trusts it for another flow log', roleArn('elsewhere'), own, false],
    ['a role that trusts another service', roleArn('others'), own, false],
    ['a role that trusts the account', roleArn('accounts'), own, false],
    ['no role', roleArn('none'), own, false],
    ['another path', roleArn('path/open'), own, false],
    ['another account’s role that trusts the service', roleArn('open', '210987654321'), own, false],
    ['that role for its own account', roleArn('open', '210987654321'), flowLog('210987654321'), true],
  ])('%s', (_, arn, source, expected) => {
    expect(roles.assume(arn, source) !== undefined).toBe(expected);
  });

  it('may do what its policies allow at that moment', async () => {
    const session = roles.assume(roleArn('open'), own);
    const may = () =>
      session?.isAllowed('logs:PutLogEvents', 'arn:aws:logs:us-east-1:123456789012:log-group:g:*');
    expect(may()).toBe(false);
    await account.call('iam:PutRolePolicy', {
      RoleName: 'open',
      PolicyName: 'p',
      PolicyDocument: policy('logs:PutLogEvents'),
    });
    expect(may()).toBe(true);
    await account.call('iam:DeleteRolePolicy', { RoleName: 'open', PolicyName: 'p' });
    await account.call('iam:DeleteRole', { RoleName: 'open' });
    expect(may()).toBe(false);
  });

  it('may do what is conditional on the resource’s tags', async () => {
    await account.call('iam:PutRolePolicy', {
      RoleName: 'conditional',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'firehose:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/on': 'true' } },
        },
      }),
    });
    const session = roles.assume(roleArn('conditional'), own);
    const may = (keys?: Record<string, string>) => session?.isAllowed('firehose:PutRecord', 'arn:x', keys);
    expect([may(), may({ 'aws:ResourceTag/on': 'false' }), may({ 'aws:ResourceTag/on': 'true' })]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('becomes another account’s role that trusts it, where it may', async () => {
    const theirs = roleArn('shared', '210987654321');
    const mayAssume = () => roles.assume(roleArn('conditional'), own)?.assume(theirs) !== undefined;
    await account.call(
      'iam:CreateRole',
      { RoleName: 'shared', AssumeRolePolicyDocument: trust({ AWS: roleArn('conditional') }) },
      account.callerOf(otherKeyId),
    );
    expect(mayAssume()).toBe(false);
    await account.call('iam:PutRolePolicy', {
      RoleName: 'conditional',
      PolicyName: 'q',
      PolicyDocument: policy('sts:AssumeRole', { Resource: theirs }),
    });
    expect(mayAssume()).toBe(true);
    expect(roles.assume(roleArn('others'), own)?.assume(theirs)).toBeUndefined();
    await account.call(
      'iam:UpdateAssumeRolePolicy',
      { RoleName: 'shared', PolicyDocument: trust({ AWS: roleArn('others') }) },
      account.callerOf(otherKeyId),
    );
    expect(mayAssume()).toBe(false);
  });
});
