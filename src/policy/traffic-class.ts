/** Hot: what a packet can do to connection tracking. Integer codes, no allocation. */
import { isIcmpError } from '../packet/icmp-error.ts';
import { ipProtocol, tcpFlag } from '../packet/packet-view.ts';

export const trafficClass = {
  /** May begin a connection: a TCP SYN, an ICMP query, any packet of a protocol without a visible beginning. */
  opener: 0,
  /** TCP without an opening SYN: belongs to a connection, or to one that began unseen. */
  tcpOther: 1,
  /** An ICMP answer: belongs to its query, or to nothing. */
  icmpReply: 2,
  /** An ICMP error: about the packet that it quotes. */
  icmpError: 3,
  /** Redirects, router advertisements …: never tracked. */
  icmpOther: 4,
} as const;
export type TrafficClass = (typeof trafficClass)[keyof typeof trafficClass];

export function classify(protocol: number, tcpFlags: number, icmpType: number): TrafficClass {
  switch (protocol) {
    case ipProtocol.tcp:
      return isOpeningSyn(tcpFlags) ? trafficClass.opener : trafficClass.tcpOther;
    case ipProtocol.icmp:
    case ipProtocol.icmpv6:
      return classifyIcmp(protocol, icmpType);
    default:
      return trafficClass.opener;
  }
}

/** A SYN that asks for a connection. With RST it is nonsense, and is taken as the RST. */
export function isOpeningSyn(flags: number): boolean {
  return (flags & (tcpFlag.syn | tcpFlag.ack | tcpFlag.rst)) === tcpFlag.syn;
}

export function isSynAck(flags: number): boolean {
  return (flags & (tcpFlag.syn | tcpFlag.ack | tcpFlag.rst)) === (tcpFlag.syn | tcpFlag.ack);
}

/** The type of the query that an ICMP query or its reply belongs to, or -1. Types of RFC 792, 950 and 4443. */
export function icmpQueryType(protocol: number, type: number): number {
  if (protocol === ipProtocol.icmpv6) return type === 128 || type === 129 ? 128 : -1;
  switch (type) {
    case 0:
    case 8:
      return 8;
    case 13:
    case 14:
      return 13;
    case 15:
    case 16:
      return 15;
    case 17:
    case 18:
      return 17;
    default:
      return -1;
  }
}

function classifyIcmp(protocol: number, type: number): TrafficClass {
  const query = icmpQueryType(protocol, type);
  if (query >= 0) return query === type ? trafficClass.opener : trafficClass.icmpReply;
  return isIcmpError(protocol, type) ? trafficClass.icmpError : trafficClass.icmpOther;
}
