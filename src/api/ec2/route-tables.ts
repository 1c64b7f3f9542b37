import type {
  CreateRouteTableRequest,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
} from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import { routeTables } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { madeBefore, madeBy } from './client-token.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { existing, subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { routeTablesOf, type StoredRouteTable } from './route-table.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';
import { newRouteTable } from './vpc-defaults.ts';

/** AWS's default quota for one VPC. */
const mostTables = 200;

export function routeTableActions({ resources }: Ec2Parts): Actions {
  return {
    CreateRouteTable: {
      targets: ({ VpcId, TagSpecifications }: CreateRouteTableRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.vpc, call, [VpcId]),
        ...createdTargets('route-table', call, TagSpecifications, vpcKey(call.place, VpcId)),
      ],
      run: (input: CreateRouteTableRequest, { place }: Call) =>
        resources.write((draft) => createRouteTable(draft, place, input)),
    },
    DeleteRouteTable: {
      targets: ({ RouteTableId }: DeleteRouteTableRequest, call: Call) =>
        existingTargets(resources, resourceTypes.routeTable, call, [RouteTableId]),
      run: ({ RouteTableId }: DeleteRouteTableRequest, { place }: Call) =>
        resources.write((draft) => deleteRouteTable(draft, place, RouteTableId)),
    },
    DescribeRouteTables: {
      targets: ofNothing,
      run: (input: DescribeRouteTablesRequest, call: Call) => describeRouteTables(resources, input, call),
    },
  };
}

function createRouteTable(draft: Draft, place: Place, input: CreateRouteTableRequest) {
  const { ClientToken, TagSpecifications, VpcId } = input;
  const tags = tagsFromSpecifications(TagSpecifications, 'route-table');
  const before = madeBefore(draft, routeTables, place, input);
  if (before) return { RouteTable: before, ClientToken };
  const vpc = existing(draft, resourceTypes.vpc, place, VpcId);
  if (routeTablesOf(draft, place, VpcId).length >= mostTables) {
    throw ec2Errors.limitExceeded(
      'RouteTableLimitExceeded',
      'The maximum number of route tables has been reached.',
    );
  }
  const table = { ...newRouteTable(place, vpc), Tags: tags, ...madeBy(input) };
  draft.put(routeTables, place, table.RouteTableId!, table);
  return { RouteTable: table, ClientToken };
}

function deleteRouteTable(draft: Draft, place: Place, id: string | undefined): object {
  const table = subject(draft, resourceTypes.routeTable, place, id);
  if (table.Associations?.length) throw ec2Errors.hasDependencies('routeTable', table.RouteTableId!);
  draft.remove(routeTables, place, table.RouteTableId!);
  return {};
}

function describeRouteTables(view: ResourceView, input: DescribeRouteTablesRequest, call: Call) {
  const options = {
    type: resourceTypes.routeTable,
    ids: input.RouteTableIds,
    idsName: 'routeTableIdSet',
    idOf: ({ RouteTableId }: StoredRouteTable) => RouteTableId,
    filters: routeTableFilters,
  };
  const { items, next } = describeItems(view.list(routeTables, call.place), input, options, call);
  return { RouteTables: items, ...next };
}

const associationsOf = ({ Associations }: StoredRouteTable) => Associations ?? [];
const routesOf = ({ Routes }: StoredRouteTable) => Routes ?? [];

const routeTableFilters: FilterTable<StoredRouteTable> = {
  'association.gateway-id': (table) => associationsOf(table).map(({ GatewayId }) => GatewayId),
  'association.route-table-association-id': (table) =>
    associationsOf(table).map(({ RouteTableAssociationId }) => RouteTableAssociationId),
  'association.route-table-id': (table) => associationsOf(table).map(({ RouteTableId }) => RouteTableId),
  'association.subnet-id': (table) => associationsOf(table).map(({ SubnetId }) => SubnetId),
  'association.main': (table) =>
    associationsOf(table).length === 0
      ? ['false']
      : associationsOf(table).map(({ Main }) => String(Main ?? false)),
  'owner-id': ({ OwnerId }) => [OwnerId],
  'route-table-id': ({ RouteTableId }) => [RouteTableId],
  'route.destination-cidr-block': (table) => routesOf(table).map((route) => route.DestinationCidrBlock),
  'route.destination-ipv6-cidr-block': (table) =>
    routesOf(table).map((route) => route.DestinationIpv6CidrBlock),
  'route.destination-prefix-list-id': (table) =>
    routesOf(table).map((route) => route.DestinationPrefixListId),
  'route.egress-only-internet-gateway-id': (table) =>
    routesOf(table).map((route) => route.EgressOnlyInternetGatewayId),
  'route.gateway-id': (table) => routesOf(table).map(({ GatewayId }) => GatewayId),
  'route.instance-id': (table) => routesOf(table).map(({ InstanceId }) => InstanceId),
  'route.nat-gateway-id': (table) => routesOf(table).map(({ NatGatewayId }) => NatGatewayId),
  'route.transit-gateway-id': (table) => routesOf(table).map(({ TransitGatewayId }) => TransitGatewayId),
  'route.origin': (table) => routesOf(table).map(({ Origin }) => Origin),
  'route.state': (table) => routesOf(table).map(({ State }) => State),
  'route.vpc-peering-connection-id': (table) => routesOf(table).map((route) => route.VpcPeeringConnectionId),
  'vpc-id': ({ VpcId }) => [VpcId],
};
