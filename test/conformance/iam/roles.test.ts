import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../../open-account.ts';
import { refusal, ServedAccount } from '../server.ts';

const flowLogs = trust({ Service: 'vpc-flow-logs.amazonaws.com' });
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
let served: ServedAccount;
let iam: IAMClient;
const made: string[] = [];

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
});

afterAll(async () => {
  for (const RoleName of made) await iam.send(new DeleteRoleCommand({ RoleName })).catch(() => undefined);
  await served.close();
});

async function create(more: object = {}) {
  const RoleName = served.name('role');
  made.push(RoleName);
  const command = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: flowLogs, ...more });
  return (await iam.send(command)).Role!;
}

const documentOf = async (RoleName: string | undefined) => {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  return Role!.AssumeRolePolicyDocument!;
};

describe('serialization', () => {
  it('gives a role in all its members, its trust policy percent-encoded', async () => {
    const Tags = [{ Key: 'team', Value: 'net + dev' }];
    const role = await create({
      Path: '/service/',
      Description: 'Für <Flow> & "Logs"',
      MaxSessionDuration: 7200,
      PermissionsBoundary: readOnly,
      Tags,
    });
    expect(role).toEqual({
      Path: '/service/',
      RoleName: role.RoleName,
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${served.accountId}:role/service/${role.RoleName}`,
      CreateDate: expect.any(Date),
      AssumeRolePolicyDocument: expect.stringMatching(/^%7B%22Version%22%3A%222012-10-17%22/),
      Description: 'Für <Flow> & "Logs"',
      MaxSessionDuration: 7200,
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: readOnly },
      Tags,
    });
    expect(decodeURIComponent(role.AssumeRolePolicyDocument!)).toBe(flowLogs);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: role.RoleName }));
    expect(Role).toMatchObject(role);
    expect(Role?.RoleLastUsed).toBeDefined();
  });

  it('gives lists without tags and boundary', async () => {
    const { Tags: _, ...role } = await create({
      Path: `/${served.name()}/`,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const { Roles } = await iam.send(new ListRolesCommand({ PathPrefix: role.Path }));
    expect(Roles).toEqual([role]);
  });
});

describe('validation', () => {
  it.each([
    {
      name: 'no trust policy',
      more: { AssumeRolePolicyDocument: undefined },
      says: /assumeRolePolicyDocument/,
    },
    {
      name: 'sessions that are too short',
      more: { MaxSessionDuration: 60 },
      says: /maxSessionDuration.*3600/,
    },
    {
      name: 'sessions that are too long',
      more: { MaxSessionDuration: 43_201 },
      says: /maxSessionDuration.*43200/,
    },
  ])('refuses $name', async ({ more, says }) => {
    expect(await refusal(create(more))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(says),
    });
  });

  it.each([
    { name: 'what is no JSON', document: 'nonsense' },
    { name: 'resources', document: trust({ AWS: '*' }, { Resource: '*' }) },
    { name: 'other actions', document: trust({ AWS: '*' }, { Action: 's3:GetObject' }) },
    { name: 'a service that cannot be', document: trust({ Service: 'flow logs' }) },
  ])('refuses a trust policy with $name', async ({ document }) => {
    expect(await refusal(create({ AssumeRolePolicyDocument: document }))).toMatchObject({
      code: 'MalformedPolicyDocument',
      status: 400,
    });
  });
});

describe('behaviour', () => {
  it('has an hour when nothing is said', async () => {
    const role = await create();
    expect(role).toMatchObject({ MaxSessionDuration: 3600, Path: '/' });
    expect(role.Description).toBeUndefined();
  });

  it('changes description, sessions and trust', async () => {
    const { RoleName } = await create();
    await iam.send(new UpdateRoleCommand({ RoleName, Description: 'one', MaxSessionDuration: 5000 }));
    const { Role } = await iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: 'two' }));
    expect(Role).toMatchObject({ Description: 'two', MaxSessionDuration: 5000 });
    const PolicyDocument = trust({ AWS: served.accountId });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    expect(decodeURIComponent(await documentOf(RoleName))).toContain(served.accountId);
  });

  it('trusts who is there, and no other of his name', async () => {
    const UserName = served.name('user');
    const arn = `arn:aws:iam::${served.accountId}:user/${UserName}`;
    const AssumeRolePolicyDocument = trust({ AWS: arn });
    expect(await refusal(create({ AssumeRolePolicyDocument }))).toEqual({
      code: 'MalformedPolicyDocument',
      status: 400,
      message: `Invalid principal in policy: "AWS":"${arn}"`,
    });
    const { User } = await iam.send(new CreateUserCommand({ UserName }));
    const { RoleName } = await create({ AssumeRolePolicyDocument });
    expect(decodeURIComponent(await documentOf(RoleName))).toContain(arn);
    await iam.send(new DeleteUserCommand({ UserName }));
    expect(decodeURIComponent(await documentOf(RoleName))).toContain(User!.UserId);
  });

  it('sets and takes away tags and boundary', async () => {
    const { RoleName } = await create();
    await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: '1' }] }));
    expect((await iam.send(new ListRoleTagsCommand({ RoleName }))).Tags).toEqual([{ Key: 'a', Value: '1' }]);
    await iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['a'] }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: readOnly }));
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).not.toHaveProperty('Tags');
    expect(Role).not.toHaveProperty('PermissionsBoundary');
  });
});
