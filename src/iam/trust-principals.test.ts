import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedAccount, policy, trust } from '../../test/open-account.ts';
import { resolvePrincipals, shownPrincipals } from './trust-principals.ts';

let account: OpenedAccount;
let userId = '';
let roleId = '';
const arn = (rest: string) => `arn:aws:iam::123456789012:${rest}`;

beforeAll(async () => {
  account = await OpenedAccount.open();
  userId = (await account.call('iam:CreateUser', { UserName: 'ann', Path: '/team/' })).User.UserId;
  const AssumeRolePolicyDocument = trust({ AWS: '123456789012' });
  roleId = (await account.call('iam:CreateRole', { RoleName: 'cook', AssumeRolePolicyDocument })).Role.RoleId;
});
afterAll(() => account.close());

describe('principals of trust policies', () => {
  it('are stored by unique ids, in a text that is else as it was', () => {
    const text = `{ "Version" : "2012-10-17",\n "Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
      "Principal":{"AWS":["${arn('user/team/ann')}", "${arn('role/cook')}","123456789012"],"Service":"ec2.amazonaws.com"}}]}`;
    const stored = resolvePrincipals(text, account.resources);
    expect(stored).toBe(text.replace(arn('user/team/ann'), userId).replace(arn('role/cook'), roleId));
    expect(shownPrincipals(stored, account.resources)).toBe(text);
  });

  it.each([
    ['everybody', '*'],
    ['everybody, as AWS', { AWS: '*' }],
    ['an account', { AWS: '999988887777' }],
    ['an account by its root', { AWS: 'arn:aws:iam::999988887777:root' }],
    ['a user of an account that is not here', { AWS: 'arn:aws:iam::999988887777:user/bob' }],
    ['a session', { AWS: 'arn:aws:sts::123456789012:assumed-role/cook/night' }],
    ['services', { Service: ['ec2.amazonaws.com', 'vpc-flow-logs.amazonaws.com'] }],
    ['a provider', { Federated: arn('oidc-provider/token.example.com') }],
  ])('stay: %s', (_name, principal) => {
    expect(resolvePrincipals(trust(principal), account.resources)).toBe(trust(principal));
  });

  it.each([
    ['a user who is not here', { AWS: arn('user/bob') }, `"AWS":"${arn('user/bob')}"`],
    ['a user under another path', { AWS: arn('user/ann') }, `"AWS":"${arn('user/ann')}"`],
    ['a role that is not here', { AWS: arn('role/ann') }, `"AWS":"${arn('role/ann')}"`],
    ['a group', { AWS: arn('group/crew') }, `"AWS":"${arn('group/crew')}"`],
    ['a pattern', { AWS: arn('user/*') }, `"AWS":"${arn('user/*')}"`],
    ['an id of nobody', { AWS: 'AIDANOBODY' }, '"AWS":"AIDANOBODY"'],
    ['what is no service', { Service: 'flow logs' }, '"SERVICE":"flow logs"'],
    ['a canonical user', { CanonicalUser: 'abc' }, '"CANONICALUSER":"abc"'],
  ])('cannot be: %s', (_name, principal, shown) => {
    expect(() => resolvePrincipals(trust(principal), account.resources)).toThrow(
      `Invalid principal in policy: ${shown}`,
    );
  });

  it('who are deleted are their ids, and nobody else', async () => {
    const trusting = { RoleName: 'vault', AssumeRolePolicyDocument: trust({ AWS: arn('user/dan') }) };
    const first = (await account.call('iam:CreateUser', { UserName: 'dan' })).User.UserId;
    await account.call('iam:CreateRole', trusting);
    await account.call('iam:DeleteUser', { UserName: 'dan' });
    await account.call('iam:CreateUser', { UserName: 'dan' });
    const { AccessKey } = await account.call('iam:CreateAccessKey', { UserName: 'dan' });
    const dan = account.callerOf(AccessKey.AccessKeyId);
    const request = { RoleArn: arn('role/vault'), RoleSessionName: 'again' };
    expect(await account.refusal('sts:AssumeRole', request, dan)).toMatch(/^AccessDenied/);
    const { Role } = await account.call('iam:GetRole', { RoleName: 'vault' });
    expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toContain(first);
    await account.call('iam:UpdateAssumeRolePolicy', {
      RoleName: 'vault',
      PolicyDocument: trust({ AWS: arn('user/dan') }),
    });
    await account.call('iam:PutUserPolicy', {
      UserName: 'dan',
      PolicyName: 'p',
      PolicyDocument: policy('s3:*'),
    });
    expect(await account.refusal('sts:AssumeRole', request, dan)).toBe('no error');
  });
});
