import type { CreateRouteRequest, DeleteRouteRequest, ReplaceRouteRequest, Route } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, parsePrefix } from '../../ip/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import { type VpcResource, vpcs } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { contains, ipv4Block, ipv6Block, prefixesOf } from './cidr.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { settleRoutes } from './route-states.ts';
import { destinationOf, putRoutes, type StoredRouteTable } from './route-table.ts';
import { noGateway, type RouteRequest, type RouteTarget, requestedTarget } from './route-targets.ts';
import { ipv4BlocksOf, ipv6BlocksOf } from './vpc-blocks.ts';

/** AWS's default quota for one table. */
const mostRoutes = 500;

export function routeActions({ resources }: Ec2Parts): Actions {
  const targets = ({ RouteTableId }: { RouteTableId?: string | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.routeTable, call, [RouteTableId]);
  return {
    CreateRoute: {
      targets,
      run: (input: CreateRouteRequest, { place }: Call) =>
        resources.write((draft) => createRoute(draft, place, input)),
    },
    ReplaceRoute: {
      targets,
      run: (input: ReplaceRouteRequest, { place }: Call) =>
        resources.write((draft) => replaceRoute(draft, place, input)),
    },
    DeleteRoute: {
      targets,
      run: (input: DeleteRouteRequest, { place }: Call) =>
        resources.write((draft) => deleteRoute(draft, place, input)),
    },
  };
}

function createRoute(draft: Draft, place: Place, input: CreateRouteRequest) {
  const table = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  const destination = requestedDestination(draft, place, input);
  const routes = table.Routes ?? [];
  const text = destinationOf(destination);
  if (routes.some((route) => destinationOf(route) === text)) {
    throw new ServiceError('RouteAlreadyExists', `The route identified by ${text} already exists.`);
  }
  if (routes.length >= mostRoutes) {
    throw ec2Errors.limitExceeded('RouteLimitExceeded', 'The maximum number of routes has been reached.');
  }
  if (input.GatewayId === 'local') throw noGateway('gateway', 'local');
  const target = requestedTarget(draft, place, table, input);
  checkReach(draft, place, table, destination, target);
  const route: Route = { ...destination, ...target, Origin: 'CreateRoute', State: 'active' };
  putRoutes(draft, place, table, [...routes, route]);
  settleRoutes(draft, place);
  return { Return: true };
}

type Destination = Pick<
  Route,
  'DestinationCidrBlock' | 'DestinationIpv6CidrBlock' | 'DestinationPrefixListId'
>;

function requestedDestination(
  view: ResourceView,
  place: Place,
  input: RouteRequest | DeleteRouteRequest,
): Destination {
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
  const given = [DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId];
  if (given.filter((value) => value !== undefined).length > 1) {
    throw ec2Errors.invalidCombination(
      'The parameters destinationCidrBlock, destinationIpv6CidrBlock and destinationPrefixListId cannot be used together',
    );
  }
  if (DestinationCidrBlock !== undefined) {
    const block = ipv4Block(DestinationCidrBlock, 'destinationCidrBlock');
    return { DestinationCidrBlock: formatPrefix(block) };
  }
  if (DestinationIpv6CidrBlock !== undefined) {
    const block = ipv6Block(DestinationIpv6CidrBlock, 'destinationIpv6CidrBlock');
    return { DestinationIpv6CidrBlock: formatPrefix(block) };
  }
  if (DestinationPrefixListId === undefined) throw ec2Errors.missingParameter('destinationCidrBlock');
  existing(view, resourceTypes.prefixList, place, DestinationPrefixListId);
  return { DestinationPrefixListId };
}

/**
 * What is inside the VPC goes to something inside it only; an egress-only internet gateway takes IPv6 alone.
 * @throws ServiceError `InvalidParameterValue`
 */
function checkReach(
  view: ResourceView,
  place: Place,
  table: StoredRouteTable,
  destination: Destination,
  target: RouteTarget,
): void {
  if (target.EgressOnlyInternetGatewayId && !destination.DestinationIpv6CidrBlock) {
    throw ec2Errors.invalidValue('An egress-only internet gateway can only be the target of an IPv6 route');
  }
  const isInside = target.NatGatewayId !== undefined || target.NetworkInterfaceId !== undefined;
  const vpc = view.get(vpcs, place, table.VpcId ?? '');
  if (isInside || !vpc || !isWithin(vpc, destination)) return;
  throw ec2Errors.invalidValue(
    `The destination CIDR block ${destinationOf(destination)} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
  );
}

function isWithin(vpc: VpcResource, destination: Destination): boolean {
  const prefix = parsePrefix(destinationOf(destination) ?? '');
  const blocks = prefixesOf([...ipv4BlocksOf(vpc), ...ipv6BlocksOf(vpc)]);
  return prefix !== undefined && blocks.some((block) => contains(block, prefix));
}

function replaceRoute(draft: Draft, place: Place, input: ReplaceRouteRequest): object {
  const table = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  const destination = requestedDestination(draft, place, input);
  const text = destinationOf(destination);
  const routes = table.Routes ?? [];
  const before = routes.find((route) => destinationOf(route) === text);
  if (!before) {
    throw ec2Errors.invalidValue(
      `There is no route defined for '${text}' in the route table. Use CreateRoute instead.`,
    );
  }
  const target = newTarget(draft, place, table, before, input);
  if (before.Origin !== 'CreateRouteTable') checkReach(draft, place, table, destination, target);
  const route: Route = { ...destination, ...target, ...originOf(before), State: 'active' };
  putRoutes(
    draft,
    place,
    table,
    routes.map((entry) => (entry === before ? route : entry)),
  );
  settleRoutes(draft, place);
  return {};
}

function originOf({ Origin }: Route): Pick<Route, 'Origin'> {
  return { Origin: Origin ?? 'CreateRoute' };
}

function notLocal({ RouteTableId }: StoredRouteTable, destination: string | undefined): ServiceError {
  return ec2Errors.invalidValue(
    `The route ${destination} in route table ${RouteTableId} cannot be local: it is no CIDR block of the VPC`,
  );
}

/** A local route may lead to an interface or a NAT gateway instead, and be made local again. */
function newTarget(
  view: ResourceView,
  place: Place,
  table: StoredRouteTable,
  before: Route,
  input: ReplaceRouteRequest,
): RouteTarget {
  const target = input.LocalTarget ? { GatewayId: 'local' } : requestedTarget(view, place, table, input);
  if (target.GatewayId === 'local' && before.Origin !== 'CreateRouteTable') {
    throw notLocal(table, destinationOf(before));
  }
  const isInside = target.NatGatewayId || target.NetworkInterfaceId || target.GatewayId === 'local';
  if (before.Origin === 'CreateRouteTable' && !isInside) {
    throw ec2Errors.invalidValue(
      `cannot replace the target of the local route ${destinationOf(before)} in route table ${table.RouteTableId}`,
    );
  }
  return target;
}

function deleteRoute(draft: Draft, place: Place, input: DeleteRouteRequest): object {
  const table = existing(draft, resourceTypes.routeTable, place, input.RouteTableId);
  const destination = requestedDestination(draft, place, input);
  const text = destinationOf(destination);
  const routes = table.Routes ?? [];
  const route = routes.find((entry) => destinationOf(entry) === text);
  if (!route) {
    throw new ServiceError(
      'InvalidRoute.NotFound',
      `no route with destination-${memberWords(destination)} ${text} in route table ${table.RouteTableId}`,
    );
  }
  if (route.Origin === 'CreateRouteTable' || route.GatewayId === 'local') {
    throw ec2Errors.invalidValue(`cannot remove local route ${text} in route table ${table.RouteTableId}`);
  }
  putRoutes(
    draft,
    place,
    table,
    routes.filter((entry) => entry !== route),
  );
  return {};
}

function memberWords(destination: Destination): string {
  if (destination.DestinationIpv6CidrBlock) return 'ipv6-cidr-block';
  return destination.DestinationPrefixListId ? 'prefix-list-id' : 'cidr-block';
}
