import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteUserCommand,
  GetGroupCommand,
  IAMClient,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let iam: IAMClient;
let UserName = '';
const made: string[] = [];

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  UserName = served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
});

afterAll(async () => {
  for (const GroupName of made) {
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName })).catch(() => undefined);
    await iam.send(new DeleteGroupCommand({ GroupName })).catch(() => undefined);
  }
  await iam.send(new DeleteUserCommand({ UserName }));
  await served.close();
});

async function create(more: object = {}) {
  const GroupName = served.name('group');
  made.push(GroupName);
  const { Group } = await iam.send(new CreateGroupCommand({ GroupName, ...more }));
  return Group!;
}

describe('serialization', () => {
  it('gives a group and its members', async () => {
    const group = await create({ Path: '/crew/' });
    expect(group).toEqual({
      Path: '/crew/',
      GroupName: group.GroupName,
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${served.accountId}:group/crew/${group.GroupName}`,
      CreateDate: expect.any(Date),
    });
    const { GroupName } = group;
    expect(await iam.send(new GetGroupCommand({ GroupName }))).toMatchObject({ Group: group, Users: [] });
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    const { Users, IsTruncated } = await iam.send(new GetGroupCommand({ GroupName }));
    expect(Users).toMatchObject([{ UserName, Path: '/' }]);
    expect(IsTruncated).toBe(false);
    expect((await iam.send(new ListGroupsForUserCommand({ UserName }))).Groups).toEqual([group]);
  });
});

describe('validation', () => {
  it('names both parameters', async () => {
    const command = new AddUserToGroupCommand({ GroupName: '!', UserName: '!' });
    expect(await refusal(iam.send(command))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringMatching(/^2 validation errors detected: .*'groupName'.*'userName'/),
    });
  });
});

describe('behaviour', () => {
  it('is not deleted with members', async () => {
    const { GroupName } = await create();
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    expect(await refusal(iam.send(new DeleteGroupCommand({ GroupName })))).toEqual({
      code: 'DeleteConflict',
      status: 409,
      message: 'Cannot delete entity, must remove users from group first.',
    });
    await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
    await iam.send(new DeleteGroupCommand({ GroupName }));
  });

  it('keeps its members under another name', async () => {
    const { GroupName } = await create();
    await iam.send(new AddUserToGroupCommand({ GroupName, UserName }));
    const NewGroupName = served.name('renamed');
    made.push(NewGroupName);
    await iam.send(new UpdateGroupCommand({ GroupName, NewGroupName, NewPath: '/p/' }));
    const { Group, Users } = await iam.send(new GetGroupCommand({ GroupName: NewGroupName }));
    expect(Group?.Arn).toBe(`arn:aws:iam::${served.accountId}:group/p/${NewGroupName}`);
    expect(Users).toHaveLength(1);
    expect((await iam.send(new ListGroupsCommand({ PathPrefix: '/p/' }))).Groups).toEqual([Group]);
  });
});
