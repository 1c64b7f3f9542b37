import { invariant } from '../fault/index.ts';
import type { TableAppender } from './table-appender.ts';

/** Texts of one generation by number; rows in memory hold the number, and a table of the generation the text. */
export class TextNumbers {
  readonly table: TableAppender;
  readonly #numbers = new Map<string, number>();
  #bytes = 0;

  /** @param table with the columns `number` INTEGER and `text` VARCHAR */
  constructor(table: TableAppender) {
    this.table = table;
  }

  /** Roughly what they take in memory, here and in the table. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of each text, in their order. */
  of(texts: readonly string[]): Int32Array {
    const numbers = new Int32Array(texts.length);
    for (let i = 0; i < texts.length; i++) numbers[i] = this.#number(texts[i]);
    return numbers;
  }

  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#bytes += 120 + 3 * text.length;
    const [numbers, words] = this.table.lanes;
    invariant(numbers.type === 'INTEGER' && words.type === 'VARCHAR', 'a table of texts of another make');
    numbers.items[this.table.used] = number;
    words.items[this.table.used] = text;
    this.table.took(1);
    return number;
  }
}
