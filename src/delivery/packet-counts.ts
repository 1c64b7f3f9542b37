/** Hot: `add` is called with all rows that are captured; one step per row. */
import { type FlowRows, float64, rowFloat64s, rowWords, word } from '../flow/index.ts';

/** Packets of the open windows by interface. */
export class PacketCounts {
  readonly #packets = new Map<number, number>();

  add({ words, floats, count }: FlowRows): void {
    let last = -1;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const index = words[i * rowWords + word.interface];
      if (index !== last) {
        if (sum > 0) this.#add(last, sum);
        last = index;
        sum = 0;
      }
      sum += floats[i * rowFloat64s + float64.packets];
    }
    if (sum > 0) this.#add(last, sum);
  }

  get isEmpty(): boolean {
    return this.#packets.size === 0;
  }

  /** Of the interfaces for which it is true, and of the others. */
  split(isWanted: (interfaceIndex: number) => boolean): { readonly wanted: number; readonly others: number } {
    let wanted = 0;
    let others = 0;
    for (const [index, packets] of this.#packets) {
      if (isWanted(index)) wanted += packets;
      else others += packets;
    }
    return { wanted, others };
  }

  #add(index: number, packets: number): void {
    this.#packets.set(index, (this.#packets.get(index) ?? 0) + packets);
  }
}
