import { RE2JS } from 're2js';
import { QueryError } from '../../fault/index.ts';

/** A regular expression of a filter pattern; it looks anywhere in the text, in time linear in its length. */
export interface Regex {
  readonly source: string;
  test(text: string): boolean;
}

/**
 * Instructions of a compiled regex. The worst text costs about 13 ns for each instruction and character, so that an event
 * of 1 MB takes 7 s at most; an IPv4 address takes 40.
 */
const maxProgram = 500;

/** The characters that AWS lists, and its escapes: classes, two hexadecimal digits, and any of the symbols. */
const allowed =
  /[A-Za-z0-9:_#=@/;,\-^$?[\]{}|*+.]|\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[:_#=@/;,\-^$?[\]{}|\\*+.])/y;

/**
 * @param offset of the regex in its pattern, for errors
 * @throws QueryError at a character that filter patterns do not take (parentheses, spaces, `!`, all beyond ASCII), or
 *   when the regex is none or repeats too much
 */
export function compileRegex(source: string, offset: number): Regex {
  checkCharacters(source, offset);
  const compiled = compile(source, offset);
  if (compiled.programSize() > maxProgram)
    throw refused('the regular expression repeats too much', source, offset);
  return { source, test: (text) => compiled.test(text) };
}

function compile(source: string, offset: number): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refused(`no regular expression: ${reason}`, source, offset);
  }
}

function refused(what: string, source: string, offset: number): QueryError {
  return new QueryError(what, { start: offset, end: offset + source.length });
}

function checkCharacters(source: string, offset: number): void {
  if (source === '')
    throw new QueryError('the regular expression is empty', { start: offset - 1, end: offset + 1 });
  let at = 0;
  while (at < source.length) {
    allowed.lastIndex = at;
    const found = allowed.exec(source)?.[0];
    if (found === undefined) throw unsupported(source, at, offset);
    at += found.length;
  }
}

function unsupported(source: string, at: number, offset: number): QueryError {
  const length = source[at] === '\\' ? Math.min(2, source.length - at) : characterAt(source, at).length;
  const found = source.slice(at, at + length);
  const range = { start: offset + at, end: offset + at + length };
  return new QueryError(
    `regular expressions of filter patterns do not take ${JSON.stringify(found)}`,
    range,
    ['\\xhh of its code'],
  );
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}
