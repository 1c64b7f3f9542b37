import type { Place, ResourceView } from '../resource/index.ts';
import { describedGateways } from './described-gateways.ts';
import {
  describedInstance,
  describedInterface,
  describedPrefixList,
  describedSubnet,
  describedVpc,
} from './described-parts.ts';
import type { DescribedResource } from './described-resource.ts';
import {
  describedAcls,
  describedGroup,
  describedRouteTables,
  describedRules,
  groupsWithDefaults,
} from './described-rules.ts';
import type { Network } from './network.ts';

/**
 * All resources that a network comes to, each once. What AWS always has and the description lacks is made, with ids
 * that are the same each time: association and rule ids, a VPC's default group, default network ACL and main route
 * table, the internet gateways of its routes.
 */
export function describedResources(network: Network, place: Place, view: ResourceView): DescribedResource[] {
  const { origin } = network;
  const groups = groupsWithDefaults(network, place, view);
  const subnets = network.subnets.map((subnet) => describedSubnet(subnet, place, origin));
  const zones = new Map(
    subnets.map(({ id, described, defaults }) => [id, zoneOf({ ...defaults, ...described })]),
  );
  const all = [
    ...network.vpcs.map((vpc) => describedVpc(vpc, place, origin)),
    ...subnets,
    ...[...network.prefixLists].map(([id, blocks]) => describedPrefixList(id, blocks, place, view)),
    ...groups.map((group) => describedGroup(group, place)),
    ...describedRules(groups, network, place, view),
    ...describedAcls(network, place, view),
    ...describedRouteTables(network, place, view),
    ...describedGateways(network, place),
    ...network.networkInterfaces.map((one) =>
      describedInterface(one, place, origin, zones.get(one.SubnetId ?? ''), view),
    ),
    ...network.instances.map((instance) => describedInstance(instance, place)),
  ];
  const distinct = new Map(all.map((one) => [`${one.kind.name} ${one.id}`, plain(one)]));
  return [...distinct.values()];
}

function zoneOf(subnet: Readonly<Record<string, unknown>>): string | undefined {
  return typeof subnet.AvailabilityZone === 'string' ? subnet.AvailabilityZone : undefined;
}

/** As JSON keeps it: without undefined members, dates as texts, nothing shared with the network. */
function plain({ kind, id, described, defaults }: DescribedResource): DescribedResource {
  return { kind, id, ...JSON.parse(JSON.stringify({ described, defaults })) };
}
