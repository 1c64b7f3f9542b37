import {
  parseAlias,
  parseColumn,
  parseExpression,
  parseField,
  parseOffset,
  parseWhole,
} from './expressions.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type {
  Dedup,
  Display,
  Expression,
  Fields,
  Filter,
  FilterIndex,
  Limit,
  Sort,
  SortKey,
  Stats,
  Unmask,
} from './tree.ts';

/*
 * Commands that choose, filter, group and order rows. Each is called when its word has been taken; `start` is where
 * that word begins.
 */

const maxLimit = 100_000;

export function parseFields(reader: TokenReader, start: number): Fields {
  return { kind: 'fields', columns: reader.list(parseColumn), range: reader.rangeFrom(start) };
}

export function parseDisplay(reader: TokenReader, start: number): Display {
  return { kind: 'display', columns: reader.list(parseColumn), range: reader.rangeFrom(start) };
}

export function parseUnmask(reader: TokenReader, start: number): Unmask {
  return { kind: 'unmask', columns: reader.list(parseColumn), range: reader.rangeFrom(start) };
}

export function parseFilter(reader: TokenReader, start: number): Filter {
  return { kind: 'filter', condition: parseExpression(reader), range: reader.rangeFrom(start) };
}

export function parseFilterIndex(reader: TokenReader, start: number): FilterIndex {
  const condition = parseExpression(reader);
  checkIndexed(reader, condition);
  return { kind: 'filterIndex', condition, range: reader.rangeFrom(start) };
}

/** Only what an index of fields can answer: `field = value`, `field in [..]`, and both joined by `and`. */
function checkIndexed(reader: TokenReader, condition: Expression): void {
  if (condition.kind === 'binary' && condition.operator === 'and') {
    checkIndexed(reader, condition.left);
    checkIndexed(reader, condition.right);
    return;
  }
  const answers =
    condition.kind === 'in' ? !condition.negated : condition.kind === 'binary' && condition.operator === '=';
  const field = condition.kind === 'in' ? condition.operand : condition.kind === 'binary' && condition.left;
  if (answers && field && field.kind === 'field') return;
  const sentence = 'filterIndex takes only a field = a value, a field in [values], and these joined by and';
  reader.fail(sentence, condition.range, ['field = value', 'field in [value]']);
}

export function parseStats(reader: TokenReader, start: number): Stats {
  const aggregates = reader.list(parseColumn);
  const by = reader.acceptWord('by') ? reader.list(parseColumn) : [];
  const offset = by.length > 0 && reader.acceptWord('offset') ? { offset: parseOffset(reader) } : {};
  return { kind: 'stats', aggregates, by, ...offset, range: reader.rangeFrom(start) };
}

export function parseSort(reader: TokenReader, start: number): Sort {
  reader.acceptWord('by');
  return { kind: 'sort', keys: reader.list(parseSortKey), range: reader.rangeFrom(start) };
}

function parseSortKey(reader: TokenReader): SortKey {
  const { token } = reader;
  const following = reader.ahead(1);
  const alone = following.kind === 'end' || isSymbol(following, '|') || isSymbol(following, ',');
  if (alone && (isWord(token, 'asc') || isWord(token, 'desc'))) {
    reader.expecting('field');
    reader.unexpected();
  }
  const expression = parseExpression(reader);
  const alias = parseAlias(reader);
  const descending = reader.acceptWord('desc');
  if (!descending) reader.acceptWord('asc');
  return { expression, ...alias, descending, range: reader.rangeFrom(token.range.start) };
}

export function parseLimit(reader: TokenReader, start: number): Limit {
  const any = reader.acceptWord('any');
  const { range } = reader.token;
  const { text } = reader.token;
  const count = parseWhole(reader, Number.POSITIVE_INFINITY);
  if (count < 1 || count > maxLimit) reader.fail(`limit takes 1 to ${maxLimit}, not ${text},`, range);
  return { kind: 'limit', count, any, range: reader.rangeFrom(start) };
}

export function parseDedup(reader: TokenReader, start: number): Dedup {
  return { kind: 'dedup', fields: reader.list(parseField), range: reader.rangeFrom(start) };
}
