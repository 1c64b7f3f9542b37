/**
 * Hot: gives equal tuples of 32-bit words one number, counted from 0 in the order of their first appearance. Open
 * addressing with linear probing; allocates only to double, throws never. Memory: the tuples themselves, and 4 to 8
 * bytes each for the slots.
 */
export class TupleTable {
  readonly width: number;
  /** Write the tuple here, then call `intern`. */
  readonly tuple: Int32Array;
  size = 0;
  /** The tuples, one after the other; valid up to `size * width`. Replaced when the table grows. */
  words: Int32Array;
  /** Number + 1 of the tuple that hashes here, or 0. */
  #slots: Int32Array;
  #mask: number;
  /** So that nobody outside can choose addresses that fall on one slot. The numbers do not depend on it. */
  readonly #seed = (Math.random() * 0x7fffffff) | 0;

  constructor(width: number, expected = 1024) {
    this.width = width;
    this.tuple = new Int32Array(width);
    const capacity = 1 << (32 - Math.clz32(Math.max(15, expected - 1)));
    this.words = new Int32Array(capacity * width);
    this.#slots = new Int32Array(capacity * 2);
    this.#mask = capacity * 2 - 1;
  }

  /** The number of `tuple`, which is new when it equals the former `size`. */
  intern(): number {
    const { tuple, width } = this;
    let slot = hashWords(tuple, 0, width, this.#seed) & this.#mask;
    for (;;) {
      const found = this.#slots[slot] - 1;
      if (found < 0) return this.#add(slot);
      if (this.#holds(found)) return found;
      slot = (slot + 1) & this.#mask;
    }
  }

  #holds(number: number): boolean {
    const { tuple, words, width } = this;
    let at = number * width;
    for (let i = 0; i < width; i++) {
      if (words[at++] !== tuple[i]) return false;
    }
    return true;
  }

  #add(slot: number): number {
    const number = this.size++;
    this.words.set(this.tuple, number * this.width);
    this.#slots[slot] = number + 1;
    if (this.size * this.width === this.words.length) this.#grow();
    return number;
  }

  #grow(): void {
    const { width } = this;
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#mask = this.#slots.length - 1;
    for (let number = 0; number < this.size; number++) {
      let slot = hashWords(words, number * width, width, this.#seed) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = number + 1;
    }
  }
}

/** MurmurHash3's mixing of 32-bit words (public domain algorithm by Austin Appleby). */
function hashWords(words: Int32Array, from: number, count: number, seed: number): number {
  let hash = seed;
  for (let i = from; i < from + count; i++) {
    let k = Math.imul(words[i], 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    hash ^= Math.imul(k, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
