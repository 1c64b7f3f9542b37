/** Hot: asks the rules of an interface about one packet after another. Nothing here allocates or throws. */
import { prefixContains } from '../ip/index.ts';
import { ipProtocol, type PacketView } from '../packet/packet-view.ts';
import { type Direction, direction } from './answer.ts';
import { noCause } from './cause-list.ts';
import type { InterfacePolicy } from './compile.ts';
import { type ConnectionState, opposite } from './connection-state.ts';
import { openBit } from './group-rules.ts';
import type { PeerFinder } from './peer-finder.ts';
import {
  findRule,
  noGroups,
  RuleSubject,
  ruleAllows,
  ruleCause,
  ruleIsAboutWholeWorld,
} from './rule-table.ts';

export class RuleAsker {
  /** Answers of the group question that was asked last: the rule, or the default of that direction … */
  groupCause = noCause;
  /** … and whether AWS does not track what that rule allows. */
  isUntracked = false;
  /** Answer of `aclAllows`. */
  aclCause = noCause;

  readonly #subject = new RuleSubject();
  #policies: InterfacePolicy[] = [];
  #peers: PeerFinder = { findPeer: () => -1 };
  #policy!: InterfacePolicy;
  #packet!: PacketView;
  #index = 0;
  #way: Direction = direction.ingress;

  /** `policies` by interface number. */
  load(policies: InterfacePolicy[], peers: PeerFinder): void {
    this.#policies = policies;
    this.#peers = peers;
  }

  join(index: number, policy: InterfacePolicy): void {
    this.#policies[index] = policy;
  }

  /** The questions that follow are about this packet. */
  describe(packet: PacketView, index: number, way: Direction): void {
    const subject = this.#subject;
    this.#packet = packet;
    this.#index = index;
    this.#way = way;
    this.#policy = this.#policies[index];
    subject.family = packet.family;
    subject.protocol = packet.protocol;
    subject.port = packet.dstPort;
    subject.portsKnown = (packet.srcPort | packet.dstPort) !== 0;
    subject.icmpType = packet.icmpType;
    subject.icmpCode = packet.icmpCode;
    if (way === direction.egress) this.#setPeer(packet.dst0, packet.dst1, packet.dst2, packet.dst3);
    else this.#setPeer(packet.src0, packet.src1, packet.src2, packet.src3);
  }

  /** Whether a rule of the packet's own direction lets it through. */
  groupsAllow(): boolean {
    return this.#ask(this.#way);
  }

  /** Whether the rules of the other direction would let through the packet that this one may answer. */
  otherWayAllows(): boolean {
    this.#subject.port = this.#packet.srcPort;
    const allowed = this.#ask(opposite(this.#way));
    this.#subject.port = this.#packet.dstPort;
    return allowed;
  }

  /** Whether the rules let through the packet that this ICMP error quotes, in the other direction. */
  quotedAllows(): boolean {
    const packet = this.#packet;
    const subject = this.#subject;
    const way = opposite(this.#way);
    subject.family = packet.quotedFamily;
    subject.protocol = packet.quotedProtocol;
    subject.port = packet.quotedDstPort;
    subject.portsKnown = (packet.quotedSrcPort | packet.quotedDstPort) !== 0;
    if (way === direction.egress) {
      this.#setPeer(packet.quotedDst0, packet.quotedDst1, packet.quotedDst2, packet.quotedDst3);
    } else {
      this.#setPeer(packet.quotedSrc0, packet.quotedSrc1, packet.quotedSrc2, packet.quotedSrc3);
    }
    const allowed = this.#ask(way);
    this.describe(packet, this.#index, this.#way);
    return allowed;
  }

  /** Makes `groupCause` the default of the packet's direction, without asking. */
  refuseByDefault(): void {
    this.groupCause = this.#policy.groupDefaults[this.#way];
    this.isUntracked = false;
  }

  /** Whether the network ACL lets the packet through, or is not asked because the peer is in the same subnet. */
  aclAllows(): boolean {
    const acl = this.#policy.acl;
    this.aclCause = noCause;
    if (acl === undefined || this.#peerIsInOwnSubnet()) return true;
    const table = acl.tables[this.#way];
    const row = findRule(table, this.#subject);
    this.aclCause = row < 0 ? acl.defaults[this.#way] : ruleCause(table, row);
    return row >= 0 && ruleAllows(table, row);
  }

  timeoutMs(state: ConnectionState): number {
    return this.#policy.timeoutsMs[state];
  }

  #ask(way: Direction): boolean {
    const tables = this.#policy.groupTables[way];
    for (let i = 0; i < tables.length; i++) {
      const row = findRule(tables[i], this.#subject);
      if (row < 0) continue;
      this.groupCause = ruleCause(tables[i], row);
      this.isUntracked = ruleIsAboutWholeWorld(tables[i], row) && this.#isOpen(opposite(way));
      return true;
    }
    this.groupCause = this.#policy.groupDefaults[way];
    this.isUntracked = false;
    return false;
  }

  /** Whether a rule allows the packet's protocol on all ports from or to the whole world; TCP and UDP only. */
  #isOpen(way: Direction): boolean {
    const { protocol, family } = this.#subject;
    if (protocol !== ipProtocol.tcp && protocol !== ipProtocol.udp) return false;
    return (this.#policy.open & openBit(way, family, protocol)) !== 0;
  }

  #setPeer(w0: number, w1: number, w2: number, w3: number): void {
    const subject = this.#subject;
    subject.peer0 = w0;
    subject.peer1 = w1;
    subject.peer2 = w2;
    subject.peer3 = w3;
    subject.peerGroups = noGroups;
    if (!this.#policy.refersToGroups) return;
    const owner = this.#peers.findPeer(this.#index, subject.family, w0, w1, w2, w3);
    // An owner that has not joined yet is in no group.
    if (owner >= 0 && owner < this.#policies.length)
      subject.peerGroups = this.#policies[owner]?.memberOf ?? noGroups;
  }

  #peerIsInOwnSubnet(): boolean {
    const { family, peer0, peer1, peer2, peer3 } = this.#subject;
    const blocks = this.#policy.ownSubnet;
    for (let i = 0; i < blocks.length; i++) {
      if (prefixContains(blocks[i], family, peer0, peer1, peer2, peer3)) return true;
    }
    return false;
  }
}
