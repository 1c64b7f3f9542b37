import {
  CreateNetworkAclCommand,
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryRequest,
  DeleteNetworkAclCommand,
  DeleteNetworkAclEntryCommand,
  DescribeNetworkAclsCommand,
  ReplaceNetworkAclAssociationCommand,
  ReplaceNetworkAclEntryCommand,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { SubnetAccount } from './subnet-account.ts';

let account: SubnetAccount;
beforeAll(async () => {
  account = await SubnetAccount.open();
});
afterEach(() => account.clean());
afterAll(() => account.close());

async function create(): Promise<string> {
  const { NetworkAcl } = await account.ec2.send(new CreateNetworkAclCommand({ VpcId: account.vpcId }));
  const NetworkAclId = NetworkAcl?.NetworkAclId ?? '';
  account.later(() => account.ec2.send(new DeleteNetworkAclCommand({ NetworkAclId })));
  return NetworkAclId;
}

const described = async (id: string) =>
  (await account.ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [id] }))).NetworkAcls?.[0];

const entry = (NetworkAclId: string, more: Partial<CreateNetworkAclEntryRequest> = {}) => ({
  NetworkAclId,
  RuleNumber: 100,
  Protocol: '6',
  RuleAction: 'allow' as const,
  Egress: false,
  CidrBlock: '10.0.0.0/8',
  PortRange: { From: 22, To: 22 },
  ...more,
});

describe('network ACLs: serialization', () => {
  it('reads and writes every member of an entry', async () => {
    const id = await create();
    const icmp = {
      RuleNumber: 110,
      Protocol: '1',
      RuleAction: 'deny' as const,
      Egress: true,
      PortRange: undefined,
      IcmpTypeCode: { Type: 8, Code: -1 },
    };
    await account.ec2.send(new CreateNetworkAclEntryCommand(entry(id)));
    await account.ec2.send(new CreateNetworkAclEntryCommand(entry(id, icmp)));
    const { Entries = [], ...acl } = (await described(id)) ?? {};
    expect(acl).toMatchObject({
      NetworkAclId: id,
      VpcId: account.vpcId,
      IsDefault: false,
      Associations: [],
      Tags: [],
    });
    const { NetworkAclId: _, ...ssh } = entry(id);
    expect(Entries).toContainEqual(ssh);
    const { PortRange: __, ...ping } = icmp;
    expect(Entries).toContainEqual({ ...ping, CidrBlock: '10.0.0.0/8' });
    expect(Entries).toHaveLength(4);
  });
});

describe('network ACLs: validation', () => {
  it.each([
    { name: 'a number of AWS', more: { RuleNumber: 32_767 }, code: 'InvalidParameterValue' },
    { name: 'a protocol that is none', more: { Protocol: 'tpc' }, code: 'InvalidParameterValue' },
    { name: 'no block', more: { CidrBlock: undefined }, code: 'MissingParameter' },
    {
      name: 'an ACL that is not there',
      more: { NetworkAclId: 'acl-0123456789abcdef0' },
      code: 'InvalidNetworkAclID.NotFound',
    },
  ])('refuses $name', async ({ more, code }) => {
    const id = await create();
    const refused = await refusal(account.ec2.send(new CreateNetworkAclEntryCommand(entry(id, more))));
    expect(refused).toMatchObject({ code, status: 400 });
  });
});

describe('network ACLs: behaviour', () => {
  it('replaces and deletes entries', async () => {
    const { ec2 } = account;
    const id = await create();
    await ec2.send(new CreateNetworkAclEntryCommand(entry(id)));
    expect(await refusal(ec2.send(new CreateNetworkAclEntryCommand(entry(id))))).toMatchObject({
      code: 'NetworkAclEntryAlreadyExists',
    });
    await ec2.send(new ReplaceNetworkAclEntryCommand(entry(id, { RuleAction: 'deny' })));
    expect((await described(id))?.Entries).toContainEqual(
      expect.objectContaining({ RuleNumber: 100, RuleAction: 'deny' }),
    );
    const which = { NetworkAclId: id, RuleNumber: 100, Egress: false };
    await ec2.send(new DeleteNetworkAclEntryCommand(which));
    expect(await refusal(ec2.send(new DeleteNetworkAclEntryCommand(which)))).toMatchObject({
      code: 'InvalidNetworkAclEntry.NotFound',
    });
  });

  it('gives a subnet another ACL, with a new association', async () => {
    const { ec2, subnetId } = account;
    const id = await create();
    const Filters = [{ Name: 'association.subnet-id', Values: [subnetId] }];
    const { NetworkAcls: [before] = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    const AssociationId = before.Associations?.find(
      ({ SubnetId }) => SubnetId === subnetId,
    )?.NetworkAclAssociationId;
    const { NewAssociationId } = await ec2.send(
      new ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId: id }),
    );
    account.later(() =>
      ec2.send(
        new ReplaceNetworkAclAssociationCommand({
          AssociationId: NewAssociationId,
          NetworkAclId: before.NetworkAclId,
        }),
      ),
    );
    expect(NewAssociationId).toMatch(/^aclassoc-[0-9a-f]{17}$/);
    expect((await described(id))?.Associations).toEqual([
      { NetworkAclAssociationId: NewAssociationId, NetworkAclId: id, SubnetId: subnetId },
    ]);
    expect(await refusal(ec2.send(new DeleteNetworkAclCommand({ NetworkAclId: id })))).toMatchObject({
      code: 'DependencyViolation',
    });
  });
});
