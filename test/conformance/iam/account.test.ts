import {
  CreateAccountAliasCommand,
  CreateServiceLinkedRoleCommand,
  DeleteAccountAliasCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountPasswordPolicyCommand,
  GetAccountSummaryCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  IAMClient,
  ListAccountAliasesCommand,
  ListSAMLProvidersCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let iam: IAMClient;

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
});

afterAll(() => served.close());

describe('serialization', () => {
  it('gives a map of numbers', async () => {
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({
      UsersQuota: 5000,
      AccessKeysPerUserQuota: 2,
      VersionsPerPolicyQuota: 5,
    });
    expect(SummaryMap?.Users).toBeGreaterThanOrEqual(1);
  });

  it.skipIf(isRemote)('gives everything at once', async () => {
    const all = await iam.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(all.UserDetailList).toMatchObject([
      {
        UserName: 'admin',
        GroupList: [],
        AttachedManagedPolicies: [{ PolicyName: 'AdministratorAccess' }],
      },
    ]);
    expect(all.Policies).toMatchObject([
      { PolicyName: 'AdministratorAccess', PolicyVersionList: [{ IsDefaultVersion: true }] },
    ]);
    const groups = await iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Group'] }));
    expect(groups).toMatchObject({
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [],
      Policies: [],
    });
  });

  it.skipIf(isRemote)('gives empty lists of what there never is', async () => {
    expect((await iam.send(new ListSAMLProvidersCommand({}))).SAMLProviderList).toEqual([]);
    expect(await refusal(iam.send(new GetAccountPasswordPolicyCommand({})))).toEqual({
      code: 'NoSuchEntity',
      status: 404,
      message: `The Password Policy with domain name ${served.accountId} cannot be found.`,
    });
  });
});

describe('validation', () => {
  it.each(['Capitals', '-dash', 'a'])('refuses %s as an alias', async (AccountAlias) => {
    expect(await refusal(iam.send(new CreateAccountAliasCommand({ AccountAlias })))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining("at 'accountAlias'"),
    });
  });

  it.skipIf(isRemote)('refuses services without a role of their own', async () => {
    const command = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'ec2.amazonaws.com' });
    expect(await refusal(iam.send(command))).toMatchObject({ code: 'InvalidInput', status: 400 });
  });
});

describe.skipIf(isRemote)('behaviour', () => {
  it('has an alias, and another in its place', async () => {
    const aliases = async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'first-alias' }));
    await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'second-alias' }));
    expect(await aliases()).toEqual(['second-alias']);
    expect(
      await refusal(iam.send(new CreateAccountAliasCommand({ AccountAlias: 'second-alias' }))),
    ).toMatchObject({ code: 'EntityAlreadyExists', status: 409 });
    await iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'second-alias' }));
    expect(await aliases()).toEqual([]);
  });

  it('has roles that services own', async () => {
    const AWSServiceName = 'vpc-flow-logs.amazonaws.com';
    const RoleName = 'AWSServiceRoleForVPCFlowLogs';
    const { Role } = await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
    expect(Role).toMatchObject({
      RoleName,
      Path: `/aws-service-role/${AWSServiceName}/`,
      Arn: `arn:aws:iam::${served.accountId}:role/aws-service-role/${AWSServiceName}/${RoleName}`,
    });
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toMatchObject({
      code: 'UnmodifiableEntity',
      status: 400,
    });
    const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
    expect(DeletionTaskId).toMatch(/^task\/aws-service-role\/vpc-flow-logs\.amazonaws\.com\//);
    const status = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId });
    expect((await iam.send(status)).Status).toBe('SUCCEEDED');
    expect(await refusal(iam.send(new GetRoleCommand({ RoleName })))).toMatchObject({ code: 'NoSuchEntity' });
  });
});
