import type { Route } from '@aws-sdk/client-ec2';
import type { Network } from './network.ts';

/**
 * For each VPC the others that it reaches: those whose route tables name the same VPC peering connection or transit
 * gateway, in the order of the route tables. A connection that only one VPC routes to connects nothing.
 */
export function peeredVpcs(network: Network): Map<string, Set<string>> {
  const peered = new Map<string, Set<string>>();
  for (const vpcIds of vpcsByConnection(network).values()) {
    for (const vpcId of vpcIds) {
      const peers = peered.get(vpcId) ?? new Set<string>();
      for (const other of vpcIds) if (other !== vpcId) peers.add(other);
      if (peers.size > 0) peered.set(vpcId, peers);
    }
  }
  return peered;
}

/** The VPCs of the files that route to a peering connection or transit gateway, by its id. */
export function vpcsByConnection(network: Network): Map<string, Set<string>> {
  const known = new Set(network.vpcs.map((vpc) => vpc.VpcId));
  const connections = new Map<string, Set<string>>();
  for (const { VpcId, Routes } of network.routeTables) {
    if (VpcId === undefined || !known.has(VpcId)) continue;
    for (const route of Routes ?? []) {
      const id = connectionId(route);
      if (id === undefined) continue;
      const vpcIds = connections.get(id) ?? new Set<string>();
      connections.set(id, vpcIds.add(VpcId));
    }
  }
  return connections;
}

/** The transit gateway may stand in GatewayId in older output. */
function connectionId({ VpcPeeringConnectionId, TransitGatewayId, GatewayId }: Route): string | undefined {
  return (
    VpcPeeringConnectionId ??
    TransitGatewayId ??
    (/^(?:tgw|pcx)-/.test(GatewayId ?? '') ? GatewayId : undefined)
  );
}
