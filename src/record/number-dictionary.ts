/** Hot: gives equal whole numbers one code, counted from 0 in the order of their first appearance; allocates only to double. */
export class NumberDictionary {
  size = 0;
  /** By code; valid up to `size`. */
  values = new Float64Array(64);
  /** Open addressing: a code + 1, or 0. */
  #slots = new Int32Array(128);
  /** So that nobody outside can choose numbers that fall on one slot. The codes do not depend on it. */
  readonly #seed = (Math.random() * 0x7fff_ffff) | 0;

  /** @param value whole, from 0 to 2^53 */
  code(value: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(value, this.#seed) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]) {
      if (this.values[entry - 1] === value) return entry - 1;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.size + 1;
    this.values[this.size++] = value;
    if (this.size === this.values.length) this.#grow();
    return this.size - 1;
  }

  #grow(): void {
    const values = new Float64Array(this.values.length * 2);
    values.set(this.values);
    this.values = values;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let code = 0; code < this.size; code++) {
      let slot = hashOf(values[code], this.#seed) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(value: number, seed: number): number {
  const low = (value % 0x1_0000_0000) | 0;
  const high = (value / 0x1_0000_0000) | 0;
  let hash = Math.imul(low ^ seed, 0x85eb_ca6b) ^ Math.imul(high, 0xc2b2_ae35);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}
