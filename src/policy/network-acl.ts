import type { NetworkAcl, NetworkAclEntry } from '@aws-sdk/client-ec2';
import { type Prefix, parsePrefix } from '../ip/index.ts';
import { ipProtocol } from '../packet/packet-view.ts';
import type { CauseList } from './cause-list.ts';
import type { Rule } from './rule.ts';
import { buildRuleTable, type RuleTable } from './rule-table.ts';
import { readTraffic } from './traffic.ts';

/** A network ACL ready to be asked; all by direction. */
export interface CompiledAcl {
  /** In the order of the entries' numbers. */
  readonly tables: readonly [RuleTable, RuleTable];
  /** The cause when no entry fits. */
  readonly defaults: readonly [number, number];
}

/** The entry that AWS shows as `*`: 32767 for IPv4, 32768 for IPv6. It says what is so anyway. */
const firstDefaultEntry = 32_767;

export function compileNetworkAcl(acl: NetworkAcl, causes: CauseList, problems: string[]): CompiledAcl {
  const id = acl.NetworkAclId ?? '';
  const entries = [...(acl.Entries ?? [])].sort((a, b) => (a.RuleNumber ?? 0) - (b.RuleNumber ?? 0));
  const tableOf = (egress: boolean) =>
    buildRuleTable(
      entries
        .filter((entry) => (entry.Egress ?? false) === egress)
        .flatMap((entry) => entryRules(id, entry, causes, problems)),
    );
  return {
    tables: [tableOf(false), tableOf(true)],
    defaults: [causes.numberOf(`${id}/ingress/default`), causes.numberOf(`${id}/egress/default`)],
  };
}

/** None when the entry is wrong, which `problems` then says. */
function entryRules(id: string, entry: NetworkAclEntry, causes: CauseList, problems: string[]): Rule[] {
  const number = entry.RuleNumber ?? 0;
  const way = entry.Egress ? 'egress' : 'ingress';
  const where = `${id} ${way} entry ${number}`;
  const [low, high] = entryPorts(entry);
  const traffic = readTraffic(entry.Protocol, low, high, where, problems);
  const peer = entryPrefix(entry, where, problems);
  const allow = entry.RuleAction === 'allow';
  if (!allow && entry.RuleAction !== 'deny')
    problems.push(`${where}: "${entry.RuleAction}" is neither allow nor deny`);
  if (!traffic || !peer) return [];
  const cause = causes.numberOf(`${id}/${way}/${number >= firstDefaultEntry ? 'default' : number}`);
  return [{ traffic, peer, allow, cause }];
}

function entryPorts({
  Protocol,
  PortRange,
  IcmpTypeCode,
}: NetworkAclEntry): [number | undefined, number | undefined] {
  const isIcmp =
    Protocol === `${ipProtocol.icmp}` || Protocol === `${ipProtocol.icmpv6}` || Protocol?.startsWith('icmp');
  return isIcmp ? [IcmpTypeCode?.Type, IcmpTypeCode?.Code] : [PortRange?.From, PortRange?.To];
}

function entryPrefix(entry: NetworkAclEntry, where: string, problems: string[]): Prefix | undefined {
  const text = entry.CidrBlock ?? entry.Ipv6CidrBlock;
  const prefix = parsePrefix(text ?? '');
  if (prefix?.family === (entry.CidrBlock === undefined ? 6 : 4)) return prefix;
  problems.push(`${where}: "${text}" is not a CIDR block of its family`);
  return undefined;
}
