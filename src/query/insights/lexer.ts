import { periodUnit } from './period.ts';
import type { PeriodUnit, Range } from './tree.ts';

/** What an editor colours by. `path` is the rest of a name after `)` or `]`: `.action`. `end` has no characters. */
export type TokenKind =
  | 'name'
  | 'string'
  | 'regex'
  | 'number'
  | 'period'
  | 'symbol'
  | 'path'
  | 'comment'
  | 'invalid'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly range: Range;
  /** As written. */
  readonly text: string;
  /** What a string or a regex says, its escapes undone; what is wrong with an invalid token, if not that it is there. */
  readonly value: string;
  /** The segments of a name or a path. */
  readonly path: readonly string[];
  /** Whether a name has backticks: then it is never a keyword. */
  readonly quoted: boolean;
  readonly unit?: PeriodUnit;
}

/** One pair of parentheses, or the whole query: which command is being read in it. */
interface Frame {
  command: string;
  /** Whether the next word is a command. */
  begins: boolean;
}

const space = /\s+/y;
const comment = /#[^\n]*/y;
const name = /(?:@*[A-Za-z_]\w*|`[^`]+`)(?:\.(?:@*\w+|`[^`]+`))*/y;
const path = /(?:\.(?:@*\w+|`[^`]+`))+/y;
const number = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
const word = /\w+/y;
const symbol = /=~|[!<>]=|[=<>!+\-*/%^()[\]{},:|]/y;
const placeholder = /\{\{\s*[\w-]+\s*\}\}/y;
/** A log group's name without quotes, as SOURCE takes it. */
const groupName = /[\w./-]+/y;

/** Words after which an operand comes, so that a `/` begins a regex. */
const beforeOperand: ReadonlySet<string> = new Set(['like', 'and', 'or', 'not', 'in', 'by']);

/** Commands whose parenthesis holds a query. */
const withSubquery: ReadonlySet<string> = new Set(['join', 'appendcols']);

/**
 * The tokens of a query, comments included, the last of kind `end`. Never throws: what cannot be read is a token of
 * kind `invalid`, so that an editor can colour a text that is still being typed.
 */
export function tokenizeInsights(text: string): readonly Token[] {
  return new Lexer(text).tokens();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  readonly #frames: Frame[] = [{ command: '', begins: true }];
  #at = 0;
  /** The last token that is no comment. */
  #previous: Token | undefined;
  #previousIsCommand = false;

  constructor(text: string) {
    this.#text = text;
  }

  tokens(): readonly Token[] {
    for (;;) {
      this.#at += this.#match(space)?.length ?? 0;
      if (this.#at >= this.#text.length) break;
      const token = this.#next();
      this.#tokens.push(token);
      this.#at = token.range.end;
      if (token.kind !== 'comment') this.#follow(token);
    }
    return [...this.#tokens, this.#token('end', '')];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #next(): Token {
    const first = this.#text[this.#at];
    if (first === '#') return this.#token('comment', this.#match(comment) ?? first);
    if (first === '"' || first === "'") return this.#string(first);
    if (this.#takesGroupName()) {
      const group = this.#match(groupName);
      if (group !== undefined) return this.#token('name', group, { path: [group] });
    }
    if (first === '/' && this.#takesRegex()) return this.#regex();
    return this.#placeholder() ?? this.#name() ?? this.#number() ?? this.#symbol();
  }

  #placeholder(): Token | undefined {
    const found = this.#match(placeholder);
    if (found === undefined) return undefined;
    const value = `the parameter ${found} has no value; parameters belong to saved queries and are replaced before they run`;
    return this.#token('invalid', found, { value });
  }

  #name(): Token | undefined {
    const after = this.#previous;
    const follows = after !== undefined && after.range.end === this.#at && /[)\]]$/.test(after.text);
    const rest = follows ? this.#match(path) : undefined;
    if (rest !== undefined) return this.#token('path', rest, segments(rest.slice(1)));
    const found = this.#match(name);
    return found === undefined ? undefined : this.#token('name', found, segments(found));
  }

  #number(): Token | undefined {
    const digits = this.#match(number);
    if (digits === undefined) return undefined;
    word.lastIndex = this.#at + digits.length;
    const letters = word.exec(this.#text)?.[0];
    if (letters === undefined) return this.#token('number', digits);
    const unit = /^\d+$/.test(digits) ? periodUnit(letters) : undefined;
    return unit === undefined
      ? this.#token('invalid', digits + letters)
      : this.#token('period', digits + letters, { unit });
  }

  #symbol(): Token {
    const found = this.#match(symbol);
    if (found !== undefined) return this.#token('symbol', found);
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    return this.#token('invalid', character, {
      value: character === '`' ? 'the backtick is not closed' : '',
    });
  }

  #string(quote: string): Token {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) {
      return this.#token('invalid', this.#text.slice(this.#at), { value: 'the string is not closed' });
    }
    const value = unescapeString(this.#text.slice(this.#at + 1, end));
    return this.#token('string', this.#text.slice(this.#at, end + 1), { value });
  }

  #regex(): Token {
    const end = regexEnd(this.#text, this.#at + 1);
    if (end === undefined) {
      const value = 'the regular expression is not closed';
      return this.#token('invalid', this.#text.slice(this.#at), { value });
    }
    const value = this.#text
      .slice(this.#at + 1, end)
      .replace(/\\[\s\S]/g, (pair) => (pair === '\\/' ? '/' : pair));
    return this.#token('regex', this.#text.slice(this.#at, end + 1), { value });
  }

  /** Whether a bare word here may be the name of a log group: beside SOURCE, but not in `START=-1w`. */
  #takesGroupName(): boolean {
    const before = this.#previous?.text;
    return this.#frames[this.#frames.length - 1].command === 'source' && before !== '=' && before !== '-';
  }

  /** Whether a `/` here begins a regex: where an operand is due, and everywhere outside of parentheses after `parse`. */
  #takesRegex(): boolean {
    if (this.#previous === undefined || this.#previousIsCommand) return true;
    if (this.#frames[this.#frames.length - 1].command === 'parse') return true;
    const { kind, text, quoted } = this.#previous;
    if (kind === 'name') return !quoted && beforeOperand.has(text.toLowerCase());
    return kind === 'symbol' && text !== ')' && text !== ']';
  }

  #follow(token: Token): void {
    const frame = this.#frames[this.#frames.length - 1];
    const isCommand = frame.begins && token.kind === 'name' && !token.quoted;
    if (isCommand) frame.command = token.text.toLowerCase();
    frame.begins = false;
    if (token.kind === 'symbol') this.#followSymbol(token.text, frame);
    this.#previous = token;
    this.#previousIsCommand = isCommand;
  }

  #followSymbol(text: string, frame: Frame): void {
    if (text === '|') {
      frame.begins = true;
      frame.command = '';
    } else if (text === '(') {
      const isSubquery = withSubquery.has(frame.command) || this.#previous?.text.toLowerCase() === 'in';
      this.#frames.push({ command: '', begins: isSubquery });
    } else if (text === ')' && this.#frames.length > 1) this.#frames.pop();
  }

  #token(kind: TokenKind, text: string, more: Partial<Token> = {}): Token {
    const range = { start: this.#at, end: this.#at + text.length };
    return { kind, range, text, value: '', path: [], quoted: false, ...more };
  }
}

/** A name at its dots; dots between backticks are no boundaries. */
function segments(text: string): Pick<Token, 'path' | 'quoted'> {
  const found = [...text.matchAll(/`([^`]+)`|[^.`]+/g)].map(([plain, inside]) => inside ?? plain);
  return { path: found, quoted: text.includes('`') };
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** A backslash before any other character stays, so that `"\d+"` is what it looks like. */
function unescapeString(text: string): string {
  return text.replace(/\\([\s\S])/g, (pair, character: string) => escapes[character] ?? pair);
}

/** Where the `/` is that ends the regex: none that is escaped or stands in a character class. */
function regexEnd(text: string, start: number): number | undefined {
  let classStart: number | undefined;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (classStart === undefined) {
      if (character === '/') return at;
      if (character === '[') classStart = text[at + 1] === '^' ? at + 2 : at + 1;
    } else if (character === ']' && at > classStart) classStart = undefined;
  }
  return undefined;
}
