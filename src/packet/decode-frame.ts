/**
 * Hot: once per captured frame. Budget: about 60 ns for a TCP frame; no allocation, no throw, no read past `end`.
 * Link layers: Ethernet with 802.1Q and Q-in-Q, Linux cooked v1 and v2, BSD loopback, raw IP.
 */
import { word16, word32 } from './big-endian.ts';
import { decodeIpv4 } from './decode-ipv4.ts';
import { decodeIpv6 } from './decode-ipv6.ts';
import { type DecodeOutcome, decodeOutcome } from './decode-outcome.ts';
import { linkType } from './frame-batch.ts';
import type { PacketView } from './packet-view.ts';

const etherType = { ipv4: 0x0800, arp: 0x0806, reverseArp: 0x8035, ipv6: 0x86dd } as const;
/** Tags beyond this are somebody's joke; the frame is counted as another protocol. */
const maxVlanTags = 4;

/**
 * Fills `view` from the frame at `offset`. `originalLength` is the frame's length on the wire: what contradicts it is
 * malformed, what merely was not captured is not. `segmentBytes` is the payload of each segment of an offloaded
 * super-packet, 0 for an ordinary frame. `view.timeMs` is left alone.
 */
export function decodeFrame(
  view: PacketView,
  bytes: Uint8Array,
  offset: number,
  capturedLength: number,
  originalLength: number,
  link: number,
  segmentBytes: number,
): DecodeOutcome {
  const end = offset + capturedLength;
  const wireEnd = offset + originalLength;
  view.vlan = -1;
  view.hasMac = 0;
  view.quotedFamily = 0;
  switch (link) {
    case linkType.ethernet: {
      if (originalLength < 14) return decodeOutcome.linkHeader;
      if (capturedLength < 14) return decodeOutcome.snapped;
      view.hasMac = 1;
      view.dstMacHigh = word16(bytes, offset);
      view.dstMacLow = word32(bytes, offset + 2);
      view.srcMacHigh = word16(bytes, offset + 6);
      view.srcMacLow = word32(bytes, offset + 8);
      return decodeTyped(view, bytes, offset + 14, end, wireEnd, word16(bytes, offset + 12), segmentBytes);
    }
    case linkType.linuxCooked: {
      if (originalLength < 16) return decodeOutcome.linkHeader;
      if (capturedLength < 16) return decodeOutcome.snapped;
      if (word16(bytes, offset + 4) === 6) senderMac(view, bytes, offset + 6);
      return decodeTyped(view, bytes, offset + 16, end, wireEnd, word16(bytes, offset + 14), segmentBytes);
    }
    case linkType.linuxCooked2: {
      if (originalLength < 20) return decodeOutcome.linkHeader;
      if (capturedLength < 20) return decodeOutcome.snapped;
      if (bytes[offset + 11] === 6) senderMac(view, bytes, offset + 12);
      return decodeTyped(view, bytes, offset + 20, end, wireEnd, word16(bytes, offset), segmentBytes);
    }
    case linkType.null:
    case linkType.loop: {
      // The family is in the byte order of the host that captured, which need not be ours; IP's own version decides.
      if (originalLength < 4) return decodeOutcome.linkHeader;
      if (capturedLength < 4) return decodeOutcome.snapped;
      return isInternetFamily(word32(bytes, offset))
        ? decodeIp(view, bytes, offset + 4, end, wireEnd, segmentBytes)
        : decodeOutcome.otherProtocol;
    }
    case linkType.raw:
    // LINKTYPE_RAW as some systems number it in their files.
    case 12:
    case 14:
      return decodeIp(view, bytes, offset, end, wireEnd, segmentBytes);
    case linkType.ipv4:
      return decodeIpv4(view, bytes, offset, end, wireEnd, segmentBytes);
    case linkType.ipv6:
      return decodeIpv6(view, bytes, offset, end, wireEnd, segmentBytes);
    default:
      return decodeOutcome.unknownLinkType;
  }
}

function decodeTyped(
  view: PacketView,
  bytes: Uint8Array,
  payload: number,
  end: number,
  wireEnd: number,
  type: number,
  segmentBytes: number,
): DecodeOutcome {
  let at = payload;
  let protocol = type;
  for (let tags = 0; isVlanTag(protocol); tags++) {
    if (tags === maxVlanTags) return decodeOutcome.otherProtocol;
    if (at + 4 > wireEnd) return decodeOutcome.vlanHeader;
    if (at + 4 > end) return decodeOutcome.snapped;
    if (tags === 0) view.vlan = word16(bytes, at) & 0xfff;
    protocol = word16(bytes, at + 2);
    at += 4;
  }
  if (protocol === etherType.ipv4) return decodeIpv4(view, bytes, at, end, wireEnd, segmentBytes);
  if (protocol === etherType.ipv6) return decodeIpv6(view, bytes, at, end, wireEnd, segmentBytes);
  return protocol === etherType.arp || protocol === etherType.reverseArp
    ? decodeOutcome.arp
    : decodeOutcome.otherProtocol;
}

function decodeIp(
  view: PacketView,
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
  segmentBytes: number,
): DecodeOutcome {
  if (at >= wireEnd) return decodeOutcome.linkHeader;
  if (at >= end) return decodeOutcome.snapped;
  const version = bytes[at] >> 4;
  if (version === 4) return decodeIpv4(view, bytes, at, end, wireEnd, segmentBytes);
  if (version === 6) return decodeIpv6(view, bytes, at, end, wireEnd, segmentBytes);
  return decodeOutcome.ipVersion;
}

/** 802.1Q, 802.1ad, and the two numbers used before it was one. */
function isVlanTag(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;
}

/** AF_INET is 2 everywhere; AF_INET6 is 10, 24, 28 or 30, in either byte order. */
function isInternetFamily(family: number): boolean {
  const value = family >>> 0 > 0xffff ? family >>> 24 : family;
  return value === 2 || value === 10 || value === 24 || value === 28 || value === 30;
}

function senderMac(view: PacketView, bytes: Uint8Array, at: number): void {
  view.hasMac = 1;
  view.dstMacHigh = 0;
  view.dstMacLow = 0;
  view.srcMacHigh = word16(bytes, at);
  view.srcMacLow = word32(bytes, at + 2);
}
