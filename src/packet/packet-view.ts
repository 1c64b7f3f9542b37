/**
 * Hot: one view is made at start and filled anew for each frame; nothing here allocates.
 * Every number but `timeMs` is a 32-bit signed integer, so that the engine keeps them unboxed.
 */
export class PacketView {
  /** Milliseconds since the epoch, with fraction; set by whoever reads the frame. */
  timeMs = 0;

  /** 4 or 6. */
  family = 4;
  /** Source and destination as big-endian words; IPv4 is word 3, the others 0. */
  src0 = 0;
  src1 = 0;
  src2 = 0;
  src3 = 0;
  dst0 = 0;
  dst1 = 0;
  dst2 = 0;
  dst3 = 0;
  /** IANA protocol number of the transport, after IPv6 extension headers. */
  protocol = 0;
  /** 0 for protocols without ports, for later fragments and where the capture cut them off. */
  srcPort = 0;
  dstPort = 0;
  /** ICMP and ICMPv6 only, else 0. */
  icmpType = 0;
  icmpCode = 0;
  /** The low 8 bits of the TCP flags byte as on the wire: FIN 1, SYN 2, RST 4, PSH 8, ACK 16 …; else 0. */
  tcpFlags = 0;

  /** IP packets that this frame stands for: more than 1 for a TSO or GRO super-packet. */
  packets = 1;
  /** Bytes of those packets, each with its own IP and transport header, without link headers. */
  bytes = 0;

  /** Where a fragmented datagram's packet stands: see `fragment`. */
  fragment: Fragment = fragment.none;
  fragmentId = 0;

  /** MAC addresses as their upper 16 and lower 32 bits; `hasMac` is 0 when the link type has none. */
  hasMac = 0;
  srcMacHigh = 0;
  srcMacLow = 0;
  dstMacHigh = 0;
  dstMacLow = 0;
  /** The outermost 802.1Q VLAN of the frame, or -1. */
  vlan = -1;

  /**
   * The packet that an ICMP error (destination unreachable, source quench, time exceeded, parameter problem,
   * packet too big) quotes: `quotedFamily` is 4 or 6, or 0 when there is none or it is cut before its ports.
   * `quotedIcmpType` is for a quoted ICMP packet.
   */
  quotedFamily = 0;
  quotedSrc0 = 0;
  quotedSrc1 = 0;
  quotedSrc2 = 0;
  quotedSrc3 = 0;
  quotedDst0 = 0;
  quotedDst1 = 0;
  quotedDst2 = 0;
  quotedDst3 = 0;
  quotedProtocol = 0;
  quotedSrcPort = 0;
  quotedDstPort = 0;
  quotedIcmpType = 0;
}

/** Hot: the source and destination of the packet as the first eight words of a key. */
export function copyAddresses(packet: PacketView, key: Int32Array): void {
  key[0] = packet.src0;
  key[1] = packet.src1;
  key[2] = packet.src2;
  key[3] = packet.src3;
  key[4] = packet.dst0;
  key[5] = packet.dst1;
  key[6] = packet.dst2;
  key[7] = packet.dst3;
}

export const fragment = {
  none: 0,
  /** Offset 0 with more to come: carries the ports. */
  first: 1,
  /** Any other: carries no ports. */
  later: 2,
} as const;
export type Fragment = (typeof fragment)[keyof typeof fragment];

export const tcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;
export const ipProtocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
