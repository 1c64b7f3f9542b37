import type { Token } from './lexer.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type {
  Arithmetic,
  Call,
  Column,
  Comparison,
  Expression,
  Field,
  In,
  InSubquery,
  Like,
  Name,
  Num,
  Period,
  PeriodUnit,
  Regex,
} from './tree.ts';

/** Words that are no field where an expression may begin, unless they have backticks. */
const reserved: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'like', 'as', 'by']);

const comparisons: readonly Comparison[] = ['=', '!=', '<', '<=', '>', '>='];

/**
 * An expression, from the loosest operator to the tightest: `or`, `and`, `not`, comparisons (which do not chain),
 * `+ -`, `* / %`, `^` (to the right), the sign. AWS documents no precedence; this is what its samples need.
 * @throws QueryError at the symbol that cannot stand where it does
 */
export function parseExpression(reader: TokenReader): Expression {
  return chain(reader, parseAnd, (at) => (at.acceptWord('or') ? 'or' : undefined));
}

function parseAnd(reader: TokenReader): Expression {
  return chain(reader, parseNot, (at) => (at.acceptWord('and') ? 'and' : undefined));
}

function parseNot(reader: TokenReader): Expression {
  if (!isWord(reader.token, 'not') && !isSymbol(reader.token, '!')) return parseComparison(reader);
  const start = reader.take().range.start;
  const operand = reader.nest(() => parseNot(reader));
  reader.height++;
  return { kind: 'unary', operator: 'not', operand, range: reader.rangeFrom(start) };
}

function parseComparison(reader: TokenReader): Expression {
  const { start } = reader.token.range;
  const left = parseSum(reader);
  const { height } = reader;
  const operator = acceptSymbolOf(reader, comparisons);
  if (operator !== undefined) {
    const right = parseSum(reader);
    reader.height = Math.max(height, reader.height) + 1;
    return { kind: 'binary', operator, left, right, range: reader.rangeFrom(start) };
  }
  const match = parseMatch(reader, start, left);
  if (match) reader.height = Math.max(height, reader.height) + 1;
  return match ?? left;
}

/** `=~ /re/`, `[not] like …`, `[not] in …`, if one of them follows. */
function parseMatch(
  reader: TokenReader,
  start: number,
  operand: Expression,
): Like | In | InSubquery | undefined {
  if (reader.acceptSymbol('=~')) {
    const pattern = parseRegex(reader);
    const range = reader.rangeFrom(start);
    return { kind: 'like', operator: '=~', negated: false, operand, pattern, range };
  }
  const negated = reader.acceptWord('not');
  if (reader.acceptWord('like')) {
    const pattern = isRegex(reader) ? parseRegex(reader) : parseSum(reader);
    return { kind: 'like', operator: 'like', negated, operand, pattern, range: reader.rangeFrom(start) };
  }
  if (reader.acceptWord('in')) return parseIn(reader, start, negated, operand);
  return negated ? reader.unexpected() : undefined;
}

function parseIn(reader: TokenReader, start: number, negated: boolean, operand: Expression): In | InSubquery {
  if (reader.acceptSymbol('(')) {
    if (!reader.isWord('SOURCE')) reader.unexpected();
    const query = reader.subquery();
    return { kind: 'inSubquery', negated, operand, query, range: reader.rangeFrom(start) };
  }
  reader.expectSymbol('[');
  let height = 0;
  const list = reader.list(() => {
    const item = parseSum(reader);
    height = Math.max(height, reader.height);
    return item;
  });
  reader.expectSymbol(']');
  reader.height = height;
  return { kind: 'in', negated, operand, list, range: reader.rangeFrom(start) };
}

function parseSum(reader: TokenReader): Expression {
  return chain(reader, parseProduct, (at) => acceptSymbolOf(at, ['+', '-']));
}

function parseProduct(reader: TokenReader): Expression {
  return chain(reader, parsePower, (at) => acceptSymbolOf(at, ['*', '/', '%']));
}

function parsePower(reader: TokenReader): Expression {
  const { start } = reader.token.range;
  const left = parseSign(reader);
  const { height } = reader;
  if (!reader.acceptSymbol('^')) return left;
  const right = reader.nest(() => parsePower(reader));
  reader.height = Math.max(height, reader.height) + 1;
  return { kind: 'binary', operator: '^', left, right, range: reader.rangeFrom(start) };
}

function parseSign(reader: TokenReader): Expression {
  const { start } = reader.token.range;
  if (!reader.acceptSymbol('-')) return parseOperand(reader);
  const operand = reader.nest(() => parseSign(reader));
  reader.height++;
  return { kind: 'unary', operator: '-', operand, range: reader.rangeFrom(start) };
}

/** Operands joined by operators of one level, from the left. */
function chain<Operator extends Arithmetic | 'and' | 'or'>(
  reader: TokenReader,
  operand: (reader: TokenReader) => Expression,
  accept: (reader: TokenReader) => Operator | undefined,
): Expression {
  const { start } = reader.token.range;
  let left = operand(reader);
  for (;;) {
    const { height } = reader;
    const operator = accept(reader);
    if (operator === undefined) return left;
    const right = operand(reader);
    reader.height = Math.max(height, reader.height) + 1;
    left = { kind: 'binary', operator, left, right, range: reader.rangeFrom(start) };
  }
}

function acceptSymbolOf<Symbols extends string>(
  reader: TokenReader,
  symbols: readonly Symbols[],
): Symbols | undefined {
  return symbols.find((symbol) => reader.acceptSymbol(symbol));
}

/** A literal, a field, a function or a parenthesis, and the steps that lead into it: `list[1].action`. */
export function parseOperand(reader: TokenReader): Expression {
  const { start } = reader.token.range;
  const { token } = reader;
  reader.height = 1;
  if (reader.isKind('number', 'number')) return parseNumber(reader);
  if (reader.isKind('string', 'string'))
    return { kind: 'string', value: reader.take().value, range: token.range };
  if (token.kind === 'period') return parsePeriod(reader);
  if (reader.acceptSymbol('(')) {
    const inside = reader.nest(() => parseExpression(reader));
    reader.expectSymbol(')');
    return parseSteps(reader, start, inside);
  }
  const named = isCall(reader) ? parseCall(reader) : parseField(reader);
  return parseSteps(reader, start, named);
}

/** @throws QueryError when there is none, or one that no double can hold */
export function parseNumber(reader: TokenReader): Num {
  const { text, range } = reader.expectKind('number', 'number');
  const value = Number(text);
  if (!Number.isFinite(value)) reader.fail('the number is too large', range);
  return { kind: 'number', value, text, range };
}

/** @throws QueryError when there is none, or one of no length */
export function parsePeriod(reader: TokenReader): Period {
  const period = parseOffset(reader);
  if (period.count === 0) reader.fail('a period is longer than nothing', period.range, ['5m']);
  return period;
}

/** A period, which may be none: `0s`. */
export function parseOffset(reader: TokenReader): Period {
  const { text, unit, range } = reader.expectKind('period', '5m');
  const count = Number.parseInt(text, 10);
  if (!Number.isSafeInteger(count)) reader.fail('the period is too long', range);
  return { kind: 'period', count, unit: unit as PeriodUnit, range };
}

function isCall(reader: TokenReader): boolean {
  const { token } = reader;
  return token.kind === 'name' && !token.quoted && !isReserved(token) && isSymbol(reader.ahead(1), '(');
}

function parseCall(reader: TokenReader): Call {
  const { text, range } = reader.take();
  const name: Name = { name: text, range };
  reader.expectSymbol('(');
  const star = reader.acceptSymbol('*');
  const args = star || reader.isSymbol(')') ? [] : parseArguments(reader);
  reader.expectSymbol(')');
  return { kind: 'call', name, args, star, range: reader.rangeFrom(range.start) };
}

function parseArguments(reader: TokenReader): readonly (Expression | Regex)[] {
  let height = 0;
  const args = reader.nest(() =>
    reader.list(() => {
      if (isRegex(reader)) return parseRegex(reader);
      const argument = parseExpression(reader);
      height = Math.max(height, reader.height);
      return argument;
    }),
  );
  reader.height = height + 1;
  return args;
}

function isRegex(reader: TokenReader): boolean {
  return reader.isKind('regex', '/regex/');
}

/** @throws QueryError when there is none */
export function parseRegex(reader: TokenReader): Regex {
  const { value, range } = reader.expectKind('regex', '/regex/');
  return { kind: 'regex', pattern: value, range };
}

function parseSteps(reader: TokenReader, start: number, operand: Expression): Expression {
  const steps: (string | number)[] = [];
  for (;;) {
    if (reader.token.kind === 'path') steps.push(...reader.take().path);
    else if (reader.acceptSymbol('[')) {
      steps.push(reader.isKind('string', 'string') ? reader.take().value : parseWhole(reader));
      reader.expectSymbol(']');
    } else break;
  }
  if (steps.length === 0) return operand;
  reader.height++;
  return { kind: 'member', operand, steps, range: reader.rangeFrom(start) };
}

/** @throws QueryError when there is no number of digits only */
export function parseWhole(reader: TokenReader, most = Number.MAX_SAFE_INTEGER): number {
  const { text } = reader.token;
  reader.expecting('number');
  if (!/^\d+$/.test(text) || Number(text) > most) reader.unexpected();
  return Number(reader.take().text);
}

/** @throws QueryError when there is none */
export function parseField(reader: TokenReader): Field {
  const token = acceptFieldName(reader);
  return { kind: 'field', name: token.path.join('.'), path: token.path, range: token.range };
}

function acceptFieldName(reader: TokenReader): Token {
  if (!reader.isKind('name', 'field') || isReserved(reader.token)) return reader.unexpected();
  return reader.take();
}

/** A name that the query gives, or that a lookup table has. */
export function parseName(reader: TokenReader): Name {
  const { path, range } = reader.expectKind('name', 'name');
  return { name: path.join('.'), range };
}

/** `as name`, if it follows; as properties, so that a node without it has no such property. */
export function parseAlias(reader: TokenReader): { readonly alias?: Name } {
  return reader.acceptWord('as') ? { alias: parseName(reader) } : {};
}

export function parseColumn(reader: TokenReader): Column {
  const { start } = reader.token.range;
  const expression = parseExpression(reader);
  const text = reader.text.slice(start, reader.rangeFrom(start).end);
  const alias = parseAlias(reader);
  return { expression, text, ...alias, range: reader.rangeFrom(start) };
}

function isReserved({ quoted, text }: Token): boolean {
  return !quoted && reserved.has(text.toLowerCase());
}
