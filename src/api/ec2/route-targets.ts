import type { CreateRouteRequest, ReplaceRouteRequest, Route } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import { egressOnlyInternetGateways, networkInterfaces, transitGatewayAttachments } from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import { resourceTypes } from './resource-types.ts';
import { isAttachedTo } from './route-states.ts';
import type { StoredRouteTable } from './route-table.ts';

/** Where a route may go, by the member of requests and of routes; a request names exactly one. */
const targetMembers = [
  'GatewayId',
  'NatGatewayId',
  'TransitGatewayId',
  'NetworkInterfaceId',
  'InstanceId',
  'EgressOnlyInternetGatewayId',
  'VpcPeeringConnectionId',
  'VpcEndpointId',
  'LocalGatewayId',
  'CarrierGatewayId',
  'CoreNetworkArn',
  'OdbNetworkArn',
] as const;

type TargetMember = (typeof targetMembers)[number];
export type RouteRequest = CreateRouteRequest | ReplaceRouteRequest;
/** The members of a route that say where it goes. */
export type RouteTarget = Pick<
  Route,
  'GatewayId' | 'NatGatewayId' | 'TransitGatewayId' | 'NetworkInterfaceId' | 'EgressOnlyInternetGatewayId'
>;

/** Kinds of which Headgate has none: their codes and sentences for ids. */
const absent: Partial<Record<TargetMember, readonly [code: string, noun: string]>> = {
  VpcPeeringConnectionId: ['InvalidVpcPeeringConnectionID.NotFound', 'vpcPeeringConnection ID'],
  VpcEndpointId: ['InvalidVpcEndpointId.NotFound', 'vpcEndpoint ID'],
  LocalGatewayId: ['InvalidLocalGatewayID.NotFound', 'localGateway ID'],
  CarrierGatewayId: ['InvalidCarrierGatewayID.NotFound', 'carrierGateway ID'],
  CoreNetworkArn: ['InvalidCoreNetworkArn.NotFound', 'core network ARN'],
  OdbNetworkArn: ['InvalidOdbNetworkArn.NotFound', 'ODB network ARN'],
};

/**
 * The target that a request names, which is there and can be reached from the table's VPC.
 * @throws ServiceError `MissingParameter`, `InvalidParameterCombination`, `…NotFound`, `InvalidParameterValue`
 */
export function requestedTarget(
  view: ResourceView,
  place: Place,
  table: StoredRouteTable,
  input: RouteRequest,
): RouteTarget {
  const member = targetMember(input);
  const id = input[member]!;
  const gone = absent[member];
  if (gone) throw new ServiceError(gone[0], `The ${gone[1]} '${id}' does not exist`);
  const find = finders[member as keyof typeof finders];
  return find(view, place, table, id);
}

function targetMember(input: RouteRequest): TargetMember {
  const given = targetMembers.filter((member) => input[member] !== undefined);
  if (given.length === 1) return given[0];
  const names = given.map((name) => name[0].toLowerCase() + name.slice(1));
  if (given.length > 1) {
    throw ec2Errors.invalidCombination(`The parameters ${names.join(', ')} cannot be used together`);
  }
  throw ec2Errors.missingParameter(
    'gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, carrierGatewayId, vpcEndpointId or instanceId',
  );
}

type Finder = (view: ResourceView, place: Place, table: StoredRouteTable, id: string) => RouteTarget;

const finders = {
  GatewayId: (view, place, table, id) => {
    if (id === 'local') return { GatewayId: id };
    const gateway = view.get(resourceTypes.internetGateway.kind, place, id);
    if (!gateway) throw noGateway('gateway', id);
    if (!isAttachedTo(gateway, table.VpcId)) throw elsewhere(table, 'network gateway', id);
    return { GatewayId: id };
  },
  EgressOnlyInternetGatewayId: (view, place, table, id) => {
    const gateway = view.get(egressOnlyInternetGateways, place, id);
    if (!gateway) throw noGateway('eigw', id);
    if (!isAttachedTo(gateway, table.VpcId)) throw elsewhere(table, 'egress only internet gateway', id);
    return { EgressOnlyInternetGatewayId: id };
  },
  NatGatewayId: (view, place, table, id) => {
    const gateway = view.get(resourceTypes.natGateway.kind, place, id);
    if (!gateway || gateway.State === 'deleted') {
      throw new ServiceError('InvalidNatGatewayID.NotFound', `The natGateway ID '${id}' does not exist`);
    }
    if (gateway.VpcId !== table.VpcId) throw elsewhere(table, 'NAT gateway', id);
    return { NatGatewayId: id };
  },
  TransitGatewayId: (view, place, table, id) => {
    existing(view, resourceTypes.transitGateway, place, id);
    const isAttached = [...view.list(transitGatewayAttachments, place)].some(
      ({ TransitGatewayId, ResourceId }) => TransitGatewayId === id && ResourceId === table.VpcId,
    );
    if (!isAttached) throw elsewhere(table, 'transit gateway', id);
    return { TransitGatewayId: id };
  },
  NetworkInterfaceId: (view, place, table, id) => {
    const { VpcId } = existing(view, resourceTypes.networkInterface, place, id);
    if (VpcId !== table.VpcId) throw elsewhere(table, 'interface', id);
    return { NetworkInterfaceId: id };
  },
  InstanceId: (view, place, table, id) => {
    existing(view, resourceTypes.instance, place, id);
    const attached = [...view.list(networkInterfaces, place)].filter(
      ({ Attachment }) => Attachment?.InstanceId === id,
    );
    if (attached.length > 1) throw severalInterfaces(id);
    if (attached[0]?.VpcId !== table.VpcId) throw elsewhere(table, 'interface', id);
    return { NetworkInterfaceId: attached[0].NetworkInterfaceId! };
  },
} as const satisfies Partial<Record<TargetMember, Finder>>;

/** Of an instance where one interface was to be meant. */
export function severalInterfaces(instanceId: string): ServiceError {
  return new ServiceError(
    'InvalidInstanceID',
    `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
  );
}

export function noGateway(noun: string, id: string): ServiceError {
  return new ServiceError('InvalidGatewayID.NotFound', `The ${noun} ID '${id}' does not exist`);
}

function elsewhere({ RouteTableId }: StoredRouteTable, noun: string, id: string): ServiceError {
  return ec2Errors.invalidValue(`route table ${RouteTableId} and ${noun} ${id} belong to different networks`);
}
