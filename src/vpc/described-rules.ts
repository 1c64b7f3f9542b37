/** Security groups and their rules, network ACLs and route tables as resources; with the default ones of each VPC. */
import type { NetworkAcl, RouteTable, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Place, ResourceView, Stored } from '../resource/index.ts';
import { definedMembers } from './defined-members.ts';
import { type DescribedResource, idMaker, partitionOf, withIds } from './described-resource.ts';
import { groupPermissions, type RuleTerms, ruleKey, ruleTerms } from './ip-permissions.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

export function describedGroup(group: SecurityGroup, place: Place): DescribedResource {
  const { IpPermissions: _, IpPermissionsEgress: __, ...described } = group;
  const { accountId, region } = place;
  const owner = group.OwnerId ?? accountId;
  return {
    kind: kinds.securityGroups,
    id: group.GroupId!,
    described,
    defaults: {
      GroupName: group.GroupId,
      Description: group.GroupName ?? group.GroupId,
      OwnerId: accountId,
      SecurityGroupArn: `arn:${partitionOf(region)}:ec2:${region}:${owner}:security-group/${group.GroupId}`,
      Tags: [],
    },
  };
}

/** A VPC's default group as AWS makes it; one that was made before has the rules that it has now. */
function defaultGroup(vpcId: string, place: Place, view: ResourceView): SecurityGroup {
  const GroupId = idMaker(place)('sg', `default ${vpcId}`);
  const isStored = view.get(kinds.securityGroups, place, GroupId) !== undefined;
  const rules = isStored ? [...view.list(kinds.securityGroupRules, place)] : [];
  return {
    GroupId,
    GroupName: 'default',
    Description: 'default VPC security group',
    VpcId: vpcId,
    OwnerId: place.accountId,
    IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId: place.accountId }] }],
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    ...(isStored ? groupPermissions(rules.filter((rule) => rule.GroupId === GroupId)) : {}),
  };
}

/** The described groups, and the default one of each VPC that has none. */
export function groupsWithDefaults(
  { securityGroups, vpcs }: Network,
  place: Place,
  view: ResourceView,
): SecurityGroup[] {
  const known = new Set(
    [...securityGroups, ...storedGroups(view, place)].map(({ VpcId, GroupName }) => `${VpcId} ${GroupName}`),
  );
  const missing = vpcs.flatMap(({ VpcId = '' }) => (known.has(`${VpcId} default`) ? [] : [VpcId]));
  const first = vpcs.length === 1 ? definedMembers({ VpcId: vpcs[0].VpcId }) : {};
  return [
    ...securityGroups.map((group) => ({ ...first, ...group })),
    ...missing.map((vpcId) => defaultGroup(vpcId, place, view)),
  ];
}

/** Those that an import once made itself do not count: it makes them again, or something better has come. */
function storedGroups(view: ResourceView, place: Place): kinds.SecurityGroupResource[] {
  return [...view.list(kinds.securityGroups, place)].filter(
    ({ GroupId, VpcId }) => GroupId !== idMaker(place)('sg', `default ${VpcId}`),
  );
}

/**
 * The rules of groups. `IpPermissions` and `IpPermissionsEgress` are the rules, and described rules give them their
 * ids and tags; a group described without either list takes its rules from those. A rule that has an id in the store
 * keeps it.
 */
export function describedRules(
  groups: readonly SecurityGroup[],
  network: Network,
  place: Place,
  view: ResourceView,
): DescribedResource[] {
  const described = rulesByKey(network.securityGroupRules);
  const stored = rulesByKey(view.list(kinds.securityGroupRules, place));
  const makeId = idMaker(place);
  return groups.flatMap((group) => {
    const groupId = group.GroupId!;
    const own = described.get(groupId);
    const terms = termsOf(group) ?? [...(own?.values() ?? [])];
    const distinct = new Map(terms.map((rule) => [ruleKey(rule), rule]));
    return Array.from(distinct, ([key, rule]) => {
      const known = own?.get(key);
      const id =
        known?.SecurityGroupRuleId ??
        stored.get(groupId)?.get(key)?.SecurityGroupRuleId ??
        makeId('sgr', `${groupId} ${key}`);
      return describedRule(id, group, { ...known, ...rule }, place);
    });
  });
}

function describedRule(id: string, group: SecurityGroup, rule: RuleTerms, place: Place): DescribedResource {
  const { accountId, region } = place;
  const GroupOwnerId = group.OwnerId ?? accountId;
  return {
    kind: kinds.securityGroupRules,
    id,
    described: { ...rule, SecurityGroupRuleId: id, GroupId: group.GroupId },
    defaults: {
      GroupOwnerId,
      SecurityGroupRuleArn: `arn:${partitionOf(region)}:ec2:${region}:${GroupOwnerId}:security-group-rule/${id}`,
      Tags: [],
    },
  };
}

function termsOf({ IpPermissions, IpPermissionsEgress }: SecurityGroup): RuleTerms[] | undefined {
  if (!IpPermissions && !IpPermissionsEgress) return undefined;
  return [...ruleTerms(IpPermissions ?? [], false), ...ruleTerms(IpPermissionsEgress ?? [], true)];
}

function rulesByKey(
  rules: Iterable<SecurityGroupRule | Stored<SecurityGroupRule>>,
): Map<string, Map<string, Stored<SecurityGroupRule>>> {
  const groups = new Map<string, Map<string, Stored<SecurityGroupRule>>>();
  for (const rule of rules) {
    const own = groups.get(rule.GroupId ?? '') ?? new Map<string, Stored<SecurityGroupRule>>();
    groups.set(rule.GroupId ?? '', own);
    const key = ruleKey(rule);
    if (!own.has(key)) own.set(key, rule);
  }
  return groups;
}

const everything = [
  { RuleNumber: 100, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
  { RuleNumber: 101, RuleAction: 'allow', Ipv6CidrBlock: '::/0' },
  { RuleNumber: 32_767, RuleAction: 'deny', CidrBlock: '0.0.0.0/0' },
  { RuleNumber: 32_768, RuleAction: 'deny', Ipv6CidrBlock: '::/0' },
] as const;

/**
 * A default network ACL as AWS makes it, for IPv4 and IPv6: it lets everything through. One that was made before has
 * the entries that it has now.
 */
function defaultAcl(vpcId: string, place: Place, view: ResourceView): NetworkAcl {
  const NetworkAclId = idMaker(place)('acl', `default ${vpcId}`);
  return {
    NetworkAclId,
    VpcId: vpcId,
    IsDefault: true,
    Entries:
      view.get(kinds.networkAcls, place, NetworkAclId)?.Entries ??
      [true, false].flatMap((Egress) => everything.map((entry) => ({ ...entry, Egress, Protocol: '-1' }))),
  };
}

/**
 * The described ACLs, and a default one for each VPC that has none. Each subnet is associated with one: as described,
 * else with its VPC's default one; subnets that the description does not know stay where they are.
 */
export function describedAcls(network: Network, place: Place, view: ResourceView): DescribedResource[] {
  const acls = [...network.networkAcls, ...missingAcls(network, place, view)];
  const claimed = new Set(acls.flatMap(({ Associations = [] }) => Associations.map(subnetIdOf)));
  const free = network.subnets.filter(({ SubnetId }) => !claimed.has(SubnetId));
  const described = new Set(network.subnets.map(({ SubnetId }) => SubnetId));
  const withDefault = new Set<string | undefined>();
  return acls.map((acl) => {
    const takesFree = acl.IsDefault === true && !withDefault.has(acl.VpcId);
    if (takesFree) withDefault.add(acl.VpcId);
    const others = view.get(kinds.networkAcls, place, acl.NetworkAclId!)?.Associations ?? [];
    const associations = [
      ...(acl.Associations ?? []),
      ...free.flatMap(({ SubnetId, VpcId }) => (takesFree && VpcId === acl.VpcId ? [{ SubnetId }] : [])),
      ...others.filter(({ SubnetId }) => SubnetId !== undefined && !described.has(SubnetId)),
    ];
    return describedAcl(acl, distinctSubnets(associations), place);
  });
}

function missingAcls({ networkAcls, vpcs }: Network, place: Place, view: ResourceView): NetworkAcl[] {
  const stored = [...view.list(kinds.networkAcls, place)].filter(
    ({ NetworkAclId, VpcId }) => NetworkAclId !== idMaker(place)('acl', `default ${VpcId}`),
  );
  const known = new Set(
    [...networkAcls, ...stored].flatMap(({ IsDefault, VpcId }) => (IsDefault ? [VpcId] : [])),
  );
  return vpcs.flatMap(({ VpcId }) =>
    VpcId === undefined || known.has(VpcId) ? [] : [defaultAcl(VpcId, place, view)],
  );
}

function subnetIdOf({ SubnetId }: { SubnetId?: string | undefined }): string | undefined {
  return SubnetId;
}

function distinctSubnets<T extends { SubnetId?: string | undefined }>(associations: readonly T[]): T[] {
  const seen = new Set<string | undefined>();
  return associations.filter(
    ({ SubnetId }) => SubnetId === undefined || (!seen.has(SubnetId) && seen.add(SubnetId)),
  );
}

function describedAcl(
  acl: NetworkAcl,
  associations: NonNullable<NetworkAcl['Associations']>,
  place: Place,
): DescribedResource {
  const NetworkAclId = acl.NetworkAclId!;
  const makeId = idMaker(place);
  const named = withIds(associations, 'NetworkAclAssociationId', ({ SubnetId }) =>
    makeId('aclassoc', `${NetworkAclId} ${SubnetId}`),
  );
  return {
    kind: kinds.networkAcls,
    id: NetworkAclId,
    described: { ...acl, Associations: named.map((one) => ({ NetworkAclId, ...one })) },
    defaults: { OwnerId: place.accountId, IsDefault: false, Entries: [], Tags: [] },
  };
}

/** The described route tables, and a main one for each VPC that has none. */
export function describedRouteTables(
  network: Network,
  place: Place,
  view: ResourceView,
): DescribedResource[] {
  const described = new Set(network.subnets.map(({ SubnetId }) => SubnetId));
  return [...network.routeTables, ...missingRouteTables(network, place, view)].map((table) => {
    const others = view.get(kinds.routeTables, place, table.RouteTableId!)?.Associations ?? [];
    const associations = [
      ...(table.Associations ?? []),
      ...others.filter(({ SubnetId }) => SubnetId !== undefined && !described.has(SubnetId)),
    ];
    return describedRouteTable(table, distinctSubnets(associations), place);
  });
}

function missingRouteTables({ routeTables, vpcs }: Network, place: Place, view: ResourceView): RouteTable[] {
  const makeId = idMaker(place);
  const stored = [...view.list(kinds.routeTables, place)].filter(
    ({ RouteTableId, VpcId }) => RouteTableId !== makeId('rtb', `main ${VpcId}`),
  );
  const known = new Set(
    [...routeTables, ...stored].flatMap(({ Associations = [], VpcId }) =>
      Associations.some(({ Main }) => Main) ? [VpcId] : [],
    ),
  );
  return vpcs.flatMap((vpc) => {
    if (vpc.VpcId === undefined || known.has(vpc.VpcId)) return [];
    const RouteTableId = makeId('rtb', `main ${vpc.VpcId}`);
    const Routes = withLocalRoutes(vpc, view.get(kinds.routeTables, place, RouteTableId)?.Routes ?? []);
    return [{ RouteTableId, VpcId: vpc.VpcId, Associations: [{ Main: true }], Routes }];
  });
}

/**
 * The routes of a table as its VPC's blocks are now. A local route that the user has led elsewhere stays there; a route
 * of the user's to what has become a block gives way: a table leads to a block once.
 */
export function withLocalRoutes(
  vpc: Network['vpcs'][number] | kinds.VpcResource,
  routes: NonNullable<RouteTable['Routes']>,
): NonNullable<RouteTable['Routes']> {
  const local = localRoutes(vpc);
  const blocks = new Set(local.map(destinationOf));
  const isLocal = ({ GatewayId, Origin }: Route) => GatewayId === 'local' || Origin === 'CreateRouteTable';
  const before = new Map(routes.filter(isLocal).map((route) => [destinationOf(route), route]));
  return [
    ...local.map((route) => before.get(destinationOf(route)) ?? route),
    ...routes.filter((route) => !isLocal(route) && !blocks.has(destinationOf(route))),
  ];
}

type Route = NonNullable<RouteTable['Routes']>[number];

function destinationOf(route: Route): string | undefined {
  return route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;
}

/** The routes inside a VPC: one for each of its blocks. */
function localRoutes(vpc: Network['vpcs'][number] | kinds.VpcResource): NonNullable<RouteTable['Routes']> {
  const { CidrBlock, CidrBlockAssociationSet = [], Ipv6CidrBlockAssociationSet = [] } = vpc;
  const local = { GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' } as const;
  const blocks = new Set([CidrBlock, ...CidrBlockAssociationSet.map((block) => block.CidrBlock)]);
  const ipv6 = new Set(Ipv6CidrBlockAssociationSet.map((block) => block.Ipv6CidrBlock));
  return [
    ...[...blocks].flatMap((block) =>
      block === undefined ? [] : [{ DestinationCidrBlock: block, ...local }],
    ),
    ...[...ipv6].flatMap((block) =>
      block === undefined ? [] : [{ DestinationIpv6CidrBlock: block, ...local }],
    ),
  ];
}

function describedRouteTable(
  table: RouteTable,
  associations: NonNullable<RouteTable['Associations']>,
  place: Place,
): DescribedResource {
  const RouteTableId = table.RouteTableId!;
  const named = withIds(associations, 'RouteTableAssociationId', ({ SubnetId }) =>
    idMaker(place)('rtbassoc', `${RouteTableId} ${SubnetId ?? 'main'}`),
  );
  return {
    kind: kinds.routeTables,
    id: RouteTableId,
    described: {
      ...table,
      Associations: named.map((one) => ({
        Main: false,
        RouteTableId,
        AssociationState: { State: 'associated' },
        ...one,
      })),
    },
    defaults: { OwnerId: place.accountId, Routes: [], PropagatingVgws: [], Tags: [] },
  };
}
