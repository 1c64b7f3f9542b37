/** Hot enough: once per ICMP error. Reads the packet that the error quotes, as far as it was captured. */
import { word16, word32 } from './big-endian.ts';
import { ipProtocol, type PacketView } from './packet-view.ts';

/** Sets the view's `quoted…` fields; `quotedFamily` stays 0 when the quote is cut before its ports. */
export function readQuotedPacket(view: PacketView, bytes: Uint8Array, at: number, end: number): void {
  if (at >= end) return;
  const version = bytes[at] >> 4;
  if (version === 4) readQuotedIpv4(view, bytes, at, end);
  else if (version === 6) readQuotedIpv6(view, bytes, at, end);
}

function readQuotedIpv4(view: PacketView, bytes: Uint8Array, at: number, end: number): void {
  const headerLength = (bytes[at] & 15) << 2;
  if (headerLength < 20 || at + headerLength + 4 > end) return;
  // A quoted later fragment has no ports to find its conversation by.
  if ((word16(bytes, at + 6) & 0x1fff) !== 0) return;
  view.quotedSrc0 = view.quotedSrc1 = view.quotedSrc2 = 0;
  view.quotedSrc3 = word32(bytes, at + 12);
  view.quotedDst0 = view.quotedDst1 = view.quotedDst2 = 0;
  view.quotedDst3 = word32(bytes, at + 16);
  readQuotedTransport(view, bytes, at + headerLength, bytes[at + 9]);
  view.quotedFamily = 4;
}

function readQuotedIpv6(view: PacketView, bytes: Uint8Array, at: number, end: number): void {
  if (at + 44 > end) return;
  view.quotedSrc0 = word32(bytes, at + 8);
  view.quotedSrc1 = word32(bytes, at + 12);
  view.quotedSrc2 = word32(bytes, at + 16);
  view.quotedSrc3 = word32(bytes, at + 20);
  view.quotedDst0 = word32(bytes, at + 24);
  view.quotedDst1 = word32(bytes, at + 28);
  view.quotedDst2 = word32(bytes, at + 32);
  view.quotedDst3 = word32(bytes, at + 36);
  readQuotedTransport(view, bytes, at + 40, bytes[at + 6]);
  view.quotedFamily = 6;
}

/** The caller made sure that four bytes are there. */
function readQuotedTransport(view: PacketView, bytes: Uint8Array, at: number, protocol: number): void {
  view.quotedProtocol = protocol;
  view.quotedIcmpType = 0;
  view.quotedSrcPort = 0;
  view.quotedDstPort = 0;
  if (protocol === ipProtocol.icmp || protocol === ipProtocol.icmpv6) {
    view.quotedIcmpType = bytes[at];
  } else if (protocol === ipProtocol.tcp || protocol === ipProtocol.udp || protocol === ipProtocol.sctp) {
    view.quotedSrcPort = word16(bytes, at);
    view.quotedDstPort = word16(bytes, at + 2);
  }
}
