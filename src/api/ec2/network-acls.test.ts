import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
let VpcId: string;
let NetworkAclId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  NetworkAclId = (await ec2.run('CreateNetworkAcl', { VpcId })).NetworkAcl.NetworkAclId;
});
afterAll(() => ec2.close());

const described = async (id = NetworkAclId) =>
  (await ec2.run('DescribeNetworkAcls', { NetworkAclIds: [id] })).NetworkAcls[0];
const entry = (more: object = {}) => ({
  NetworkAclId,
  RuleNumber: 100,
  Protocol: '6',
  RuleAction: 'allow',
  Egress: false,
  CidrBlock: '10.0.0.9/8',
  PortRange: { From: 22, To: 22 },
  ...more,
});
const noAcl = 'acl-0123456789abcdef0';

describe('CreateNetworkAcl', () => {
  it('makes an ACL that denies everything', async () => {
    const denied = { CidrBlock: '0.0.0.0/0', Protocol: '-1', RuleAction: 'deny', RuleNumber: 32_767 };
    expect(await described()).toMatchObject({
      NetworkAclId: expect.stringMatching(/^acl-[0-9a-f]{17}$/),
      VpcId,
      OwnerId: '123456789012',
      IsDefault: false,
      Associations: [],
      Entries: [
        { ...denied, Egress: true },
        { ...denied, Egress: false },
      ],
    });
  });

  it('gives the same one for the same token', async () => {
    const input = { VpcId, ClientToken: 'token' };
    const first = await ec2.run('CreateNetworkAcl', input);
    expect((await ec2.run('CreateNetworkAcl', input)).NetworkAcl.NetworkAclId).toBe(
      first.NetworkAcl.NetworkAclId,
    );
  });

  it('refuses an unknown VPC', async () => {
    expect(await ec2.refused('CreateNetworkAcl', { VpcId: 'vpc-0123456789abcdef0' })).toBe(
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    );
  });
});

describe('DeleteNetworkAcl', () => {
  it('refuses the default one, one in use, and one that is not there', async () => {
    const { SubnetId } = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' })).Subnet;
    const [byDefault] = (
      await ec2.run('DescribeNetworkAcls', {
        Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }],
      })
    ).NetworkAcls;
    expect(await ec2.refused('DeleteNetworkAcl', { NetworkAclId: byDefault.NetworkAclId })).toMatch(
      /^InvalidParameterValue: cannot delete default network ACL/,
    );
    const AssociationId = byDefault.Associations[0].NetworkAclAssociationId;
    const { NewAssociationId } = await ec2.run('ReplaceNetworkAclAssociation', {
      AssociationId,
      NetworkAclId,
    });
    expect(NewAssociationId).not.toBe(AssociationId);
    expect((await described()).Associations).toEqual([
      { NetworkAclAssociationId: NewAssociationId, NetworkAclId, SubnetId },
    ]);
    expect((await described(byDefault.NetworkAclId)).Associations).toEqual([]);
    expect(await ec2.refused('DeleteNetworkAcl', { NetworkAclId })).toBe(
      `DependencyViolation: The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
    );
    await ec2.run('DeleteSubnet', { SubnetId });
    await ec2.run('DeleteNetworkAcl', { NetworkAclId });
    expect(await ec2.refused('DeleteNetworkAcl', { NetworkAclId })).toBe(
      `InvalidNetworkAclID.NotFound: The networkAcl ID '${NetworkAclId}' does not exist`,
    );
  });
});

describe('ReplaceNetworkAclAssociation', () => {
  it('refuses an unknown association', async () => {
    const AssociationId = 'aclassoc-0123456789abcdef0';
    expect(await ec2.refused('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId })).toBe(
      `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
    );
  });
});

describe('entries', () => {
  it.each([
    {
      name: 'ports',
      given: {},
      kept: { Protocol: '6', CidrBlock: '10.0.0.0/8', PortRange: { From: 22, To: 22 } },
    },
    {
      name: 'a type of ICMP',
      given: { Protocol: 'icmp', PortRange: undefined, IcmpTypeCode: { Type: 8, Code: -1 } },
      kept: { Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 } },
    },
    {
      name: 'IPv6',
      given: { Protocol: '-1', CidrBlock: undefined, Ipv6CidrBlock: '2001:db8::1/32' },
      kept: { Protocol: '-1', Ipv6CidrBlock: '2001:db8::/32' },
    },
  ])('keep $name', async ({ given, kept }) => {
    await ec2.run('CreateNetworkAclEntry', entry(given));
    const [made] = (await described()).Entries.filter(
      (one: { RuleNumber: number }) => one.RuleNumber === 100,
    );
    expect(made).toEqual({
      RuleNumber: 100,
      RuleAction: 'allow',
      Egress: false,
      ...{ CidrBlock: '10.0.0.0/8' },
      ...kept,
      ...(given.Ipv6CidrBlock ? { CidrBlock: undefined } : {}),
    });
  });

  it('are replaced and deleted by number and direction', async () => {
    await ec2.run('CreateNetworkAclEntry', entry());
    await ec2.run('CreateNetworkAclEntry', entry({ Egress: true }));
    expect(await ec2.refused('CreateNetworkAclEntry', entry())).toBe(
      'NetworkAclEntryAlreadyExists: The network acl entry identified by 100 already exists.',
    );
    await ec2.run('ReplaceNetworkAclEntry', entry({ RuleAction: 'deny' }));
    expect((await described()).Entries).toContainEqual(
      expect.objectContaining({ RuleNumber: 100, Egress: false, RuleAction: 'deny' }),
    );
    await ec2.run('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 100, Egress: false });
    expect((await described()).Entries).toHaveLength(3);
    expect(
      await ec2.refused('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 100, Egress: false }),
    ).toMatch(/^InvalidNetworkAclEntry.NotFound/);
  });

  it.each([
    {
      name: 'number 0',
      given: { RuleNumber: 0 },
      error: /^InvalidParameterValue: Value \(0\) for parameter ruleNumber/,
    },
    {
      name: 'the last number',
      given: { RuleNumber: 32_767 },
      error: /^InvalidParameterValue: Value \(32767\)/,
    },
    { name: 'no block', given: { CidrBlock: undefined }, error: /^MissingParameter/ },
    { name: 'two blocks', given: { Ipv6CidrBlock: '::/0' }, error: /^InvalidParameterCombination/ },
    {
      name: 'a wrong block',
      given: { CidrBlock: '10.0.0.0' },
      error: /^InvalidParameterValue: Value \(10.0.0.0\)/,
    },
    { name: 'no ports', given: { PortRange: undefined }, error: /^MissingParameter/ },
    { name: 'wrong ports', given: { PortRange: { From: 2, To: 1 } }, error: /^InvalidParameterValue/ },
    { name: 'an unknown protocol', given: { Protocol: '300' }, error: /^InvalidParameterValue/ },
    { name: 'an unknown ACL', given: { NetworkAclId: noAcl }, error: /^InvalidNetworkAclID.NotFound/ },
  ])('refuse $name', async ({ given, error }) => {
    expect(await ec2.refused('CreateNetworkAclEntry', entry(given))).toMatch(error);
  });

  it('are at most 40 in a direction', async () => {
    for (let number = 1; number <= 40; number++) {
      await ec2.run('CreateNetworkAclEntry', entry({ RuleNumber: number }));
    }
    expect(await ec2.refused('CreateNetworkAclEntry', entry())).toBe(
      'NetworkAclEntryLimitExceeded: The maximum number of network acl entries has been reached.',
    );
    await ec2.run('CreateNetworkAclEntry', entry({ Egress: true }));
  });
});

describe('DescribeNetworkAcls', () => {
  it.each([
    ['default', 'false'],
    ['entry.cidr', '10.0.0.0/8'],
    ['entry.port-range.from', '22'],
    ['entry.port-range.to', '22'],
    ['entry.protocol', '6'],
    ['entry.rule-action', 'allow'],
    ['entry.rule-number', '100'],
    ['entry.egress', 'false'],
    ['owner-id', '123456789012'],
  ])('finds by %s', async (Name, value) => {
    await ec2.run('CreateNetworkAclEntry', entry());
    const found = async (values: string[]) =>
      (
        await ec2.run('DescribeNetworkAcls', {
          Filters: [
            { Name, Values: values },
            { Name: 'network-acl-id', Values: [NetworkAclId] },
          ],
        })
      ).NetworkAcls.length;
    expect(await found([value])).toBe(1);
    expect(await found(['else'])).toBe(0);
  });
});
