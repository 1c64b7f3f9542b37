/** Hot: what connections are found by. One key is reused; filling it allocates nothing. */
import { ipProtocol, type PacketView } from '../packet/packet-view.ts';
import { type Direction, direction } from './answer.ts';
import { icmpQueryType } from './traffic-class.ts';

/**
 * A conversation as one network interface sees it, the same for both directions. ICMP queries have no ports: the type
 * of the query stands in for the port of the side that asks, so that two hosts that ping each other have two
 * conversations, and a query never passes as the answer to another.
 */
export class ConversationKey {
  interface = 0;
  /** Protocol, and 0x100 for IPv6. */
  kind = 0;
  local0 = 0;
  local1 = 0;
  local2 = 0;
  local3 = 0;
  peer0 = 0;
  peer1 = 0;
  peer2 = 0;
  peer3 = 0;
  /** The local port in the upper 16 bits, the peer's in the lower. */
  ports = 0;

  /** The packet's own conversation: local is its source on the way out, its destination on the way in. */
  ofPacket(packet: PacketView, index: number, way: Direction): void {
    this.interface = index;
    this.kind = kindOf(packet.protocol, packet.family);
    this.#setPorts(packet.protocol, packet.srcPort, packet.dstPort, packet.icmpType, way);
    if (way === direction.egress) {
      this.#setLocal(packet.src0, packet.src1, packet.src2, packet.src3);
      this.#setPeer(packet.dst0, packet.dst1, packet.dst2, packet.dst3);
    } else {
      this.#setLocal(packet.dst0, packet.dst1, packet.dst2, packet.dst3);
      this.#setPeer(packet.src0, packet.src1, packet.src2, packet.src3);
    }
  }

  /** The conversation of the packet that an ICMP error quotes, which went the direction `way` through the interface. */
  ofQuoted(packet: PacketView, index: number, way: Direction): void {
    this.interface = index;
    this.kind = kindOf(packet.quotedProtocol, packet.quotedFamily);
    const { quotedProtocol, quotedSrcPort, quotedDstPort, quotedIcmpType } = packet;
    this.#setPorts(quotedProtocol, quotedSrcPort, quotedDstPort, quotedIcmpType, way);
    if (way === direction.egress) {
      this.#setLocal(packet.quotedSrc0, packet.quotedSrc1, packet.quotedSrc2, packet.quotedSrc3);
      this.#setPeer(packet.quotedDst0, packet.quotedDst1, packet.quotedDst2, packet.quotedDst3);
    } else {
      this.#setLocal(packet.quotedDst0, packet.quotedDst1, packet.quotedDst2, packet.quotedDst3);
      this.#setPeer(packet.quotedSrc0, packet.quotedSrc1, packet.quotedSrc2, packet.quotedSrc3);
    }
  }

  #setPorts(protocol: number, srcPort: number, dstPort: number, icmpType: number, way: Direction): void {
    let source = srcPort;
    let destination = dstPort;
    if (protocol === ipProtocol.icmp || protocol === ipProtocol.icmpv6) {
      const query = icmpQueryType(protocol, icmpType);
      source = query === icmpType ? query : 0;
      destination = query === icmpType ? 0 : query;
    }
    this.ports = way === direction.egress ? (source << 16) | destination : (destination << 16) | source;
  }

  #setLocal(w0: number, w1: number, w2: number, w3: number): void {
    this.local0 = w0;
    this.local1 = w1;
    this.local2 = w2;
    this.local3 = w3;
  }

  #setPeer(w0: number, w1: number, w2: number, w3: number): void {
    this.peer0 = w0;
    this.peer1 = w1;
    this.peer2 = w2;
    this.peer3 = w3;
  }
}

function kindOf(protocol: number, family: number): number {
  return protocol | (family === 6 ? 0x100 : 0);
}
