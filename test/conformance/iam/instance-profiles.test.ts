import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  GetInstanceProfileCommand,
  IAMClient,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListInstanceProfileTagsCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../../open-account.ts';
import { refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let iam: IAMClient;
let RoleName = '';
let InstanceProfileName = '';

beforeAll(async () => {
  served = await ServedAccount.open();
  iam = new IAMClient(served.client());
  RoleName = served.name('role');
  InstanceProfileName = served.name('profile');
  const AssumeRolePolicyDocument = trust({ Service: 'ec2.amazonaws.com' });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
});

afterAll(async () => {
  await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })).catch(() => undefined);
  await iam.send(new DeleteRoleCommand({ RoleName }));
  await served.close();
});

describe('serialization', () => {
  it('gives a profile, and with it its role', async () => {
    const Path = `/${InstanceProfileName}/`;
    const created = await iam.send(
      new CreateInstanceProfileCommand({ InstanceProfileName, Path, Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    expect(created.InstanceProfile).toEqual({
      Path,
      InstanceProfileName,
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${served.accountId}:instance-profile${Path}${InstanceProfileName}`,
      CreateDate: expect.any(Date),
      Roles: [],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }));
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(InstanceProfile?.Roles).toMatchObject([
      { RoleName, AssumeRolePolicyDocument: expect.stringMatching(/^%7B/) },
    ]);
    const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({ PathPrefix: Path }));
    expect(InstanceProfiles).toHaveLength(1);
    const ofRole = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
    expect(ofRole.InstanceProfiles).toMatchObject([{ InstanceProfileName }]);
  });
});

describe('validation', () => {
  it('refuses a name that is none', async () => {
    const command = new CreateInstanceProfileCommand({ InstanceProfileName: 'a b' });
    expect(await refusal(iam.send(command))).toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('The specified value for instanceProfileName is invalid.'),
    });
  });
});

describe('behaviour', () => {
  it('holds one role, and goes when it holds none', async () => {
    expect(
      await refusal(iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName }))),
    ).toEqual({
      code: 'LimitExceeded',
      status: 409,
      message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
    });
    expect(await refusal(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })))).toMatchObject({
      code: 'DeleteConflict',
    });
    expect(await refusal(iam.send(new DeleteRoleCommand({ RoleName })))).toEqual({
      code: 'DeleteConflict',
      status: 409,
      message: 'Cannot delete entity, must remove roles from instance profile first.',
    });
    await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags: [{ Key: 'A', Value: 'c' }] }));
    const { Tags } = await iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName }));
    expect(Tags).toEqual([{ Key: 'A', Value: 'c' }]);
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
    await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    expect(await refusal(iam.send(new GetInstanceProfileCommand({ InstanceProfileName })))).toEqual({
      code: 'NoSuchEntity',
      status: 404,
      message: `Instance Profile ${InstanceProfileName} cannot be found.`,
    });
  });
});
