import type {
  IpPermission,
  IpRange,
  Ipv6Range,
  PrefixListId,
  SecurityGroupRule,
  UserIdGroupPair,
} from '@aws-sdk/client-ec2';
import { formatPrefix, parsePrefix } from '../ip/index.ts';
import type { Stored } from '../resource/index.ts';
import { definedMembers } from './defined-members.ts';
import { protocolNumber } from './protocol-number.ts';

/** Whom a rule is about: exactly one member is there. */
type RulePeer = Pick<
  Stored<SecurityGroupRule>,
  'CidrIpv4' | 'CidrIpv6' | 'PrefixListId' | 'ReferencedGroupInfo'
>;

/** What a rule lets through, in the members of a SecurityGroupRule. */
export type RuleTerms = RulePeer &
  Pick<Stored<SecurityGroupRule>, 'IpProtocol' | 'FromPort' | 'ToPort' | 'Description' | 'IsEgress'>;

export interface GroupPermissions {
  readonly IpPermissions: IpPermission[];
  readonly IpPermissionsEgress: IpPermission[];
}

interface OpenPermission extends IpPermission {
  readonly IpRanges: IpRange[];
  readonly Ipv6Ranges: Ipv6Range[];
  readonly PrefixListIds: PrefixListId[];
  readonly UserIdGroupPairs: UserIdGroupPair[];
}

/** A group's rules as DescribeSecurityGroups lists them: one permission for each protocol and range of ports. */
export function groupPermissions(rules: Iterable<Stored<SecurityGroupRule>>): GroupPermissions {
  const permissions = [new Map<string, OpenPermission>(), new Map<string, OpenPermission>()];
  for (const rule of rules) {
    const byPorts = permissions[rule.IsEgress ? 1 : 0];
    const key = `${rule.IpProtocol} ${rule.FromPort} ${rule.ToPort}`;
    const permission = byPorts.get(key) ?? openPermission(rule);
    byPorts.set(key, permission);
    addPeer(permission, rule);
  }
  return { IpPermissions: [...permissions[0].values()], IpPermissionsEgress: [...permissions[1].values()] };
}

/** Ports are told of the protocols that have some. */
function openPermission({ IpProtocol, FromPort, ToPort }: RuleTerms): OpenPermission {
  return {
    IpProtocol: IpProtocol ?? '-1',
    ...(hasPorts(IpProtocol ?? '-1') ? definedMembers({ FromPort, ToPort }) : {}),
    IpRanges: [],
    Ipv6Ranges: [],
    PrefixListIds: [],
    UserIdGroupPairs: [],
  };
}

/** Whether a protocol has ports, or an ICMP type and code. */
export function hasPorts(protocol: string): boolean {
  return ['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol);
}

function addPeer(permission: OpenPermission, rule: RuleTerms): void {
  const described = definedMembers({ Description: rule.Description });
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  if (CidrIpv4 !== undefined) permission.IpRanges.push({ CidrIp: CidrIpv4, ...described });
  if (CidrIpv6 !== undefined) permission.Ipv6Ranges.push({ CidrIpv6, ...described });
  if (PrefixListId !== undefined) permission.PrefixListIds.push({ PrefixListId, ...described });
  if (ReferencedGroupInfo !== undefined) {
    permission.UserIdGroupPairs.push({ ...definedMembers(ReferencedGroupInfo), ...described });
  }
}

/** What permissions let through, a rule for each peer; protocols by the names that EC2 shows, blocks canonical. */
export function ruleTerms(permissions: readonly Stored<IpPermission>[], isEgress: boolean): RuleTerms[] {
  return permissions.flatMap((permission) =>
    peersOf(permission).map((peer) => ({ IsEgress: isEgress, ...trafficOf(permission), ...peer })),
  );
}

/** The name that EC2 shows for a protocol: `tcp` also when it was given as 6. */
export function protocolName(protocol: string): string {
  const number = protocolNumber(protocol.toLowerCase());
  return (number === undefined ? undefined : protocolNames[number]) ?? protocol;
}

const protocolNames: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

function trafficOf({ IpProtocol = '-1', FromPort, ToPort }: Stored<IpPermission>): RuleTerms {
  const protocol = protocolName(IpProtocol);
  if (!hasPorts(protocol)) return { IpProtocol: protocol, FromPort: -1, ToPort: -1 };
  return { IpProtocol: protocol, FromPort: FromPort ?? -1, ToPort: ToPort ?? -1 };
}

function peersOf(permission: Stored<IpPermission>): (RulePeer & { Description?: string })[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  return [
    ...IpRanges.map(({ CidrIp = '', Description }) =>
      definedMembers({ CidrIpv4: canonicalBlock(CidrIp), Description }),
    ),
    ...Ipv6Ranges.map(({ CidrIpv6 = '', Description }) =>
      definedMembers({ CidrIpv6: canonicalBlock(CidrIpv6), Description }),
    ),
    ...PrefixListIds.map(({ PrefixListId, Description }) => definedMembers({ PrefixListId, Description })),
    ...UserIdGroupPairs.map(({ Description, ...group }) =>
      definedMembers({ ReferencedGroupInfo: definedMembers(group), Description }),
    ),
  ];
}

function canonicalBlock(text: string): string {
  const prefix = parsePrefix(text);
  return prefix ? formatPrefix(prefix) : text;
}

/** Two rules of a group with the same key are the same rule: its description is no part of it. */
export function ruleKey(rule: RuleTerms): string {
  return `${rule.IsEgress ? 'egress' : 'ingress'} ${trafficKey(rule)} ${peerKey(rule)}`;
}

function trafficKey({ IpProtocol = '-1', FromPort = -1, ToPort = -1 }: RuleTerms): string {
  const protocol = protocolName(IpProtocol);
  return hasPorts(protocol) ? `${protocol} ${FromPort} ${ToPort}` : protocol;
}

/** The peer by its id or canonical block. */
export function peerKey(peer: RulePeer): string {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = peer;
  const block = CidrIpv4 ?? CidrIpv6;
  return block === undefined ? (PrefixListId ?? ReferencedGroupInfo?.GroupId ?? '') : canonicalBlock(block);
}
