import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
let VpcId: string;
let ipv6: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  const { Vpc } = await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  VpcId = Vpc.VpcId;
  ipv6 = Vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock;
});
afterAll(() => ec2.close());

const create = async (input: object = {}) =>
  (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', ...input })).Subnet;
const described = async (SubnetId: string) =>
  (await ec2.run('DescribeSubnets', { SubnetIds: [SubnetId] })).Subnets[0];
const noSubnet = 'subnet-0123456789abcdef0';

describe('CreateSubnet', () => {
  it('makes a subnet that is in the default network ACL', async () => {
    const subnet = await create();
    expect(subnet).toMatchObject({
      SubnetId: expect.stringMatching(/^subnet-[0-9a-f]{17}$/),
      SubnetArn: `arn:aws:ec2:us-east-1:123456789012:subnet/${subnet.SubnetId}`,
      VpcId,
      CidrBlock: '10.0.0.0/24',
      AvailabilityZone: 'us-east-1a',
      AvailabilityZoneId: 'use1-az1',
      AvailableIpAddressCount: 251,
      MapPublicIpOnLaunch: false,
      State: 'available',
    });
    const { NetworkAcls } = await ec2.run('DescribeNetworkAcls', {
      Filters: [{ Name: 'association.subnet-id', Values: [subnet.SubnetId] }],
    });
    expect(NetworkAcls).toMatchObject([{ IsDefault: true, VpcId }]);
  });

  it.each([
    ['by name', { AvailabilityZone: 'us-east-1b' }, ['us-east-1b', 'use1-az2']],
    ['by id', { AvailabilityZoneId: 'use1-az3' }, ['us-east-1c', 'use1-az3']],
  ])('finds its zone %s', async (_name, input, expected) => {
    const { AvailabilityZone, AvailabilityZoneId } = await create(input);
    expect([AvailabilityZone, AvailabilityZoneId]).toEqual(expected);
  });

  it('takes an IPv6 block of the VPC', async () => {
    const block = ipv6.replace('/56', '/64');
    const subnet = await create({ Ipv6CidrBlock: block });
    expect(subnet.Ipv6CidrBlockAssociationSet).toMatchObject([{ Ipv6CidrBlock: block }]);
    expect(await ec2.refused('CreateSubnet', { VpcId, CidrBlock: '10.0.9.0/24', Ipv6CidrBlock: block })).toBe(
      `InvalidSubnet.Conflict: The CIDR '${block}' conflicts with another subnet`,
    );
  });

  it.each([
    [
      'a VPC that nobody has',
      { VpcId: 'vpc-0123456789abcdef0' },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ],
    // As a user of Terraform quotes AWS.
    [
      'a VPC that is no id',
      { VpcId: 'aws_vpc.main.id' },
      "InvalidVpcID.NotFound: The vpc ID 'aws_vpc.main.id' does not exist",
    ],
    [
      'a block outside',
      { CidrBlock: '10.1.0.0/24' },
      "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid.",
    ],
    [
      'a block too small',
      { CidrBlock: '10.0.1.0/29' },
      "InvalidSubnet.Range: The CIDR '10.0.1.0/29' is invalid.",
    ],
    [
      'an overlap',
      { CidrBlock: '10.0.0.128/25' },
      "InvalidSubnet.Conflict: The CIDR '10.0.0.128/25' conflicts with another subnet",
    ],
    [
      'an unknown zone',
      { AvailabilityZone: 'us-east-1z' },
      'InvalidParameterValue: Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c.',
    ],
    [
      'no block',
      { CidrBlock: undefined },
      "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.",
    ],
    [
      'an IPv6 block outside',
      { CidrBlock: '10.0.1.0/24', Ipv6CidrBlock: '2001:db9::/64' },
      "InvalidSubnet.Range: The CIDR '2001:db9::/64' is invalid.",
    ],
  ])('refuses %s', async (_name, input, expected) => {
    await create();
    const asked = { VpcId, CidrBlock: '10.0.3.0/24', ...input };
    expect(await ec2.refused('CreateSubnet', asked)).toBe(expected);
  });

  it('asks IAM for the VPC and for the subnet in it', () => {
    expect(ec2.targets('CreateSubnet', { VpcId })).toEqual([
      {
        resource: `arn:aws:ec2:us-east-1:123456789012:vpc/${VpcId}`,
        keys: { 'ec2:Region': 'us-east-1' },
      },
      {
        resource: 'arn:aws:ec2:us-east-1:123456789012:subnet/*',
        keys: {
          'ec2:Region': 'us-east-1',
          'ec2:Vpc': `arn:aws:ec2:us-east-1:123456789012:vpc/${VpcId}`,
        },
      },
    ]);
  });
});

describe('DescribeSubnets', () => {
  it('counts the addresses that are free', async () => {
    const { SubnetId } = await create({ CidrBlock: '10.0.0.0/28' });
    expect((await described(SubnetId)).AvailableIpAddressCount).toBe(11);
    await ec2.run('CreateNetworkInterface', { SubnetId, SecondaryPrivateIpAddressCount: 2 });
    expect((await described(SubnetId)).AvailableIpAddressCount).toBe(8);
    const Filters = [
      { Name: 'available-ip-address-count', Values: ['8'] },
      { Name: 'vpc-id', Values: [VpcId] },
    ];
    expect((await ec2.run('DescribeSubnets', { Filters })).Subnets).toHaveLength(1);
  });

  it.each([
    ['nobody has', noSubnet, `InvalidSubnetID.NotFound: The subnet ID '${noSubnet}' does not exist`],
    ['are none', 'subnet1', 'InvalidSubnetID.Malformed: Invalid id: "subnet1" (expecting "subnet-...")'],
  ])('refuses ids that %s', async (_name, id, expected) => {
    expect(await ec2.refused('DescribeSubnets', { SubnetIds: [id] })).toBe(expected);
  });
});

describe('DeleteSubnet', () => {
  it('takes the associations with it', async () => {
    const { SubnetId } = await create();
    const { RouteTable } = await ec2.run('CreateRouteTable', { VpcId });
    const RouteTableId = RouteTable.RouteTableId;
    await ec2.run('AssociateRouteTable', { SubnetId, RouteTableId });
    await ec2.run('DeleteSubnet', { SubnetId });
    const { RouteTables } = await ec2.run('DescribeRouteTables', { RouteTableIds: [RouteTableId] });
    expect(RouteTables[0].Associations).toEqual([]);
    const { NetworkAcls } = await ec2.run('DescribeNetworkAcls', {
      Filters: [{ Name: 'vpc-id', Values: [VpcId] }],
    });
    expect(NetworkAcls[0].Associations).toEqual([]);
  });

  it('refuses while an interface is in it', async () => {
    const { SubnetId } = await create();
    await ec2.run('CreateNetworkInterface', { SubnetId });
    expect(await ec2.refused('DeleteSubnet', { SubnetId })).toBe(
      `DependencyViolation: The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
    );
  });
});

describe('ModifySubnetAttribute', () => {
  it.each([
    ['MapPublicIpOnLaunch', { Value: true }, { MapPublicIpOnLaunch: true }],
    ['EnableDns64', { Value: true }, { EnableDns64: true }],
    [
      'PrivateDnsHostnameTypeOnLaunch',
      'resource-name',
      {
        PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: false },
      },
    ],
    [
      'EnableResourceNameDnsARecordOnLaunch',
      { Value: true },
      { PrivateDnsNameOptionsOnLaunch: { EnableResourceNameDnsARecord: true } },
    ],
  ])('changes %s', async (attribute, value, expected) => {
    const { SubnetId } = await create();
    await ec2.run('ModifySubnetAttribute', { SubnetId, [attribute]: value });
    expect(await described(SubnetId)).toMatchObject(expected);
  });

  it('refuses IPv6 addresses without an IPv6 block, and two attributes at once', async () => {
    const { SubnetId } = await create();
    const assign = { AssignIpv6AddressOnCreation: { Value: true } };
    expect(await ec2.refused('ModifySubnetAttribute', { SubnetId, ...assign })).toMatch(
      /^InvalidParameterValue: /,
    );
    const two = { SubnetId, ...assign, MapPublicIpOnLaunch: { Value: true } };
    expect(await ec2.refused('ModifySubnetAttribute', two)).toMatch(/^InvalidParameterCombination: /);
  });
});

describe('AssociateSubnetCidrBlock and DisassociateSubnetCidrBlock', () => {
  it('give one IPv6 block, and take it back when nobody has an address of it', async () => {
    const { SubnetId } = await create();
    const Ipv6CidrBlock = ipv6.replace('/56', '/64');
    const { Ipv6CidrBlockAssociation } = await ec2.run('AssociateSubnetCidrBlock', {
      SubnetId,
      Ipv6CidrBlock,
    });
    expect(Ipv6CidrBlockAssociation).toMatchObject({ Ipv6CidrBlockState: { State: 'associated' } });
    expect(await ec2.refused('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock })).toMatch(
      /^CidrLimitExceeded: /,
    );
    const { NetworkInterface } = await ec2.run('CreateNetworkInterface', { SubnetId, Ipv6AddressCount: 1 });
    const { AssociationId } = Ipv6CidrBlockAssociation;
    expect(await ec2.refused('DisassociateSubnetCidrBlock', { AssociationId })).toMatch(
      /^DependencyViolation: /,
    );
    await ec2.run('DeleteNetworkInterface', { NetworkInterfaceId: NetworkInterface.NetworkInterfaceId });
    await ec2.run('DisassociateSubnetCidrBlock', { AssociationId });
    expect((await described(SubnetId)).Ipv6CidrBlockAssociationSet).toEqual([]);
  });
});
