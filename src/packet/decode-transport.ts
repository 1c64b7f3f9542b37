/** Hot: see decode-frame.ts. Ports, flags, ICMP types, and the segments of an offloaded super-packet. */
import { word16 } from './big-endian.ts';
import { type DecodeOutcome, decodeOutcome } from './decode-outcome.ts';
import { isIcmpError } from './icmp-error.ts';
import { fragment, ipProtocol, type PacketView } from './packet-view.ts';
import { readQuotedPacket } from './quoted-packet.ts';

/**
 * Reads the transport header at `at` of the IP packet that begins at `ip` and ends at `packetEnd` on the wire;
 * captured bytes end at `end`. Sets the view's protocol, ports, flags, packets and bytes.
 */
export function decodeTransport(
  view: PacketView,
  bytes: Uint8Array,
  ip: number,
  at: number,
  end: number,
  packetEnd: number,
  protocol: number,
  segmentBytes: number,
): DecodeOutcome {
  view.protocol = protocol;
  view.srcPort = 0;
  view.dstPort = 0;
  view.tcpFlags = 0;
  view.icmpType = 0;
  view.icmpCode = 0;
  view.packets = 1;
  view.bytes = packetEnd - ip;
  if (view.fragment === fragment.later) return decodeOutcome.ip;

  const length = packetEnd - at;
  const captured = end < packetEnd ? end - at : length;
  let headerLength = 0;
  switch (protocol) {
    case ipProtocol.tcp: {
      if (length < 20) return decodeOutcome.tcpHeader;
      if (captured < 14) break;
      headerLength = (bytes[at + 12] >> 4) << 2;
      if (headerLength < 20 || (headerLength > length && view.fragment === fragment.none))
        return decodeOutcome.tcpHeader;
      view.tcpFlags = bytes[at + 13];
      break;
    }
    case ipProtocol.udp: {
      if (length < 8) return decodeOutcome.udpLength;
      headerLength = 8;
      if (captured < 6) break;
      const udpLength = word16(bytes, at + 4);
      // 0 is a jumbogram's, or an offloaded one's.
      if (udpLength !== 0 && (udpLength < 8 || (udpLength > length && view.fragment === fragment.none))) {
        return decodeOutcome.udpLength;
      }
      break;
    }
    case ipProtocol.sctp:
      if (length < 12) return decodeOutcome.sctpHeader;
      break;
    case ipProtocol.icmp:
    case ipProtocol.icmpv6:
      if (length < 4) return decodeOutcome.icmpHeader;
      if (captured < 2) return decodeOutcome.ip;
      view.icmpType = bytes[at];
      view.icmpCode = bytes[at + 1];
      if (isIcmpError(protocol, view.icmpType)) readQuotedPacket(view, bytes, at + 8, at + captured);
      return decodeOutcome.ip;
    default:
      return decodeOutcome.ip;
  }
  if (captured >= 4) {
    view.srcPort = word16(bytes, at);
    view.dstPort = word16(bytes, at + 2);
  }
  if (segmentBytes > 0 && headerLength > 0) {
    const payload = length - headerLength;
    if (payload > segmentBytes) {
      view.packets = Math.ceil(payload / segmentBytes);
      view.bytes += (view.packets - 1) * (at + headerLength - ip);
    }
  }
  return decodeOutcome.ip;
}
