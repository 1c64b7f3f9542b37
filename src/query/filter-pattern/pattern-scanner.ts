import { QueryError } from '../../fault/index.ts';
import { compileRegex, type Regex } from './regex.ts';

/** Regexes that one pattern may hold. */
const maxRegexes = 2;

/** What is written without quotes: words, numbers, addresses, and `*`. */
const bare = /[\p{L}\p{N}_.*:/@#+'~;-]+/uy;
const space = /\s+/y;

/** Reads a filter pattern from left to right; every fault is a QueryError at the characters it is about. */
export class PatternScanner {
  readonly text: string;
  #at = 0;
  #regexes = 0;

  constructor(text: string) {
    this.text = text;
    this.skipSpace();
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  skipSpace(): void {
    this.match(space);
  }

  sees(symbol: string): boolean {
    return this.text.startsWith(symbol, this.#at);
  }

  /** Takes the symbol and the space after it, if it is there. */
  accept(symbol: string): boolean {
    const found = this.sees(symbol);
    if (found) {
      this.#at += symbol.length;
      this.skipSpace();
    }
    return found;
  }

  /** Goes back to a place that `at` was. */
  rewind(at: number): void {
    this.#at = at;
  }

  /** Takes what a sticky regex matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  expect(symbol: string): void {
    if (!this.accept(symbol)) this.unexpected([symbol]);
  }

  /** The text between quotes; `\"` and `\\` stand for `"` and `\`. Not the space after it. */
  quoted(quote: '"' | "'"): string {
    let end = this.#at + 1;
    while (end < this.text.length && this.text[end] !== quote) end += this.text[end] === '\\' ? 2 : 1;
    if (end >= this.text.length) this.fail('the string is not closed', this.#at, this.text.length, [quote]);
    const inside = this.text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return inside.replace(/\\(["'\\])/g, '$1');
  }

  /** `%regex%` */
  regex(): Regex {
    const start = this.#at;
    const end = this.text.indexOf('%', start + 1);
    if (end < 0) this.fail('the regular expression is not closed', start, this.text.length, ['%']);
    this.#regexes++;
    if (this.#regexes > maxRegexes) {
      this.fail(`a pattern takes ${maxRegexes} regular expressions`, start, end + 1);
    }
    this.#at = end + 1;
    return compileRegex(this.text.slice(start + 1, end), start + 1);
  }

  /** A word, a number or the like without quotes; undefined when something else comes. */
  bare(): string | undefined {
    return this.match(bare);
  }

  unexpected(expected: readonly string[] = []): never {
    if (this.isAtEnd) this.fail('the pattern ends too early', this.#at, this.#at, expected);
    const symbol = String.fromCodePoint(this.text.codePointAt(this.#at) ?? 0);
    this.fail(`unexpected symbol ${symbol}`, this.#at, this.#at + symbol.length, expected);
  }

  fail(what: string, start: number, end: number, expected: readonly string[] = []): never {
    throw new QueryError(what, { start, end }, expected);
  }
}
