import {
  parseAlias,
  parseExpression,
  parseField,
  parseNumber,
  parsePeriod,
  parseWhole,
} from './expressions.ts';
import { acceptOption, parseBoolean, parseToEnd } from './options.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type {
  Accum,
  AddTotals,
  AutoRegress,
  CountFrequent,
  FillDown,
  FillMissing,
  Name,
  Outlier,
  Sessionize,
} from './tree.ts';

/*
 * Commands over the rows in their order. Each is called when its word has been taken; `start` is where that word begins.
 */

/** Rows back in `autoregress`, each of which is a column. AWS names no bound. */
const maxLag = 100;

export function parseAddTotals(reader: TokenReader, start: number): AddTotals {
  let fieldName = 'Total';
  let row = true;
  let column = false;
  for (;;) {
    if (acceptOption(reader, 'fieldname')) fieldName = parseTotalName(reader);
    else if (acceptOption(reader, 'row')) row = parseBoolean(reader);
    else if (acceptOption(reader, 'col')) column = parseBoolean(reader);
    else break;
  }
  const fields = parseToEnd(reader, parseField);
  return { kind: 'addtotals', fieldName, row, column, fields, range: reader.rangeFrom(start) };
}

function parseTotalName(reader: TokenReader): string {
  if (reader.isKind('string', 'string')) return reader.take().value;
  return reader.expectKind('name', 'name').path.join('.');
}

export function parseAutoRegress(reader: TokenReader, start: number): AutoRegress {
  const field = parseField(reader);
  const alias = parseAlias(reader);
  const rows = acceptOption(reader, 'p') ? parseRows(reader) : { from: 1, to: 1 };
  return { kind: 'autoregress', field, ...alias, ...rows, range: reader.rangeFrom(start) };
}

/** `2`, or `1-4`. */
function parseRows(reader: TokenReader): { from: number; to: number } {
  const { start } = reader.token.range;
  const from = parseWhole(reader);
  const to = reader.acceptSymbol('-') ? parseWhole(reader) : from;
  if (from < 1 || to < from || to > maxLag) {
    reader.fail(`p takes rows from 1 to ${maxLag}, not ${from}-${to},`, reader.rangeFrom(start), ['p=1-3']);
  }
  return { from, to };
}

export function parseAccum(reader: TokenReader, start: number): Accum {
  const field = parseField(reader);
  const alias = parseAlias(reader);
  return { kind: 'accum', field, ...alias, range: reader.rangeFrom(start) };
}

export function parseFillDown(reader: TokenReader, start: number): FillDown {
  const names = parseToEnd(reader, parseWildcardName);
  return { kind: 'filldown', names, range: reader.rangeFrom(start) };
}

/** `bytes*`: names and `*` without spaces between them. */
function parseWildcardName(reader: TokenReader): Name {
  const { start } = reader.token.range;
  let name = '';
  while (name === '' || reader.token.range.start === reader.rangeFrom(start).end) {
    if (reader.isSymbol('*')) name += reader.take().text;
    else if (reader.isKind('name', 'field')) name += reader.take().path.join('.');
    else break;
  }
  if (name === '') reader.unexpected();
  return { name, range: reader.rangeFrom(start) };
}

export function parseFillMissing(reader: TokenReader, start: number): FillMissing {
  const values = reader.acceptWord('with') ? reader.list(parseFilling) : [];
  return { kind: 'fillmissing', values, range: reader.rangeFrom(start) };
}

/** `0 for f`; later ones may repeat the `with`. */
function parseFilling(reader: TokenReader): FillMissing['values'][number] {
  if (isWord(reader.token, 'with') && !isWord(reader.ahead(1), 'for')) reader.take();
  const value = parseExpression(reader);
  reader.expectWord('for');
  return { value, field: parseField(reader) };
}

export function parseOutlier(reader: TokenReader, start: number): Outlier {
  let action: Outlier['action'] = 'transform';
  let factor = 2.5;
  let lower = false;
  let mark = false;
  for (;;) {
    if (acceptOption(reader, 'action')) action = parseAction(reader);
    else if (acceptOption(reader, 'param')) factor = parseNumber(reader).value;
    else if (acceptOption(reader, 'uselower')) lower = parseBoolean(reader);
    else if (acceptOption(reader, 'mark')) mark = parseBoolean(reader);
    else break;
  }
  reader.expecting('field');
  if (reader.atEnd()) reader.unexpected();
  const fields = parseToEnd(reader, parseField);
  return { kind: 'outlier', action, factor, lower, mark, fields, range: reader.rangeFrom(start) };
}

function parseAction(reader: TokenReader): Outlier['action'] {
  if (reader.acceptWord('remove')) return 'remove';
  reader.expectWord('transform');
  return 'transform';
}

export function parseSessionize(reader: TokenReader, start: number): Sessionize {
  const fields = reader.list(parseField);
  const maxSpan = reader.acceptWord('maxspan') ? { maxSpan: parseSpan(reader) } : {};
  const alias = parseAlias(reader);
  return { kind: 'sessionize', fields, ...maxSpan, ...alias, range: reader.rangeFrom(start) };
}

function parseSpan(reader: TokenReader) {
  if (isSymbol(reader.token, '=')) reader.take();
  return parsePeriod(reader);
}

export function parseCountFrequent(reader: TokenReader, start: number): CountFrequent {
  return { kind: 'countFrequent', fields: reader.list(parseField), range: reader.rangeFrom(start) };
}
