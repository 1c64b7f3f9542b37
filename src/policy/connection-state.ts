/** Hot, but for `connectionTimeoutsMs`: the states of a tracked connection and what packets do to them. */
import type { ConnectionTrackingConfiguration } from '@aws-sdk/client-ec2';
import { ipProtocol, tcpFlag } from '../packet/packet-view.ts';
import { type Direction, direction, type Initiator, initiator } from './answer.ts';
import { isOpeningSyn } from './traffic-class.ts';

export const connectionState = {
  /** UDP: only the initiator has sent. */
  udpRequest: 0,
  /** UDP: answered once. */
  udpReplied: 1,
  /** UDP: the initiator has sent again after an answer. */
  udpSecondRequest: 2,
  /** UDP: that was answered, too. */
  udpStream: 3,
  /** ICMP queries and every other protocol. */
  other: 4,
  synSent: 5,
  synReceived: 6,
  established: 7,
  /** A FIN came in (out); the other side may still send. */
  finIngress: 8,
  finEgress: 9,
  /** Both have sent FIN, and the last came in (went out): its ACK closes. */
  lastFinIngress: 10,
  lastFinEgress: 11,
  /** Kept for a while, so that what comes after the close is known as such. */
  closed: 12,
  /** No connection: a packet of this conversation was refused. */
  refused: 13,
} as const;
export type ConnectionState = (typeof connectionState)[keyof typeof connectionState];
const stateCount = 14;

export const initiatorDirection = (who: Initiator): Direction =>
  who === initiator.local ? direction.egress : direction.ingress;
export const senderOf = (way: Direction): Initiator =>
  way === direction.egress ? initiator.local : initiator.peer;
export const receiverOf = (way: Direction): Initiator =>
  way === direction.egress ? initiator.peer : initiator.local;
export const opposite = (way: Direction): Direction =>
  way === direction.egress ? direction.ingress : direction.egress;
export const directionBit = (way: Direction): number => 1 << way;
const bothDirections = 3;

/** The state that the first packet of a connection puts it in. `flags` is for TCP. */
export function firstState(protocol: number, flags: number, way: Direction): ConnectionState {
  if (protocol === ipProtocol.udp) return connectionState.udpRequest;
  if (protocol !== ipProtocol.tcp) return connectionState.other;
  if ((flags & tcpFlag.rst) !== 0) return connectionState.closed;
  if ((flags & tcpFlag.syn) !== 0) {
    return (flags & tcpFlag.ack) !== 0 ? connectionState.synReceived : connectionState.synSent;
  }
  return (flags & tcpFlag.fin) !== 0 ? finOf(way) : connectionState.established;
}

/** The state after a further accepted packet. `flags` is for TCP. */
export function nextState(
  state: ConnectionState,
  protocol: number,
  flags: number,
  way: Direction,
  who: Initiator,
): ConnectionState {
  if (protocol === ipProtocol.udp) return nextUdpState(state, senderOf(way) === who);
  if (protocol === ipProtocol.tcp) return nextTcpState(state, flags, way, who);
  return state;
}

/** AWS's UDP stream: more than one request with its reply. */
function nextUdpState(state: ConnectionState, fromInitiator: boolean): ConnectionState {
  if (state === connectionState.udpRequest && !fromInitiator) return connectionState.udpReplied;
  if (state === connectionState.udpReplied && fromInitiator) return connectionState.udpSecondRequest;
  if (state === connectionState.udpSecondRequest && !fromInitiator) return connectionState.udpStream;
  return state;
}

function nextTcpState(
  state: ConnectionState,
  flags: number,
  way: Direction,
  who: Initiator,
): ConnectionState {
  if ((flags & tcpFlag.rst) !== 0) return connectionState.closed;
  if ((flags & tcpFlag.fin) !== 0) return afterFin(state, way);
  switch (state) {
    case connectionState.synSent:
    case connectionState.synReceived:
      return nextHalfOpenState(state, flags, senderOf(way) === who);
    case connectionState.lastFinIngress:
    case connectionState.lastFinEgress:
      return isLastAck(state, flags, way) ? connectionState.closed : state;
    default:
      return state;
  }
}

/** A plain answer counts as the SYN-ACK that was not seen; a SYN from the other side is a simultaneous open. */
function nextHalfOpenState(state: ConnectionState, flags: number, fromInitiator: boolean): ConnectionState {
  const hasAck = (flags & tcpFlag.ack) !== 0;
  if (state === connectionState.synSent) {
    return !fromInitiator && (hasAck || isOpeningSyn(flags)) ? connectionState.synReceived : state;
  }
  return fromInitiator && hasAck && (flags & tcpFlag.syn) === 0 ? connectionState.established : state;
}

function afterFin(state: ConnectionState, way: Direction): ConnectionState {
  switch (state) {
    case connectionState.finIngress:
      return way === direction.egress ? connectionState.lastFinEgress : state;
    case connectionState.finEgress:
      return way === direction.ingress ? connectionState.lastFinIngress : state;
    case connectionState.lastFinIngress:
    case connectionState.lastFinEgress:
      return state;
    default:
      return finOf(way);
  }
}

function finOf(way: Direction): ConnectionState {
  return way === direction.egress ? connectionState.finEgress : connectionState.finIngress;
}

function isLastAck(state: ConnectionState, flags: number, way: Direction): boolean {
  const answering = state === connectionState.lastFinIngress ? direction.egress : direction.ingress;
  return way === answering && (flags & (tcpFlag.ack | tcpFlag.syn)) === tcpFlag.ack;
}

/** The directions (`directionBit`) in which packets without SYN, FIN and RST leave the state as it is. */
export function steadyDirections(state: ConnectionState, who: Initiator): number {
  switch (state) {
    case connectionState.udpRequest:
    case connectionState.udpSecondRequest:
    case connectionState.synSent:
      return directionBit(initiatorDirection(who));
    case connectionState.udpReplied:
    case connectionState.synReceived:
      return directionBit(opposite(initiatorDirection(who)));
    case connectionState.lastFinIngress:
      return directionBit(direction.ingress);
    case connectionState.lastFinEgress:
      return directionBit(direction.egress);
    case connectionState.closed:
      return 0;
    default:
      return bothDirections;
  }
}

export function isHalfOpen(state: ConnectionState): boolean {
  return state === connectionState.synSent || state === connectionState.synReceived;
}

/** AWS's longest, and the default of established TCP: five days. */
export const longestTimeoutSeconds = 432_000;
const udpSeconds = 30;
const udpStreamSeconds = 180;
const otherSeconds = 600;
/** A host gives up a connection attempt, and leaves TIME_WAIT, in about a minute. */
const passingSeconds = 60;
/** A side that has sent FIN may receive for long, but a peer that then falls silent has usually gone. */
const halfClosedSeconds = 600;
const refusedSeconds = 30;

/**
 * Idle timeouts by state. Those of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 * where it names them; the interface's own configuration (seconds) overrides; the rest is chosen here.
 */
export function connectionTimeoutsMs(configuration: ConnectionTrackingConfiguration): Float64Array {
  const established = timeoutSeconds(configuration.TcpEstablishedTimeout, longestTimeoutSeconds);
  const udp = timeoutSeconds(configuration.UdpTimeout, udpSeconds);
  const stream = timeoutSeconds(configuration.UdpStreamTimeout, udpStreamSeconds);
  const seconds = new Float64Array(stateCount).fill(passingSeconds);
  seconds[connectionState.udpRequest] = udp;
  seconds[connectionState.udpReplied] = udp;
  seconds[connectionState.udpSecondRequest] = udp;
  seconds[connectionState.udpStream] = stream;
  seconds[connectionState.other] = otherSeconds;
  seconds[connectionState.established] = established;
  seconds[connectionState.finIngress] = Math.min(halfClosedSeconds, established);
  seconds[connectionState.finEgress] = Math.min(halfClosedSeconds, established);
  seconds[connectionState.refused] = refusedSeconds;
  return seconds.map((value) => value * 1000);
}

/** AWS never gives a timeout outside 1 s to five days; such a one is brought to the nearer end. */
function timeoutSeconds(configured: number | undefined, usual: number): number {
  return configured === undefined ? usual : Math.min(longestTimeoutSeconds, Math.max(1, configured));
}
