import {
  CreateUserCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetUserCommand,
  IAMClient,
  ListMFADevicesCommand,
  ListUsersCommand,
  ListUserTagsCommand,
  PutUserPermissionsBoundaryCommand,
  paginateListUsers,
  TagUserCommand,
  UntagUserCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, ServedAccount } from '../server.ts';

const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
let served: ServedAccount;
let iam: IAMClient;
const made: string[] = [];

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
});

afterAll(async () => {
  for (const UserName of made) await iam.send(new DeleteUserCommand({ UserName })).catch(() => undefined);
  await served.close();
});

async function create(more: object = {}) {
  const UserName = served.name('user');
  made.push(UserName);
  const { User } = await iam.send(new CreateUserCommand({ UserName, ...more }));
  return User!;
}

describe('serialization', () => {
  it('gives a user in all its members', async () => {
    const before = Date.now();
    const user = await create({
      Path: '/team/net/',
      PermissionsBoundary: readOnly,
      Tags: [
        { Key: 'team', Value: 'net' },
        { Key: 'empty', Value: '' },
      ],
    });
    expect(user).toEqual({
      Path: '/team/net/',
      UserName: user.UserName,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${served.accountId}:user/team/net/${user.UserName}`,
      CreateDate: expect.any(Date),
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: readOnly },
      Tags: [
        { Key: 'team', Value: 'net' },
        { Key: 'empty', Value: '' },
      ],
    });
    expect(Math.abs(user.CreateDate!.getTime() - before)).toBeLessThan(60_000);
    expect((await iam.send(new GetUserCommand({ UserName: user.UserName }))).User).toEqual(user);
  });

  it('gives lists without tags and boundary', async () => {
    const user = await create({ Tags: [{ Key: 'a', Value: 'b' }], PermissionsBoundary: readOnly });
    const { Users = [] } = await iam.send(new ListUsersCommand({}));
    const listed = Users.find(({ UserName }) => UserName === user.UserName);
    const { Tags: _, PermissionsBoundary: __, ...shown } = user;
    expect(listed).toEqual(shown);
  });

  it('gives empty lists', async () => {
    const { UserName } = await create();
    expect((await iam.send(new ListUserTagsCommand({ UserName }))).Tags).toEqual([]);
    expect((await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
  });
});

describe('validation', () => {
  it.each([
    {
      name: 'a name with a space',
      input: { UserName: 'a b' },
      says: /^The specified value for userName is invalid\./,
    },
    {
      name: 'a name that is too long',
      input: { UserName: 'a'.repeat(129) },
      says: /at 'userName' .* length/,
    },
    {
      name: 'a path without a slash',
      input: { UserName: 'a', Path: 'team' },
      says: /at 'path' failed to satisfy/,
    },
    {
      name: 'a name and a path',
      input: { UserName: 'a b', Path: 'team' },
      says: /^2 validation errors detected: /,
    },
  ])('refuses $name', async ({ input, says }) => {
    const { code, message, status } = await refusal(iam.send(new CreateUserCommand(input)));
    expect(code).toBe('ValidationError');
    expect(status).toBe(400);
    expect(message).toMatch(says);
  });

  it('refuses a page that is too large', async () => {
    expect(await refusal(iam.send(new ListUsersCommand({ MaxItems: 1001 })))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(
        /at 'maxItems' failed to satisfy constraint: Member must have value less/,
      ),
    });
  });
});

describe('behaviour', () => {
  it('does not make a user twice, whatever the case', async () => {
    const { UserName = '' } = await create();
    const again = UserName.toUpperCase();
    expect(await refusal(iam.send(new CreateUserCommand({ UserName: again })))).toEqual({
      code: 'EntityAlreadyExists',
      status: 409,
      message: `User with name ${again} already exists.`,
    });
  });

  it('does not know who was deleted', async () => {
    const { UserName } = await create();
    await iam.send(new DeleteUserCommand({ UserName }));
    expect(await refusal(iam.send(new GetUserCommand({ UserName })))).toEqual({
      code: 'NoSuchEntity',
      status: 404,
      message: `The user with name ${UserName} cannot be found.`,
    });
  });

  it('gives a user another name and path', async () => {
    const { UserName, UserId } = await create();
    const NewUserName = served.name('renamed');
    made.push(NewUserName);
    await iam.send(new UpdateUserCommand({ UserName, NewUserName, NewPath: '/new/' }));
    const { User } = await iam.send(new GetUserCommand({ UserName: NewUserName }));
    expect(User).toMatchObject({
      UserId,
      Arn: `arn:aws:iam::${served.accountId}:user/new/${NewUserName}`,
    });
  });

  it('sets, replaces and takes away tags, whose keys have no case', async () => {
    const { UserName } = await create({ Tags: [{ Key: 'Team', Value: 'net' }] });
    const Tags = [
      { Key: 'TEAM', Value: 'dev' },
      { Key: 'cost', Value: '1' },
    ];
    await iam.send(new TagUserCommand({ UserName, Tags }));
    const listed = async () => (await iam.send(new ListUserTagsCommand({ UserName }))).Tags;
    expect(await listed()).toHaveLength(2);
    expect(await listed()).toEqual(expect.arrayContaining([{ Key: 'cost', Value: '1' }]));
    await iam.send(new UntagUserCommand({ UserName, TagKeys: ['team', 'none'] }));
    expect(await listed()).toEqual([{ Key: 'cost', Value: '1' }]);
  });

  it('sets and takes away a boundary', async () => {
    const { UserName } = await create();
    const boundary = async () =>
      (await iam.send(new GetUserCommand({ UserName }))).User?.PermissionsBoundary?.PermissionsBoundaryArn;
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: readOnly }));
    expect(await boundary()).toBe(readOnly);
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName }));
    expect(await boundary()).toBeUndefined();
  });

  it('lists users of a path, page by page', async () => {
    const Path = `/${served.name('pages')}/`;
    for (let number = 0; number < 5; number++) await create({ Path });
    const pages: number[] = [];
    const names = new Set<string | undefined>();
    for await (const { Users = [] } of paginateListUsers(
      { client: iam, pageSize: 2 },
      { PathPrefix: Path },
    )) {
      pages.push(Users.length);
      for (const { UserName } of Users) names.add(UserName);
    }
    expect(pages).toEqual([2, 2, 1]);
    expect(names.size).toBe(5);
  });
});
