import type { NetworkInterface, SecurityGroup, SecurityGroupRule, Subnet } from '@aws-sdk/client-ec2';
import { ConfigError } from '../fault/index.ts';
import { type Prefix, parsePrefix } from '../ip/index.ts';
import type { Network } from '../vpc/network.ts';
import { networkAclOf, networkIndex } from '../vpc/network-index.ts';
import { type CauseList, noCause } from './cause-list.ts';
import { connectionTimeoutsMs } from './connection-state.ts';
import { type CompiledGroup, compileGroup } from './group-rules.ts';
import { type CompiledAcl, compileNetworkAcl } from './network-acl.ts';
import type { Rule } from './rule.ts';
import { buildRuleTable, groupBits, type RuleTable } from './rule-table.ts';

/** All that is asked for the packets of an interface. Interfaces that are alike share one. */
export interface InterfacePolicy {
  /** By direction: a table per group. */
  readonly groupTables: readonly [readonly RuleTable[], readonly RuleTable[]];
  /** By direction: the cause when no rule allows. */
  readonly groupDefaults: readonly [number, number];
  /** Which ways are open to the whole world: see `openBit`. */
  readonly open: number;
  /** Whether a rule names a group, so that the peer's owner must be found. */
  readonly refersToGroups: boolean;
  /** The interface's own groups, for others' rules. */
  readonly memberOf: Int32Array;
  /** Undefined when the network describes none: then everything passes. */
  readonly acl: CompiledAcl | undefined;
  /** The CIDR blocks of the interface's subnet: the ACL is not asked about peers in them. */
  readonly ownSubnet: readonly Prefix[];
  /** Idle timeouts by connection state. */
  readonly timeoutsMs: Float64Array;
}

/** The rules of one network, compiled once and handed out per interface. */
export class CompiledNetwork {
  readonly #network: Network;
  readonly #causes: CauseList;
  readonly #groups: ReadonlyMap<string, CompiledGroup>;
  readonly #acls: ReadonlyMap<string, CompiledAcl>;
  readonly #policies = new Map<string, InterfacePolicy>();
  readonly #referredTo: ReadonlySet<number>;

  /** Throws a `ConfigError` with one detail for each rule that cannot be understood. */
  constructor(network: Network, causes: CauseList) {
    const problems: string[] = [];
    this.#network = network;
    this.#causes = causes;
    this.#groups = compileGroups(network, causes, problems);
    this.#acls = new Map(
      network.networkAcls.map((acl) => [acl.NetworkAclId ?? '', compileNetworkAcl(acl, causes, problems)]),
    );
    this.#referredTo = new Set([...this.#groups.values()].flatMap((group) => [...group.refersTo]));
    if (problems.length > 0)
      throw new ConfigError('InvalidRules', 'The rules of the network are wrong.', problems);
  }

  policyOf(networkInterface: NetworkInterface): InterfacePolicy {
    const key = policyKey(networkInterface);
    let policy = this.#policies.get(key);
    if (!policy) {
      policy = this.#compile(networkInterface);
      this.#policies.set(key, policy);
    }
    return policy;
  }

  /** Whether a rule somewhere names one of the interface's groups, so that its coming changes others' verdicts. */
  isReferredTo(networkInterface: NetworkInterface): boolean {
    return this.#groupsOf(networkInterface).some((group) => this.#referredTo.has(group.number));
  }

  #compile(networkInterface: NetworkInterface): InterfacePolicy {
    const groups = this.#groupsOf(networkInterface);
    const subnetId = networkInterface.SubnetId ?? '';
    const subnet = networkIndex(this.#network).subnets.get(subnetId);
    return {
      ...((networkInterface.Groups ?? []).length === 0
        ? withoutGroups
        : this.#groupsPart(networkInterface, groups)),
      refersToGroups: groups.some((group) => group.refersTo.size > 0),
      memberOf: groupBits(groups.map((group) => group.number)),
      acl: this.#acls.get(networkAclOf(this.#network, subnetId)?.NetworkAclId ?? ''),
      ownSubnet: subnet ? subnetPrefixes(subnet) : [],
      timeoutsMs: connectionTimeoutsMs(networkInterface.ConnectionTrackingConfiguration ?? {}),
    };
  }

  #groupsPart(networkInterface: NetworkInterface, groups: readonly CompiledGroup[]): GroupsPart {
    const first = networkInterface.Groups?.[0]?.GroupId ?? '';
    return {
      groupTables: [groups.map(({ tables }) => tables[0]), groups.map(({ tables }) => tables[1])],
      groupDefaults: [
        this.#causes.numberOf(`${first}/ingress/default`),
        this.#causes.numberOf(`${first}/egress/default`),
      ],
      open: groups.reduce((open, group) => open | group.open, 0),
    };
  }

  /** Groups that the network does not describe allow nothing. */
  #groupsOf({ Groups = [] }: NetworkInterface): CompiledGroup[] {
    return Groups.flatMap(({ GroupId = '' }) => this.#groups.get(GroupId) ?? []);
  }
}

type GroupsPart = Pick<InterfacePolicy, 'groupTables' | 'groupDefaults' | 'open'>;

const everything: readonly Rule[] = (['0.0.0.0/0', '::/0'] as const).map((text) => ({
  traffic: { protocol: -1, low: -1, high: -1 },
  peer: parsePrefix(text)!,
  allow: true,
  cause: noCause,
}));
const everythingTable = [buildRuleTable(everything)];
/** An interface without security groups, such as a NAT gateway's, is not filtered by any: all passes, untracked. */
const withoutGroups: GroupsPart = {
  groupTables: [everythingTable, everythingTable],
  groupDefaults: [noCause, noCause],
  open: -1,
};

function policyKey(networkInterface: NetworkInterface): string {
  const { Groups = [], SubnetId, ConnectionTrackingConfiguration: timeouts } = networkInterface;
  return JSON.stringify([
    Groups.map(({ GroupId }) => GroupId),
    SubnetId,
    timeouts?.TcpEstablishedTimeout,
    timeouts?.UdpTimeout,
    timeouts?.UdpStreamTimeout,
  ]);
}

function compileGroups(network: Network, causes: CauseList, problems: string[]): Map<string, CompiledGroup> {
  const { securityGroups, securityGroupRules, prefixLists } = network;
  const groupNumbers = new Map(securityGroups.map((group, number) => [group.GroupId ?? '', number]));
  const describedRules = rulesByGroup(securityGroupRules);
  const context = { causes, groupNumbers, prefixLists, describedRules, problems };
  return new Map(
    securityGroups.map((group: SecurityGroup) => [group.GroupId ?? '', compileGroup(group, context)]),
  );
}

function rulesByGroup(rules: readonly SecurityGroupRule[]): Map<string, SecurityGroupRule[]> {
  const groups = new Map<string, SecurityGroupRule[]>();
  for (const rule of rules) {
    const id = rule.GroupId ?? '';
    const known = groups.get(id);
    if (known) known.push(rule);
    else groups.set(id, [rule]);
  }
  return groups;
}

function subnetPrefixes({ CidrBlock, Ipv6CidrBlockAssociationSet = [] }: Subnet): Prefix[] {
  const current = Ipv6CidrBlockAssociationSet.filter(
    ({ Ipv6CidrBlockState }) => (Ipv6CidrBlockState?.State ?? 'associated') === 'associated',
  );
  return [CidrBlock, ...current.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock)].flatMap(
    (text) => parsePrefix(text ?? '') ?? [],
  );
}
