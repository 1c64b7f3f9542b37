import { QueryError } from '../../fault/index.ts';
import { type Token, type TokenKind, tokenizeInsights } from './lexer.ts';
import type { Query, Range } from './tree.ts';

/** As they stand one character before the token that is refused, or behind that. */
const foreignOperators: readonly { pattern: RegExp; ours: readonly string[] }[] = [
  { pattern: /^.?&&/, ours: ['and instead of &&'] },
  { pattern: /^\|\|/, ours: ['or instead of ||'] },
  { pattern: /^==/, ours: ['= instead of =='] },
  { pattern: /^<>/, ours: ['!= instead of <>'] },
  { pattern: /^.?is\s+null\b/i, ours: ['not ispresent(field) instead of is null'] },
  { pattern: /^.?is\s+not\s+null\b/i, ours: ['ispresent(field) instead of is not null'] },
];

/** Parentheses, functions, signs and subqueries within each other. The parser's own stack is bounded by it. */
const maxNesting = 100;
/** Levels of an expression's tree; `a or b or c` has one for each operator. Whoever walks a tree may do so by recursion. */
const maxHeight = 500;

/**
 * The tokens of a query, one after the other. It remembers what was asked for at the present one, which is what an
 * error says was expected.
 */
export class TokenReader {
  readonly text: string;
  readonly #tokens: readonly Token[];
  readonly #subquery: (reader: TokenReader) => Query;
  readonly #expected = new Set<string>();
  #at = 0;
  #nesting = 0;
  /** Levels of the expression that was read last. */
  #height = 0;

  constructor(text: string, subquery: (reader: TokenReader) => Query) {
    this.text = text;
    this.#tokens = tokenizeInsights(text).filter(({ kind }) => kind !== 'comment');
    this.#subquery = subquery;
  }

  get token(): Token {
    return this.#tokens[this.#at];
  }

  /** The token `steps` after the present one. */
  ahead(steps: number): Token {
    return this.#tokens[Math.min(this.#at + steps, this.#tokens.length - 1)];
  }

  /** From `start` to the end of the last token that was taken. */
  rangeFrom(start: number): Range {
    return { start, end: this.#at === 0 ? start : this.#tokens[this.#at - 1].range.end };
  }

  take(): Token {
    const taken = this.token;
    this.#at++;
    this.#expected.clear();
    return taken;
  }

  isWord(word: string): boolean {
    this.#expected.add(word);
    return isWord(this.token, word);
  }

  isSymbol(symbol: string): boolean {
    this.#expected.add(symbol);
    return isSymbol(this.token, symbol);
  }

  /** `shown` is what the kind is called where an error lists what was expected. */
  isKind(kind: TokenKind, shown: string): boolean {
    this.#expected.add(shown);
    return this.token.kind === kind;
  }

  acceptWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.take();
    return found;
  }

  acceptSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.take();
    return found;
  }

  expectWord(word: string): void {
    if (!this.acceptWord(word)) this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) this.unexpected();
  }

  expectKind(kind: TokenKind, shown: string): Token {
    if (!this.isKind(kind, shown)) this.unexpected();
    return this.take();
  }

  /** Says what else would have been accepted here. */
  expecting(...shown: readonly string[]): void {
    for (const each of shown) this.#expected.add(each);
  }

  /** Whether a query or one of its commands ends here. */
  atEnd(): boolean {
    const { token } = this;
    return token.kind === 'end' || isSymbol(token, '|') || isSymbol(token, ')');
  }

  /** Items with commas between them. */
  list<T>(item: (reader: TokenReader) => T): readonly T[] {
    const items = [item(this)];
    while (this.acceptSymbol(',')) items.push(item(this));
    return items;
  }

  /** `(SOURCE … | …)`, the parenthesis already taken. */
  subquery(): Query {
    const query = this.nest(() => this.#subquery(this));
    this.expectSymbol(')');
    return query;
  }

  /** @throws QueryError when this is too deep within others of its like */
  nest<T>(read: () => T): T {
    if (this.#nesting === maxNesting) this.#tooDeep();
    this.#nesting++;
    const result = read();
    this.#nesting--;
    return result;
  }

  get height(): number {
    return this.#height;
  }

  /** @throws QueryError when the expression has too many levels */
  set height(levels: number) {
    if (levels > maxHeight) this.#tooDeep();
    this.#height = levels;
  }

  /** Throws: the sentence of AWS, and what would have been accepted. */
  unexpected(token: Token = this.token): never {
    const shown = token.kind === 'end' ? '<EOF>' : shortened(token.text);
    const what =
      token.value !== '' && token.kind === 'invalid' ? token.value : `unexpected symbol found ${shown}`;
    const expected = token === this.token ? [...this.#expected] : [];
    this.fail(what, token.range, this.#foreign(token) ?? expected);
  }

  /** What Insights has for an operator of SQL or of another language that is read at the token. */
  #foreign({ range }: Token): readonly string[] | undefined {
    const rest = this.text.slice(Math.max(0, range.start - 1));
    return foreignOperators.find(({ pattern }) => pattern.test(rest))?.ours;
  }

  fail(what: string, range: Range, expected: readonly string[] = []): never {
    throw new QueryError(`${what} ${positionIn(this.text, range.start)}`, range, expected);
  }

  #tooDeep(): never {
    this.fail(`more than ${maxNesting} levels within each other, or ${maxHeight} in a row`, this.token.range);
  }
}

export function isWord({ kind, quoted, text }: Token, word: string): boolean {
  return kind === 'name' && !quoted && text.toLowerCase() === word.toLowerCase();
}

export function isSymbol({ kind, text }: Token, symbol: string): boolean {
  return kind === 'symbol' && text === symbol;
}

/** Lines from 1 and positions in them from 0, as AWS counts. */
function positionIn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const position = offset - (before.lastIndexOf('\n') + 1);
  return `at line ${before.split('\n').length} and position ${position}`;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
