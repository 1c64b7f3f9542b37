/** Hot: see decode-frame.ts. RFC 791. */
import { word16, word32 } from './big-endian.ts';
import { type DecodeOutcome, decodeOutcome } from './decode-outcome.ts';
import { decodeTransport } from './decode-transport.ts';
import { fragment, type PacketView } from './packet-view.ts';

/** Reads the IPv4 packet at `at`; `end` is where the captured bytes end, `wireEnd` where the frame did. */
export function decodeIpv4(
  view: PacketView,
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
  segmentBytes: number,
): DecodeOutcome {
  if (at + 20 > wireEnd) return decodeOutcome.ipv4HeaderLength;
  if (at + 20 > end) return decodeOutcome.snapped;
  if (bytes[at] >> 4 !== 4) return decodeOutcome.ipVersion;
  const headerLength = (bytes[at] & 15) << 2;
  if (headerLength < 20 || at + headerLength > wireEnd) return decodeOutcome.ipv4HeaderLength;
  // Length 0: segmentation offload left the field for the device to fill in.
  const totalLength = word16(bytes, at + 2) || wireEnd - at;
  if (totalLength < headerLength || at + totalLength > wireEnd) return decodeOutcome.ipv4TotalLength;

  view.family = 4;
  view.src0 = view.src1 = view.src2 = 0;
  view.src3 = word32(bytes, at + 12);
  view.dst0 = view.dst1 = view.dst2 = 0;
  view.dst3 = word32(bytes, at + 16);
  const fragmentField = word16(bytes, at + 6) & 0x3fff;
  view.fragment =
    fragmentField === 0 ? fragment.none : fragmentField === 0x2000 ? fragment.first : fragment.later;
  view.fragmentId = word16(bytes, at + 4);
  return decodeTransport(
    view,
    bytes,
    at,
    at + headerLength,
    end,
    at + totalLength,
    bytes[at + 9],
    segmentBytes,
  );
}
