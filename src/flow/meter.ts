/**
 * Hot: every captured frame passes here once. Frame → packet → owner → verdict → flow row; budget about 200 ns for a
 * packet of a known flow. Nothing allocates on that path; a new flow, a changed verdict and the end of a window may.
 *
 * "Metering process" is IPFIX's word (RFC 7011) for what turns packets at observation points into flow records.
 */
import { decodeFrame } from '../packet/decode-frame.ts';
import { type DecodeOutcome, decodeOutcome } from '../packet/decode-outcome.ts';
import { FragmentCache } from '../packet/fragment-cache.ts';
import { type FrameBatch, packetType } from '../packet/frame-batch.ts';
import { copyAddresses, fragment, ipProtocol, PacketView, tcpFlag } from '../packet/packet-view.ts';
import { type Direction, direction } from '../policy/answer.ts';
import type { VerdictEngine } from '../policy/verdict-engine.ts';
import { type CaptureSums, sumIndex } from './capture-sums.ts';
import { type CapturedWindow, CapturedWindows } from './captured-windows.ts';
import { ConversationCache, cached } from './conversation-cache.ts';
import {
  type FlowRows,
  float64,
  outcomeBits,
  packKind,
  packOutcome,
  rowFloat64s,
  rowWords,
  word,
} from './flow-row.ts';
import { FlowTable } from './flow-table.ts';
import { type Owners, stranger } from './owners.ts';
import { isNeighbourDiscovery, type Unlogged } from './unlogged.ts';
import { WindowClock } from './window-clock.ts';

/** Takes what the meter gives away. Called between packets, from inside `observe…` and `close…`. */
export interface FlowSink {
  /** Rows that left the table: of windows that are over, or of flows closed early because the table was full. */
  flows(rows: FlowRows): void;
  /** A flow was opened at this interface, by a packet of this source. */
  opened(index: number, source: number): void;
  /**
   * Every window before `before` is over; `windows` are those of them in which a frame was captured, in order, each
   * told once. Comes after their flows.
   */
  windowsOver(windows: readonly CapturedWindow[], before: number): void;
}

export interface MeterOptions {
  readonly maxFlows: number;
  readonly windowSeconds: number;
  /** Live: windows end only by `closeBefore`, so that devices read in turn share them. Else packet time ends them. */
  readonly windowsEndByWallClock: boolean;
  /** Also record what AWS never logs, except neighbour discovery. */
  readonly includesExcluded: boolean;
  readonly verdicts: VerdictEngine;
  readonly sums: CaptureSums;
  readonly sink: FlowSink;
}

/** A device that is a network interface of this host. */
export interface HostPoint {
  /** Number of its network interface. */
  readonly index: number;
  /** VLANs whose frames the device also shows but which belong to a sub-interface of this host. */
  readonly vlanIds: ReadonlySet<number>;
}

const observed = { unlogged: 0, rejected: 1, accepted: 2 } as const;
type Observed = (typeof observed)[keyof typeof observed];
/** A first packet and the two that show that its time was wrong. */
const firstFrames = 3;
const statefulFlags = tcpFlag.fin | tcpFlag.syn | tcpFlag.rst;

export class Meter {
  readonly clock: WindowClock;
  readonly #table: FlowTable;
  readonly #verdicts: VerdictEngine;
  readonly #counts: Float64Array;
  readonly #sink: FlowSink;
  readonly #includesExcluded: boolean;
  readonly #windowsEndByWallClock: boolean;
  readonly #packet = new PacketView();
  readonly #fragments = new FragmentCache();
  readonly #conversations = new ConversationCache(() => this.#owners?.usesMacs ?? false);
  /** Of the last observation; -1 when it was not logged. */
  #slot = -1;
  readonly #captured = new CapturedWindows();
  #source = 0;
  /** The counter for why the last packet is not logged. */
  #unloggedReason = -1;
  #window = 0;
  #unlogged: Unlogged | undefined;
  #owners: Owners | undefined;

  constructor(options: MeterOptions) {
    this.clock = new WindowClock(options.windowSeconds);
    this.#table = new FlowTable(options.maxFlows);
    this.#verdicts = options.verdicts;
    this.#counts = options.sums.values;
    this.#sink = options.sink;
    this.#includesExcluded = options.includesExcluded;
    this.#windowsEndByWallClock = options.windowsEndByWallClock;
  }

  /** What is never logged, and who owns an address on the wire; again whenever the network was described anew. */
  describe(unlogged: Unlogged, owners: Owners): void {
    this.#unlogged = unlogged;
    this.#owners = owners;
    this.#conversations.clear();
  }

  /** Host vantage: frames `from` to `to` - 1 as seen on a device that is an interface of this host. */
  observeHost(batch: FrameBatch, from: number, to: number, point: HostPoint): void {
    const counts = this.#counts;
    this.#source = 0;
    for (let i = from; i < to; i++) {
      const type = batch.packetType[i];
      const outcome = this.#decode(batch, i);
      if (type === packetType.otherHost) {
        counts[sumIndex.noInterface['other-host']]++;
      } else if (outcome !== decodeOutcome.ip) {
        counts[sumIndex.decode + outcome]++;
      } else if (point.vlanIds.size > 0 && point.vlanIds.has(this.#vlan(batch, i))) {
        counts[sumIndex.noInterface['vlan-sub-interface']]++;
      } else if (isNeighbourDiscovery(this.#packet)) {
        counts[sumIndex.excluded['neighbour-discovery']]++;
      } else {
        const flowDirection = type === packetType.outgoing ? direction.egress : direction.ingress;
        if (this.#observe(point.index, flowDirection, -1) !== observed.unlogged) counts[sumIndex.observed]++;
        else this.#countUnlogged();
      }
    }
  }

  /**
   * Wire vantage: egress at the owner of the source, then, if that let it out, ingress at the owner of the destination.
   * `source` is the number of the file or device that the frames come from.
   */
  observeWire(batch: FrameBatch, from: number, to: number, source = 0): void {
    const counts = this.#counts;
    this.#source = source;
    const packet = this.#packet;
    for (let i = from; i < to; i++) {
      const outcome = this.#decode(batch, i);
      if (outcome !== decodeOutcome.ip) counts[sumIndex.decode + outcome]++;
      else if (isNeighbourDiscovery(packet)) counts[sumIndex.excluded['neighbour-discovery']]++;
      else this.#observeConversation();
    }
  }

  #observeConversation(): void {
    const counts = this.#counts;
    const { words } = this.#conversations;
    const at = this.#findConversation();
    const source = words[at + cached.source];
    const destination = words[at + cached.destination];
    if (source < 0 && destination < 0) {
      const tooMany = source === stranger.tooMany || destination === stranger.tooMany;
      counts[
        tooMany ? sumIndex.noInterface['too-many-interfaces'] : sumIndex.noInterface['unknown-address']
      ]++;
      return;
    }
    let left: Observed | -1 = -1;
    if (source >= 0) {
      left = this.#observe(source, direction.egress, words[at + cached.egressSlot]);
      words[at + cached.egressSlot] = this.#slot;
    }
    let arrived: Observed | -1 = -1;
    if (left !== observed.rejected && destination >= 0 && destination !== source) {
      // Making room in the table may just have moved the rows.
      const known = this.#conversations.isKnown(at) ? words[at + cached.ingressSlot] : -1;
      arrived = this.#observe(destination, direction.ingress, known);
      words[at + cached.ingressSlot] = this.#slot;
    }
    if (left > observed.unlogged || arrived > observed.unlogged) counts[sumIndex.observed]++;
    else this.#countUnlogged();
  }

  /** Whose packet it is and to which rows it belongs, as far as that is known. */
  #findConversation(): number {
    const packet = this.#packet;
    const conversations = this.#conversations;
    const kind = packKind(
      packet.protocol,
      packet.family,
      direction.ingress,
      packet.icmpType,
      packet.icmpCode,
    );
    const at = conversations.find(packet, kind, this.#window);
    if (conversations.isKnown(at)) return at;
    const owners = this.#owners as Owners;
    const { words } = conversations;
    words[at + cached.source] = owners.ofSource(packet);
    words[at + cached.destination] = owners.ofDestination(packet);
    words[at + cached.egressSlot] = -1;
    words[at + cached.ingressSlot] = -1;
    conversations.keep(at);
    return at;
  }

  /** Ends every window before `window`, as a clock on the wall does. */
  closeBefore(window: number): void {
    if (window > this.clock.current) this.#moveTo(window);
    // The clock on the wall was set back. The window before may still be asked for at its end.
    else if (window < this.clock.current - 1) {
      this.closeAll();
      this.clock.restartAt(window);
    }
  }

  /** The end of the capture: all that is left goes out. */
  closeAll(): void {
    if (this.#table.count > 0) this.#sink.flows(this.#table.takeAll());
    this.#conversations.clear();
    const atEnd = Number.POSITIVE_INFINITY;
    this.#sink.windowsOver(this.#captured.takeBefore(atEnd), atEnd);
  }

  #decode(batch: FrameBatch, i: number): DecodeOutcome {
    const packet = this.#packet;
    const timeMs = batch.timeMs[i];
    packet.timeMs = timeMs;
    this.#counts[sumIndex.frames]++;
    if (this.clock.holds(timeMs)) {
      this.#window = this.clock.current;
      this.clock.stay();
      if (this.#window < this.clock.closedBefore) this.#counts[sumIndex.latePackets]++;
    } else this.#leaveWindow(timeMs);
    this.#captured.note(this.#window, this.#source, this.clock.closedBefore);
    const outcome = decodeFrame(
      packet,
      batch.bytes,
      batch.offset[i],
      batch.capturedLength[i],
      batch.originalLength[i],
      batch.linkType[i],
      batch.segmentBytes[i],
    );
    if (outcome === decodeOutcome.ip && packet.fragment !== fragment.none) this.#fragments.resolve(packet);
    return outcome;
  }

  #vlan(batch: FrameBatch, i: number): number {
    return batch.strippedVlan[i] >= 0 ? batch.strippedVlan[i] : this.#packet.vlan;
  }

  /**
   * One observation: of the packet in the view, at one network interface, in one direction. `known` is the slot of its
   * flow, or -1 when it must be looked up; afterwards `#slot` is.
   */
  #observe(index: number, flowDirection: Direction, known: number): Observed {
    let slot = known;
    if (slot < 0 || !this.#stands(slot, flowDirection)) {
      this.#fillKey(index, flowDirection);
      slot = this.#table.find();
      if (slot < 0) slot = this.#openFlow(index, flowDirection);
      else if (known >= 0 || !this.#stands(slot, flowDirection))
        slot = this.#judgeAgain(slot, index, flowDirection);
    }
    this.#slot = slot;
    return slot < 0 ? observed.unlogged : this.#count(slot, flowDirection);
  }

  /** Whether the verdict of the flow holds for this packet too; then its connection has been moved on. */
  #stands(slot: number, flowDirection: Direction): boolean {
    const packet = this.#packet;
    const verdicts = this.#verdicts;
    const { words } = this.#table;
    const row = slot * rowWords;
    const connection = words[row + word.connection];
    return (
      connection >= 0 &&
      words[row + word.generation] === verdicts.generation &&
      (packet.protocol !== ipProtocol.tcp || (packet.tcpFlags & statefulFlags) === 0) &&
      verdicts.confirm(connection, words[row + word.connectionSerial], flowDirection, packet.timeMs)
    );
  }

  /** A flow that is not in the table: its slot, or -1 when AWS never logs it. */
  #openFlow(index: number, flowDirection: Direction): number {
    const packet = this.#packet;
    if (!this.#includesExcluded) {
      this.#unloggedReason = (this.#unlogged as Unlogged).reason(packet, index, flowDirection);
      if (this.#unloggedReason >= 0) return -1;
    }
    this.#verdicts.judge(packet, index, flowDirection);
    if (this.#table.isFull) {
      this.#closeIdle();
      // The look-up's place is gone with the rows that moved.
      this.#table.find();
    }
    this.#sink.opened(index, this.#source);
    return this.#insert();
  }

  #countUnlogged(): void {
    this.#counts[this.#unloggedReason]++;
  }

  #fillKey(index: number, flowDirection: Direction): void {
    const packet = this.#packet;
    const { key } = this.#table;
    copyAddresses(packet, key);
    key[8] = (packet.srcPort << 16) | packet.dstPort;
    key[9] = index;
    key[10] = packKind(packet.protocol, packet.family, flowDirection, packet.icmpType, packet.icmpCode);
    key[11] = this.#window;
  }

  /** The rules are asked again for a flow in the table; a changed answer starts or resumes another row. */
  #judgeAgain(current: number, index: number, flowDirection: Direction): number {
    const { words } = this.#table;
    const verdicts = this.#verdicts;
    verdicts.judge(this.#packet, index, flowDirection);
    const row = current * rowWords;
    const outcome = packOutcome(verdicts.accepted, verdicts.initiator);
    let slot = current;
    if (
      words[row + word.cause] !== verdicts.cause ||
      ((words[row + word.outcome] ^ outcome) & ~outcomeBits.flags) !== 0
    ) {
      slot = this.#table.switchTo(verdicts.cause, outcome);
      if (slot < 0) {
        if (this.#table.isFull) {
          this.#closeIdle();
          slot = this.#table.findSame(verdicts.cause, outcome);
        }
        if (slot < 0) return this.#insert();
      }
    }
    this.#remember(slot * rowWords);
    return slot;
  }

  #insert(): number {
    const verdicts = this.#verdicts;
    const slot = this.#table.insert();
    const row = slot * rowWords;
    const { words, floats } = this.#table;
    words[row + word.cause] = verdicts.cause;
    words[row + word.outcome] = packOutcome(verdicts.accepted, verdicts.initiator);
    floats[slot * rowFloat64s + float64.firstMs] = this.#packet.timeMs;
    floats[slot * rowFloat64s + float64.lastMs] = this.#packet.timeMs;
    this.#remember(row);
    this.#counts[sumIndex.flows]++;
    return slot;
  }

  #remember(row: number): void {
    const { words } = this.#table;
    const verdicts = this.#verdicts;
    words[row + word.connection] = verdicts.connection;
    words[row + word.connectionSerial] = verdicts.connectionSerial;
    words[row + word.generation] = verdicts.generation;
  }

  #count(slot: number, flowDirection: Direction): Observed {
    const packet = this.#packet;
    const counts = this.#counts;
    const { words, floats } = this.#table;
    const base = slot * rowFloat64s;
    const { timeMs, packets } = packet;
    floats[base + float64.packets] += packets;
    floats[base + float64.bytes] += packet.bytes;
    if (timeMs > floats[base + float64.lastMs]) floats[base + float64.lastMs] = timeMs;
    else if (timeMs < floats[base + float64.firstMs]) floats[base + float64.firstMs] = timeMs;
    const outcome = words[slot * rowWords + word.outcome];
    if (packet.tcpFlags !== 0) words[slot * rowWords + word.outcome] = outcome | loggedFlags(packet.tcpFlags);
    counts[flowDirection === direction.egress ? sumIndex.egressPackets : sumIndex.ingressPackets] += packets;
    if ((outcome & outcomeBits.accepted) !== 0) {
      counts[sumIndex.acceptedPackets] += packets;
      return observed.accepted;
    }
    counts[sumIndex.rejectedPackets] += packets;
    return observed.rejected;
  }

  #leaveWindow(timeMs: number): void {
    const window = this.clock.windowOf(timeMs);
    this.#packet.timeMs = this.clock.nearestTime(timeMs);
    if (!this.#windowsEndByWallClock && this.clock.shouldMoveTo(window)) this.#moveTo(window);
    this.#window = window;
    if (window < this.clock.closedBefore) this.#counts[sumIndex.latePackets]++;
  }

  #moveTo(window: number): void {
    const { clock } = this;
    const isProgress = clock.current >= 0 && window > clock.current && window > clock.closedBefore;
    if (clock.current >= 0 && !this.#windowsEndByWallClock && this.#counts[sumIndex.frames] <= firstFrames) {
      // The first packet's time was wrong: the capture begins here.
      this.#verdicts.startCapture(this.#packet.timeMs);
    }
    clock.moveTo(window);
    // Where late packets led the clock back and forth, their rows wait for the next window that is new.
    if (!isProgress) return;
    const rows = this.#table.takeBefore(window);
    this.#conversations.clear();
    if (rows.count > 0) this.#sink.flows(rows);
    this.#sink.windowsOver(this.#captured.takeBefore(window), window);
    clock.closedBefore = window;
  }

  /** Room for new flows: those idle longest leave early, as ordinary records. */
  #closeIdle(): void {
    const rows = this.#table.takeIdle();
    this.#conversations.clear();
    this.#counts[sumIndex.earlyClosedFlows] += rows.count;
    this.#sink.flows(rows);
  }
}

/** FIN, SYN and RST as they are; ACK only as SYN-ACK, which counts as 18 (VPC User Guide, `tcp-flags`). */
function loggedFlags(tcpFlags: number): number {
  const synAck = tcpFlag.syn | tcpFlag.ack;
  return (tcpFlags & statefulFlags) | ((tcpFlags & synAck) === synAck ? synAck : 0);
}
