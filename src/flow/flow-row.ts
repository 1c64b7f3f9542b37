import type { Direction, Initiator } from '../policy/answer.ts';

/**
 * A flow as a row of 32-bit words: the layout that the flow table fills, that the capture thread hands over as one
 * transferred buffer, and that records are built from. Counters and times are 64-bit floats, indexed in a Float64Array
 * over the same bytes. The first half of a row says which flow it is, the second what became of it: a cache line each,
 * so that a packet of a known flow touches one.
 */
export const rowWords = 32;
export const rowBytes = rowWords * 4;

/** Word numbers in a row. */
export const word = {
  /** Packet-level source: big-endian words, IPv4 in the fourth. */
  src: 0,
  dst: 4,
  /** Source port in the upper 16 bits, destination port in the lower. */
  ports: 8,
  /** Index in the interface registry. */
  interface: 9,
  /** Protocol, family, direction, ICMP type and code: see `packKind`. */
  kind: 10,
  /** Window number: whole windows since the epoch. */
  window: 11,
  /** Tracked connection: index or -1, and the serial number that tells whether the index was reused. */
  connection: 16,
  connectionSerial: 17,
  /** Index of the cause: the list of decided-by texts. */
  cause: 18,
  /** Action, initiator and TCP flags: see `packOutcome`. */
  outcome: 19,
  /** Rule generation that gave the verdict. */
  generation: 20,
} as const;
/** Float64 numbers in a row. */
export const float64 = { packets: 12, bytes: 13, firstMs: 14, lastMs: 15 } as const;
export const rowFloat64s = rowWords / 2;

/** Bits 0-7 protocol, 8 IPv6, 9 egress, 16-23 ICMP type, 24-31 ICMP code. */
export function packKind(
  protocol: number,
  family: number,
  flowDirection: Direction,
  icmpType: number,
  icmpCode: number,
): number {
  return protocol | (family === 6 ? 0x100 : 0) | (flowDirection << 9) | (icmpType << 16) | (icmpCode << 24);
}
export const kindProtocol = (kind: number): number => kind & 0xff;
export const kindFamily = (kind: number): 4 | 6 => (kind & 0x100 ? 6 : 4);
export const kindDirection = (kind: number): Direction => ((kind >> 9) & 1) as Direction;

/** Bits 0-7 TCP flags by AWS's rules (OR of FIN 1, SYN 2, RST 4, SYN-ACK 18), 8 accepted, 9-10 initiator. */
export const outcomeBits = { flags: 0xff, accepted: 0x100, initiatorShift: 9 } as const;
export function packOutcome(accepted: boolean, flowInitiator: Initiator): number {
  return (accepted ? outcomeBits.accepted : 0) | (flowInitiator << outcomeBits.initiatorShift);
}
export const outcomeAccepted = (outcome: number): boolean => (outcome & outcomeBits.accepted) !== 0;
export const outcomeInitiator = (outcome: number): Initiator =>
  ((outcome >> outcomeBits.initiatorShift) & 3) as Initiator;
export const outcomeFlags = (outcome: number): number => outcome & outcomeBits.flags;

/** Rows with both views on them. */
export interface FlowRows {
  readonly count: number;
  readonly words: Int32Array;
  readonly floats: Float64Array;
}

export function flowRows(buffer: ArrayBuffer, count: number): FlowRows {
  return { count, words: new Int32Array(buffer), floats: new Float64Array(buffer) };
}
