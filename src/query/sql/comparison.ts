import { parseAddress } from '../../ip/index.ts';
import type { Comparison } from '../insights/tree.ts';
import { call, holdLarge } from './held.ts';
import { bigint, double, literalNumber } from './literal.ts';
import { conditionOf, doubleOf, numberOf, textOf } from './readings.ts';
import { join, parameter, type Sql, sql } from './sql.ts';
import {
  type Address,
  booleanOf,
  columnsOf,
  isMissing,
  presenceOf,
  rebind,
  type Scalar,
  textLiteral,
  type Value,
} from './value.ts';

/**
 * `a = b`, `a < b` …: as numbers when both are numbers, else as texts for `=` and `!=`; an order that is not between
 * numbers is false, and so is every comparison with what is missing, a map or a list. The answer is a boolean.
 */
export function compare(operator: Comparison, left: Value, right: Value): Scalar {
  if (isMissing(left) || isMissing(right)) return booleanOf(no);
  if (isLiteral(left) && !isLiteral(right)) return compare(mirrored[operator], right, left);
  if (operator === '=') return booleanOf(isLiteral(right) ? equalsLiteral(left, right) : equal(left, right));
  if (operator === '!=') return booleanOf(isLiteral(right) ? differsFrom(left, right) : unequal(left, right));
  return booleanOf(inOrder(operator, left, right));
}

/** Whether the value equals any of the items; false when it is missing. */
export function oneOf(value: Value, items: readonly Value[]): Scalar {
  return booleanOf(isMissing(value) ? no : held(value, (once) => anyEqual(once, items)));
}

/** Whether the value is there and equals none of the items. */
export function noneOf(value: Value, items: readonly Value[]): Scalar {
  if (isMissing(value)) return booleanOf(no);
  return booleanOf(
    held(value, (once) => sql`(${presenceOf(once)} AND ${anyEqual(once, items)} IS NOT TRUE)`),
  );
}

/** What `body` makes of the value, whose columns it writes for the presence and for each type of items. */
function held(value: Value, body: (once: Value) => Sql): Sql {
  if (isLiteral(value)) return body(value);
  const columns = columnsOf(value);
  return holdLarge(columns, (short) => body(short === columns ? value : rebind(value, short)));
}

type Order = Exclude<Comparison, '=' | '!='>;

const no = sql`false`;
const mirrored = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
const signs: Readonly<Record<Comparison, Sql>> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

function isLiteral(value: Value): value is Scalar & { readonly literal: string | number } {
  return value.kind !== 'address' && value.literal !== undefined;
}

/** Kinds whose SQL is a number or a truth; what is in them never compares as text, but for a `-`. */
function isNumeric(value: Value): boolean {
  return value.kind !== 'address' && value.kind !== 'text' && value.kind !== 'structure';
}

/** INTEGER or BIGINT in SQL. */
function isWhole(value: Value): value is Scalar {
  return value.kind === 'integer' || value.kind === 'timestamp';
}

function inOrder(order: Order, left: Value, right: Value): Sql {
  if (!isLiteral(right))
    return sql`(${doubleIfMixed(left, right)} ${signs[order]} ${doubleIfMixed(right, left)})`;
  const number = literalNumber(right);
  if (number === undefined || (left.kind === 'address' && !left.other)) return no;
  if (!isWhole(left)) return sql`(${doubleOf(left)} ${signs[order]} ${double(number)})`;
  const bound = order === '<' || order === '>=' ? Math.ceil(number) : Math.floor(number);
  if (Math.abs(bound) < 2 ** 63) return sql`(${left.sql} ${signs[order]} ${bigint(bound)})`;
  return bound > 0 === (order === '<' || order === '<=') ? sql`(${left.sql} IS NOT NULL)` : no;
}

/** Columns of whole numbers compare as they are. */
function doubleIfMixed(value: Value, other: Value): Sql {
  return isWhole(value) && isWhole(other) ? value.sql : doubleOf(value);
}

/** A comparison with a literal as one of a column with an item of its type, so that it reaches the storage. */
interface Test {
  readonly column: 'raw' | 'ipv4' | 'other' | 'number' | 'text';
  readonly item: Sql;
}

/** `dash` for a `-` that a column does not hold; undefined where nothing can equal the literal. */
function testFor(value: Value, right: Scalar): Test | 'dash' | undefined {
  const number = literalNumber(right);
  if (value.kind === 'address') return addressTest(value, String(right.literal), number);
  if (isWhole(value) && number !== undefined) {
    return Number.isInteger(number) && Math.abs(number) < 2 ** 63
      ? { column: 'raw', item: bigint(number) }
      : undefined;
  }
  if (number !== undefined) return { column: 'number', item: double(number) };
  if (right.literal === '-' && value.presence !== 'nullable') return 'dash';
  return isNumeric(value) ? undefined : { column: value.kind === 'text' ? 'raw' : 'text', item: right.sql };
}

function addressTest(value: Address, text: string, number: number | undefined): Test | 'dash' | undefined {
  const address = parseAddress(text);
  if (address?.family === 4)
    return { column: 'ipv4', item: sql`${parameter(address.words[3] >>> 0)}::UINTEGER` };
  if (text === '-') return 'dash';
  if (!value.other) return undefined;
  return number === undefined
    ? { column: 'other', item: textLiteral(text).sql }
    : { column: 'number', item: double(number) };
}

function columnOf(value: Value, column: Test['column']): Sql {
  if (column === 'number') return doubleOf(value);
  if (column === 'text') return textOf(value);
  if (value.kind !== 'address') return value.sql;
  return column === 'other' && value.other ? value.other : value.ipv4;
}

/** TRUE where it equals; FALSE or NULL elsewhere. */
function equalsLiteral(value: Value, right: Scalar): Sql {
  const test = testFor(value, right);
  if (test === undefined) return no;
  if (test === 'dash') return isDash(value);
  return sql`(${columnOf(value, test.column)} = ${test.item})`;
}

/** Only for fields, whose columns are short. */
function isDash(value: Value): Sql {
  if (value.kind === 'text') return sql`(${textOf(value)} = '-')`;
  const empty = value.kind === 'address' ? addressColumns(value) : [value.sql];
  const nulls = empty.map((column) => sql`${column} IS NULL`);
  const dash = sql`(${join([...nulls, presenceOf(value)], ' AND ')})`;
  return value.kind === 'address' && value.other ? sql`(${dash} OR ${value.other} = '-')` : dash;
}

function addressColumns({ ipv4, other }: Address): readonly Sql[] {
  return other ? [ipv4, other] : [ipv4];
}

/** Whether the value is there and is not the literal. */
function differsFrom(value: Value, right: Scalar): Sql {
  const test = testFor(value, right);
  if (test === undefined) return presenceOf(value);
  if (test === 'dash') return sql`(${presenceOf(value)} AND ${isDash(value)} IS NOT TRUE)`;
  if (test.column === 'number' && !isNumeric(value)) return call('number_differs', textOf(value), test.item);
  const column = columnOf(value, test.column);
  const differs = sql`${column} <> ${test.item}`;
  if (value.presence === 'nullable' && !(value.kind === 'address' && value.other)) return sql`(${differs})`;
  const orElse = sql`(${differs} OR ${column} IS NULL)`;
  return value.presence === 'dash' ? orElse : sql`(${presenceOf(value)} AND ${orElse})`;
}

function anyEqual(value: Value, items: readonly Value[]): Sql {
  const lists = new Map<Test['column'], Sql[]>();
  const others: Sql[] = [];
  for (const item of items) {
    if (isMissing(item)) continue;
    const test = isLiteral(item) ? testFor(value, item) : undefined;
    if (test === undefined || test === 'dash') {
      others.push(isLiteral(item) ? equalsLiteral(value, item) : conditionOf(compare('=', value, item)));
    } else lists.set(test.column, [...(lists.get(test.column) ?? []), test.item]);
  }
  const groups = [...lists].map(([column, list]) =>
    list.length === 1
      ? sql`${columnOf(value, column)} = ${list[0]}`
      : sql`${columnOf(value, column)} IN (${join(list)})`,
  );
  const all = [...groups, ...others.filter((condition) => condition !== no)];
  return all.length === 0 ? no : sql`(${join(all, ' OR ')})`;
}

function equal(left: Value, right: Value): Sql {
  if (bothBare(left, right)) return sql`(${numberOf(left)} = ${numberOf(right)})`;
  if (sameColumns(left, right)) {
    const [a, b] = [rawColumn(left), rawColumn(right)];
    if (left.presence === 'dash' && right.presence === 'dash') return sql`(${a} IS NOT DISTINCT FROM ${b})`;
    return sql`(${a} IS NOT DISTINCT FROM ${b} AND ${presenceOf(left)} AND ${presenceOf(right)})`;
  }
  return call('text_equal', textOf(left), textOf(right));
}

function unequal(left: Value, right: Value): Sql {
  if (bothBare(left, right)) return sql`(${numberOf(left)} <> ${numberOf(right)})`;
  if (sameColumns(left, right)) {
    const [a, b] = [rawColumn(left), rawColumn(right)];
    if (left.presence === 'dash' && right.presence === 'dash') return sql`(${a} IS DISTINCT FROM ${b})`;
    return sql`(${a} IS DISTINCT FROM ${b} AND ${presenceOf(left)} AND ${presenceOf(right)})`;
  }
  return call('text_unequal', textOf(left), textOf(right));
}

/** Numbers that cannot be a `-`. */
function bothBare(left: Value, right: Value): boolean {
  return isNumeric(left) && isNumeric(right) && left.presence === 'nullable' && right.presence === 'nullable';
}

/** Both integers, or both IPv4: two fields of a record, whose columns compare as their texts do. */
function sameColumns(left: Value, right: Value): boolean {
  if (left.presence === 'nullable' || right.presence === 'nullable') return false;
  if (left.kind === 'address') return right.kind === 'address' && !left.other && !right.other;
  return left.kind === 'integer' && right.kind === 'integer';
}

function rawColumn(value: Value): Sql {
  return value.kind === 'address' ? value.ipv4 : value.sql;
}
