import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
afterEach(() => account.removeMade());
afterAll(() => account.close());

describe('tags: serialization', () => {
  it('keeps every character', async () => {
    const { VpcId } = await account.vpc();
    const Tags = [{ Key: 'ключ <&> "x"', Value: "värde ' + = : / @ 🙂" }];
    await account.ec2.createTags({ Resources: [VpcId], Tags });
    const { Vpcs } = await account.ec2.describeVpcs({ VpcIds: [VpcId] });
    expect(Vpcs?.[0].Tags).toEqual(Tags);
    const Filters = [{ Name: 'resource-id', Values: [VpcId] }];
    expect((await account.ec2.describeTags({ Filters })).Tags).toEqual([
      { ...Tags[0], ResourceId: VpcId, ResourceType: 'vpc' },
    ]);
  });
});

describe('tags: validation', () => {
  it.each([
    ["AWS's own", { Key: 'aws:x', Value: '' }, 'InvalidParameterValue'],
    ['too long', { Key: 'x'.repeat(129), Value: '' }, 'InvalidParameterValue'],
  ])('keys that are %s', async (_name, tag, code) => {
    const { VpcId } = await account.vpc();
    const asked = account.ec2.createTags({ Resources: [VpcId], Tags: [tag] });
    expect(await refusal(asked)).toMatchObject({ code, status: 400 });
  });

  it('resources that are none', async () => {
    const asked = account.ec2.createTags({ Resources: ['x'], Tags: [{ Key: 'a', Value: 'b' }] });
    expect(await refusal(asked)).toEqual({
      code: 'InvalidID',
      message: "The ID 'x' is not valid",
      status: 400,
    });
  });

  it('a specification for another type', async () => {
    const TagSpecifications = [{ ResourceType: 'subnet' as const, Tags: [{ Key: 'a', Value: 'b' }] }];
    const asked = account.ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications });
    expect(await refusal(asked)).toMatchObject({
      code: 'InvalidParameterValue',
      message: "'subnet' is not a valid taggable resource type for this operation.",
    });
  });
});

describe('tags: behaviour', () => {
  it('come with what is made, change, and go', async () => {
    const { Vpc } = await account.ec2.createVpc({
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'one' }] }],
    });
    const { VpcId = '' } = Vpc ?? {};
    account.later(() => account.ec2.deleteVpc({ VpcId }));
    const tags = async () => (await account.ec2.describeVpcs({ VpcIds: [VpcId] })).Vpcs?.[0].Tags;
    expect(Vpc?.Tags).toEqual([{ Key: 'Name', Value: 'one' }]);
    await account.ec2.createTags({ Resources: [VpcId], Tags: [{ Key: 'Name', Value: 'two' }] });
    expect(await tags()).toEqual([{ Key: 'Name', Value: 'two' }]);
    await account.ec2.deleteTags({ Resources: [VpcId], Tags: [{ Key: 'Name', Value: 'one' }] });
    expect(await tags()).toHaveLength(1);
    await account.ec2.deleteTags({ Resources: [VpcId], Tags: [{ Key: 'Name' }] });
    expect(await tags()).toEqual([]);
  });
});
