/**
 * Hot: only for fragments. Remembers what the first fragment of a datagram said, so that later ones join its flow.
 * Bounded: a fixed number of places, each found by hash and overwritten by the next datagram that falls on it.
 */
import { copyAddresses, fragment, type PacketView } from './packet-view.ts';

const keyWords = 10;
const rowWords = keyWords + 2;
/** Reassembly time of RFC 791's advice and of Linux: a later fragment after this is another datagram's. */
const lifetimeMs = 30_000;

export class FragmentCache {
  readonly #mask: number;
  readonly #rows: Int32Array;
  readonly #timeMs: Float64Array;
  readonly #key = new Int32Array(keyWords);
  readonly #seed: number;

  /** `capacity` is rounded up to a power of two; a place costs 56 bytes. */
  constructor(capacity = 16_384, seed = (Math.random() * 0x7fffffff) | 0) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.#mask = places - 1;
    this.#rows = new Int32Array(places * rowWords);
    this.#timeMs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
    this.#seed = seed;
  }

  /**
   * For a first fragment: remembers its ports. For a later one: fills in the protocol, the ports, and ICMP type and code,
   * of its datagram; ports stay 0 when the first fragment was not seen (or came later).
   */
  resolve(view: PacketView): void {
    const place = this.#place(view);
    const row = place * rowWords;
    if (view.fragment === fragment.first) {
      this.#rows.set(this.#key, row);
      this.#rows[row + keyWords] = (view.srcPort << 16) | view.dstPort;
      this.#rows[row + keyWords + 1] = (view.protocol << 16) | (view.icmpType << 8) | view.icmpCode;
      this.#timeMs[place] = view.timeMs;
      return;
    }
    if (Math.abs(view.timeMs - this.#timeMs[place]) > lifetimeMs) return;
    for (let i = 0; i < keyWords; i++) if (this.#rows[row + i] !== this.#key[i]) return;
    view.srcPort = this.#rows[row + keyWords] >>> 16;
    view.dstPort = this.#rows[row + keyWords] & 0xffff;
    view.protocol = this.#rows[row + keyWords + 1] >>> 16;
    view.icmpType = (this.#rows[row + keyWords + 1] >>> 8) & 0xff;
    view.icmpCode = this.#rows[row + keyWords + 1] & 0xff;
  }

  #place(view: PacketView): number {
    const key = this.#key;
    copyAddresses(view, key);
    key[8] = view.fragmentId;
    // A datagram is told by its protocol in IPv4 (RFC 791). In IPv6 later fragments may name another: the first one's
    // counts, and the identification alone tells (RFC 8200, 4.5).
    key[9] = view.family === 4 ? view.protocol : 0x100;
    let hash = this.#seed;
    for (let i = 0; i < keyWords; i++) hash = Math.imul(hash ^ key[i], 0x9e3779b1) ^ (hash >>> 15);
    return (hash ^ (hash >>> 16)) & this.#mask;
  }
}
