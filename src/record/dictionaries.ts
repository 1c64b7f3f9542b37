import { formatAddress, type IpAddress } from '../ip/index.ts';
import { TupleTable } from './tuple-table.ts';

/** IP addresses by number. Texts are made once for each, when first asked for. */
export class AddressNumbers {
  readonly #table = new TupleTable(5);
  readonly #texts: string[] = [];

  /** Hot: allocates only to grow. */
  number(family: number, w0: number, w1: number, w2: number, w3: number): number {
    const { tuple } = this.#table;
    tuple[0] = family;
    tuple[1] = w0;
    tuple[2] = w1;
    tuple[3] = w2;
    tuple[4] = w3;
    return this.#table.intern();
  }

  text(number: number): string {
    const known = this.#texts[number];
    if (known !== undefined) return known;
    // Filled in order up to here, so that the list stays dense.
    const { words } = this.#table;
    for (let i = this.#texts.length; i <= number; i++) {
      const at = i * 5;
      this.#texts.push(formatAddress(words[at], words[at + 1], words[at + 2], words[at + 3], words[at + 4]));
    }
    return this.#texts[number];
  }

  address(number: number): IpAddress {
    const at = number * 5;
    const { words } = this.#table;
    return {
      family: words[at] === 6 ? 6 : 4,
      words: [words[at + 1], words[at + 2], words[at + 3], words[at + 4]],
    };
  }
}

/** Lists of texts by number; equal lists have one number. No text holds a line feed. */
export class TextNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly string[])[] = [];

  number(texts: readonly string[]): number {
    const key = texts.join('\n');
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#lists.push(texts) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  texts(number: number): readonly string[] {
    return this.#lists[number];
  }
}
