import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { networkInterfaces } from '../../vpc/index.ts';

let ec2: OpenedEc2;
let VpcId: string;
let NetworkInterfaceId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  const { SubnetId } = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' })).Subnet;
  NetworkInterfaceId = (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface
    .NetworkInterfaceId;
});
afterAll(() => ec2.close());

const tagsOf = async (id: string) => {
  const { Tags } = await ec2.run('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [id] }] });
  return Object.fromEntries(Tags.map(({ Key, Value }: Record<string, string>) => [Key, Value]));
};
const set = (tags: Record<string, string>, Resources = [VpcId]) =>
  ec2.run('CreateTags', { Resources, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });

describe('CreateTags', () => {
  it('adds and changes tags of resources of several kinds', async () => {
    await set({ Name: 'a', team: 'net' }, [VpcId, NetworkInterfaceId]);
    await set({ Name: 'b' });
    expect(await tagsOf(VpcId)).toEqual({ Name: 'b', team: 'net' });
    expect(await tagsOf(NetworkInterfaceId)).toEqual({ Name: 'a', team: 'net' });
    const { NetworkInterfaces } = await ec2.run('DescribeNetworkInterfaces', {
      NetworkInterfaceIds: [NetworkInterfaceId],
    });
    expect(NetworkInterfaces[0].TagSet).toEqual([
      { Key: 'Name', Value: 'a' },
      { Key: 'team', Value: 'net' },
    ]);
  });

  const long = (length: number) => 'x'.repeat(length);
  it.each([
    [
      "AWS's own keys",
      [{ Key: 'aws:x', Value: '' }],
      "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use",
    ],
    [
      'keys that are too long',
      [{ Key: long(129), Value: '' }],
      'InvalidParameterValue: Tag key exceeds the maximum length of 128 characters',
    ],
    [
      'values that are too long',
      [{ Key: 'a', Value: long(257) }],
      'InvalidParameterValue: Tag value exceeds the maximum length of 256 characters',
    ],
    [
      'a key twice',
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
      "InvalidParameterValue: Duplicate tag key 'a' specified.",
    ],
    [
      'more than 50',
      Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
      'TagLimitExceeded: The maximum number of Tags for a resource has been reached.',
    ],
  ])('refuses %s', async (_name, Tags, expected) => {
    expect(await ec2.refused('CreateTags', { Resources: [VpcId], Tags })).toBe(expected);
    expect(await tagsOf(VpcId)).toEqual({});
  });

  it('changes all resources or none', async () => {
    const nobody = 'subnet-0123456789abcdef0';
    const Tags = [{ Key: 'a', Value: 'b' }];
    expect(await ec2.refused('CreateTags', { Resources: [VpcId, nobody], Tags })).toBe(
      `InvalidSubnetID.NotFound: The subnet ID '${nobody}' does not exist`,
    );
    expect(await ec2.refused('CreateTags', { Resources: ['my-vpc'], Tags })).toBe(
      "InvalidID: The ID 'my-vpc' is not valid",
    );
    expect(await tagsOf(VpcId)).toEqual({});
  });

  it('asks IAM for each resource, with its tags and those that are asked for', async () => {
    await set({ env: 'test' });
    expect(ec2.targets('CreateTags', { Resources: [VpcId], Tags: [{ Key: 'a', Value: 'b' }] })).toEqual([
      {
        resource: `arn:aws:ec2:us-east-1:123456789012:vpc/${VpcId}`,
        keys: {
          'ec2:Region': 'us-east-1',
          'aws:ResourceTag/env': 'test',
          'ec2:ResourceTag/env': 'test',
          'aws:RequestTag/a': 'b',
          'aws:TagKeys': ['a'],
        },
      },
    ]);
  });
});

describe('the tag of devices', () => {
  it('is neither set nor removed by users', async () => {
    const Tags = [{ Key: 'headgate:device', Value: 'eth0' }];
    expect(await ec2.refused('CreateTags', { Resources: [NetworkInterfaceId], Tags })).toBe(
      "InvalidParameterValue: Tag key 'headgate:device' is reserved for internal use",
    );
    await ec2.resources.write((draft) => {
      const found = draft.get(networkInterfaces, ec2.place, NetworkInterfaceId)!;
      draft.put(networkInterfaces, ec2.place, NetworkInterfaceId, { ...found, TagSet: Tags });
    });
    await ec2.run('DeleteTags', { Resources: [NetworkInterfaceId] });
    await ec2.run('DeleteTags', { Resources: [NetworkInterfaceId], Tags });
    expect(await tagsOf(NetworkInterfaceId)).toEqual({ 'headgate:device': 'eth0' });
  });
});

it('a tag without a value is none', async () => {
  expect(await ec2.refused('CreateTags', { Resources: [VpcId], Tags: [{ Key: 'a' }] })).toBe(
    'InvalidParameterValue: Tag value cannot be null. Use empty string instead.',
  );
});

describe('DeleteTags', () => {
  it.each([
    ['a key', [{ Key: 'a' }], { b: '2', c: '' }],
    ['a key with its value', [{ Key: 'a', Value: '1' }], { b: '2', c: '' }],
    ['no key with another value', [{ Key: 'a', Value: '2' }], { a: '1', b: '2', c: '' }],
    [
      'an empty value only where it is empty',
      [
        { Key: 'b', Value: '' },
        { Key: 'c', Value: '' },
      ],
      { a: '1', b: '2' },
    ],
    ['all, when none is named', undefined, {}],
  ])('takes %s', async (_name, Tags, expected) => {
    await set({ a: '1', b: '2', c: '' });
    await ec2.run('DeleteTags', { Resources: [VpcId], ...(Tags ? { Tags } : {}) });
    expect(await tagsOf(VpcId)).toEqual(expected);
  });
});

describe('DescribeTags', () => {
  it.each([
    ['key', 'colour'],
    ['value', 're?'],
    ['resource-type', 'vpc'],
    ['tag:colour', 'red'],
  ])('filters by %s', async (Name, value) => {
    await set({ colour: 'red' });
    const Filters = [
      { Name: 'resource-id', Values: [VpcId] },
      { Name, Values: [value] },
    ];
    expect((await ec2.run('DescribeTags', { Filters })).Tags).toEqual([
      { Key: 'colour', Value: 'red', ResourceId: VpcId, ResourceType: 'vpc' },
    ]);
    Filters[1].Values = ['blue'];
    expect((await ec2.run('DescribeTags', { Filters })).Tags).toEqual([]);
  });

  it('pages', async () => {
    await set({ a: '1', b: '2', c: '3', d: '4', e: '5', f: '6', g: '7' });
    const Filters = [{ Name: 'resource-id', Values: [VpcId] }];
    const first = await ec2.run('DescribeTags', { Filters, MaxResults: 5 });
    const second = await ec2.run('DescribeTags', { Filters, MaxResults: 5, NextToken: first.NextToken });
    const keys = [...first.Tags, ...second.Tags].map(({ Key }) => Key);
    expect(keys).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(second).not.toHaveProperty('NextToken');
  });
});

describe('what IAM is asked', () => {
  it.each([
    ['CreateTags', { Resources: [], Tags: [] }],
    ['ReleaseAddress', { PublicIp: '203.0.113.250' }],
    ['AssociateAddress', {}],
    ['DescribeVpcs', {}],
  ])('%s: about everything where nothing is named', (action, input) => {
    expect(ec2.targets(action, input)).toEqual([{ resource: '*', keys: { 'ec2:Region': 'us-east-1' } }]);
  });
});
