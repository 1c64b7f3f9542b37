/**
 * Hot: looked up per packet; `find` does not allocate. Budget: one hash of four words and, at half load, about 1.5
 * probes. Like `WordTable`, with keys of four words.
 */
import { randomBytes } from 'node:crypto';

const smallestCapacity = 16;

/** Four 32-bit words to small numbers: an IPv6 address or prefix, or a MAC address with two words 0, to an index. */
export class QuadTable {
  #keys = new Int32Array(smallestCapacity * 4);
  #values = new Int32Array(smallestCapacity).fill(-1);
  #mask = smallestCapacity - 1;
  #size = 0;
  readonly #seed: number;
  readonly #factor: number;

  constructor() {
    const random = randomBytes(8);
    this.#seed = random.readInt32LE(0);
    this.#factor = random.readInt32LE(4) | 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The number put under the four words, or -1. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    return this.#values[this.#slotOf(w0, w1, w2, w3)];
  }

  /** Puts a number of 0 or more under the four words, in place of one that is there. */
  put(w0: number, w1: number, w2: number, w3: number, value: number): void {
    if ((this.#size + 1) * 2 > this.#values.length) this.#grow();
    const slot = this.#slotOf(w0, w1, w2, w3);
    if (this.#values[slot] < 0) this.#size++;
    this.#fill(slot, w0, w1, w2, w3, value);
  }

  /** The slot that holds the key, else the empty one where it belongs; a table is never full. */
  #slotOf(w0: number, w1: number, w2: number, w3: number): number {
    const keys = this.#keys;
    const values = this.#values;
    let slot = this.#hash(w0, w1, w2, w3) & this.#mask;
    while (values[slot] >= 0) {
      const at = slot << 2;
      if (keys[at + 3] === w3 && keys[at + 2] === w2 && keys[at + 1] === w1 && keys[at] === w0) break;
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #hash(w0: number, w1: number, w2: number, w3: number): number {
    const factor = this.#factor;
    let hash = Math.imul(w0 ^ this.#seed, factor);
    hash = Math.imul((hash ^ (hash >>> 15)) + w1, factor);
    hash = Math.imul((hash ^ (hash >>> 15)) + w2, factor);
    hash = Math.imul((hash ^ (hash >>> 15)) + w3, factor);
    return hash ^ (hash >>> 13);
  }

  #fill(slot: number, w0: number, w1: number, w2: number, w3: number, value: number): void {
    const at = slot << 2;
    this.#keys[at] = w0;
    this.#keys[at + 1] = w1;
    this.#keys[at + 2] = w2;
    this.#keys[at + 3] = w3;
    this.#values[slot] = value;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const capacity = values.length * 2;
    this.#keys = new Int32Array(capacity * 4);
    this.#values = new Int32Array(capacity).fill(-1);
    this.#mask = capacity - 1;
    for (let i = 0; i < values.length; i++) {
      if (values[i] < 0) continue;
      const [w0, w1, w2, w3] = keys.subarray(i * 4, i * 4 + 4);
      this.#fill(this.#slotOf(w0, w1, w2, w3), w0, w1, w2, w3, values[i]);
    }
  }
}
