import type { Network } from './network.ts';

/** One network of the parts of two that have nothing in common. Its origin is the first one's. */
export function joinNetworks(a: Network, b: Network): Network {
  return {
    origin: a.origin,
    vpcs: [...a.vpcs, ...b.vpcs],
    subnets: [...a.subnets, ...b.subnets],
    networkInterfaces: [...a.networkInterfaces, ...b.networkInterfaces],
    securityGroups: [...a.securityGroups, ...b.securityGroups],
    networkAcls: [...a.networkAcls, ...b.networkAcls],
    routeTables: [...a.routeTables, ...b.routeTables],
    securityGroupRules: [...a.securityGroupRules, ...b.securityGroupRules],
    instances: [...a.instances, ...b.instances],
    prefixLists: new Map([...a.prefixLists, ...b.prefixLists]),
  };
}
