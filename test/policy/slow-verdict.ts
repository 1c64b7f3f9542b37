/**
 * The verdict, evaluated slowly and obviously from the network's own JSON: the other side of the property test of
 * `policy`. It shares no code with that room; addresses are strings of bits, conversations are objects in a map.
 */
import type {
  IpPermission,
  NetworkAcl,
  NetworkAclEntry,
  NetworkInterface,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import { parseAddress } from '../../src/ip/index.ts';
import type { Network } from '../../src/vpc/network.ts';
import type { Starter, TestAnswer, TestPacket, Way } from './fixtures.ts';

type Phase = 'udp' | 'other' | 'syn' | 'syn-ack' | 'open' | 'half-closed' | 'last-ack' | 'closed' | 'refused';

interface Conversation {
  phase: Phase;
  tracked: boolean;
  starter: Starter;
  cause: string;
  /** UDP: who has sent, in order, without repetitions: `q`, `qa`, `qaq` … */
  turns: string;
  /** TCP: the ways on which a FIN was seen, in order. Refused: the way of the refusal. */
  ways: Way[];
  /** Time of its last packet, and the interface as it was configured then. */
  last: Last;
}

interface Last {
  readonly ms: number;
  readonly at: NetworkInterface;
}

interface GroupAnswer {
  readonly allowed: boolean;
  readonly cause: string;
  /** The allowing rule is about the whole world, and so is one of the other direction. */
  readonly untracked: boolean;
}

const queries: Readonly<Record<string, readonly (readonly [query: number, reply: number])[]>> = {
  1: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  58: [[128, 129]],
};
const errors: Readonly<Record<string, readonly number[]>> = { 1: [3, 4, 11, 12], 58: [1, 2, 3, 4] };

const other = (way: Way): Way => (way === 'ingress' ? 'egress' : 'ingress');
const sender = (way: Way): Starter => (way === 'egress' ? 'local' : 'peer');
const has = (packet: TestPacket, letter: 'F' | 'S' | 'R' | 'A'): boolean =>
  ((packet.flags ?? 0) & { F: 1, S: 2, R: 4, A: 16 }[letter]) !== 0;
const isSyn = (packet: TestPacket): boolean => has(packet, 'S') && !has(packet, 'A') && !has(packet, 'R');
const isSynAck = (packet: TestPacket): boolean => has(packet, 'S') && has(packet, 'A') && !has(packet, 'R');
const isIcmp = (packet: TestPacket): boolean => packet.protocol === 1 || packet.protocol === 58;
const isQuery = (packet: TestPacket): boolean =>
  queries[packet.protocol].some(([query]) => query === (packet.type ?? 0));
const isReply = (packet: TestPacket): boolean =>
  queries[packet.protocol].some(([, reply]) => reply === (packet.type ?? 0));

function bits(address: string): string {
  const { family, words } = parseAddress(address)!;
  const all = words.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
  return family === 4 ? `4:${all.slice(96)}` : `6:${all}`;
}

function isInside(cidr: string, address: string): boolean {
  const [base, length] = cidr.split('/');
  return bits(address).startsWith(bits(base).slice(0, 2 + Number(length)));
}

export class SlowVerdict {
  network: Network;
  readonly #conversations = new Map<string, Conversation>();
  #pickUpMs = Number.NEGATIVE_INFINITY;

  constructor(network: Network) {
    this.network = network;
  }

  startPickUp(timeMs: number): void {
    this.#pickUpMs = timeMs;
  }

  judge(at: NetworkInterface, way: Way, packet: TestPacket, timeMs: number): TestAnswer {
    const own = this.#groups(at, way, packet);
    const last = { ms: timeMs, at };
    if (isIcmp(packet) && !isQuery(packet) && !isReply(packet))
      return this.#judgeNotice(at, way, packet, timeMs, own);
    const key = conversationKey(at, way, packet);
    const found = this.#conversations.get(key);
    const live = found && timeMs <= endMs(found, packet.protocol) ? found : undefined;
    const say = (allowed: boolean, cause: string, initiator: Starter) =>
      this.#withAcl(at, way, packet, { accepted: allowed, cause, initiator });
    const byDefault = (initiator: Starter) => say(false, defaultCause(at, way), initiator);
    const open = (starter: Starter, tracked: boolean, cause: string) => {
      if (packet.protocol === 6 && has(packet, 'R')) return;
      this.#conversations.set(key, firstOf(packet, way, starter, tracked, cause, last));
    };
    const refuse = (starter: Starter) =>
      this.#conversations.set(key, {
        phase: 'refused',
        tracked: false,
        starter,
        cause: '',
        turns: '',
        ways: [way],
        last,
      });
    const tryOpen = (leavesMark: boolean): TestAnswer => {
      const answer = say(own.allowed, own.cause, sender(way));
      if (answer.accepted) open(sender(way), !own.untracked, own.cause);
      else if (leavesMark) refuse(sender(way));
      return answer;
    };
    const openUntracked = (): TestAnswer => {
      const starter = isSynAck(packet) ? sender(other(way)) : '-';
      open(starter, false, own.cause);
      return say(true, own.cause, starter);
    };
    const opens = isIcmp(packet) ? isQuery(packet) : packet.protocol === 6 ? isSyn(packet) : true;

    if (live?.phase === 'refused') {
      const answers = live.ways[0] !== way;
      if (packet.protocol === 6 ? isSyn(packet) : opens && !answers) return tryOpen(true);
      const byRules = say(own.allowed, own.cause, live.starter);
      if (packet.protocol === 6 && !answers && byRules.accepted && own.untracked) return openUntracked();
      live.last = last;
      const isForRules = packet.protocol !== 6 || (!answers && !byRules.accepted);
      return isForRules ? byRules : byDefault(live.starter);
    }
    if (live?.phase === 'closed') return opens ? tryOpen(true) : say(own.allowed, own.cause, live.starter);
    if (live) {
      const halfOpen = live.phase === 'syn' || live.phase === 'syn-ack';
      if (packet.protocol === 6 && isSyn(packet) && !halfOpen) return tryOpen(false);
      const answer = live.tracked
        ? say(true, live.cause, live.starter)
        : say(own.allowed, own.cause, live.starter);
      if (!answer.accepted) return answer;
      if (!live.tracked && opens && sender(way) === live.starter && !own.untracked)
        open(live.starter, true, own.cause);
      else moveOn(live, packet, way, last);
      return answer;
    }
    if (opens) return tryOpen(true);
    if (isIcmp(packet)) return say(own.allowed, own.cause, '-');
    if (own.allowed && own.untracked) {
      const answer = say(true, own.cause, '-');
      return answer.accepted ? openUntracked() : answer;
    }
    if (Math.abs(timeMs - this.#pickUpMs) > 120_000) return byDefault('-');
    const swapped = {
      ...packet,
      srcPort: packet.dstPort ?? 0,
      dstPort: packet.srcPort ?? 0,
      src: packet.dst,
      dst: packet.src,
    };
    const reverse = this.#groups(at, other(way), swapped);
    const allowing = own.allowed && !isSynAck(packet) ? own : reverse;
    const starter = isSynAck(packet) ? sender(other(way)) : '-';
    const answer = say(allowing.allowed, allowing.cause, starter);
    if (answer.accepted) {
      open(starter, true, allowing.cause);
      return answer;
    }
    refuse('-');
    const byRules = say(own.allowed, own.cause, '-');
    return byRules.accepted ? byDefault('-') : byRules;
  }

  /** ICMP that is neither query nor reply. */
  #judgeNotice(
    at: NetworkInterface,
    way: Way,
    packet: TestPacket,
    timeMs: number,
    own: GroupAnswer,
  ): TestAnswer {
    const byRules = this.#withAcl(at, way, packet, {
      accepted: own.allowed,
      cause: own.cause,
      initiator: '-',
    });
    const { quoted } = packet;
    if (!quoted || !errors[packet.protocol].includes(packet.type ?? 0)) return byRules;
    if (isIcmp(quoted) && !isQuery(quoted) && !isReply(quoted)) return byRules;
    const about = this.#conversations.get(conversationKey(at, other(way), quoted));
    if (!about || about.phase === 'closed' || about.phase === 'refused') return byRules;
    if (timeMs > endMs(about, quoted.protocol)) return byRules;
    if (about.tracked)
      return this.#withAcl(at, way, packet, { accepted: true, cause: about.cause, initiator: about.starter });
    const asked = this.#groups(at, other(way), quoted);
    if (!asked.allowed) return byRules;
    return this.#withAcl(at, way, packet, { accepted: true, cause: asked.cause, initiator: about.starter });
  }

  #withAcl(at: NetworkInterface, way: Way, packet: TestPacket, groups: TestAnswer): TestAnswer {
    const refusal = this.#aclRefusal(at, way, packet);
    if (refusal === undefined || (!groups.accepted && way === 'egress')) return groups;
    return { accepted: false, cause: refusal, initiator: groups.initiator };
  }

  #aclRefusal(at: NetworkInterface, way: Way, packet: TestPacket): string | undefined {
    const peer = way === 'egress' ? packet.dst : packet.src;
    const subnet = this.network.subnets.find((one) => one.SubnetId === at.SubnetId)!;
    const blocks = [
      subnet.CidrBlock,
      ...(subnet.Ipv6CidrBlockAssociationSet ?? []).map((one) => one.Ipv6CidrBlock),
    ];
    if (blocks.some((block) => block !== undefined && isInside(block, peer))) return undefined;
    const acl = this.#aclOf(at);
    if (!acl) return undefined;
    const entry = [...(acl.Entries ?? [])]
      .sort((a, b) => a.RuleNumber! - b.RuleNumber!)
      .find((one) => one.Egress === (way === 'egress') && fitsEntry(one, packet, peer));
    if (entry?.RuleAction === 'allow') return undefined;
    const number = entry && entry.RuleNumber! < 32_767 ? entry.RuleNumber : 'default';
    return `${acl.NetworkAclId}/${way}/${number}`;
  }

  #aclOf(at: NetworkInterface): NetworkAcl | undefined {
    const { networkAcls } = this.network;
    const own = networkAcls.find((acl) => acl.Associations?.some((one) => one.SubnetId === at.SubnetId));
    return own ?? networkAcls.find((acl) => acl.IsDefault);
  }

  #groups(at: NetworkInterface, way: Way, packet: TestPacket): GroupAnswer {
    for (const { group, rule } of this.#rules(at, way)) {
      const cidr = this.#fittingPeer(rule, way === 'egress' ? packet.dst : packet.src);
      if (cidr === undefined || !fitsRule(rule, packet)) continue;
      const family = packet.src.includes(':') ? '::/0' : '0.0.0.0/0';
      const untracked = cidr.endsWith('/0') && this.#isOpen(at, other(way), packet.protocol, family);
      return { allowed: true, untracked, cause: `${group.GroupId}/${way}/${ruleName(rule)}` };
    }
    return { allowed: false, untracked: false, cause: defaultCause(at, way) };
  }

  /** Each rule with one peer, in the order in which they are asked. */
  #rules(at: NetworkInterface, way: Way): { group: SecurityGroup; rule: IpPermission }[] {
    return at.Groups!.flatMap(({ GroupId }) => {
      const group = this.network.securityGroups.find((one) => one.GroupId === GroupId)!;
      const rules = (way === 'egress' ? group.IpPermissionsEgress : group.IpPermissions) ?? [];
      return rules.map((rule) => ({ group, rule }));
    });
  }

  #isOpen(at: NetworkInterface, way: Way, protocol: number, world: string): boolean {
    if (protocol !== 6 && protocol !== 17) return false;
    const names = { 6: 'tcp', 17: 'udp' } as const;
    return this.#rules(at, way).some(
      ({ rule }) =>
        (rule.IpProtocol === '-1' || (rule.IpProtocol === names[protocol] && isAllPorts(rule))) &&
        this.#cidrs(rule).includes(world),
    );
  }

  #cidrs(rule: IpPermission): string[] {
    const lists = (rule.PrefixListIds ?? []).flatMap(
      (one) => this.network.prefixLists.get(one.PrefixListId!) ?? [],
    );
    return [
      ...(rule.IpRanges ?? []).map((one) => one.CidrIp!),
      ...(rule.Ipv6Ranges ?? []).map((one) => one.CidrIpv6!),
      ...lists,
    ];
  }

  /** The range that holds the peer, or the group it is in. */
  #fittingPeer(rule: IpPermission, peer: string): string | undefined {
    const cidr = this.#cidrs(rule).find((one) => isInside(one, peer));
    const owner = this.network.networkInterfaces.find(
      (one) =>
        one.PrivateIpAddress === peer || one.Ipv6Addresses?.some((address) => address.Ipv6Address === peer),
    );
    const group = rule.UserIdGroupPairs?.find((pair) =>
      owner?.Groups?.some((one) => one.GroupId === pair.GroupId),
    );
    return cidr ?? group?.GroupId;
  }
}

function endMs({ phase, turns, last }: Conversation, protocol: number): number {
  const configured = last.at.ConnectionTrackingConfiguration ?? {};
  const open = configured.TcpEstablishedTimeout ?? 432_000;
  const seconds = {
    udp: turns.length >= 4 ? (configured.UdpStreamTimeout ?? 180) : (configured.UdpTimeout ?? 30),
    other: 600,
    syn: 60,
    'syn-ack': 60,
    open,
    'half-closed': Math.min(600, open),
    'last-ack': 60,
    closed: 60,
    refused: 30,
  }[protocol === 17 && phase !== 'refused' ? 'udp' : phase];
  return last.ms + seconds * 1000;
}

function conversationKey(at: NetworkInterface, way: Way, packet: TestPacket): string {
  const { src, dst, protocol, srcPort = 0, dstPort = 0, type = 0 } = packet;
  let [from, to] = [`${srcPort}`, `${dstPort}`];
  if (isIcmp(packet)) {
    const pair = queries[protocol].find((one) => one.includes(type))!;
    [from, to] = isQuery(packet) ? [`asks ${pair[0]}`, ''] : ['', `asks ${pair[0]}`];
  }
  const ends = way === 'egress' ? [src, from, dst, to] : [dst, to, src, from];
  return [at.NetworkInterfaceId, protocol, ...ends].join(' ');
}

function firstOf(
  packet: TestPacket,
  way: Way,
  starter: Starter,
  tracked: boolean,
  cause: string,
  last: Last,
): Conversation {
  const conversation: Conversation = { phase: 'other', tracked, starter, cause, turns: '', ways: [], last };
  if (packet.protocol === 17) return { ...conversation, phase: 'udp', turns: 'q' };
  if (packet.protocol !== 6) return conversation;
  if (isSynAck(packet)) return { ...conversation, phase: 'syn-ack' };
  if (isSyn(packet)) return { ...conversation, phase: 'syn' };
  return has(packet, 'F')
    ? { ...conversation, phase: 'half-closed', ways: [way] }
    : { ...conversation, phase: 'open' };
}

function moveOn(conversation: Conversation, packet: TestPacket, way: Way, last: Last): void {
  conversation.last = last;
  const asks = sender(way) === conversation.starter;
  if (packet.protocol === 17) {
    const turn = asks ? 'q' : 'a';
    if (!conversation.turns.endsWith(turn) && conversation.turns.length < 4) conversation.turns += turn;
  }
  if (packet.protocol === 6) moveTcpOn(conversation, packet, way, asks);
}

function moveTcpOn(conversation: Conversation, packet: TestPacket, way: Way, asks: boolean): void {
  const { phase, ways } = conversation;
  if (has(packet, 'R')) {
    conversation.phase = 'closed';
  } else if (has(packet, 'F')) {
    if (!ways.includes(way)) ways.push(way);
    conversation.phase = ways.length === 2 ? 'last-ack' : 'half-closed';
  } else if (phase === 'syn' && !asks && (has(packet, 'A') || has(packet, 'S'))) {
    conversation.phase = 'syn-ack';
  } else if (phase === 'syn-ack' && asks && has(packet, 'A') && !has(packet, 'S')) {
    conversation.phase = 'open';
  } else if (phase === 'last-ack' && ways[1] !== way && has(packet, 'A') && !has(packet, 'S')) {
    conversation.phase = 'closed';
  }
}

function defaultCause(at: NetworkInterface, way: Way): string {
  return `${at.Groups![0].GroupId}/${way}/default`;
}

const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };

function isAllPorts({ FromPort, ToPort }: IpPermission): boolean {
  return FromPort === undefined || (FromPort === 0 && ToPort === 65_535);
}

function fitsRule(rule: IpPermission, packet: TestPacket): boolean {
  if (rule.IpProtocol === '-1') return true;
  const number = protocolNumbers[rule.IpProtocol!] ?? Number(rule.IpProtocol);
  return number === packet.protocol && fitsPorts(packet, rule.FromPort, rule.ToPort);
}

function fitsEntry(entry: NetworkAclEntry, packet: TestPacket, peer: string): boolean {
  if (!isInside((entry.CidrBlock ?? entry.Ipv6CidrBlock)!, peer)) return false;
  if (entry.Protocol === '-1') return true;
  if (Number(entry.Protocol) !== packet.protocol) return false;
  const { PortRange, IcmpTypeCode } = entry;
  return isIcmp(packet)
    ? fitsPorts(packet, IcmpTypeCode?.Type, IcmpTypeCode?.Code)
    : fitsPorts(packet, PortRange?.From, PortRange?.To);
}

/** `from` and `to` are type and code for ICMP; missing ones are all. */
function fitsPorts(packet: TestPacket, from: number | undefined, to: number | undefined): boolean {
  if (from === undefined) return true;
  const { protocol, srcPort = 0, dstPort = 0, type = 0, code = 0 } = packet;
  if (isIcmp(packet)) return (from === -1 || from === type) && (to === -1 || to === code);
  if (protocol !== 6 && protocol !== 17) return true;
  if (from === 0 && to === 65_535) return true;
  const areKnown = srcPort !== 0 || dstPort !== 0;
  return areKnown && dstPort >= from && dstPort <= to!;
}

function ruleName(rule: IpPermission): string {
  const { IpProtocol, FromPort, ToPort } = rule;
  const all = IpProtocol?.startsWith('icmp')
    ? FromPort === undefined || (FromPort === -1 && ToPort === -1)
    : isAllPorts(rule);
  const ports = IpProtocol?.startsWith('icmp')
    ? [FromPort, ToPort === -1 ? '' : `.${ToPort}`].join('')
    : portsText(rule);
  const peer =
    rule.IpRanges?.[0].CidrIp ?? rule.Ipv6Ranges?.[0].CidrIpv6 ?? rule.PrefixListIds?.[0].PrefixListId;
  const protocol = IpProtocol === '-1' ? 'all' : IpProtocol;
  return `${protocol}:${all ? 'all' : ports}:${peer ?? rule.UserIdGroupPairs?.[0].GroupId}`;
}

function portsText({ FromPort, ToPort }: IpPermission): string {
  return FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`;
}
