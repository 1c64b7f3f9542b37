/** Where a JSON text goes wrong, counted from 1; a column is a UTF-16 unit of the line. */
export interface JsonProblem {
  readonly problem: string;
  readonly line: number;
  readonly column: number;
}

/** Deeper than any AWS output, and safe for whoever walks or clones the value by recursion. */
const deepest = 64;
const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];
const space = /[ \t\n\r]*/y;
const literal = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** `JSON.parse` for text from outside: refuses deep nesting, and says at which line and column the text is wrong. */
export function parseJson(text: string): { readonly value: unknown } | JsonProblem {
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) return problemAt(text, tooDeep, `nested deeper than ${deepest} levels`);
  try {
    return { value: JSON.parse(text) };
  } catch {
    const offset = errorOffset(text);
    return problemAt(text, offset, offset < text.length ? 'unexpected text' : 'the text ends too early');
  }
}

function problemAt(text: string, offset: number, problem: string): JsonProblem {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return { problem, line, column: offset - lineStart + 1 };
}

/** Runs over every file, hence on character codes; malformed text need only come out as not too deep. */
function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) i = stringEnd(text, i) - 1;
    else if (code === openBrace || code === openBracket) depth++;
    else if (code === closeBrace || code === closeBracket) depth--;
    if (depth > deepest) return i;
  }
  return undefined;
}

/** Behind the closing quote of the string that opens at `start`, or the end of the text. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i + 1;
  }
  return text.length;
}

type Awaited = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end';

/** The offset of the first token that the JSON grammar (RFC 8259) does not allow there. */
function errorOffset(text: string): number {
  const closers: string[] = [];
  let awaited: Awaited = 'value';
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const char = text.charAt(at);
    if (awaited === 'comma-or-end' && closers.length === 0) return at;
    const next = step(char, awaited, closers);
    if (next === undefined) return at;
    const end = tokenEnd(text, at);
    if (end === undefined) return at;
    awaited = next;
    at = skipSpace(text, end);
  }
  return text.length;
}

/** What is awaited after the token that begins with `char`; `undefined` when it may not stand here. */
function step(char: string, awaited: Awaited, closers: string[]): Awaited | undefined {
  if (char === closers.at(-1) && awaited.endsWith('-end')) {
    closers.pop();
    return 'comma-or-end';
  }
  if (awaited === 'comma-or-end')
    return char === ',' ? (closers.at(-1) === '}' ? 'key' : 'value') : undefined;
  if (awaited === 'colon') return char === ':' ? 'value' : undefined;
  if (awaited.startsWith('key')) return char === '"' ? 'colon' : undefined;
  if (char === '{') return push(closers, '}', 'key-or-end');
  if (char === '[') return push(closers, ']', 'value-or-end');
  return ':,}]'.includes(char) ? undefined : 'comma-or-end';
}

function push(closers: string[], closer: string, awaited: Awaited): Awaited {
  closers.push(closer);
  return awaited;
}

/** Behind the token at `at`; `undefined` when it is no JSON token. */
function tokenEnd(text: string, at: number): number | undefined {
  const char = text.charAt(at);
  if ('{}[]:,'.includes(char)) return at + 1;
  if (char === '"') return wellFormedStringEnd(text, at);
  literal.lastIndex = at;
  return literal.test(text) ? literal.lastIndex : undefined;
}

/** A string that does not end swallows the rest, so that the error is where the text ends. */
function wellFormedStringEnd(text: string, start: number): number | undefined {
  const end = stringEnd(text, start);
  if (text.charAt(end - 1) !== '"' || end === start + 1) return text.length;
  try {
    JSON.parse(text.slice(start, end));
    return end;
  } catch {
    return undefined;
  }
}

function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}
