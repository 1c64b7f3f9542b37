import type { IpPermission, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { formatPrefix, type Prefix, parsePrefix } from '../ip/index.ts';
import { ipProtocol } from '../packet/packet-view.ts';
import { type Direction, direction } from './answer.ts';
import type { CauseList } from './cause-list.ts';
import type { Rule, Traffic } from './rule.ts';
import { buildRuleTable, coversAllPorts, type RuleTable } from './rule-table.ts';
import { readTraffic, trafficName } from './traffic.ts';

/** A security group, its rules ready to be asked. */
export interface CompiledGroup {
  readonly number: number;
  /** By direction. */
  readonly tables: readonly [RuleTable, RuleTable];
  /** `openBit` of each direction, family and protocol in which a rule allows all ports of the whole world. */
  readonly open: number;
  /** Numbers of the groups that its rules name. */
  readonly refersTo: ReadonlySet<number>;
}

/** What compiling a group needs of the rest of the network. */
export interface GroupContext {
  readonly causes: CauseList;
  readonly groupNumbers: ReadonlyMap<string, number>;
  readonly prefixLists: ReadonlyMap<string, readonly string[]>;
  /** Rules of `describe-security-group-rules`, by group id. */
  readonly describedRules: ReadonlyMap<string, readonly SecurityGroupRule[]>;
  readonly problems: string[];
}

/** Peers of a rule: `name` is what stands in the rule's name, a CIDR block or the id of a prefix list or group. */
interface Peers {
  readonly name: string;
  readonly prefixes: readonly Prefix[];
  readonly group?: number | undefined;
}

interface NamedRule {
  readonly traffic: Traffic;
  readonly peers: Peers;
  readonly name: string;
  readonly egress: boolean;
  readonly id?: string | undefined;
}

export function openBit(way: Direction, family: number, protocol: number): number {
  return 1 << (way * 4 + (family === 6 ? 2 : 0) + (protocol === ipProtocol.udp ? 1 : 0));
}

/**
 * `IpPermissions` and `IpPermissionsEgress` are the rules, and `SecurityGroupRules` gives them their `sgr-` ids; only a
 * group described without either list takes its rules from `SecurityGroupRules`. A rule about an unknown group or
 * prefix list matches nobody.
 */
export function compileGroup(group: SecurityGroup, context: GroupContext): CompiledGroup {
  const id = group.GroupId ?? '';
  const described = describedRules(id, context);
  const permitted =
    group.IpPermissions || group.IpPermissionsEgress ? permittedRules(group, context) : described;
  const ids = new Map(described.map((rule) => [ruleKey(rule), rule.id]));
  const rulesOf = (egress: boolean) =>
    permitted
      .filter((rule) => rule.egress === egress)
      .flatMap((rule) => flatRules(rule, causeText(id, rule, ids.get(ruleKey(rule))), context.causes));
  const rules = [rulesOf(false), rulesOf(true)] as const;
  return {
    number: context.groupNumbers.get(id) ?? -1,
    tables: [buildRuleTable(rules[direction.ingress]), buildRuleTable(rules[direction.egress])],
    open:
      openWays(rules[direction.ingress], direction.ingress) |
      openWays(rules[direction.egress], direction.egress),
    refersTo: new Set(rules.flat().flatMap((rule) => ('group' in rule.peer ? [rule.peer.group] : []))),
  };
}

function ruleKey({ egress, name }: NamedRule): string {
  return `${egress} ${name}`;
}

function causeText(groupId: string, { egress, name }: NamedRule, ruleId: string | undefined): string {
  return `${groupId}/${egress ? 'egress' : 'ingress'}/${ruleId ?? name}`;
}

function flatRules({ traffic, peers }: NamedRule, text: string, causes: CauseList): Rule[] {
  const cause = causes.numberOf(text);
  if (peers.group !== undefined) return [{ traffic, peer: { group: peers.group }, allow: true, cause }];
  return peers.prefixes.map((peer) => ({ traffic, peer, allow: true, cause }));
}

function openWays(rules: readonly Rule[], way: Direction): number {
  let open = 0;
  for (const { traffic, peer } of rules) {
    if ('group' in peer || peer.length !== 0 || !coversAllPorts(traffic)) continue;
    for (const protocol of [ipProtocol.tcp, ipProtocol.udp]) {
      if (traffic.protocol === -1 || traffic.protocol === protocol)
        open |= openBit(way, peer.family, protocol);
    }
  }
  return open;
}

function permittedRules(group: SecurityGroup, context: GroupContext): NamedRule[] {
  return [
    ...listRules(group.IpPermissions ?? [], false, `${group.GroupId} IpPermissions`, context),
    ...listRules(group.IpPermissionsEgress ?? [], true, `${group.GroupId} IpPermissionsEgress`, context),
  ];
}

function listRules(
  permissions: readonly IpPermission[],
  egress: boolean,
  list: string,
  context: GroupContext,
): NamedRule[] {
  return permissions.flatMap((permission, index) => {
    const { IpProtocol, FromPort, ToPort } = permission;
    const where = `${list}[${index}]`;
    const traffic = readTraffic(IpProtocol, FromPort, ToPort, where, context.problems);
    return traffic
      ? peersOf(permission, where, context).map((peers) => namedRule(traffic, peers, egress))
      : [];
  });
}

function namedRule(traffic: Traffic, peers: Peers, egress: boolean, id?: string): NamedRule {
  return { traffic, peers, egress, id, name: `${trafficName(traffic)}:${peers.name}` };
}

function peersOf(permission: IpPermission, where: string, context: GroupContext): Peers[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  return [
    ...IpRanges.flatMap(({ CidrIp }) => cidrPeers(CidrIp, 4, where, context)),
    ...Ipv6Ranges.flatMap(({ CidrIpv6 }) => cidrPeers(CidrIpv6, 6, where, context)),
    ...PrefixListIds.map(({ PrefixListId }) => prefixListPeers(PrefixListId ?? '', context)),
    ...UserIdGroupPairs.map(({ GroupId }) => groupPeers(GroupId ?? '', context)),
  ];
}

function cidrPeers(text: string | undefined, family: 4 | 6, where: string, context: GroupContext): Peers[] {
  const prefix = parsePrefix(text ?? '');
  if (prefix?.family === family) return [{ name: formatPrefix(prefix), prefixes: [prefix] }];
  context.problems.push(`${where}: "${text}" is not an IPv${family} CIDR block`);
  return [];
}

function prefixListPeers(id: string, { prefixLists, problems }: GroupContext): Peers {
  const prefixes: Prefix[] = [];
  for (const text of prefixLists.get(id) ?? []) {
    const prefix = parsePrefix(text);
    if (prefix) prefixes.push(prefix);
    else problems.push(`prefix list ${id}: "${text}" is not a CIDR block`);
  }
  return { name: id, prefixes };
}

function groupPeers(id: string, { groupNumbers }: GroupContext): Peers {
  return { name: id, prefixes: [], group: groupNumbers.get(id) };
}

function describedRules(groupId: string, context: GroupContext): NamedRule[] {
  return (context.describedRules.get(groupId) ?? []).flatMap((rule) => {
    const where = `security group rule ${rule.SecurityGroupRuleId}`;
    const traffic = readTraffic(rule.IpProtocol, rule.FromPort, rule.ToPort, where, context.problems);
    if (!traffic) return [];
    return describedPeers(rule, where, context).map((peers) =>
      namedRule(traffic, peers, rule.IsEgress ?? false, rule.SecurityGroupRuleId),
    );
  });
}

function describedPeers(rule: SecurityGroupRule, where: string, context: GroupContext): Peers[] {
  if (rule.CidrIpv4 !== undefined) return cidrPeers(rule.CidrIpv4, 4, where, context);
  if (rule.CidrIpv6 !== undefined) return cidrPeers(rule.CidrIpv6, 6, where, context);
  if (rule.PrefixListId !== undefined) return [prefixListPeers(rule.PrefixListId, context)];
  return [groupPeers(rule.ReferencedGroupInfo?.GroupId ?? '', context)];
}
