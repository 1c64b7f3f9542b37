import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
let VpcId: string;
let SubnetId: string;
let InternetGatewayId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  SubnetId = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' })).Subnet.SubnetId;
  InternetGatewayId = (await ec2.run('CreateInternetGateway')).InternetGateway.InternetGatewayId;
  await ec2.run('AttachInternetGateway', { InternetGatewayId, VpcId });
});
afterAll(() => ec2.close());

const newInterface = async (input: object = {}) =>
  (await ec2.run('CreateNetworkInterface', { SubnetId, ...input })).NetworkInterface;
const interfaceOf = async (id: string) =>
  (await ec2.run('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] })).NetworkInterfaces[0];
const addressOf = async (id: string) =>
  (await ec2.run('DescribeAddresses', { AllocationIds: [id] })).Addresses[0];

describe('AllocateAddress', () => {
  it('gives an address of a documentation range, and no one twice', async () => {
    const one = await ec2.run('AllocateAddress', { Domain: 'vpc' });
    const two = await ec2.at({ region: 'eu-west-1' }).run('AllocateAddress');
    expect(one).toEqual({
      AllocationId: expect.stringMatching(/^eipalloc-[0-9a-f]{17}$/),
      PublicIp: expect.stringMatching(/^203\.0\.113\.\d+$/),
      Domain: 'vpc',
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: 'us-east-1',
    });
    expect(two.PublicIp).not.toBe(one.PublicIp);
    expect(await ec2.refused('AllocateAddress', { Address: two.PublicIp })).toBe(
      `InvalidAddress.NotFound: Address '${two.PublicIp}' not found.`,
    );
  });

  it.each([
    ['a pool', { PublicIpv4Pool: 'ipv4pool-ec2-1' }, /^InvalidPublicIpv4PoolID\.NotFound: /],
    ['EC2-Classic', { Domain: 'standard' }, /^InvalidParameterValue: /],
    ['another border group', { NetworkBorderGroup: 'us-east-1-wl1' }, /^InvalidParameterValue: /],
    [
      'an address of somebody',
      { Address: '1.1.1.1' },
      /^InvalidAddress\.NotFound: Address '1\.1\.1\.1' not found\.$/,
    ],
  ])('refuses %s', async (_name, input, expected) => {
    expect(await ec2.refused('AllocateAddress', input)).toMatch(expected);
  });
});

describe('AssociateAddress', () => {
  it('shows at the address and at the interface, and goes from both', async () => {
    const { AllocationId, PublicIp } = await ec2.run('AllocateAddress');
    const { NetworkInterfaceId, PrivateIpAddress } = await newInterface();
    const { AssociationId } = await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId });
    expect(AssociationId).toMatch(/^eipassoc-[0-9a-f]{17}$/);
    expect(await addressOf(AllocationId)).toMatchObject({
      AssociationId,
      NetworkInterfaceId,
      PrivateIpAddress,
    });
    expect(await interfaceOf(NetworkInterfaceId)).toMatchObject({
      Association: { AllocationId, AssociationId, PublicIp, IpOwnerId: '123456789012' },
      PrivateIpAddresses: [{ PrivateIpAddress, Association: { PublicIp } }],
    });
    expect(await ec2.refused('DetachInternetGateway', { InternetGatewayId, VpcId })).toBe(
      `DependencyViolation: Network ${VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
    expect(await ec2.refused('ReleaseAddress', { AllocationId })).toBe(
      `InvalidIPAddress.InUse: Address ${PublicIp} is in use.`,
    );
    await ec2.run('DisassociateAddress', { AssociationId });
    expect(await addressOf(AllocationId)).not.toHaveProperty('AssociationId');
    expect(await interfaceOf(NetworkInterfaceId)).not.toHaveProperty('Association');
    expect((await interfaceOf(NetworkInterfaceId)).PrivateIpAddresses[0]).not.toHaveProperty('Association');
    await ec2.run('ReleaseAddress', { AllocationId });
    expect(await ec2.refused('ReleaseAddress', { AllocationId })).toBe(
      `InvalidAllocationID.NotFound: The allocation ID '${AllocationId}' does not exist`,
    );
  });

  it('moves an address unless it may not', async () => {
    const { AllocationId } = await ec2.run('AllocateAddress');
    const one = (await newInterface()).NetworkInterfaceId;
    const two = (await newInterface()).NetworkInterfaceId;
    const { AssociationId } = await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId: one });
    const again = { AllocationId, NetworkInterfaceId: one, AllowReassociation: false };
    expect(await ec2.run('AssociateAddress', again)).toEqual({ AssociationId });
    const move = { AllocationId, NetworkInterfaceId: two };
    expect(await ec2.refused('AssociateAddress', { ...move, AllowReassociation: false })).toBe(
      `Resource.AlreadyAssociated: resource ${AllocationId} is already associated with associate-id ${AssociationId}`,
    );
    await ec2.run('AssociateAddress', move);
    expect(await interfaceOf(one)).not.toHaveProperty('Association');
    expect(await interfaceOf(two)).toMatchObject({ Association: { AllocationId } });
  });

  it('takes the place of another address, which remains allocated', async () => {
    const { NetworkInterfaceId } = await newInterface();
    const one = await ec2.run('AllocateAddress');
    const two = await ec2.run('AllocateAddress');
    for (const { AllocationId } of [one, two]) {
      await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId });
    }
    expect(await addressOf(one.AllocationId)).not.toHaveProperty('NetworkInterfaceId');
    expect(await interfaceOf(NetworkInterfaceId)).toMatchObject({ Association: { PublicIp: two.PublicIp } });
  });

  it('goes to a secondary address', async () => {
    const { NetworkInterfaceId, PrivateIpAddresses } = await newInterface({
      SecondaryPrivateIpAddressCount: 1,
    });
    const { AllocationId } = await ec2.run('AllocateAddress');
    const { PrivateIpAddress } = PrivateIpAddresses[1];
    await ec2.run('AssociateAddress', { AllocationId, NetworkInterfaceId, PrivateIpAddress });
    const found = await interfaceOf(NetworkInterfaceId);
    expect(found).not.toHaveProperty('Association');
    expect(found.PrivateIpAddresses[1]).toMatchObject({ Association: { AllocationId } });
  });

  it.each([
    ['no address', () => ({}), /^MissingParameter: Either public IP or allocation id must be specified$/],
    [
      'an unknown address',
      () => ({ AllocationId: 'eipalloc-1' }),
      /^InvalidAllocationID\.NotFound: The allocation ID 'eipalloc-1' does not exist$/,
    ],
    [
      'an unknown public IP',
      () => ({ PublicIp: '9.9.9.9' }),
      /^InvalidAddress\.NotFound: Address '9\.9\.9\.9' not found\.$/,
    ],
  ] as const)('refuses %s', async (_name, input, expected) => {
    const { NetworkInterfaceId } = await newInterface();
    expect(await ec2.refused('AssociateAddress', { ...input(), NetworkInterfaceId })).toMatch(expected);
  });

  it('needs something to go to, and an internet gateway', async () => {
    const { AllocationId } = await ec2.run('AllocateAddress');
    expect(await ec2.refused('AssociateAddress', { AllocationId })).toBe(
      'MissingParameter: Either instance ID or network interface id must be specified',
    );
    const { NetworkInterfaceId } = await newInterface();
    const far = { AllocationId, NetworkInterfaceId, PrivateIpAddress: '10.0.1.99' };
    expect(await ec2.refused('AssociateAddress', far)).toMatch(/^InvalidParameterValue: /);
    await ec2.run('DetachInternetGateway', { InternetGatewayId, VpcId });
    expect(await ec2.refused('AssociateAddress', { AllocationId, NetworkInterfaceId })).toBe(
      `Gateway.NotAttached: Network ${VpcId} is not attached to any internet gateway`,
    );
  });
});

describe('DescribeAddresses', () => {
  it.each([
    ['public-ip', (address: Record<string, string>) => address.PublicIp],
    ['allocation-id', ({ AllocationId }: Record<string, string>) => AllocationId],
    ['tag:Name', () => 'mine'],
    ['domain', () => 'vpc'],
  ])('filters by %s', async (Name, value) => {
    const TagSpecifications = [{ ResourceType: 'elastic-ip', Tags: [{ Key: 'Name', Value: 'mine' }] }];
    const address = await ec2.run('AllocateAddress', { TagSpecifications });
    const request = { AllocationIds: [address.AllocationId], Filters: [{ Name, Values: [value(address)] }] };
    expect((await ec2.run('DescribeAddresses', request)).Addresses).toHaveLength(1);
  });

  it('refuses addresses that are not there', async () => {
    expect(await ec2.refused('DescribeAddresses', { PublicIps: ['203.0.113.254'] })).toBe(
      "InvalidAddress.NotFound: Address '203.0.113.254' not found.",
    );
    expect(await ec2.refused('DescribeAddresses', { PublicIps: ['x'] })).toMatch(
      /^InvalidAddress\.Malformed: /,
    );
  });

  it('tells that no address has a name', async () => {
    const { AllocationId, PublicIp } = await ec2.run('AllocateAddress');
    const request = { AllocationIds: [AllocationId], Attribute: 'domain-name' };
    expect(await ec2.run('DescribeAddressesAttribute', request)).toEqual({
      Addresses: [{ AllocationId, PublicIp }],
    });
  });
});

describe('CreateNatGateway', () => {
  const newNat = async (input: object = {}) =>
    (await ec2.run('CreateNatGateway', { SubnetId, ...input })).NatGateway;

  it('makes an interface that belongs to it, with the Elastic IP address', async () => {
    const { AllocationId, PublicIp } = await ec2.run('AllocateAddress');
    const gateway = await newNat({ AllocationId });
    const [address] = gateway.NatGatewayAddresses;
    expect(gateway).toMatchObject({
      NatGatewayId: expect.stringMatching(/^nat-[0-9a-f]{17}$/),
      State: 'available',
      ConnectivityType: 'public',
      VpcId,
      SubnetId,
    });
    expect(address).toMatchObject({ AllocationId, PublicIp, PrivateIp: '10.0.1.4', IsPrimary: true });
    expect(await interfaceOf(address.NetworkInterfaceId)).toMatchObject({
      InterfaceType: 'nat_gateway',
      RequesterManaged: true,
      Description: `Interface for NAT Gateway ${gateway.NatGatewayId}`,
      PrivateIpAddress: '10.0.1.4',
      SourceDestCheck: false,
      Status: 'in-use',
      Association: { PublicIp, AllocationId },
    });
    for (const [action, input] of [
      ['ReleaseAddress', { AllocationId }],
      ['DisassociateAddress', { AssociationId: address.AssociationId }],
    ] as const) {
      expect(await ec2.refused(action, input), action).toBe(
        'AuthFailure: You do not have permission to access the specified resource.',
      );
    }
    expect(
      await ec2.refused('DeleteNetworkInterface', { NetworkInterfaceId: address.NetworkInterfaceId }),
    ).toMatch(/^OperationNotPermitted: /);
    expect(await ec2.refused('DeleteSubnet', { SubnetId })).toMatch(/^DependencyViolation: /);
  });

  it('is shown for an hour after its deletion; its interface is gone at once, its address remains', async () => {
    const { AllocationId } = await ec2.run('AllocateAddress');
    const { NatGatewayId, NatGatewayAddresses } = await newNat({ AllocationId });
    expect(await ec2.run('DeleteNatGateway', { NatGatewayId })).toEqual({ NatGatewayId });
    expect(await addressOf(AllocationId)).not.toHaveProperty('AssociationId');
    const { NetworkInterfaceId } = NatGatewayAddresses[0];
    expect(
      await ec2.refused('DescribeNetworkInterfaces', { NetworkInterfaceIds: [NetworkInterfaceId] }),
    ).toMatch(/^InvalidNetworkInterfaceID\.NotFound: /);
    const states = async () => {
      const { NatGateways } = await ec2.run('DescribeNatGateways', {
        Filter: [{ Name: 'nat-gateway-id', Values: [NatGatewayId] }],
      });
      return NatGateways.map(({ State }: { State: string }) => State);
    };
    expect(await states()).toEqual(['deleted']);
    expect(await ec2.refused('DeleteNatGateway', { NatGatewayId })).toBe(
      `NatGatewayNotFound: NAT gateway ${NatGatewayId} was not found`,
    );
    ec2.nowMs += 3_600_000;
    expect(await states()).toEqual([]);
    await ec2.run('DeleteSubnet', { SubnetId });
  });

  it('fails in a VPC without an internet gateway', async () => {
    const { AllocationId } = await ec2.run('AllocateAddress');
    await ec2.run('DetachInternetGateway', { InternetGatewayId, VpcId });
    expect(await newNat({ AllocationId })).toMatchObject({
      State: 'failed',
      FailureCode: 'Gateway.NotAttached',
      FailureMessage: `Network ${VpcId} has no Internet gateway attached`,
    });
  });

  it('can be private, at a given address', async () => {
    const gateway = await newNat({ ConnectivityType: 'private', PrivateIpAddress: '10.0.1.77' });
    expect(gateway).toMatchObject({ State: 'available', ConnectivityType: 'private' });
    expect(gateway.NatGatewayAddresses).toMatchObject([{ PrivateIp: '10.0.1.77' }]);
    expect(gateway.NatGatewayAddresses[0]).not.toHaveProperty('PublicIp');
  });

  it('makes one for one ClientToken', async () => {
    const request = { ConnectivityType: 'private', ClientToken: 'once' };
    expect((await newNat(request)).NatGatewayId).toBe((await newNat(request)).NatGatewayId);
    expect(
      await ec2.refused('CreateNatGateway', { SubnetId, ClientToken: 'once', AllocationId: 'eipalloc-1' }),
    ).toMatch(/^IdempotentParameterMismatch: /);
  });

  it.each([
    [
      'a public one without an address',
      {},
      /^MissingParameter: The request must include the AllocationId parameter\./,
    ],
    ['an unknown address', { AllocationId: 'eipalloc-1' }, /^InvalidAllocationID\.NotFound: /],
    [
      'an unknown subnet',
      { SubnetId: 'subnet-0123456789abcdef0', ConnectivityType: 'private' },
      /^InvalidSubnetID\.NotFound: /,
    ],
    [
      'a reserved address',
      { ConnectivityType: 'private', PrivateIpAddress: '10.0.1.1' },
      /^InvalidParameterValue: /,
    ],
    ['regional ones', { AvailabilityMode: 'regional' }, /^UnsupportedOperation: /],
    [
      'a private one with an address',
      { ConnectivityType: 'private', AllocationId: 'eipalloc-1' },
      /^InvalidParameterCombination: /,
    ],
  ])('refuses %s', async (_name, input, expected) => {
    expect(await ec2.refused('CreateNatGateway', { SubnetId, ...input })).toMatch(expected);
  });

  it('fails with an address that is associated', async () => {
    const { AllocationId } = await ec2.run('AllocateAddress');
    await newNat({ AllocationId });
    expect((await ec2.run('CreateNatGateway', { SubnetId, AllocationId })).NatGateway).toMatchObject({
      State: 'failed',
      FailureCode: 'Resource.AlreadyAssociated',
      FailureMessage: `Elastic IP address [${AllocationId}] is already associated`,
      NatGatewayAddresses: [],
    });
  });

  it('fails in a subnet without a free address', async () => {
    const CidrBlock = '10.0.2.0/28';
    const { SubnetId: full } = (await ec2.run('CreateSubnet', { VpcId, CidrBlock })).Subnet;
    await newInterface({ SubnetId: full, SecondaryPrivateIpAddressCount: 10 });
    const input = { SubnetId: full, ConnectivityType: 'private' };
    expect((await ec2.run('CreateNatGateway', input)).NatGateway).toMatchObject({
      State: 'failed',
      FailureCode: 'InsufficientFreeAddressesInSubnet',
      FailureMessage: 'Subnet has insufficient free addresses to create this NAT gateway',
    });
  });

  it('is refused an address that nobody has', async () => {
    const AllocationId = 'eipalloc-0123456789abcdef0';
    expect(await ec2.refused('CreateNatGateway', { SubnetId, AllocationId })).toMatch(
      /^InvalidAllocationID\.NotFound: /,
    );
  });

  it('has its own words for ids', async () => {
    expect(await ec2.refused('DescribeNatGateways', { NatGatewayIds: ['nat-0123456789abcdef0'] })).toBe(
      'NatGatewayNotFound: NAT gateway nat-0123456789abcdef0 was not found',
    );
    expect(await ec2.refused('DeleteNatGateway', { NatGatewayId: 'x' })).toMatch(/^NatGatewayMalformed: /);
  });
});
