/**
 * Hot: once per frame on the wire. Remembers, for the packets of one conversation in one direction, whose they are and
 * which rows of the flow table they belong to: one probe instead of up to four. Direct-mapped and bounded: a
 * conversation that falls on another's place takes it.
 */
import type { PacketView } from '../packet/packet-view.ts';

const placeWords = 20;
const places = 32_768;
/** Word numbers in a place; the key is the words before. */
export const cached = { source: 15, destination: 16, egressSlot: 17, ingressSlot: 18, epoch: 19 } as const;

export class ConversationCache {
  readonly words = new Int32Array(places * placeWords);
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
    const { words } = this;
    if (!this.#usesMacs()) return true;
    return (
      words[at + 11] === packet.srcMacLow &&
      words[at + 12] === packet.dstMacLow &&
      words[at + 13] === packet.srcMacHigh &&
      words[at + 14] === packet.dstMacHigh
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
    words[at + 11] = packet.srcMacLow;
    words[at + 12] = packet.dstMacLow;
    words[at + 13] = packet.srcMacHigh;
    words[at + 14] = packet.dstMacHigh;
    words[at + cached.epoch] = 0;
  }

  #place(packet: PacketView, ports: number, kind: number): number {
    let hash = Math.imul(this.#seed ^ packet.src3, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ packet.dst3, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ ports, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ kind, 0x27d4eb2f);
    return ((hash ^ (hash >>> 15)) & (places - 1)) * placeWords;
  }
}
