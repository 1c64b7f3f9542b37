import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
afterEach(() => account.removeMade());
afterAll(() => account.close());

async function newList() {
  const { PrefixList } = await account.ec2.createManagedPrefixList({
    PrefixListName: account.served.name('list'),
    AddressFamily: 'IPv4',
    MaxEntries: 5,
    Entries: [{ Cidr: '192.0.2.0/24', Description: 'ours' }],
  });
  const PrefixListId = PrefixList?.PrefixListId ?? '';
  account.later(() => account.ec2.deleteManagedPrefixList({ PrefixListId }));
  return { ...PrefixList, PrefixListId };
}

it('prefix lists: serialization', async () => {
  const { PrefixListId, PrefixListName } = await newList();
  const { PrefixLists } = await account.ec2.describeManagedPrefixLists({ PrefixListIds: [PrefixListId] });
  expect(PrefixLists).toMatchObject([
    { PrefixListId, PrefixListName, AddressFamily: 'IPv4', MaxEntries: 5, Version: 1 },
  ]);
  const { Entries } = await account.ec2.getManagedPrefixListEntries({ PrefixListId });
  expect(Entries).toEqual([{ Cidr: '192.0.2.0/24', Description: 'ours' }]);
});

describe('prefix lists: validation', () => {
  it('a version that is not the current one', async () => {
    const { PrefixListId } = await newList();
    const AddEntries = [{ Cidr: '198.51.100.0/24' }];
    const asked = account.ec2.modifyManagedPrefixList({ PrefixListId, CurrentVersion: 9, AddEntries });
    expect(await refusal(asked)).toMatchObject({ code: 'PrefixListVersionMismatch', status: 400 });
  });

  it('a list that nobody has', async () => {
    const asked = account.ec2.getManagedPrefixListEntries({ PrefixListId: 'pl-0123456789abcdef0' });
    expect(await refusal(asked)).toMatchObject({ code: 'InvalidPrefixListID.NotFound' });
  });
});

it('prefix lists: behaviour', async () => {
  const { PrefixListId } = await newList();
  const changed = await account.ec2.modifyManagedPrefixList({
    PrefixListId,
    CurrentVersion: 1,
    AddEntries: [{ Cidr: '198.51.100.0/24' }],
    RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
  });
  expect(changed.PrefixList?.PrefixListId).toBe(PrefixListId);
  const entries = async (TargetVersion?: number) =>
    (await account.ec2.getManagedPrefixListEntries({ PrefixListId, TargetVersion })).Entries?.map(
      ({ Cidr }) => Cidr,
    );
  expect(await entries()).toEqual(['198.51.100.0/24']);
  expect(await entries(1)).toEqual(['192.0.2.0/24']);
});
