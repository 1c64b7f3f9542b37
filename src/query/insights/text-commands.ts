import { parseExpression, parseField, parseName, parseOperand, parseRegex } from './expressions.ts';
import type { Token } from './lexer.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type { Diff, Expand, Expression, Field, Json, Name, Parse, Pattern, Range, Unnest } from './tree.ts';

/*
 * Commands that look into texts and structures. Each is called when its word has been taken; `start` is where that word
 * begins.
 */

export function parseParse(reader: TokenReader, start: number): Parse {
  const source = formFollows(reader) ? undefined : parseParsed(reader);
  const form = parseForm(reader);
  return { kind: 'parse', ...(source && { source }), form, range: reader.rangeFrom(start) };
}

function parseParsed(reader: TokenReader): Expression {
  reader.expecting('"glob"', '/regex/', 'logfmt', 'csv', 'xml');
  return parseOperand(reader);
}

/** Whether the form comes at once, without a source: a string, a regex, `logfmt as`, `csv as`, `xml "path"`. */
function formFollows(reader: TokenReader): boolean {
  const { token } = reader;
  if (token.kind === 'string' || token.kind === 'regex') return true;
  if (isWord(token, 'xml')) return reader.ahead(1).kind === 'string';
  return (isWord(token, 'logfmt') || isWord(token, 'csv')) && isWord(reader.ahead(1), 'as');
}

function parseForm(reader: TokenReader): Parse['form'] {
  const { start } = reader.token.range;
  if (reader.isKind('string', '"glob"')) return parseGlob(reader, start);
  if (reader.isKind('regex', '/regex/')) return parseRegexForm(reader, start);
  if (reader.acceptWord('logfmt')) {
    return { kind: 'logfmt', name: parseGivenName(reader), range: reader.rangeFrom(start) };
  }
  if (reader.acceptWord('csv'))
    return { kind: 'csv', names: parseGivenNames(reader), range: reader.rangeFrom(start) };
  reader.expectWord('xml');
  const path = reader.expectKind('string', "'/xpath'").value;
  return { kind: 'xml', path, name: parseGivenName(reader), range: reader.rangeFrom(start) };
}

function parseGlob(reader: TokenReader, start: number): Parse['form'] {
  const token = reader.take();
  reader.acceptWord('as');
  const names = reader.list(parseName);
  const range = reader.rangeFrom(start);
  checkGlob(reader, token, names, range);
  return { kind: 'glob', pattern: token.value, names, range };
}

function checkGlob(reader: TokenReader, { value }: Token, names: readonly Name[], range: Range): void {
  const wildcards = value.split('*').length - 1;
  if (wildcards === names.length) return;
  reader.fail(
    `parse takes one name for each *: found ${wildcards} * and ${counted(names.length, 'name')},`,
    range,
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function parseRegexForm(reader: TokenReader, start: number): Parse['form'] {
  const { pattern } = parseRegex(reader);
  const names = reader.acceptWord('as') ? reader.list(parseName) : [];
  const multi = reader.acceptWord('multi');
  return { kind: 'regex', pattern, names, multi, range: reader.rangeFrom(start) };
}

function parseGivenName(reader: TokenReader): Name {
  reader.expectWord('as');
  return parseName(reader);
}

function parseGivenNames(reader: TokenReader): readonly Name[] {
  reader.expectWord('as');
  return reader.list(parseName);
}

export function parseJson(reader: TokenReader, start: number): Json {
  const field = acceptFieldOption(reader);
  const path = reader.expectKind('string', '"path"').value;
  const name = parseGivenName(reader);
  return { kind: 'json', ...(field && { field }), path, name, range: reader.rangeFrom(start) };
}

function acceptFieldOption(reader: TokenReader): Field | undefined {
  reader.expecting('field=');
  if (!isWord(reader.token, 'field') || !isSymbol(reader.ahead(1), '=')) return undefined;
  reader.take();
  reader.take();
  return parseField(reader);
}

export function parsePattern(reader: TokenReader, start: number): Pattern {
  return { kind: 'pattern', field: parseExpression(reader), range: reader.rangeFrom(start) };
}

const periodsOfDiff = ['previousDay', 'previousWeek', 'previousMonth'] as const;

export function parseDiff(reader: TokenReader, start: number): Diff {
  const against = periodsOfDiff.find((word) => reader.acceptWord(word)) ?? 'previous';
  return { kind: 'diff', against, range: reader.rangeFrom(start) };
}

export function parseUnnest(reader: TokenReader, start: number): Unnest {
  const field = parseExpression(reader);
  reader.expectWord('into');
  return { kind: 'unnest', field, name: parseName(reader), range: reader.rangeFrom(start) };
}

export function parseExpand(reader: TokenReader, start: number): Expand {
  return { kind: 'expand', field: parseField(reader), range: reader.rangeFrom(start) };
}
