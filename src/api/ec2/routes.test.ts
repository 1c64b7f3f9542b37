import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
let VpcId: string;
let SubnetId: string;
let RouteTableId: string;
let GatewayId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
beforeEach(async () => {
  VpcId = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId;
  SubnetId = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.1.0/24' })).Subnet.SubnetId;
  RouteTableId = (await ec2.run('CreateRouteTable', { VpcId })).RouteTable.RouteTableId;
  GatewayId = (await ec2.run('CreateInternetGateway')).InternetGateway.InternetGatewayId;
  await ec2.run('AttachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
});
afterAll(() => ec2.close());

const table = async (id = RouteTableId) =>
  (await ec2.run('DescribeRouteTables', { RouteTableIds: [id] })).RouteTables[0];
const everywhere = { DestinationCidrBlock: '0.0.0.0/0' };
const mainTable = async () => {
  const Filters = [
    { Name: 'vpc-id', Values: [VpcId] },
    { Name: 'association.main', Values: ['true'] },
  ];
  return (await ec2.run('DescribeRouteTables', { Filters })).RouteTables[0];
};
const newInterface = async () =>
  (await ec2.run('CreateNetworkInterface', { SubnetId })).NetworkInterface.NetworkInterfaceId;

describe('CreateRoute', () => {
  it('adds a route, host bits cut', async () => {
    const DestinationCidrBlock = '192.168.1.7/24';
    expect(await ec2.run('CreateRoute', { RouteTableId, DestinationCidrBlock, GatewayId })).toEqual({
      Return: true,
    });
    expect((await table()).Routes.at(-1)).toEqual({
      DestinationCidrBlock: '192.168.1.0/24',
      GatewayId,
      Origin: 'CreateRoute',
      State: 'active',
    });
  });

  it('follows an interface: in use or not, with its instance', async () => {
    const NetworkInterfaceId = await newInterface();
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, NetworkInterfaceId });
    expect((await table()).Routes.at(-1)).toMatchObject({ NetworkInterfaceId, State: 'blackhole' });
  });

  it.each([
    [
      'a destination twice',
      () => ({ DestinationCidrBlock: '10.0.0.0/16', GatewayId }),
      /^RouteAlreadyExists: The route identified by 10\.0\.0\.0\/16 already exists\.$/,
    ],
    [
      'what is no block',
      () => ({ DestinationCidrBlock: 'x', GatewayId }),
      /^InvalidParameterValue: Value \(x\) for parameter destinationCidrBlock is invalid\. This is not a valid CIDR block\.$/,
    ],
    ['no destination', () => ({ GatewayId }), /^MissingParameter: /],
    ['no target', () => everywhere, /^MissingParameter: /],
    [
      'two targets',
      () => ({ ...everywhere, GatewayId, NatGatewayId: 'nat-1' }),
      /^InvalidParameterCombination: The parameters gatewayId, natGatewayId/,
    ],
    [
      'an unknown gateway',
      () => ({ ...everywhere, GatewayId: 'igw-1' }),
      /^InvalidGatewayID\.NotFound: The gateway ID 'igw-1' does not exist$/,
    ],
    [
      'an unknown NAT gateway',
      () => ({ ...everywhere, NatGatewayId: 'nat-1' }),
      /^InvalidNatGatewayID\.NotFound: The natGateway ID 'nat-1' does not exist$/,
    ],
    [
      'an unknown interface',
      () => ({ ...everywhere, NetworkInterfaceId: 'eni-1' }),
      /^InvalidNetworkInterfaceID\.NotFound: The networkInterface ID 'eni-1' does not exist$/,
    ],
    [
      'an unknown peering',
      () => ({ ...everywhere, VpcPeeringConnectionId: 'pcx-1' }),
      /^InvalidVpcPeeringConnectionID\.NotFound: /,
    ],
    [
      'an unknown transit gateway',
      () => ({ ...everywhere, TransitGatewayId: 'tgw-1' }),
      /^InvalidTransitGatewayID\.NotFound: /,
    ],
    [
      'an unknown prefix list',
      () => ({ DestinationPrefixListId: 'pl-1', GatewayId }),
      /^InvalidPrefixListID\.NotFound: /,
    ],
    [
      'a way out for what is inside',
      () => ({ DestinationCidrBlock: '10.0.1.0/24', GatewayId }),
      /^InvalidParameterValue: The destination CIDR block 10\.0\.1\.0\/24 is equal to or more specific/,
    ],
  ] as const)('refuses %s', async (_name, input, expected) => {
    expect(await ec2.refused('CreateRoute', { RouteTableId, ...input() })).toMatch(expected);
  });

  it('refuses a gateway of another VPC', async () => {
    const other = (await ec2.run('CreateInternetGateway')).InternetGateway.InternetGatewayId;
    expect(await ec2.refused('CreateRoute', { RouteTableId, ...everywhere, GatewayId: other })).toBe(
      `InvalidParameterValue: route table ${RouteTableId} and network gateway ${other} belong to different networks`,
    );
  });

  it('refuses a table that nobody has', async () => {
    const id = 'rtb-0123456789abcdef0';
    expect(await ec2.refused('CreateRoute', { RouteTableId: id, ...everywhere, GatewayId })).toBe(
      `InvalidRouteTableID.NotFound: The routeTable ID '${id}' does not exist`,
    );
  });
});

describe('ReplaceRoute and DeleteRoute', () => {
  it('change and take a route', async () => {
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, GatewayId });
    const NetworkInterfaceId = await newInterface();
    await ec2.run('ReplaceRoute', { RouteTableId, ...everywhere, NetworkInterfaceId });
    expect((await table()).Routes.at(-1)).toMatchObject({ NetworkInterfaceId });
    await ec2.run('DeleteRoute', { RouteTableId, ...everywhere });
    expect((await table()).Routes).toHaveLength(1);
  });

  it('refuse a route that is not there', async () => {
    expect(await ec2.refused('ReplaceRoute', { RouteTableId, ...everywhere, GatewayId })).toBe(
      "InvalidParameterValue: There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
    );
    expect(await ec2.refused('DeleteRoute', { RouteTableId, ...everywhere })).toBe(
      `InvalidRoute.NotFound: no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`,
    );
  });

  it('keep the local route, which may lead to an interface and back', async () => {
    const local = { RouteTableId, DestinationCidrBlock: '10.0.0.0/16' };
    expect(await ec2.refused('DeleteRoute', local)).toBe(
      `InvalidParameterValue: cannot remove local route 10.0.0.0/16 in route table ${RouteTableId}`,
    );
    expect(await ec2.refused('ReplaceRoute', { ...local, GatewayId })).toMatch(/^InvalidParameterValue: /);
    const NetworkInterfaceId = await newInterface();
    await ec2.run('ReplaceRoute', { ...local, NetworkInterfaceId });
    expect((await table()).Routes).toMatchObject([{ NetworkInterfaceId, Origin: 'CreateRouteTable' }]);
    await ec2.run('ReplaceRoute', { ...local, LocalTarget: true });
    expect((await table()).Routes).toMatchObject([{ GatewayId: 'local', State: 'active' }]);
  });
});

describe('local routes', () => {
  it("are the VPC's blocks only", async () => {
    expect(await ec2.refused('CreateRoute', { RouteTableId, ...everywhere, GatewayId: 'local' })).toMatch(
      /^InvalidGatewayID\.NotFound: The gateway ID 'local' does not exist$/,
    );
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, GatewayId });
    expect(await ec2.refused('ReplaceRoute', { RouteTableId, ...everywhere, LocalTarget: true })).toMatch(
      /^InvalidParameterValue: /,
    );
  });
});

describe('states of routes', () => {
  it('are blackhole while the internet gateway is away', async () => {
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, GatewayId });
    await ec2.run('DetachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
    expect((await table()).Routes.at(-1)).toMatchObject({ GatewayId, State: 'blackhole' });
    await ec2.run('AttachInternetGateway', { InternetGatewayId: GatewayId, VpcId });
    expect((await table()).Routes.at(-1)).toMatchObject({ GatewayId, State: 'active' });
  });

  it('are blackhole when the NAT or egress-only gateway is gone', async () => {
    const { NatGateway } = await ec2.run('CreateNatGateway', { SubnetId, ConnectivityType: 'private' });
    const { NatGatewayId } = NatGateway;
    const eigw = await ec2.run('CreateEgressOnlyInternetGateway', { VpcId });
    const { EgressOnlyInternetGatewayId } = eigw.EgressOnlyInternetGateway;
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, NatGatewayId });
    const DestinationIpv6CidrBlock = '::/0';
    await ec2.run('CreateRoute', { RouteTableId, DestinationIpv6CidrBlock, EgressOnlyInternetGatewayId });
    const states = async () => (await table()).Routes.map(({ State }: { State: string }) => State);
    expect(await states()).toEqual(['active', 'active', 'active']);
    await ec2.run('DeleteNatGateway', { NatGatewayId });
    await ec2.run('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId });
    expect(await states()).toEqual(['active', 'blackhole', 'blackhole']);
  });
});

describe('AssociateRouteTable', () => {
  it('associates a subnet once; the same again is the same', async () => {
    const first = await ec2.run('AssociateRouteTable', { RouteTableId, SubnetId });
    expect(first).toEqual({
      AssociationId: expect.stringMatching(/^rtbassoc-[0-9a-f]{17}$/),
      AssociationState: { State: 'associated' },
    });
    expect(await ec2.run('AssociateRouteTable', { RouteTableId, SubnetId })).toEqual(first);
    const other = (await ec2.run('CreateRouteTable', { VpcId })).RouteTable.RouteTableId;
    expect(await ec2.refused('AssociateRouteTable', { RouteTableId: other, SubnetId })).toBe(
      `Resource.AlreadyAssociated: the specified association for route table ${other} conflicts with an existing association`,
    );
  });

  it('refuses a subnet of another VPC', async () => {
    const theirs = (await ec2.run('CreateVpc', { CidrBlock: '10.9.0.0/16' })).Vpc.VpcId;
    const { Subnet } = await ec2.run('CreateSubnet', { VpcId: theirs, CidrBlock: '10.9.0.0/24' });
    expect(await ec2.refused('AssociateRouteTable', { RouteTableId, SubnetId: Subnet.SubnetId })).toBe(
      `InvalidParameterValue: Route table ${RouteTableId} and subnet ${Subnet.SubnetId} belong to different networks`,
    );
  });
});

describe('ReplaceRouteTableAssociation and DisassociateRouteTable', () => {
  it('make another table the main one', async () => {
    const main = await mainTable();
    const { RouteTableAssociationId: AssociationId } = main.Associations[0];
    expect(await ec2.refused('DisassociateRouteTable', { AssociationId })).toBe(
      `InvalidParameterValue: cannot disassociate the main route table association ${AssociationId}`,
    );
    const { NewAssociationId } = await ec2.run('ReplaceRouteTableAssociation', {
      AssociationId,
      RouteTableId,
    });
    expect((await mainTable()).Associations).toMatchObject([
      { Main: true, RouteTableId, RouteTableAssociationId: NewAssociationId },
    ]);
    await ec2.run('DeleteRouteTable', { RouteTableId: main.RouteTableId });
  });

  it('move a subnet, and let it go', async () => {
    const { AssociationId } = await ec2.run('AssociateRouteTable', { RouteTableId, SubnetId });
    const other = (await ec2.run('CreateRouteTable', { VpcId })).RouteTable.RouteTableId;
    const { NewAssociationId } = await ec2.run('ReplaceRouteTableAssociation', {
      AssociationId,
      RouteTableId: other,
    });
    expect((await table()).Associations).toEqual([]);
    expect((await table(other)).Associations).toMatchObject([{ SubnetId, Main: false }]);
    await ec2.run('DisassociateRouteTable', { AssociationId: NewAssociationId });
    expect((await table(other)).Associations).toEqual([]);
    expect(await ec2.refused('DisassociateRouteTable', { AssociationId: NewAssociationId })).toBe(
      `InvalidAssociationID.NotFound: The association ID '${NewAssociationId}' does not exist`,
    );
  });
});

describe('DeleteRouteTable', () => {
  it('refuses the main one, and one with a subnet', async () => {
    const main = (await mainTable()).RouteTableId;
    await ec2.run('AssociateRouteTable', { RouteTableId, SubnetId });
    for (const id of [main, RouteTableId]) {
      expect(await ec2.refused('DeleteRouteTable', { RouteTableId: id })).toBe(
        `DependencyViolation: The routeTable '${id}' has dependencies and cannot be deleted.`,
      );
    }
  });
});

describe('CreateRouteTable', () => {
  it('makes one for one ClientToken', async () => {
    const first = await ec2.run('CreateRouteTable', { VpcId, ClientToken: 'once' });
    expect(await ec2.run('CreateRouteTable', { VpcId, ClientToken: 'once' })).toEqual(first);
    const other = (await ec2.run('CreateVpc', { CidrBlock: '10.9.0.0/16' })).Vpc.VpcId;
    expect(await ec2.refused('CreateRouteTable', { VpcId: other, ClientToken: 'once' })).toMatch(
      /^IdempotentParameterMismatch: /,
    );
  });
});

describe('DescribeRouteTables', () => {
  it.each([
    ['association.subnet-id', () => SubnetId],
    ['association.main', () => 'false'],
    ['route.destination-cidr-block', () => '0.0.0.0/0'],
    ['route.gateway-id', () => GatewayId],
    ['route.origin', () => 'CreateRoute'],
    ['route.state', () => 'act*'],
    ['route-table-id', () => RouteTableId],
  ])('filters by %s', async (Name, value) => {
    await ec2.run('AssociateRouteTable', { RouteTableId, SubnetId });
    await ec2.run('CreateRoute', { RouteTableId, ...everywhere, GatewayId });
    const Filters = [
      { Name: 'route-table-id', Values: [RouteTableId] },
      { Name, Values: [value()] },
    ];
    expect((await ec2.run('DescribeRouteTables', { Filters })).RouteTables).toHaveLength(1);
    Filters[1].Values = ['none'];
    expect((await ec2.run('DescribeRouteTables', { Filters })).RouteTables).toEqual([]);
  });
});

describe('internet gateways', () => {
  it.each([
    [
      'a second attachment',
      'AttachInternetGateway',
      () => ({ InternetGatewayId: GatewayId, VpcId }),
      () => `Resource.AlreadyAssociated: resource ${GatewayId} is already attached to network ${VpcId}`,
    ],
    [
      'deletion while attached',
      'DeleteInternetGateway',
      () => ({ InternetGatewayId: GatewayId }),
      () => `DependencyViolation: The internetGateway '${GatewayId}' has dependencies and cannot be deleted.`,
    ],
    [
      'what is no id',
      'DeleteInternetGateway',
      () => ({ InternetGatewayId: 'x' }),
      () => 'InvalidInternetGatewayId.Malformed: Invalid id: "x" (expecting "igw-...")',
    ],
    [
      'an unknown one',
      'DetachInternetGateway',
      () => ({ InternetGatewayId: 'igw-0123456789abcdef0', VpcId }),
      () =>
        "InvalidInternetGatewayID.NotFound: The internetGateway ID 'igw-0123456789abcdef0' does not exist",
    ],
  ])('refuse %s', async (_name, action, input, expected) => {
    expect(await ec2.refused(action, input())).toBe(expected());
  });

  it('are one to a VPC, and tell where they are', async () => {
    const other = (await ec2.run('CreateInternetGateway')).InternetGateway.InternetGatewayId;
    expect(await ec2.refused('AttachInternetGateway', { InternetGatewayId: other, VpcId })).toBe(
      `InvalidParameterValue: Network ${VpcId} already has an internet gateway attached`,
    );
    expect(await ec2.refused('DetachInternetGateway', { InternetGatewayId: other, VpcId })).toBe(
      `Gateway.NotAttached: resource ${other} is not attached to network ${VpcId}`,
    );
    const { InternetGateways } = await ec2.run('DescribeInternetGateways', {
      Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
    });
    expect(InternetGateways).toMatchObject([
      { InternetGatewayId: GatewayId, Attachments: [{ State: 'available', VpcId }] },
    ]);
  });
});
