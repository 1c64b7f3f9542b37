import type { SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Kind, Place, ResourceView, Stored } from '../resource/index.ts';
import { groupPermissions } from './ip-permissions.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

/**
 * The network that packets are judged by, out of the resources of an account and Region. Times in it are texts, see
 * `Network`; members of our own stay in its parts.
 */
export function networkOf(view: ResourceView, place: Place): Network {
  const all = <T>(kind: Kind<T>) => [...view.list(kind, place)];
  return {
    origin: 'described',
    vpcs: all(kinds.vpcs) as unknown as Network['vpcs'],
    subnets: all(kinds.subnets) as unknown as Network['subnets'],
    networkInterfaces: all(kinds.networkInterfaces) as unknown as Network['networkInterfaces'],
    securityGroups: describedGroups(view, place),
    networkAcls: all(kinds.networkAcls) as unknown as Network['networkAcls'],
    routeTables: all(kinds.routeTables) as unknown as Network['routeTables'],
    securityGroupRules: all(kinds.securityGroupRules) as unknown as Network['securityGroupRules'],
    instances: all(kinds.instances) as unknown as Network['instances'],
    prefixLists: new Map(all(kinds.prefixLists).map((list) => [list.PrefixListId ?? '', newestBlocks(list)])),
  };
}

/** Every security group with its rules as DescribeSecurityGroups shows them, in the order in which they were made. */
export function describedGroups(view: ResourceView, place: Place): SecurityGroup[] {
  const rules = rulesByGroup(view, place);
  return Array.from(view.list(kinds.securityGroups, place), (group) => ({
    ...(group as SecurityGroup),
    ...groupPermissions(rules.get(group.GroupId ?? '') ?? []),
  }));
}

function rulesByGroup(view: ResourceView, place: Place): Map<string, Stored<SecurityGroupRule>[]> {
  const groups = new Map<string, Stored<SecurityGroupRule>[]>();
  for (const rule of view.list(kinds.securityGroupRules, place)) {
    const rules = groups.get(rule.GroupId ?? '');
    if (rules) rules.push(rule);
    else groups.set(rule.GroupId ?? '', [rule]);
  }
  return groups;
}

function newestBlocks({ versions }: kinds.PrefixListResource): string[] {
  return (versions.at(-1)?.entries ?? []).flatMap(({ Cidr }) => Cidr ?? []);
}

/** Whether a VPC or subnet was made up: then nobody configured it, and no address of it is reserved. */
export function isMadeUp(part: object): boolean {
  return 'madeUp' in part && part.madeUp === true;
}
