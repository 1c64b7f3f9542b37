import { parseField, parseName, parseWhole } from './expressions.ts';
import { acceptOption, parseBoolean } from './options.ts';
import type { TokenReader } from './token-reader.ts';
import type { AppendCols, CidrLookup, Field, Join, Lookup, Name, Query } from './tree.ts';

/*
 * Commands that bring in another table. Each is called when its word has been taken; `start` is where that word begins.
 */

const maxAppended = 100_000;

export function parseLookup(reader: TokenReader, start: number): Lookup {
  const table = parseTable(reader);
  const keys = reader.list(parseKey);
  reader.expectWord('OUTPUT');
  const output = reader.list(parseOutput);
  return { kind: 'lookup', table, keys, output, range: reader.rangeFrom(start) };
}

export function parseCidrLookup(reader: TokenReader, start: number): CidrLookup {
  const table = parseTable(reader);
  const field = parseField(reader);
  const cidrColumn = reader.acceptWord('as') ? { cidrColumn: parseName(reader) } : {};
  const onlyNew = reader.acceptWord('OUTPUTNEW');
  if (!onlyNew) reader.expectWord('OUTPUT');
  const output = reader.list(parseOutput);
  return { kind: 'cidrlookup', table, field, ...cidrColumn, onlyNew, output, range: reader.rangeFrom(start) };
}

/** A table's name may be written as a string. */
function parseTable(reader: TokenReader): Name {
  if (!reader.isKind('string', 'table')) return parseName(reader);
  const { value, range } = reader.take();
  return { name: value, range };
}

/** `column as field`; alone, the column is looked up by the field of the same name. */
function parseKey(reader: TokenReader): Lookup['keys'][number] {
  const { path } = reader.token;
  const column = parseName(reader);
  const field: Field = reader.acceptWord('as') ? parseField(reader) : { kind: 'field', ...column, path };
  return { column, field };
}

function parseOutput(reader: TokenReader): { column: Name; field: Name } {
  const column = parseName(reader);
  return { column, field: reader.acceptWord('as') ? parseName(reader) : column };
}

export function parseJoin(reader: TokenReader, start: number): Join {
  let type: Join['type'] = 'inner';
  let left: Name | undefined;
  let right: Name | undefined;
  while (!reader.isWord('where')) {
    if (acceptOption(reader, 'type')) type = parseJoinType(reader);
    else if (acceptOption(reader, 'left')) left = parseName(reader);
    else if (acceptOption(reader, 'right')) right = parseName(reader);
    else reader.unexpected();
  }
  if (left === undefined) return missing(reader, 'left=');
  if (right === undefined) return missing(reader, 'right=');
  if (left.name === right.name) reader.fail('left= and right= are two names', right.range);
  reader.take();
  const on = parseJoinKeys(reader, left.name, right.name);
  const source = parseJoined(reader);
  return { kind: 'join', type, left, right, on, source, range: reader.rangeFrom(start) };
}

function parseJoinType(reader: TokenReader): Join['type'] {
  if (reader.acceptWord('left')) return 'left';
  reader.expectWord('inner');
  return 'inner';
}

function missing(reader: TokenReader, option: string): never {
  reader.expecting(option);
  return reader.unexpected();
}

function parseJoinKeys(reader: TokenReader, left: string, right: string): Join['on'] {
  const keys = [parseJoinKey(reader, left, right)];
  while (reader.acceptWord('and')) keys.push(parseJoinKey(reader, left, right));
  return keys;
}

/** `A.k = B.k`, or the same the other way round. */
function parseJoinKey(reader: TokenReader, left: string, right: string): Join['on'][number] {
  const sides = [left, right];
  const first = parseSide(reader, sides);
  reader.expectSymbol('=');
  const second = parseSide(reader, first.side === left ? [right] : [left]);
  return first.side === left
    ? { left: first.field, right: second.field }
    : { left: second.field, right: first.field };
}

/** A field with the name of one of the sides before it. */
function parseSide(reader: TokenReader, sides: readonly string[]): { side: string; field: Field } {
  reader.expecting(...sides.map((side) => `${side}.field`));
  const { path } = reader.token;
  if (path.length < 2 || !sides.includes(path[0])) reader.unexpected();
  const field = parseField(reader);
  const rest = field.path.slice(1);
  return { side: field.path[0], field: { ...field, name: rest.join('.'), path: rest } };
}

function parseJoined(reader: TokenReader): Query {
  reader.expectSymbol('(');
  if (!reader.isWord('SOURCE')) reader.unexpected();
  return reader.subquery();
}

export function parseAppendCols(reader: TokenReader, start: number): AppendCols {
  let override = false;
  let max = 10_000;
  while (!reader.isSymbol('(')) {
    if (acceptOption(reader, 'override')) override = parseBoolean(reader);
    else if (acceptOption(reader, 'max')) max = parseMax(reader);
    else reader.unexpected();
  }
  reader.take();
  return { kind: 'appendcols', override, max, query: reader.subquery(), range: reader.rangeFrom(start) };
}

function parseMax(reader: TokenReader): number {
  const { range } = reader.token;
  const max = parseWhole(reader);
  if (max < 1 || max > maxAppended) reader.fail(`max takes 1 to ${maxAppended}, not ${max},`, range);
  return max;
}
