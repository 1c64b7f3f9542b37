/**
 * Decided-by texts by number. It only grows: a number stands for the same text as long as the list lives, and equal
 * texts share one. Number 0 is `-`: nothing was asked.
 */
export class CauseList {
  readonly #texts: string[] = ['-'];
  readonly #numbers = new Map<string, number>([['-', 0]]);

  get texts(): readonly string[] {
    return this.#texts;
  }

  /** A record's fields are separated by spaces, and ids come from outside: what is not printable becomes `_`. */
  numberOf(text: string): number {
    const clean = text.replaceAll(/[^!-~]/g, '_');
    const known = this.#numbers.get(clean);
    if (known !== undefined) return known;
    const number = this.#texts.length;
    this.#texts.push(clean);
    this.#numbers.set(clean, number);
    return number;
  }
}

export const noCause = 0;
