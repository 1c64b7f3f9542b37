import type { Instance, NetworkAcl, NetworkInterface, RouteTable, Subnet, Vpc } from '@aws-sdk/client-ec2';
import type { Network } from './network.ts';

/** A network's parts by what others name them by. Built once per network, in one pass. */
export interface NetworkIndex {
  readonly vpcs: ReadonlyMap<string, Vpc>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly interfacesByVpc: ReadonlyMap<string, readonly NetworkInterface[]>;
  readonly interfacesByInstance: ReadonlyMap<string, readonly NetworkInterface[]>;
  /** Explicit associations only. */
  readonly routeTablesBySubnet: ReadonlyMap<string, RouteTable>;
  readonly mainRouteTables: ReadonlyMap<string, RouteTable>;
  readonly networkAclsBySubnet: ReadonlyMap<string, NetworkAcl>;
  readonly defaultNetworkAcls: ReadonlyMap<string, NetworkAcl>;
}

const indexes = new WeakMap<Network, NetworkIndex>();

export function networkIndex(network: Network): NetworkIndex {
  let index = indexes.get(network);
  if (!index) {
    index = buildIndex(network);
    indexes.set(network, index);
  }
  return index;
}

/**
 * The network ACL of a subnet: the one associated with it, else its VPC's default one. `undefined` when the files have
 * neither: then nothing is asked and everything passes.
 */
export function networkAclOf(network: Network, subnetId: string): NetworkAcl | undefined {
  const { subnets, networkAclsBySubnet, defaultNetworkAcls } = networkIndex(network);
  return networkAclsBySubnet.get(subnetId) ?? defaultNetworkAcls.get(subnets.get(subnetId)?.VpcId ?? '');
}

/** The route table of a subnet: the one associated with it, else its VPC's main one. */
export function routeTableOf(network: Network, subnetId: string): RouteTable | undefined {
  const { subnets, routeTablesBySubnet, mainRouteTables } = networkIndex(network);
  return routeTablesBySubnet.get(subnetId) ?? mainRouteTables.get(subnets.get(subnetId)?.VpcId ?? '');
}

function buildIndex(network: Network): NetworkIndex {
  const { networkAcls, networkInterfaces } = network;
  return {
    vpcs: byKey(network.vpcs, (vpc) => vpc.VpcId),
    subnets: byKey(network.subnets, (subnet) => subnet.SubnetId),
    instances: byKey(network.instances, (instance) => instance.InstanceId),
    interfacesByVpc: groups(networkInterfaces, (networkInterface) => networkInterface.VpcId),
    interfacesByInstance: groups(
      networkInterfaces,
      (networkInterface) => networkInterface.Attachment?.InstanceId,
    ),
    routeTablesBySubnet: bySubnet(network.routeTables),
    mainRouteTables: byKey(network.routeTables.filter(isMain), (table) => table.VpcId),
    networkAclsBySubnet: bySubnet(networkAcls),
    defaultNetworkAcls: byKey(
      networkAcls.filter((acl) => acl.IsDefault),
      (acl) => acl.VpcId,
    ),
  };
}

function isMain(table: RouteTable): boolean {
  return table.Associations?.some((association) => association.Main) ?? false;
}

function byKey<T>(values: readonly T[], keyOf: (value: T) => string | undefined): Map<string, T> {
  const map = new Map<string, T>();
  for (const value of values) {
    const key = keyOf(value);
    if (key !== undefined && !map.has(key)) map.set(key, value);
  }
  return map;
}

function groups<T>(values: readonly T[], keyOf: (value: T) => string | undefined): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    if (key === undefined) continue;
    const group = map.get(key);
    if (group) group.push(value);
    else map.set(key, [value]);
  }
  return map;
}

function bySubnet<T extends { Associations?: { SubnetId?: string | undefined }[] | undefined }>(
  values: readonly T[],
): Map<string, T> {
  const map = new Map<string, T>();
  for (const value of values) {
    for (const { SubnetId } of value.Associations ?? []) {
      if (SubnetId !== undefined && !map.has(SubnetId)) map.set(SubnetId, value);
    }
  }
  return map;
}
