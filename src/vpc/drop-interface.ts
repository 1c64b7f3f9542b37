import type { Draft, Kind, Place, Stored } from '../resource/index.ts';
import * as kinds from './kinds.ts';

/**
 * Takes an interface away as AWS does: its elastic addresses are free again, and routes that lead to it lead nowhere.
 */
export function dropInterface(draft: Draft, place: Place, interfaceId: string): void {
  freeAddresses(draft, place, interfaceId, []);
  leadRoutes(draft, place, interfaceId, 'blackhole');
  draft.remove(kinds.networkInterfaces, place, interfaceId);
}

/** Elastic addresses are free again when they are of private addresses that the interface has no more. */
export function freeAddresses(
  draft: Draft,
  place: Place,
  interfaceId: string,
  kept: readonly (string | undefined)[],
): void {
  for (const [id, address] of draft.entries(kinds.addresses, place)) {
    if (address.NetworkInterfaceId !== interfaceId || kept.includes(address.PrivateIpAddress)) continue;
    draft.put(kinds.addresses, place, id, freed(address));
  }
}

/** Whether routes to an interface lead somewhere. */
export function leadRoutes(
  draft: Draft,
  place: Place,
  interfaceId: string,
  State: 'active' | 'blackhole',
): void {
  for (const [id, table] of draft.entries(kinds.routeTables, place)) {
    if (!table.Routes?.some((route) => route.NetworkInterfaceId === interfaceId)) continue;
    const Routes = table.Routes.map((route) =>
      route.NetworkInterfaceId === interfaceId ? { ...route, State } : route,
    );
    draft.put(kinds.routeTables, place, id, { ...table, Routes });
  }
}

type ElasticAddress = typeof kinds.addresses extends Kind<infer T> ? T : never;

function freed(address: ElasticAddress): ElasticAddress {
  const {
    AssociationId: _association,
    NetworkInterfaceId: _interface,
    NetworkInterfaceOwnerId: _owner,
    PrivateIpAddress: _private,
    InstanceId: _instance,
    SubnetId: _subnet,
    ...rest
  } = address satisfies Stored<object>;
  return rest;
}
