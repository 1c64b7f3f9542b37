import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
let VpcId: string;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
beforeEach(async () => {
  VpcId = (await account.vpc()).VpcId;
});
afterEach(() => account.removeMade());
afterAll(() => account.close());

describe('internet gateways', () => {
  it('serialization: its attachment', async () => {
    const id = await account.internetGateway(VpcId);
    const { InternetGateways } = await account.ec2.describeInternetGateways({ InternetGatewayIds: [id] });
    expect(InternetGateways).toEqual([
      {
        InternetGatewayId: id,
        OwnerId: account.served.accountId,
        Attachments: [{ State: 'available', VpcId }],
        Tags: [],
      },
    ]);
  });

  it('validation: what nobody has, and what is attached', async () => {
    const InternetGatewayId = await account.internetGateway(VpcId);
    expect(await refusal(account.ec2.attachInternetGateway({ InternetGatewayId, VpcId }))).toEqual({
      code: 'Resource.AlreadyAssociated',
      message: `resource ${InternetGatewayId} is already attached to network ${VpcId}`,
      status: 400,
    });
    expect(await refusal(account.ec2.deleteInternetGateway({ InternetGatewayId }))).toEqual({
      code: 'DependencyViolation',
      message: `The internetGateway '${InternetGatewayId}' has dependencies and cannot be deleted.`,
      status: 400,
    });
    const nobody = 'igw-0123456789abcdef0';
    const unknown = account.ec2.describeInternetGateways({ InternetGatewayIds: [nobody] });
    expect(await refusal(unknown)).toMatchObject({
      code: 'InvalidInternetGatewayID.NotFound',
      message: `The internetGateway ID '${nobody}' does not exist`,
    });
  });
});

describe('addresses', () => {
  it('serialization and behaviour: from allocation to release', async () => {
    const SubnetId = await account.subnet(VpcId);
    await account.internetGateway(VpcId);
    const { NetworkInterface } = await account.ec2.createNetworkInterface({ SubnetId });
    const { NetworkInterfaceId, PrivateIpAddress } = NetworkInterface ?? {};
    account.later(() => account.ec2.deleteNetworkInterface({ NetworkInterfaceId }));
    const { AllocationId, PublicIp } = await account.address();
    const { AssociationId } = await account.ec2.associateAddress({ AllocationId, NetworkInterfaceId });
    const { Addresses } = await account.ec2.describeAddresses({ AllocationIds: [AllocationId] });
    expect(Addresses).toMatchObject([
      { AllocationId, AssociationId, PublicIp, NetworkInterfaceId, PrivateIpAddress, Domain: 'vpc' },
    ]);
    expect(await refusal(account.ec2.releaseAddress({ AllocationId }))).toMatchObject({
      code: 'InvalidIPAddress.InUse',
    });
    await account.ec2.disassociateAddress({ AssociationId });
    expect(await refusal(account.ec2.disassociateAddress({ AssociationId }))).toMatchObject({
      code: 'InvalidAssociationID.NotFound',
      message: `The association ID '${AssociationId}' does not exist`,
    });
  });

  it('validation: what nobody has', async () => {
    const AllocationId = 'eipalloc-0123456789abcdef0';
    expect(await refusal(account.ec2.releaseAddress({ AllocationId }))).toEqual({
      code: 'InvalidAllocationID.NotFound',
      message: `The allocation ID '${AllocationId}' does not exist`,
      status: 400,
    });
  });
});

// At AWS it takes minutes.
describe.skipIf(isRemote)('NAT gateways', () => {
  it('serialization and behaviour: from creation to deletion', async () => {
    const SubnetId = await account.subnet(VpcId);
    await account.internetGateway(VpcId);
    const { AllocationId, PublicIp } = await account.address();
    const { NatGateway } = await account.ec2.createNatGateway({ SubnetId, AllocationId });
    const { NatGatewayId, NatGatewayAddresses, CreateTime } = NatGateway ?? {};
    expect(CreateTime).toBeInstanceOf(Date);
    expect(NatGatewayAddresses).toMatchObject([{ AllocationId, PublicIp, IsPrimary: true }]);
    const { NatGateways } = await account.ec2.describeNatGateways({ NatGatewayIds: [NatGatewayId ?? ''] });
    expect(NatGateways).toEqual([NatGateway]);
    const NetworkInterfaceId = NatGatewayAddresses?.[0].NetworkInterfaceId;
    expect(await refusal(account.ec2.deleteNetworkInterface({ NetworkInterfaceId }))).toMatchObject({
      code: 'OperationNotPermitted',
    });
    expect(await account.ec2.deleteNatGateway({ NatGatewayId })).toMatchObject({ NatGatewayId });
    const Filter = [{ Name: 'vpc-id', Values: [VpcId] }];
    const { NatGateways: shown } = await account.ec2.describeNatGateways({ Filter });
    expect(shown).toMatchObject([{ State: 'deleted', DeleteTime: expect.any(Date) }]);
  });

  it('validation: what nobody has', async () => {
    const NatGatewayId = 'nat-0123456789abcdef0';
    expect(await refusal(account.ec2.deleteNatGateway({ NatGatewayId }))).toEqual({
      code: 'NatGatewayNotFound',
      message: `NAT gateway ${NatGatewayId} was not found`,
      status: 400,
    });
  });
});
