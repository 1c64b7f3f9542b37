/**
 * Hot: looked up per packet; finding does not allocate. Budget: one probe for an address that is there, one more for
 * each distinct length of the prefixes (a VPC has two at most: 28 for IPv4, 80 for IPv6) for one that is not.
 */
import { type IpAddress, maskAddress, type Prefix } from '../ip/index.ts';
import { QuadTable } from './quad-table.ts';
import { WordTable } from './word-table.ts';

interface Level4 {
  readonly length: number;
  readonly mask: number;
  readonly table: WordTable;
}

interface Level6 {
  readonly length: number;
  readonly mask0: number;
  readonly mask1: number;
  readonly mask2: number;
  readonly mask3: number;
  readonly table: QuadTable;
}

/** Who owns an address: addresses and prefixes to the index of an interface. An address wins over a prefix. */
export class AddressTable {
  readonly #addresses4 = new WordTable();
  readonly #addresses6 = new QuadTable();
  /** Longest first. */
  readonly #levels4: Level4[] = [];
  readonly #levels6: Level6[] = [];

  /** Addresses and prefixes that are known. */
  get size(): number {
    let size = this.#addresses4.size + this.#addresses6.size;
    for (const { table } of this.#levels4) size += table.size;
    for (const { table } of this.#levels6) size += table.size;
    return size;
  }

  /** An address that is there already passes to the new index. */
  add({ family, words }: IpAddress, index: number): void {
    if (family === 4) this.#addresses4.put(words[3], index);
    else this.#addresses6.put(...words, index);
  }

  /** A prefix that is there already passes to the new index. */
  addPrefix({ family, words, length }: Prefix, index: number): void {
    if (family === 4) this.#level4(length).table.put(words[3], index);
    else this.#level6(length).table.put(...words, index);
  }

  /** The index for an IPv4 address as a signed big-endian word, or -1. */
  find4(word: number): number {
    const found = this.#addresses4.find(word);
    if (found >= 0) return found;
    const levels = this.#levels4;
    for (let i = 0; i < levels.length; i++) {
      const index = levels[i].table.find(word & levels[i].mask);
      if (index >= 0) return index;
    }
    return -1;
  }

  /** The index for an IPv6 address as four signed big-endian words, or -1. */
  find6(w0: number, w1: number, w2: number, w3: number): number {
    const found = this.#addresses6.find(w0, w1, w2, w3);
    if (found >= 0) return found;
    const levels = this.#levels6;
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i];
      const index = level.table.find(w0 & level.mask0, w1 & level.mask1, w2 & level.mask2, w3 & level.mask3);
      if (index >= 0) return index;
    }
    return -1;
  }

  #level4(length: number): Level4 {
    const known = this.#levels4.find((level) => level.length === length);
    if (known) return known;
    const mask = maskAddress({ family: 4, words: [0, 0, 0, -1] }, length)[3];
    const level = { length, mask, table: new WordTable() };
    this.#levels4.push(level);
    this.#levels4.sort((a, b) => b.length - a.length);
    return level;
  }

  #level6(length: number): Level6 {
    const known = this.#levels6.find((level) => level.length === length);
    if (known) return known;
    const [mask0, mask1, mask2, mask3] = maskAddress({ family: 6, words: [-1, -1, -1, -1] }, length);
    const level = { length, mask0, mask1, mask2, mask3, table: new QuadTable() };
    this.#levels6.push(level);
    this.#levels6.sort((a, b) => b.length - a.length);
    return level;
  }
}
