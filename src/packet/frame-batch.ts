/**
 * A run of captured frames that lie in one buffer: what a frame source fills and the meter reads. Hot: one batch per
 * source is made at start and reused; all arrays have the length `capacity`, of which `count` entries are valid.
 * `bytes` belongs to the source and is valid only until it is asked for the next batch.
 */
export class FrameBatch {
  readonly capacity: number;
  count = 0;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the frame's first captured byte lies in `bytes`. */
  readonly offset: Int32Array;
  readonly capturedLength: Int32Array;
  /** Length on the wire; at least `capturedLength`. */
  readonly originalLength: Int32Array;
  readonly timeMs: Float64Array;
  /** Link type (LINKTYPE_… of the pcap registry). */
  readonly linkType: Int32Array;

  /** Live devices only, else 0: the kernel's packet type (`packetType`). */
  readonly packetType: Uint8Array;
  /** Live devices only, else 0: payload bytes per segment of a TSO or GRO super-packet. */
  readonly segmentBytes: Int32Array;
  /** Live devices only, else -1: the 802.1Q tag that the device stripped from the frame (12-bit VLAN id). */
  readonly strippedVlan: Int32Array;

  constructor(capacity = 8192) {
    this.capacity = capacity;
    this.offset = new Int32Array(capacity);
    this.capturedLength = new Int32Array(capacity);
    this.originalLength = new Int32Array(capacity);
    this.timeMs = new Float64Array(capacity);
    this.linkType = new Int32Array(capacity);
    this.packetType = new Uint8Array(capacity);
    this.segmentBytes = new Int32Array(capacity);
    this.strippedVlan = new Int32Array(capacity).fill(-1);
  }
}

/** LINKTYPE_ values of https://www.tcpdump.org/linktypes.html that `decodeFrame` knows. */
export const linkType = {
  null: 0,
  ethernet: 1,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

/** `sll_pkttype` of packet(7). */
export const packetType = { host: 0, broadcast: 1, multicast: 2, otherHost: 3, outgoing: 4 } as const;
