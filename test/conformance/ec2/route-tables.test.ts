import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { ServedNetwork } from './served-network.ts';

let account: ServedNetwork;
let VpcId: string;
let RouteTableId: string;
let GatewayId: string;
beforeAll(async () => {
  account = await ServedNetwork.open();
});
beforeEach(async () => {
  VpcId = (await account.vpc()).VpcId;
  GatewayId = await account.internetGateway(VpcId);
  const { RouteTable } = await account.ec2.createRouteTable({ VpcId });
  RouteTableId = RouteTable?.RouteTableId ?? '';
  account.later(() => account.ec2.deleteRouteTable({ RouteTableId }));
});
afterEach(() => account.removeMade());
afterAll(() => account.close());

const everywhere = { DestinationCidrBlock: '0.0.0.0/0' };
const routes = async () => {
  const { RouteTables } = await account.ec2.describeRouteTables({ RouteTableIds: [RouteTableId] });
  return RouteTables?.[0].Routes ?? [];
};

describe('routes: serialization', () => {
  it('shows them as they were made', async () => {
    expect(await account.ec2.createRoute({ RouteTableId, ...everywhere, GatewayId })).toMatchObject({
      Return: true,
    });
    expect(await routes()).toEqual([
      {
        DestinationCidrBlock: '10.0.0.0/16',
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      },
      { ...everywhere, GatewayId, Origin: 'CreateRoute', State: 'active' },
    ]);
  });
});

describe('routes: validation', () => {
  it('refuses a destination twice', async () => {
    await account.ec2.createRoute({ RouteTableId, ...everywhere, GatewayId });
    expect(await refusal(account.ec2.createRoute({ RouteTableId, ...everywhere, GatewayId }))).toEqual({
      code: 'RouteAlreadyExists',
      message: 'The route identified by 0.0.0.0/0 already exists.',
      status: 400,
    });
  });

  it('refuses to delete or replace what is not there', async () => {
    expect(await refusal(account.ec2.deleteRoute({ RouteTableId, ...everywhere }))).toEqual({
      code: 'InvalidRoute.NotFound',
      message: `no route with destination-cidr-block 0.0.0.0/0 in route table ${RouteTableId}`,
      status: 400,
    });
    const replaced = account.ec2.replaceRoute({ RouteTableId, ...everywhere, GatewayId });
    expect(await refusal(replaced)).toMatchObject({
      code: 'InvalidParameterValue',
      message: "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead.",
    });
  });

  it('refuses tables and gateways that nobody has', async () => {
    const table = 'rtb-0123456789abcdef0';
    const noTable = account.ec2.createRoute({ RouteTableId: table, ...everywhere, GatewayId });
    expect(await refusal(noTable)).toMatchObject({
      code: 'InvalidRouteTableID.NotFound',
      message: `The routeTable ID '${table}' does not exist`,
    });
    const igw = 'igw-0123456789abcdef0';
    const noGateway = account.ec2.createRoute({ RouteTableId, ...everywhere, GatewayId: igw });
    expect(await refusal(noGateway)).toMatchObject({
      code: 'InvalidGatewayID.NotFound',
      message: `The gateway ID '${igw}' does not exist`,
    });
  });
});

describe('routes: behaviour', () => {
  it('is a black hole when the gateway goes', async () => {
    await account.ec2.createRoute({ RouteTableId, ...everywhere, GatewayId });
    await account.ec2.detachInternetGateway({ InternetGatewayId: GatewayId, VpcId });
    expect((await routes()).map(({ State }) => State)).toEqual(['active', 'blackhole']);
    await account.ec2.attachInternetGateway({ InternetGatewayId: GatewayId, VpcId });
    await account.ec2.deleteRoute({ RouteTableId, ...everywhere });
    expect(await routes()).toHaveLength(1);
  });

  it('keeps the main table of a VPC', async () => {
    const Filters = [
      { Name: 'vpc-id', Values: [VpcId] },
      { Name: 'association.main', Values: ['true'] },
    ];
    const { RouteTables } = await account.ec2.describeRouteTables({ Filters });
    const main = RouteTables?.[0];
    const AssociationId = main?.Associations?.[0].RouteTableAssociationId;
    expect(await refusal(account.ec2.disassociateRouteTable({ AssociationId }))).toMatchObject({
      code: 'InvalidParameterValue',
      message: `cannot disassociate the main route table association ${AssociationId}`,
    });
    expect(await refusal(account.ec2.deleteRouteTable({ RouteTableId: main?.RouteTableId }))).toMatchObject({
      code: 'DependencyViolation',
    });
  });
});
