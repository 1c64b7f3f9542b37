import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
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

describe('subnets: serialization', () => {
  it('shows one as it was made', async () => {
    const SubnetId = await account.subnet(VpcId);
    const { Subnets } = await account.ec2.describeSubnets({ SubnetIds: [SubnetId] });
    const { region, accountId } = account.served;
    expect(Subnets).toMatchObject([
      {
        SubnetId,
        SubnetArn: `arn:aws:ec2:${region}:${accountId}:subnet/${SubnetId}`,
        VpcId,
        CidrBlock: '10.0.1.0/24',
        AvailableIpAddressCount: 251,
        MapPublicIpOnLaunch: false,
        Ipv6Native: false,
        Ipv6CidrBlockAssociationSet: [],
      },
    ]);
  });
});

describe('subnets: validation', () => {
  it.each([
    ['outside', '10.9.0.0/24', 'InvalidSubnet.Range', "The CIDR '10.9.0.0/24' is invalid."],
    ['too small', '10.0.2.0/29', 'InvalidSubnet.Range', "The CIDR '10.0.2.0/29' is invalid."],
    [
      'taken',
      '10.0.1.128/25',
      'InvalidSubnet.Conflict',
      "The CIDR '10.0.1.128/25' conflicts with another subnet",
    ],
  ])('CreateSubnet: a block that is %s', async (_name, CidrBlock, code, message) => {
    await account.subnet(VpcId);
    expect(await refusal(account.ec2.createSubnet({ VpcId, CidrBlock }))).toEqual({
      code,
      message,
      status: 400,
    });
  });

  it('CreateSubnet: an unknown VPC, and none', async () => {
    const id = 'vpc-0123456789abcdef0';
    expect(await refusal(account.ec2.createSubnet({ VpcId: id, CidrBlock: '10.0.1.0/24' }))).toEqual({
      code: 'InvalidVpcID.NotFound',
      message: `The vpc ID '${id}' does not exist`,
      status: 400,
    });
    const none = account.ec2.createSubnet({ VpcId: undefined, CidrBlock: '10.0.1.0/24' });
    expect(await refusal(none)).toMatchObject({ code: 'MissingParameter' });
  });
});

describe('subnets: behaviour', () => {
  it('keeps attributes', async () => {
    const SubnetId = await account.subnet(VpcId);
    await account.ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } });
    const { Subnets } = await account.ec2.describeSubnets({
      Filters: [
        { Name: 'map-public-ip-on-launch', Values: ['true'] },
        { Name: 'vpc-id', Values: [VpcId] },
      ],
    });
    expect(Subnets?.map((subnet) => subnet.SubnetId)).toEqual([SubnetId]);
  });

  it('refuses to delete one in use', async () => {
    const SubnetId = await account.subnet(VpcId);
    const { NetworkInterface } = await account.ec2.createNetworkInterface({ SubnetId });
    const { NetworkInterfaceId } = NetworkInterface ?? {};
    account.later(() => account.ec2.deleteNetworkInterface({ NetworkInterfaceId }));
    expect(await refusal(account.ec2.deleteSubnet({ SubnetId }))).toEqual({
      code: 'DependencyViolation',
      message: `The subnet '${SubnetId}' has dependencies and cannot be deleted.`,
      status: 400,
    });
  });

  it('is in the main route table until it has its own', async () => {
    const SubnetId = await account.subnet(VpcId);
    const { RouteTable } = await account.ec2.createRouteTable({ VpcId });
    const { RouteTableId } = RouteTable ?? {};
    account.later(() => account.ec2.deleteRouteTable({ RouteTableId }));
    const { AssociationId } = await account.ec2.associateRouteTable({ RouteTableId, SubnetId });
    account.later(() => account.ec2.disassociateRouteTable({ AssociationId }));
    const Filters = [{ Name: 'association.subnet-id', Values: [SubnetId] }];
    const { RouteTables } = await account.ec2.describeRouteTables({ Filters });
    expect(RouteTables?.map((table) => table.RouteTableId)).toEqual([RouteTableId]);
    expect(await refusal(account.ec2.deleteRouteTable({ RouteTableId }))).toMatchObject({
      code: 'DependencyViolation',
    });
  });
});
