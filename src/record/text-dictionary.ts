/** Hot: finds pieces of a text among the texts seen before without cutting them out; allocates only for new ones. */

/** So that nobody can choose texts that all fall into one slot. */
const seed = (Math.random() * 0x1_0000_0000) | 0;

/** What `hashOf` begins with; hashes are made by the caller, who looks at each character anyway. */
export const emptyHash = seed;

export function hashOn(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x0100_0193);
}

/** Texts by number, from 0 in the order of their first appearance. */
export class TextDictionary {
  readonly texts: string[] = [];
  /** Open addressing: a number + 1, or 0. */
  #slots = new Int32Array(32);
  #hashes = new Int32Array(16);

  /** The number of `text.slice(from, to)`, whose hash is given. */
  code(text: string, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let entry = slots[slot]; entry !== 0; entry = slots[slot]) {
      if (this.#hashes[entry - 1] === hash && isPiece(this.texts[entry - 1], text, from, to))
        return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.#add(text.slice(from, to), hash, slot);
  }

  #add(text: string, hash: number, slot: number): number {
    const number = this.texts.push(text) - 1;
    if (number === this.#hashes.length) this.#grow();
    this.#hashes[number] = hash;
    if (number * 2 < this.#slots.length) this.#slots[slot] = number + 1;
    else this.#spread();
    return number;
  }

  #grow(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.texts.length; number++) {
      const hash = this.#hashes[number];
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

function isPiece(known: string, text: string, from: number, to: number): boolean {
  const length = to - from;
  if (known.length !== length) return false;
  // Ids differ at their ends.
  for (let i = length - 1; i >= 0; i--) {
    if (known.charCodeAt(i) !== text.charCodeAt(from + i)) return false;
  }
  return true;
}
