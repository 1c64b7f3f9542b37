import type { Route } from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView, Stored } from '../../resource/index.ts';
import {
  egressOnlyInternetGateways,
  instances,
  natGateways,
  networkInterfaces,
  routeTables,
} from '../../vpc/index.ts';
import { resourceTypes } from './resource-types.ts';
import { putRoutes, type StoredRouteTable } from './route-table.ts';

/**
 * Brings the states of all routes to what their targets are: `blackhole` without a target that can take packets. What
 * makes, changes or removes a target calls it in the same change: internet and NAT gateways, interfaces, instances.
 */
export function settleRoutes(draft: Draft, place: Place): void {
  for (const table of [...draft.list(routeTables, place)]) {
    const routes = table.Routes ?? [];
    const settled = routes.map((route) => settledRoute(draft, place, table, route));
    if (settled.some((route, i) => route !== routes[i])) putRoutes(draft, place, table, settled);
  }
}

function settledRoute(view: ResourceView, place: Place, table: StoredRouteTable, route: Route): Route {
  const State = stateOf(view, place, table, route);
  const attached = attachedInstance(view, place, route);
  const isSame = State === route.State && attached.InstanceId === route.InstanceId;
  if (isSame) return route;
  const { InstanceId: _, InstanceOwnerId: __, ...rest } = route;
  return { ...rest, ...attached, ...(State ? { State } : {}) };
}

/** The state; that of targets which are only ever loaded stays as it was described. */
function stateOf(
  view: ResourceView,
  place: Place,
  { VpcId }: StoredRouteTable,
  route: Route,
): Route['State'] {
  const { GatewayId, NatGatewayId, EgressOnlyInternetGatewayId, NetworkInterfaceId } = route;
  if (GatewayId?.startsWith('igw-')) {
    return activeIf(isAttachedTo(view.get(resourceTypes.internetGateway.kind, place, GatewayId), VpcId));
  }
  if (NatGatewayId) return activeIf(view.get(natGateways, place, NatGatewayId)?.State === 'available');
  if (EgressOnlyInternetGatewayId) {
    return activeIf(
      isAttachedTo(view.get(egressOnlyInternetGateways, place, EgressOnlyInternetGatewayId), VpcId),
    );
  }
  if (NetworkInterfaceId) return activeIf(takesPackets(view, place, NetworkInterfaceId));
  return route.State;
}

function activeIf(isThere: boolean): 'active' | 'blackhole' {
  return isThere ? 'active' : 'blackhole';
}

export function isAttachedTo(
  gateway:
    | { readonly Attachments?: readonly { readonly VpcId?: string | undefined }[] | undefined }
    | undefined,
  vpcId: string | undefined,
): boolean {
  return gateway?.Attachments?.some((attachment) => attachment.VpcId === vpcId) ?? false;
}

/** An interface that is in use; that of an instance only while the instance runs. */
function takesPackets(view: ResourceView, place: Place, interfaceId: string): boolean {
  const found = view.get(networkInterfaces, place, interfaceId);
  if (!found || found.Status === 'available') return false;
  const instanceId = found.Attachment?.InstanceId;
  const instance = instanceId === undefined ? undefined : view.get(instances, place, instanceId);
  return instance === undefined || instance.State?.Name === 'running';
}

function attachedInstance(
  view: ResourceView,
  place: Place,
  { NetworkInterfaceId, InstanceId, InstanceOwnerId }: Route,
): Stored<Pick<Route, 'InstanceId' | 'InstanceOwnerId'>> {
  if (NetworkInterfaceId === undefined) {
    return { ...(InstanceId ? { InstanceId } : {}), ...(InstanceOwnerId ? { InstanceOwnerId } : {}) };
  }
  const attachment = view.get(networkInterfaces, place, NetworkInterfaceId)?.Attachment;
  if (!attachment?.InstanceId) return {};
  return {
    InstanceId: attachment.InstanceId,
    InstanceOwnerId: attachment.InstanceOwnerId ?? place.accountId,
  };
}
