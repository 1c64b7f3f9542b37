/**
 * Hot: `confirm` is called for nearly every packet (budget 15 ns), `judge` for the first of a flow, for SYN, FIN and
 * RST, and for what no entry answers for (budget 300 ns with a handful of rules). Neither allocates nor throws.
 *
 * The verdict is that of the security groups and of the network ACL together. Only a packet that both let through
 * begins a connection or moves one on; a refused one leaves a mark, so that nothing that answers it begins one.
 */
import { ipProtocol, type PacketView, tcpFlag } from '../packet/packet-view.ts';
import type { InterfaceRegistry } from '../vpc/interface-registry.ts';
import type { Network } from '../vpc/network.ts';
import { type Direction, direction, type Initiator, initiator } from './answer.ts';
import { CauseList, noCause } from './cause-list.ts';
import { CompiledNetwork, type InterfacePolicy } from './compile.ts';
import {
  type ConnectionState,
  connectionState,
  firstState,
  isHalfOpen,
  nextState,
  opposite,
  receiverOf,
  senderOf,
} from './connection-state.ts';
import { type ConnectionCounters, ConnectionTable } from './connection-table.ts';
import { ConversationKey } from './conversation-key.ts';
import type { PeerFinder } from './peer-finder.ts';
import { RuleAsker } from './rule-asker.ts';
import { classify, isSynAck, type TrafficClass, trafficClass } from './traffic-class.ts';

/** How long after the start of capture, or after a loss, connections that began unseen are taken up. */
const pickUpMs = 120_000;
const none = -1;

export class VerdictEngine {
  /** Decided-by texts by cause number; only grows. */
  readonly causes: readonly string[];
  readonly counters: ConnectionCounters;
  /** Changes when an answer given before may no longer be the rules' answer. */
  generation = 0;

  /** The answer of `judge`. */
  accepted = false;
  cause = noCause;
  /** The entry that answers for further packets of the flow, or -1: then each is to be judged. */
  connection = none;
  connectionSerial = 0;
  initiator: Initiator = initiator.unknown;

  readonly #causes = new CauseList();
  readonly #table: ConnectionTable;
  readonly #rules = new RuleAsker();
  readonly #key = new ConversationKey();
  #registry: InterfaceRegistry | undefined;
  #network: CompiledNetwork | undefined;
  #pickUpFromMs = Number.NEGATIVE_INFINITY;

  /** The packet that is judged. */
  #packet!: PacketView;
  #index = 0;
  #way: Direction = direction.ingress;
  #class: TrafficClass = trafficClass.opener;

  /** An entry costs 96 bytes once used; refused conversations take entries, too. At most 2^26. */
  constructor({ maxConnections }: { maxConnections: number }) {
    this.#table = new ConnectionTable(maxConnections);
    this.counters = this.#table.counters;
    this.causes = this.#causes.texts;
  }

  /**
   * Compiles the rules for all registered interfaces; tracked connections live on. Throws a `ConfigError` that names
   * every rule it cannot understand, and then the former rules stay.
   */
  load(network: Network, registry: InterfaceRegistry, peers: PeerFinder): void {
    const compiled = new CompiledNetwork(network, this.#causes);
    const policies: InterfacePolicy[] = [];
    for (let index = 0; index < registry.size; index++) policies.push(compiled.policyOf(registry.get(index)));
    this.#network = compiled;
    this.#registry = registry;
    this.#rules.load(policies, peers);
    this.generation++;
  }

  /** Takes in an interface that was registered after `load`. A new member of a group that rules name changes verdicts. */
  join(index: number): void {
    if (!this.#network || !this.#registry) return;
    const networkInterface = this.#registry.get(index);
    this.#rules.join(index, this.#network.policyOf(networkInterface));
    if (this.#network.isReferredTo(networkInterface)) this.generation++;
  }

  /** Connections may have begun before: for 120 s they are taken up in the middle. */
  startCapture(timeMs: number): void {
    this.#pickUpFromMs = timeMs;
  }

  /** Packets were lost, perhaps the beginnings of connections: the pick-up period begins again. */
  noteLoss(timeMs: number): void {
    this.#pickUpFromMs = timeMs;
  }

  /**
   * For each further packet of a flow whose last answer named this connection, when the packet has none of SYN, FIN and
   * RST and the generation is the same. True: the answer stands, and the connection has been kept alive.
   */
  confirm(connection: number, serial: number, way: Direction, timeMs: number): boolean {
    return this.#table.confirm(connection, serial, way, timeMs);
  }

  /** Fills the answer fields; `index` is an interface that `load` or `join` has seen. */
  judge(packet: PacketView, index: number, way: Direction): void {
    this.#packet = packet;
    this.#index = index;
    this.#way = way;
    this.#class = classify(packet.protocol, packet.tcpFlags, packet.icmpType);
    this.#rules.describe(packet, index, way);
    this.initiator = initiator.unknown;
    this.connection = none;
    this.connectionSerial = 0;
    if (this.#class === trafficClass.icmpError) this.#judgeIcmpError();
    else if (this.#class === trafficClass.icmpOther) this.#judgeByRules();
    else this.#judgeConversation();
  }

  #judgeConversation(): void {
    this.#key.ofPacket(this.#packet, this.#index, this.#way);
    const entry = this.#table.find(this.#key);
    if (entry < 0 || !this.#table.isLive(entry, this.#packet.timeMs)) {
      this.#judgeUnknown(entry);
      return;
    }
    const state = this.#table.state(entry);
    this.initiator = this.#table.initiator(entry);
    if (state === connectionState.refused) this.#judgeAfterRefusal(entry);
    else if (state === connectionState.closed) this.#judgeAfterClose(entry);
    else if (this.#isNewAttempt(state)) this.#judgeNewAttempt(entry);
    else if (this.#table.isUntracked(entry)) this.#judgeUntracked(entry, state);
    else if (this.#conclude(true, this.#table.cause(entry))) this.#moveOn(entry, state);
  }

  /** A SYN on a half-open connection is a retransmission, or a simultaneous open: it belongs to it. */
  #isNewAttempt(state: ConnectionState): boolean {
    return (
      this.#packet.protocol === ipProtocol.tcp && this.#class === trafficClass.opener && !isHalfOpen(state)
    );
  }

  /** An opening SYN on an established connection: if it is let through a new one begins, else the old one stays. */
  #judgeNewAttempt(entry: number): void {
    this.initiator = senderOf(this.#way);
    if (this.#judgeByRules()) this.#begin(entry, senderOf(this.#way), this.#rules.isUntracked);
  }

  /** The rules are asked for every packet. If they would now track what its initiator sends, it becomes tracked. */
  #judgeUntracked(entry: number, state: ConnectionState): void {
    if (!this.#judgeByRules()) return;
    const isBegunAnew = this.#class === trafficClass.opener && this.initiator === senderOf(this.#way);
    if (isBegunAnew && !this.#rules.isUntracked) this.#begin(entry, this.initiator, false);
    else this.#moveOn(entry, state);
  }

  /** Only an opener begins another connection; the rest is let through where the rules of its direction allow it. */
  #judgeAfterClose(entry: number): void {
    if (this.#class === trafficClass.opener) this.#judgeOpener(entry);
    else this.#judgeByRules();
  }

  #judgeAfterRefusal(entry: number): void {
    const isOpeningSyn = this.#packet.protocol === ipProtocol.tcp && this.#class === trafficClass.opener;
    const isAnswer = this.#way !== this.#table.refusedDirection(entry);
    if (isOpeningSyn || (!isAnswer && this.#class === trafficClass.opener)) this.#judgeOpener(entry);
    else if (isAnswer) this.#judgeAnswerToRefused(entry);
    else this.#judgeTcpAfterRefusal(entry);
  }

  /** What answers a refused packet may pass by the rules of its own direction, but begins nothing; TCP does not pass. */
  #judgeAnswerToRefused(entry: number): void {
    if (this.#class === trafficClass.tcpOther) this.#judgeByDefault();
    else this.#judgeByRules();
    this.#keepMark(entry);
  }

  /** More from the side that was refused, which never got to open a connection. */
  #judgeTcpAfterRefusal(entry: number): void {
    if (!this.#judgeByRules()) {
      this.#keepMark(entry);
    } else if (this.#rules.isUntracked) {
      this.initiator = this.#tcpInitiator();
      this.#begin(entry, this.initiator, true);
    } else {
      this.#judgeByDefault();
      this.#keepMark(entry);
    }
  }

  /** No entry (`entry` is -1), or one whose timeout has passed. */
  #judgeUnknown(entry: number): void {
    if (this.#class === trafficClass.opener) this.#judgeOpener(entry);
    else if (this.#class === trafficClass.icmpReply) this.#judgeByRules();
    else this.#judgeTcpWithoutBeginning(entry);
  }

  #judgeOpener(entry: number): void {
    this.initiator = senderOf(this.#way);
    if (this.#judgeByRules()) this.#begin(entry, this.initiator, this.#rules.isUntracked);
    else this.#markRefused(entry, this.initiator);
  }

  #judgeTcpWithoutBeginning(entry: number): void {
    const allowed = this.#rules.groupsAllow();
    if (allowed && this.#rules.isUntracked) {
      if (!this.#conclude(true, this.#rules.groupCause)) return;
      this.initiator = this.#tcpInitiator();
      this.#begin(entry, this.initiator, true);
    } else if (Math.abs(this.#packet.timeMs - this.#pickUpFromMs) <= pickUpMs) {
      this.#pickUp(entry, allowed);
    } else {
      this.#judgeByDefault();
    }
  }

  /**
   * A connection that began unseen is let through if either direction's rules would have let it begin. If it is not,
   * the cause is what the mark will go on to give: the packet's own rules, so that the flow stays one.
   */
  #pickUp(entry: number, ownWayAllows: boolean): void {
    const mayBeOwn = ownWayAllows && !isSynAck(this.#packet.tcpFlags);
    const allowed = mayBeOwn || this.#rules.otherWayAllows();
    if (allowed && this.#conclude(true, this.#rules.groupCause)) {
      this.initiator = this.#tcpInitiator();
      this.#begin(entry, this.initiator, false);
    } else {
      this.#markRefused(entry, initiator.unknown);
      this.#judgeTcpAfterRefusal(this.connection);
    }
  }

  /** A SYN-ACK tells who asked; anything later does not. */
  #tcpInitiator(): Initiator {
    return isSynAck(this.#packet.tcpFlags) ? receiverOf(this.#way) : initiator.unknown;
  }

  /** An error about a connection that was let through passes the groups with it, and does not move it on. */
  #judgeIcmpError(): void {
    if (this.#packet.quotedFamily === 0) {
      this.#judgeByRules();
      return;
    }
    this.#key.ofQuoted(this.#packet, this.#index, opposite(this.#way));
    const entry = this.#table.find(this.#key);
    if (entry < 0 || !this.#passesErrors(entry)) {
      this.#judgeByRules();
      return;
    }
    this.initiator = this.#table.initiator(entry);
    this.#conclude(true, this.#table.isUntracked(entry) ? this.#rules.groupCause : this.#table.cause(entry));
  }

  /** Of an untracked conversation the rules are asked, as for any packet of it. */
  #passesErrors(entry: number): boolean {
    const state = this.#table.state(entry);
    if (state === connectionState.refused || state === connectionState.closed) return false;
    if (!this.#table.isLive(entry, this.#packet.timeMs)) return false;
    return !this.#table.isUntracked(entry) || this.#rules.quotedAllows();
  }

  #judgeByRules(): boolean {
    const allowed = this.#rules.groupsAllow();
    return this.#conclude(allowed, this.#rules.groupCause);
  }

  #judgeByDefault(): void {
    this.#rules.refuseByDefault();
    this.#conclude(false, this.#rules.groupCause);
  }

  /** Egress asks groups then ACL, ingress ACL then groups: the first refusal is the cause. */
  #conclude(groupsAllow: boolean, groupCause: number): boolean {
    const isGroupFirst = this.#way === direction.egress;
    const aclRefuses = (groupsAllow || !isGroupFirst) && !this.#rules.aclAllows();
    this.accepted = groupsAllow && !aclRefuses;
    this.cause = aclRefuses ? this.#rules.aclCause : groupCause;
    return this.accepted;
  }

  /** Begins a connection with this packet, in the entry if there is one. A RST begins none. */
  #begin(entry: number, who: Initiator, isUntracked: boolean): void {
    const { protocol, tcpFlags } = this.#packet;
    if (protocol === ipProtocol.tcp && (tcpFlags & tcpFlag.rst) !== 0) return;
    const state = firstState(protocol, tcpFlags, this.#way);
    this.#enter(entry, state, who, this.cause, isUntracked);
  }

  #markRefused(entry: number, who: Initiator): void {
    if (entry >= 0 && this.#isSameMark(entry, who)) this.#keepMark(entry);
    else this.#enter(entry, connectionState.refused, who, noCause, false);
  }

  /** A mark that says the same keeps its serial number, so that flows go on trusting it. */
  #isSameMark(entry: number, who: Initiator): boolean {
    const table = this.#table;
    return (
      table.state(entry) === connectionState.refused &&
      table.initiator(entry) === who &&
      table.refusedDirection(entry) === this.#way
    );
  }

  #keepMark(entry: number): void {
    this.#answerWith(entry, connectionState.refused);
  }

  #moveOn(entry: number, state: ConnectionState): void {
    const { protocol, tcpFlags } = this.#packet;
    const next = nextState(state, protocol, tcpFlags, this.#way, this.initiator);
    if (next !== state) this.#table.setState(entry, next);
    this.#answerWith(entry, next);
  }

  #enter(entry: number, state: ConnectionState, who: Initiator, cause: number, untracked: boolean): void {
    const place = entry >= 0 ? entry : this.#table.create(this.#key, this.#packet.timeMs);
    this.#table.begin(place, state, who, cause, untracked, this.#way);
    this.#answerWith(place, state);
  }

  #answerWith(entry: number, state: ConnectionState): void {
    this.#table.touch(entry, this.#packet.timeMs, this.#rules.timeoutMs(state));
    this.connection = entry;
    this.connectionSerial = this.#table.serial(entry);
  }
}
