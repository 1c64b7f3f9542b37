import type { Route, RouteTable, RouteTableAssociation } from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView, Stored } from '../../resource/index.ts';
import { routeTables } from '../../vpc/index.ts';

export type StoredRouteTable = Stored<RouteTable>;

/** Whether subnets without a table of their own use it. */
export function isMain({ Associations }: StoredRouteTable): boolean {
  return Associations?.some(({ Main }) => Main) ?? false;
}

export function routeTablesOf(
  view: ResourceView,
  place: Place,
  vpcId: string | undefined,
): StoredRouteTable[] {
  return [...view.list(routeTables, place)].filter(({ VpcId }) => VpcId === vpcId);
}

export function putRoutes(draft: Draft, place: Place, table: StoredRouteTable, routes: Route[]): void {
  draft.put(routeTables, place, table.RouteTableId!, { ...table, Routes: routes });
}

export function putAssociations(
  draft: Draft,
  place: Place,
  table: StoredRouteTable,
  associations: RouteTableAssociation[],
): void {
  draft.put(routeTables, place, table.RouteTableId!, { ...table, Associations: associations });
}

/** Where a route leads: an IPv4 or IPv6 block, or a prefix list. */
export function destinationOf(route: Route): string | undefined {
  return route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;
}
