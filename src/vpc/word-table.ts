/**
 * Hot: looked up per packet; `find` does not allocate. Budget: one hash and, at half load, about 1.5 probes.
 * Open addressing with linear probing over typed arrays. The hash has random multipliers, so that who sends the
 * addresses cannot choose them to collide.
 */
import { randomBytes } from 'node:crypto';

const smallestCapacity = 16;

/** 32-bit words to small numbers: an IPv4 address or prefix to an index. */
export class WordTable {
  #keys = new Int32Array(smallestCapacity);
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

  /** The number put under the word, or -1. */
  find(word: number): number {
    const keys = this.#keys;
    const values = this.#values;
    const mask = this.#mask;
    let slot = this.#hash(word) & mask;
    while (values[slot] >= 0) {
      if (keys[slot] === word) return values[slot];
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Puts a number of 0 or more under the word, in place of one that is there. */
  put(word: number, value: number): void {
    if ((this.#size + 1) * 2 > this.#keys.length) this.#grow();
    const slot = this.#slotOf(word);
    if (this.#values[slot] < 0) this.#size++;
    this.#keys[slot] = word;
    this.#values[slot] = value;
  }

  #slotOf(word: number): number {
    let slot = this.#hash(word) & this.#mask;
    while (this.#values[slot] >= 0 && this.#keys[slot] !== word) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #hash(word: number): number {
    let hash = Math.imul(word ^ this.#seed, this.#factor);
    hash = Math.imul(hash ^ (hash >>> 15), this.#factor);
    return hash ^ (hash >>> 13);
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Int32Array(keys.length * 2);
    this.#values = new Int32Array(keys.length * 2).fill(-1);
    this.#mask = keys.length * 2 - 1;
    for (let i = 0; i < keys.length; i++) {
      if (values[i] < 0) continue;
      const slot = this.#slotOf(keys[i]);
      this.#keys[slot] = keys[i];
      this.#values[slot] = values[i];
    }
  }
}
