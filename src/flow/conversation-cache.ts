/**
 * Hot: once per frame on the wire. Remembers, for the packets of one conversation in one direction, whose they are and
 * which rows of the flow table they belong to: one probe instead of up to four. Direct-mapped and bounded: a
 * conversation that falls on another's place takes it.
 */
import type { PacketView } from '../packet/packet-view.ts';

const placeWords = 16;
const places = 65_536;
/** Word numbers in a place, which is one cache line; the key is the words before. */
export const cached = { source: 11, destination: 12, egressSlot: 13, ingressSlot: 14, epoch: 15 } as const;
const macWords = 4;

export class ConversationCache {
  readonly words = new Int32Array(places * placeWords);
  /** MAC addresses of the places; looked at only where owners go by them. */
  readonly #macs = new Int32Array(places * macWords);
  /** Places of another epoch are empty: rows have moved, or owners have changed. */
  #epoch = 1;
  readonly #seed = (Math.random() * 0x7fffffff) | 0;
  readonly #usesMacs: () => boolean;

  /** `usesMacs`: whether the owner of a packet may depend on its MAC addresses. */
  constructor(usesMacs: () => boolean) {
    this.#usesMacs = usesMacs;
  }

  clear(): void {
    this.#epoch = (this.#epoch + 1) | 0;
  }

  /** First word of the packet's place. Its epoch is the cache's if it was remembered, else it has just been emptied. */
  find(packet: PacketView, kind: number, window: number): number {
    const { words } = this;
    const ports = (packet.srcPort << 16) | packet.dstPort;
    const at = this.#place(packet, ports, kind);
    if (
      words[at + cached.epoch] === this.#epoch &&
      words[at] === ports &&
      words[at + 1] === packet.src3 &&
      words[at + 2] === packet.dst3 &&
      words[at + 3] === kind &&
      words[at + 4] === window &&
      words[at + 5] === packet.src0 &&
      words[at + 6] === packet.src1 &&
      words[at + 7] === packet.src2 &&
      words[at + 8] === packet.dst0 &&
      words[at + 9] === packet.dst1 &&
      words[at + 10] === packet.dst2 &&
      this.#hasMacs(packet, at)
    ) {
      return at;
    }
    this.#remember(packet, ports, kind, window, at);
    return at;
  }

  isKnown(at: number): boolean {
    return this.words[at + cached.epoch] === this.#epoch;
  }

  /** To be called when the caller has filled in owners and slots. */
  keep(at: number): void {
    this.words[at + cached.epoch] = this.#epoch;
  }

  #hasMacs(packet: PacketView, at: number): boolean {
    if (!this.#usesMacs()) return true;
    const macs = this.#macs;
    const from = (at / placeWords) * macWords;
    return (
      macs[from] === packet.srcMacLow &&
      macs[from + 1] === packet.dstMacLow &&
      macs[from + 2] === (packet.srcMacHigh | (packet.hasMac << 16)) &&
      macs[from + 3] === packet.dstMacHigh
    );
  }

  #remember(packet: PacketView, ports: number, kind: number, window: number, at: number): void {
    const { words } = this;
    words[at] = ports;
    words[at + 1] = packet.src3;
    words[at + 2] = packet.dst3;
    words[at + 3] = kind;
    words[at + 4] = window;
    words[at + 5] = packet.src0;
    words[at + 6] = packet.src1;
    words[at + 7] = packet.src2;
    words[at + 8] = packet.dst0;
    words[at + 9] = packet.dst1;
    words[at + 10] = packet.dst2;
    words[at + cached.epoch] = 0;
    if (!this.#usesMacs()) return;
    const from = (at / placeWords) * macWords;
    this.#macs[from] = packet.srcMacLow;
    this.#macs[from + 1] = packet.dstMacLow;
    // Without MAC addresses the view still holds those of a frame before.
    this.#macs[from + 2] = packet.srcMacHigh | (packet.hasMac << 16);
    this.#macs[from + 3] = packet.dstMacHigh;
  }

  #place(packet: PacketView, ports: number, kind: number): number {
    let hash = Math.imul(this.#seed ^ packet.src3, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ packet.dst3, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ ports, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ kind, 0x27d4eb2f);
    return ((hash ^ (hash >>> 15)) & (places - 1)) * placeWords;
  }
}
