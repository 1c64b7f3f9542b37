import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { networkInterfaces } from '../../vpc/index.ts';

let ec2: OpenedEc2;
let VpcId: string;
let SubnetId: string;
let ipv6Block: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  const { Vpc } = await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true });
  VpcId = Vpc.VpcId;
  ipv6Block = Vpc.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock.replace('/56', '/64');
  SubnetId = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', Ipv6CidrBlock: ipv6Block }))
    .Subnet.SubnetId;
});
afterAll(() => ec2.close());

const create = async (input: object = {}) =>
  (await ec2.run('CreateNetworkInterface', { SubnetId, ...input })).NetworkInterface;
const described = async (id: string) =>
  (await ec2.run('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] })).NetworkInterfaces[0];
const group = async (GroupName: string, vpc = VpcId): Promise<string> =>
  (await ec2.run('CreateSecurityGroup', { GroupName, Description: 'd', VpcId: vpc })).GroupId;
const change = (id: string, members: object) =>
  ec2.resources.write((draft) => {
    const one = draft.get(networkInterfaces, ec2.place, id)!;
    draft.put(networkInterfaces, ec2.place, id, { ...one, ...members });
  });
const addressesOf = (one: { PrivateIpAddresses: { PrivateIpAddress: string }[] }) =>
  one.PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress);
const noInterface = 'eni-0123456789abcdef0';
const run = async () => {
  const { Instances } = await ec2.run('RunInstances', {
    ImageId: 'ami-12345678',
    MinCount: 1,
    MaxCount: 1,
    SubnetId,
  });
  return Instances[0];
};

describe('CreateNetworkInterface', () => {
  it('takes the first free address and the default group', async () => {
    const made = await create({ Description: 'mine' });
    expect(made.Status).toBe('pending');
    expect(await described(made.NetworkInterfaceId)).toMatchObject({
      NetworkInterfaceId: expect.stringMatching(/^eni-[0-9a-f]{17}$/),
      SubnetId,
      VpcId,
      AvailabilityZone: 'us-east-1a',
      Description: 'mine',
      OwnerId: '123456789012',
      RequesterManaged: false,
      Status: 'available',
      InterfaceType: 'interface',
      MacAddress: expect.stringMatching(/^0[26](:[0-9a-f]{2}){5}$/),
      PrivateIpAddress: '10.0.0.4',
      PrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.4', Primary: true }],
      Groups: [{ GroupName: 'default' }],
      SourceDestCheck: true,
      TagSet: [],
    });
    expect((await create()).PrivateIpAddress).toBe('10.0.0.5');
    const { Subnets } = await ec2.run('DescribeSubnets', { SubnetIds: [SubnetId] });
    expect(Subnets[0].AvailableIpAddressCount).toBe(249);
  });

  it('takes the addresses that are asked for', async () => {
    const GroupId = await group('web');
    const made = await create({
      Groups: [GroupId],
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.0.20' },
        { PrivateIpAddress: '10.0.0.10', Primary: true },
      ],
      Ipv6AddressCount: 1,
    });
    expect(addressesOf(made)).toEqual(['10.0.0.10', '10.0.0.20']);
    expect(made.Groups).toEqual([{ GroupId, GroupName: 'web' }]);
    expect(made.Ipv6Addresses[0].Ipv6Address.startsWith(ipv6Block.replace('::/64', ':'))).toBe(true);
    const more = await create({ SecondaryPrivateIpAddressCount: 2 });
    expect(addressesOf(more)).toEqual(['10.0.0.4', '10.0.0.5', '10.0.0.6']);
  });

  it.each([
    {
      name: 'an address outside',
      PrivateIpAddress: '10.0.1.4',
      error: "InvalidParameterValue: Address 10.0.1.4 does not fall within the subnet's address range",
    },
    {
      name: 'the router',
      PrivateIpAddress: '10.0.0.1',
      error: "InvalidParameterValue: Address 10.0.0.1 is in subnet's reserved address range",
    },
    {
      name: 'the last address',
      PrivateIpAddress: '10.0.0.255',
      error: "InvalidParameterValue: Address 10.0.0.255 is in subnet's reserved address range",
    },
    {
      name: 'an unknown subnet',
      SubnetId: 'subnet-0123456789abcdef0',
      error: "InvalidSubnetID.NotFound: The subnet ID 'subnet-0123456789abcdef0' does not exist",
    },
    {
      name: 'an unknown group',
      Groups: ['sg-0123456789abcdef0'],
      error: "InvalidSecurityGroupID.NotFound: The security group 'sg-0123456789abcdef0' does not exist",
    },
    {
      name: 'a timeout out of range',
      ConnectionTrackingSpecification: { UdpTimeout: 10 },
      error:
        'InvalidParameterValue: Value (10) for parameter UdpTimeout is invalid. The value must be between 30 and 60 seconds.',
    },
    {
      name: 'what only AWS makes',
      InterfaceType: 'natGateway',
      error:
        'InvalidParameterValue: Value (natGateway) for parameter interfaceType is invalid. Interfaces of this type cannot be created.',
    },
  ])('refuses $name', async ({ name: _, error, ...input }) => {
    expect(await ec2.refused('CreateNetworkInterface', { SubnetId, ...input })).toBe(error);
  });

  it('refuses what is taken, and a subnet that is full', async () => {
    await create();
    expect(await ec2.refused('CreateNetworkInterface', { SubnetId, PrivateIpAddress: '10.0.0.4' })).toBe(
      'InvalidIPAddress.InUse: The specified address is already in use.',
    );
    const small = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.9.0/28' })).Subnet.SubnetId;
    const all = { SubnetId: small, SecondaryPrivateIpAddressCount: 10 };
    expect(addressesOf(await create(all))).toHaveLength(11);
    expect(await ec2.refused('CreateNetworkInterface', { SubnetId: small })).toBe(
      'InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses to satisfy the request.',
    );
  });

  it('refuses a sixth group and a group of another VPC', async () => {
    const Groups = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => group(name)));
    expect(await ec2.refused('CreateNetworkInterface', { SubnetId, Groups })).toMatch(
      /^SecurityGroupsPerInterfaceLimitExceeded/,
    );
    const { Vpc } = await ec2.run('CreateVpc', { CidrBlock: '10.1.0.0/16' });
    const other = await group('other', Vpc.VpcId);
    expect(await ec2.refused('CreateNetworkInterface', { SubnetId, Groups: [other] })).toBe(
      `InvalidParameter: Security group ${other} and subnet ${SubnetId} belong to different networks.`,
    );
  });
});

describe('DeleteNetworkInterface', () => {
  it('frees the address', async () => {
    const { NetworkInterfaceId } = await create();
    await ec2.run('DeleteNetworkInterface', { NetworkInterfaceId });
    expect((await create()).PrivateIpAddress).toBe('10.0.0.4');
    expect(await ec2.refused('DeleteNetworkInterface', { NetworkInterfaceId })).toBe(
      `InvalidNetworkInterfaceID.NotFound: The networkInterface ID '${NetworkInterfaceId}' does not exist`,
    );
  });

  it('refuses what is attached', async () => {
    const [{ NetworkInterfaceId }] = (await run()).NetworkInterfaces;
    expect(await ec2.refused('DeleteNetworkInterface', { NetworkInterfaceId })).toBe(
      `InvalidParameterValue: Network interface '${NetworkInterfaceId}' is currently in use.`,
    );
  });
});

describe('an interface that AWS manages', () => {
  it.each([
    ['DeleteNetworkInterface', {}],
    ['ModifyNetworkInterfaceAttribute', { Description: { Value: 'x' } }],
    ['ResetNetworkInterfaceAttribute', {}],
    ['AssignPrivateIpAddresses', { SecondaryPrivateIpAddressCount: 1 }],
    ['UnassignPrivateIpAddresses', { PrivateIpAddresses: ['10.0.0.4'] }],
    ['AssignIpv6Addresses', { Ipv6AddressCount: 1 }],
  ])('refuses %s', async (action, input) => {
    const { NetworkInterfaceId } = await create();
    await change(NetworkInterfaceId, { RequesterManaged: true });
    expect(await ec2.refused(action, { NetworkInterfaceId, ...input })).toMatch(/^OperationNotPermitted: /);
  });
});

describe('an interface that is a device of this host', () => {
  it('keeps its addresses, and may have other groups, descriptions and tags', async () => {
    const { NetworkInterfaceId } = await create();
    await change(NetworkInterfaceId, { device: 'eth0' });
    for (const [action, input] of [
      ['DeleteNetworkInterface', {}],
      ['AssignPrivateIpAddresses', { SecondaryPrivateIpAddressCount: 1 }],
      ['AttachNetworkInterface', { InstanceId: 'i-12345678', DeviceIndex: 1 }],
    ] as const) {
      expect(await ec2.refused(action, { NetworkInterfaceId, ...input })).toBe(
        `OperationNotPermitted: The network interface '${NetworkInterfaceId}' is device eth0 of this host (tag headgate:device): it is there as long as the device is, with the addresses of the device.`,
      );
    }
    const Groups = [await group('web')];
    await ec2.run('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, Groups });
    await ec2.run('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId,
      Description: { Value: 'uplink' },
    });
    await ec2.run('CreateTags', { Resources: [NetworkInterfaceId], Tags: [{ Key: 'a', Value: 'b' }] });
    expect(await described(NetworkInterfaceId)).toMatchObject({
      Groups: [{ GroupId: Groups[0], GroupName: 'web' }],
      Description: 'uplink',
    });
  });
});

describe('ModifyNetworkInterfaceAttribute', () => {
  it.each([
    {
      name: 'description',
      input: { Description: { Value: 'x' } },
      attribute: 'description',
      shown: { Description: { Value: 'x' } },
    },
    {
      name: 'source check',
      input: { SourceDestCheck: { Value: false } },
      attribute: 'sourceDestCheck',
      shown: { SourceDestCheck: { Value: false } },
    },
  ])('changes $name', async ({ input, attribute, shown }) => {
    const { NetworkInterfaceId } = await create();
    await ec2.run('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...input });
    expect(
      await ec2.run('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId, Attribute: attribute }),
    ).toEqual({ NetworkInterfaceId, ...shown });
  });

  it('changes timeouts one by one, and whether the interface goes with its instance', async () => {
    const [{ NetworkInterfaceId, Attachment }] = (await run()).NetworkInterfaces;
    const modify = (input: object) =>
      ec2.run('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ...input });
    await modify({ ConnectionTrackingSpecification: { UdpTimeout: 40 } });
    await modify({ ConnectionTrackingSpecification: { TcpEstablishedTimeout: 600 } });
    await modify({ Attachment: { AttachmentId: Attachment.AttachmentId, DeleteOnTermination: false } });
    expect(await described(NetworkInterfaceId)).toMatchObject({
      ConnectionTrackingConfiguration: { UdpTimeout: 40, TcpEstablishedTimeout: 600 },
      Attachment: { DeleteOnTermination: false },
    });
  });

  it('takes one attribute at a time', async () => {
    const { NetworkInterfaceId } = await create();
    const input = { NetworkInterfaceId, Description: { Value: 'x' }, SourceDestCheck: { Value: true } };
    expect(await ec2.refused('ModifyNetworkInterfaceAttribute', input)).toMatch(
      /^InvalidParameterCombination/,
    );
    expect(await ec2.refused('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId })).toMatch(
      /^MissingParameter/,
    );
  });
});

describe('AttachNetworkInterface', () => {
  it('makes it part of the instance, until it is detached', async () => {
    const { InstanceId } = await run();
    const { NetworkInterfaceId } = await create();
    const input = { NetworkInterfaceId, InstanceId, DeviceIndex: 1 };
    const { AttachmentId } = await ec2.run('AttachNetworkInterface', input);
    expect(await described(NetworkInterfaceId)).toMatchObject({
      Status: 'in-use',
      Attachment: {
        AttachmentId,
        InstanceId,
        DeviceIndex: 1,
        Status: 'attached',
        DeleteOnTermination: false,
      },
    });
    expect(await ec2.refused('AttachNetworkInterface', input)).toBe(
      `InvalidNetworkInterface.InUse: Interface: [${NetworkInterfaceId}] in use.`,
    );
    const other = (await create()).NetworkInterfaceId;
    expect(await ec2.refused('AttachNetworkInterface', { ...input, NetworkInterfaceId: other })).toBe(
      `InvalidParameterValue: Instance '${InstanceId}' already has an interface attached at device index '1'.`,
    );
    await ec2.run('DetachNetworkInterface', { AttachmentId });
    expect((await described(NetworkInterfaceId)).Attachment).toBeUndefined();
    expect(await ec2.refused('DetachNetworkInterface', { AttachmentId })).toBe(
      `InvalidAttachmentID.NotFound: The attachment ID '${AttachmentId}' does not exist`,
    );
  });

  it('tells an Elastic IP address of the interface', async () => {
    const { InternetGatewayId } = (await ec2.run('CreateInternetGateway')).InternetGateway;
    await ec2.run('AttachInternetGateway', { InternetGatewayId, VpcId });
    const { InstanceId } = await run();
    const { NetworkInterfaceId } = await create();
    const { AllocationId } = await ec2.run('AllocateAddress');
    await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId });
    const { AttachmentId } = await ec2.run('AttachNetworkInterface', {
      NetworkInterfaceId,
      InstanceId,
      DeviceIndex: 1,
    });
    const owner = async () =>
      (await ec2.run('DescribeAddresses', { AllocationIds: [AllocationId] })).Addresses[0].InstanceId;
    expect(await owner()).toBe(InstanceId);
    await ec2.run('DetachNetworkInterface', { AttachmentId });
    expect(await owner()).toBeUndefined();
    await ec2.run('DeleteNetworkInterface', { NetworkInterfaceId });
    expect(
      (await ec2.run('DescribeAddresses', { AllocationIds: [AllocationId] })).Addresses[0],
    ).not.toHaveProperty('AssociationId');
  });

  it('refuses to detach the primary interface', async () => {
    const [{ Attachment }] = (await run()).NetworkInterfaces;
    expect(await ec2.refused('DetachNetworkInterface', { AttachmentId: Attachment.AttachmentId })).toBe(
      'OperationNotPermitted: The network interface at device index 0 cannot be detached.',
    );
  });

  it('refuses an instance in another zone', async () => {
    const elsewhere = (
      await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.7.0/24', AvailabilityZone: 'us-east-1b' })
    ).Subnet.SubnetId;
    const { InstanceId } = await run();
    const { NetworkInterfaceId } = await create({ SubnetId: elsewhere });
    expect(
      await ec2.refused('AttachNetworkInterface', { NetworkInterfaceId, InstanceId, DeviceIndex: 1 }),
    ).toMatch(/^InvalidParameterCombination: You may not attach/);
  });
});

describe('addresses of an interface', () => {
  it('come and go', async () => {
    const { NetworkInterfaceId } = await create();
    expect(
      await ec2.run('AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 2 }),
    ).toEqual({
      NetworkInterfaceId,
      AssignedPrivateIpAddresses: [{ PrivateIpAddress: '10.0.0.5' }, { PrivateIpAddress: '10.0.0.6' }],
    });
    await ec2.run('UnassignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses: ['10.0.0.5'] });
    expect(addressesOf(await described(NetworkInterfaceId))).toEqual(['10.0.0.4', '10.0.0.6']);
    const { AssignedIpv6Addresses } = await ec2.run('AssignIpv6Addresses', {
      NetworkInterfaceId,
      Ipv6AddressCount: 2,
    });
    expect(AssignedIpv6Addresses).toHaveLength(2);
    await ec2.run('UnassignIpv6Addresses', { NetworkInterfaceId, Ipv6Addresses: [AssignedIpv6Addresses[0]] });
    expect((await described(NetworkInterfaceId)).Ipv6Addresses).toEqual([
      { Ipv6Address: AssignedIpv6Addresses[1] },
    ]);
  });

  it('pass from one interface to another only when that is allowed', async () => {
    const first = await create({ SecondaryPrivateIpAddressCount: 1 });
    const { NetworkInterfaceId } = await create();
    const input = { NetworkInterfaceId, PrivateIpAddresses: ['10.0.0.5'] };
    expect(await ec2.refused('AssignPrivateIpAddresses', input)).toBe(
      'InvalidParameterValue: [10.0.0.5] is already assigned but reassignment is not allowed',
    );
    await ec2.run('AssignPrivateIpAddresses', { ...input, AllowReassignment: true });
    expect(addressesOf(await described(first.NetworkInterfaceId))).toEqual(['10.0.0.4']);
    expect(addressesOf(await described(NetworkInterfaceId))).toEqual(['10.0.0.6', '10.0.0.5']);
  });

  it('takes an Elastic IP address along with the address that it is of', async () => {
    const InternetGatewayId = (await ec2.run('CreateInternetGateway')).InternetGateway.InternetGatewayId;
    const [from, to] = [await create({ SecondaryPrivateIpAddressCount: 1 }), await create()];
    await ec2.run('AttachInternetGateway', { InternetGatewayId, VpcId: from.VpcId });
    const { AllocationId } = await ec2.run('AllocateAddress');
    const { NetworkInterfaceId } = from;
    const PrivateIpAddress = '10.0.0.5';
    await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId, PrivateIpAddress });
    await ec2.run('AssignPrivateIpAddresses', {
      NetworkInterfaceId: to.NetworkInterfaceId,
      PrivateIpAddresses: [PrivateIpAddress],
      AllowReassignment: true,
    });
    const { Addresses } = await ec2.run('DescribeAddresses', { AllocationIds: [AllocationId] });
    expect(Addresses[0]).toMatchObject({ NetworkInterfaceId: to.NetworkInterfaceId, PrivateIpAddress });
    const [, second] = (await described(to.NetworkInterfaceId)).PrivateIpAddresses;
    expect(second.Association).toMatchObject({ AllocationId, AssociationId: Addresses[0].AssociationId });
  });

  it.each([
    ['addresses', 'AssignPrivateIpAddresses', { SecondaryPrivateIpAddressCount: 64 }],
    ['IPv6 addresses', 'AssignIpv6Addresses', { Ipv6AddressCount: 2_000_000_000 }],
    ['addresses of a new interface', 'CreateNetworkInterface', { SecondaryPrivateIpAddressCount: 64 }],
    ['IPv6 addresses of a new interface', 'CreateNetworkInterface', { Ipv6AddressCount: 65 }],
  ])('gives no more %s than an interface may have', async (_name, action, input) => {
    const { NetworkInterfaceId, SubnetId } = await create();
    const where = action === 'CreateNetworkInterface' ? { SubnetId } : { NetworkInterfaceId };
    expect(await ec2.refused(action, { ...where, ...input })).toBe(
      'PrivateIpAddressLimitExceeded: Number of private addresses will exceed limit.',
    );
  });

  it('refuses a negative number', async () => {
    const { NetworkInterfaceId } = await create();
    expect(
      await ec2.refused('AssignPrivateIpAddresses', {
        NetworkInterfaceId,
        SecondaryPrivateIpAddressCount: -1,
      }),
    ).toMatch(/^InvalidParameterValue: /);
  });

  it.each([
    { name: 'the primary', PrivateIpAddresses: ['10.0.0.4'], error: /primary private IP address/ },
    {
      name: 'what it does not have',
      PrivateIpAddresses: ['10.0.0.99'],
      error: /are not assigned to interface/,
    },
    { name: 'nothing', PrivateIpAddresses: [], error: /^MissingParameter/ },
  ])('refuses to take away $name', async ({ PrivateIpAddresses, error }) => {
    const { NetworkInterfaceId } = await create();
    expect(
      await ec2.refused('UnassignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses }),
    ).toMatch(error);
  });
});

describe('DescribeNetworkInterfaces', () => {
  it.each([
    ['description', 'm*e'],
    ['private-ip-address', '10.0.0.4'],
    ['addresses.private-ip-address', '10.0.0.4'],
    ['addresses.primary', 'true'],
    ['group-name', 'default'],
    ['interface-type', 'interface'],
    ['availability-zone', 'us-east-1a'],
    ['requester-managed', 'false'],
    ['source-dest-check', 'true'],
    ['status', 'available'],
    ['vpc-id', 'vpc-*'],
    ['tag:a', 'b'],
  ])('finds by %s', async (Name, value) => {
    const { NetworkInterfaceId } = await create({
      Description: 'mine',
      TagSpecifications: [{ ResourceType: 'network-interface', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    const found = async (values: string[]) =>
      (
        await ec2.run('DescribeNetworkInterfaces', {
          Filters: [
            { Name, Values: values },
            { Name: 'network-interface-id', Values: [NetworkInterfaceId] },
          ],
        })
      ).NetworkInterfaces.length;
    expect(await found([value])).toBe(1);
    expect(await found(['else'])).toBe(0);
  });

  it('refuses ids that nobody has', async () => {
    expect(await ec2.refused('DescribeNetworkInterfaces', { NetworkInterfaceIds: [noInterface] })).toBe(
      `InvalidNetworkInterfaceID.NotFound: The networkInterface ID '${noInterface}' does not exist`,
    );
  });
});
