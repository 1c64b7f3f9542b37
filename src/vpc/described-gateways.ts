/**
 * Gateways that a description names without describing them: in routes, and in the interfaces that AWS's services made.
 * They become resources, so that routes to them stay what they are and flow logs can be put on them.
 */
import type { NetworkInterface, RouteTable } from '@aws-sdk/client-ec2';
import type { Kind, Place } from '../resource/index.ts';
import { type DescribedResource, partitionOf } from './described-resource.ts';
import { interfaceTypeName } from './interface-facts.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

export function describedGateways(network: Network, place: Place): DescribedResource[] {
  const tables = network.routeTables.filter(
    ({ OwnerId }) => OwnerId === undefined || OwnerId === place.accountId,
  );
  return [
    ...vpcGateways(tables, place),
    ...natGateways(network, tables),
    ...transitGateways(tables, place),
    ...transitGatewayAttachments(network, tables),
  ];
}

type Route = NonNullable<RouteTable['Routes']>[number];

/** The ids that routes name, each with the VPC of the route. */
function namedBy(
  tables: readonly RouteTable[],
  idOf: (route: Route) => string | undefined,
): Map<string, string> {
  const named = new Map<string, string>();
  for (const { VpcId = '', Routes = [] } of tables) {
    for (const id of Routes.map(idOf)) if (id !== undefined) named.set(id, VpcId);
  }
  return named;
}

function resource(
  kind: Kind<unknown>,
  id: string,
  described: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
): DescribedResource {
  return { kind, id, described, defaults: { Tags: [], ...defaults } };
}

/** Internet gateways, attached to the VPC of the route. */
function vpcGateways(tables: readonly RouteTable[], { accountId }: Place): DescribedResource[] {
  const internet = namedBy(tables, ({ GatewayId }) =>
    GatewayId?.startsWith('igw-') ? GatewayId : undefined,
  );
  const egressOnly = namedBy(tables, ({ EgressOnlyInternetGatewayId }) => EgressOnlyInternetGatewayId);
  return [
    ...Array.from(internet, ([id, VpcId]) =>
      resource(
        kinds.internetGateways,
        id,
        { InternetGatewayId: id },
        { OwnerId: accountId, Attachments: [{ State: 'available', VpcId }] },
      ),
    ),
    ...Array.from(egressOnly, ([id, VpcId]) =>
      resource(
        kinds.egressOnlyInternetGateways,
        id,
        { EgressOnlyInternetGatewayId: id },
        { Attachments: [{ State: 'attached', VpcId }] },
      ),
    ),
  ];
}

/** By the descriptions of their interfaces, and by routes. */
function natGateways(network: Network, tables: readonly RouteTable[]): DescribedResource[] {
  const byRoute = namedBy(tables, ({ NatGatewayId }) => NatGatewayId);
  const byInterface = new Map<string, NetworkInterface>();
  for (const one of network.networkInterfaces) {
    const type = interfaceTypeName(one);
    const id = namedIn(one, 'nat-');
    if (id !== undefined && (type === 'nat_gateway' || type === 'regional_nat_gateway')) {
      byInterface.set(id, one);
    }
  }
  return [...new Set([...byRoute.keys(), ...byInterface.keys()])].map((id) =>
    resource(kinds.natGateways, id, { NatGatewayId: id }, natMembers(byInterface.get(id), byRoute.get(id))),
  );
}

function natMembers(
  one: NetworkInterface | undefined,
  vpcId: string | undefined,
): Readonly<Record<string, unknown>> {
  const isRegional = one !== undefined && interfaceTypeName(one) === 'regional_nat_gateway';
  return {
    State: 'available',
    VpcId: one?.VpcId ?? vpcId,
    ConnectivityType: one && !one.Association ? 'private' : 'public',
    ...(isRegional ? { AvailabilityMode: 'regional' } : { SubnetId: one?.SubnetId }),
    NatGatewayAddresses: one
      ? [
          {
            NetworkInterfaceId: one.NetworkInterfaceId,
            PrivateIp: one.PrivateIpAddress,
            PublicIp: one.Association?.PublicIp,
            AllocationId: one.Association?.AllocationId,
            AssociationId: one.Association?.AssociationId,
            IsPrimary: true,
            Status: 'succeeded',
          },
        ]
      : [],
  };
}

function namedIn({ Description = '' }: NetworkInterface, prefix: string): string | undefined {
  return Description.split(' ').find((word) => word.startsWith(prefix));
}

function transitGatewayIds(tables: readonly RouteTable[]): Map<string, string> {
  return namedBy(tables, ({ TransitGatewayId, GatewayId }) =>
    GatewayId?.startsWith('tgw-') ? GatewayId : TransitGatewayId,
  );
}

function transitGateways(tables: readonly RouteTable[], { accountId, region }: Place): DescribedResource[] {
  const arn = `arn:${partitionOf(region)}:ec2:${region}:${accountId}:transit-gateway/`;
  return Array.from(transitGatewayIds(tables).keys(), (id) =>
    resource(
      kinds.transitGateways,
      id,
      { TransitGatewayId: id },
      { TransitGatewayArn: arn + id, OwnerId: accountId, State: 'available', Description: '' },
    ),
  );
}

/** The gateway of an attachment is known where all routes of its VPC lead to the same one. */
function transitGatewayAttachments(network: Network, tables: readonly RouteTable[]): DescribedResource[] {
  return network.networkInterfaces.flatMap((one) => {
    const id = interfaceTypeName(one) === 'transit_gateway' ? namedIn(one, 'tgw-attach-') : undefined;
    if (id === undefined) return [];
    const own = tables.filter(({ VpcId }) => VpcId === one.VpcId);
    const gatewayIds = [...transitGatewayIds(own).keys()];
    const gateway = gatewayIds.length === 1 ? { TransitGatewayId: gatewayIds[0] } : {};
    const defaults = { ResourceType: 'vpc', ResourceId: one.VpcId, State: 'available', ...gateway };
    return [resource(kinds.transitGatewayAttachments, id, { TransitGatewayAttachmentId: id }, defaults)];
  });
}
