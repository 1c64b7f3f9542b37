/** Hot: see decode-frame.ts. RFC 8200, with the authentication header of RFC 4302. */
import { word16, word32 } from './big-endian.ts';
import { type DecodeOutcome, decodeOutcome } from './decode-outcome.ts';
import { decodeTransport } from './decode-transport.ts';
import { fragment, type PacketView } from './packet-view.ts';

const extensionHeader = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authentication: 51,
  destination: 60,
} as const;
/** Real packets carry one or two; a longer chain is an attack on whoever follows it. */
const maxExtensionHeaders = 32;

/** Reads the IPv6 packet at `at`; `end` is where the captured bytes end, `wireEnd` where the frame did. */
export function decodeIpv6(
  view: PacketView,
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
  segmentBytes: number,
): DecodeOutcome {
  if (at + 40 > wireEnd) return decodeOutcome.ipv6PayloadLength;
  if (at + 40 > end) return decodeOutcome.snapped;
  if (bytes[at] >> 4 !== 6) return decodeOutcome.ipVersion;
  // Length 0: a jumbogram, or segmentation offload left the field for the device to fill in.
  const payloadLength = word16(bytes, at + 4) || wireEnd - at - 40;
  const packetEnd = at + 40 + payloadLength;
  if (packetEnd > wireEnd) return decodeOutcome.ipv6PayloadLength;

  view.family = 6;
  view.src0 = word32(bytes, at + 8);
  view.src1 = word32(bytes, at + 12);
  view.src2 = word32(bytes, at + 16);
  view.src3 = word32(bytes, at + 20);
  view.dst0 = word32(bytes, at + 24);
  view.dst1 = word32(bytes, at + 28);
  view.dst2 = word32(bytes, at + 32);
  view.dst3 = word32(bytes, at + 36);
  view.fragment = fragment.none;

  let next = bytes[at + 6];
  let header = at + 40;
  for (let count = 0; isExtension(next) && view.fragment !== fragment.later; count++) {
    if (count === maxExtensionHeaders || header + 8 > packetEnd) return decodeOutcome.ipv6ExtensionHeader;
    if (header + 8 > end) return decodeOutcome.snapped;
    const following = bytes[header];
    if (next === extensionHeader.fragment) {
      const field = word16(bytes, header + 2);
      // Offset 0 without more to come is an atomic fragment (RFC 6946): a whole packet.
      view.fragment = field >> 3 !== 0 ? fragment.later : field & 1 ? fragment.first : fragment.none;
      view.fragmentId = word32(bytes, header + 4);
      header += 8;
    } else {
      header +=
        next === extensionHeader.authentication ? (bytes[header + 1] + 2) << 2 : (bytes[header + 1] + 1) << 3;
      if (header > packetEnd) return decodeOutcome.ipv6ExtensionHeader;
    }
    next = following;
  }
  return decodeTransport(view, bytes, at, header, end, packetEnd, next, segmentBytes);
}

function isExtension(next: number): boolean {
  return (
    next === extensionHeader.hopByHop ||
    next === extensionHeader.routing ||
    next === extensionHeader.fragment ||
    next === extensionHeader.authentication ||
    next === extensionHeader.destination
  );
}
