import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

const create = async (input: object = {}) => {
  const request = { PrefixListName: 'mine', AddressFamily: 'IPv4', MaxEntries: 3, ...input };
  return (await ec2.run('CreateManagedPrefixList', request)).PrefixList;
};
const blocksOf = async (PrefixListId: string, TargetVersion?: number) => {
  const request = { PrefixListId, ...(TargetVersion === undefined ? {} : { TargetVersion }) };
  const { Entries } = await ec2.run('GetManagedPrefixListEntries', request);
  return Entries.map(({ Cidr }: { Cidr: string }) => Cidr);
};

describe('CreateManagedPrefixList', () => {
  it('makes version 1', async () => {
    const list = await create({ Entries: [{ Cidr: '10.0.0.1/8', Description: 'ours' }] });
    expect(list).toMatchObject({
      PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{17}$/),
      PrefixListArn: `arn:aws:ec2:us-east-1:123456789012:prefix-list/${list.PrefixListId}`,
      State: 'create-complete',
      Version: 1,
      MaxEntries: 3,
      OwnerId: '123456789012',
    });
    expect(await ec2.run('GetManagedPrefixListEntries', { PrefixListId: list.PrefixListId })).toEqual({
      Entries: [{ Cidr: '10.0.0.0/8', Description: 'ours' }],
    });
  });

  it.each([
    ['another family', { AddressFamily: 'IPv5' }, /^InvalidParameterValue: /],
    ["AWS's names", { PrefixListName: 'com.amazonaws.mine' }, /^InvalidParameterValue: /],
    ['a size of 0', { MaxEntries: 0 }, /^InvalidParameterValue: /],
    ['a size over 1000', { MaxEntries: 1001 }, /^InvalidParameterValue: /],
    ['blocks of the other family', { Entries: [{ Cidr: '2001:db8::/32' }] }, /^InvalidParameterValue: /],
    [
      'a block twice',
      { Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '10.1.0.0/8' }] },
      /^InvalidParameterValue: /,
    ],
    [
      'more than fit',
      { MaxEntries: 1, Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '11.0.0.0/8' }] },
      /^PrefixListMaxEntriesExceeded: /,
    ],
  ])('refuses %s', async (_name, input, expected) => {
    const request = { PrefixListName: 'mine', AddressFamily: 'IPv4', MaxEntries: 3, ...input };
    expect(await ec2.refused('CreateManagedPrefixList', request)).toMatch(expected);
  });
});

describe('ModifyManagedPrefixList', () => {
  it('makes a version of changed entries, which can be read and restored', async () => {
    const { PrefixListId } = await create({ Entries: [{ Cidr: '10.0.0.0/8' }] });
    const { PrefixList } = await ec2.run('ModifyManagedPrefixList', {
      PrefixListId,
      CurrentVersion: 1,
      AddEntries: [{ Cidr: '11.0.0.0/8' }],
      RemoveEntries: [{ Cidr: '10.0.0.0/8' }],
    });
    expect(PrefixList).toMatchObject({ Version: 2, State: 'modify-complete' });
    expect(await blocksOf(PrefixListId)).toEqual(['11.0.0.0/8']);
    expect(await blocksOf(PrefixListId, 1)).toEqual(['10.0.0.0/8']);
    expect(await ec2.refused('GetManagedPrefixListEntries', { PrefixListId, TargetVersion: 9 })).toMatch(
      /^InvalidParameterValue: /,
    );
    await ec2.run('RestoreManagedPrefixListVersion', { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 });
    expect(await blocksOf(PrefixListId)).toEqual(['10.0.0.0/8']);
    expect(
      (await ec2.run('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).PrefixLists,
    ).toMatchObject([{ Version: 3 }]);
  });

  it('renames without a version', async () => {
    const { PrefixListId } = await create();
    const { PrefixList } = await ec2.run('ModifyManagedPrefixList', {
      PrefixListId,
      PrefixListName: 'other',
    });
    expect(PrefixList).toMatchObject({ PrefixListName: 'other', Version: 1 });
  });

  it.each([
    [
      'another version',
      { CurrentVersion: 2, AddEntries: [{ Cidr: '11.0.0.0/8' }] },
      'PrefixListVersionMismatch: The prefix list has the incorrect version number.',
    ],
    [
      'no version',
      { AddEntries: [{ Cidr: '11.0.0.0/8' }] },
      'MissingParameter: The request must contain the parameter CurrentVersion',
    ],
    [
      'an entry that is not there',
      { CurrentVersion: 1, RemoveEntries: [{ Cidr: '12.0.0.0/8' }] },
      "InvalidParameterValue: The entry '12.0.0.0/8' does not exist in the prefix list",
    ],
    [
      'entries and size at once',
      { CurrentVersion: 1, MaxEntries: 5, AddEntries: [{ Cidr: '11.0.0.0/8' }] },
      'InvalidParameterCombination: The entries and the maximum number of entries of a prefix list cannot be modified at the same time',
    ],
  ])('refuses %s', async (_name, input, expected) => {
    const { PrefixListId } = await create({ Entries: [{ Cidr: '10.0.0.0/8' }] });
    expect(await ec2.refused('ModifyManagedPrefixList', { PrefixListId, ...input })).toBe(expected);
  });
});

describe('DeleteManagedPrefixList', () => {
  it('refuses while a route refers to it, and says who does', async () => {
    const { PrefixListId } = await create();
    const { VpcId } = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc;
    const { RouteTableId } = (await ec2.run('CreateRouteTable', { VpcId })).RouteTable;
    const { InternetGatewayId } = (await ec2.run('CreateInternetGateway')).InternetGateway;
    await ec2.run('AttachInternetGateway', { InternetGatewayId, VpcId });
    const route = { RouteTableId, DestinationPrefixListId: PrefixListId };
    await ec2.run('CreateRoute', { ...route, GatewayId: InternetGatewayId });
    expect(await ec2.run('GetManagedPrefixListAssociations', { PrefixListId })).toEqual({
      PrefixListAssociations: [{ ResourceId: RouteTableId, ResourceOwner: '123456789012' }],
    });
    expect(await ec2.refused('DeleteManagedPrefixList', { PrefixListId })).toMatch(/^DependencyViolation: /);
    await ec2.run('DeleteRoute', route);
    expect((await ec2.run('DeleteManagedPrefixList', { PrefixListId })).PrefixList.State).toBe(
      'delete-complete',
    );
    expect(await ec2.refused('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).toBe(
      `InvalidPrefixListID.NotFound: The prefix list ID '${PrefixListId}' does not exist`,
    );
  });
});
