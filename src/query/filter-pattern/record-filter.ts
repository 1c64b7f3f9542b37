import { QueryError } from '../../fault/index.ts';
import { type Field, fieldOf } from '../../record/fields.ts';
import type { LogFormat } from '../../record/log-format.ts';
import { call } from '../sql/held.ts';
import { double } from '../sql/literal.ts';
import { readRegex } from '../sql/regex.ts';
import { join, parameter, type Sql, sql } from '../sql/sql.ts';
import type { ConditionTree, Operand, Operator } from './condition.ts';
import type { Layout, PatternShape, Term, TokenTest } from './pattern-shape.ts';

/** Records of one format, as a scan offers them. */
export interface RecordColumns {
  readonly format: LogFormat;
  column(name: string): Sql;
  /** Whether some address may be no IPv4 address. */
  readonly otherAddresses: boolean;
}

/**
 * A condition on the columns of records, true of every record whose line the pattern matches and of few others; undefined
 * where the columns say nothing. It may be NULL, which is not true. Who asks has to look at the lines that are left.
 */
export function recordFilter(shape: PatternShape, records: RecordColumns): Sql | undefined {
  switch (shape.kind) {
    case 'terms':
      return termsFilter(shape, records);
    case 'json':
      // A line of several values that begins with a number is no JSON.
      return records.format.fields[0].type === 'string' ? undefined : sql`false`;
    case 'delimited':
      return layoutFilter(shape, records);
  }
}

function termsFilter(
  { join: joined, terms }: Extract<PatternShape, { kind: 'terms' }>,
  records: RecordColumns,
): Sql | undefined {
  if (terms.length === 0) return undefined;
  const tests = terms.map((term) => {
    const found = foundSql(term, records);
    return found && (term.isNegated ? sql`NOT ${found}` : found);
  });
  return joinKnown(tests, joined);
}

/** Whether a line has the term, exactly, and never NULL: lines are values with a space between them. */
function foundSql({ written }: Term, records: RecordColumns): Sql | undefined {
  if ('regex' in written) return matchesRegex(records.column('message'), written.regex);
  const { text } = written;
  if (text === '') return sql`true`;
  if (isBeyondUtf8(text)) return undefined;
  const term = sql`${parameter(text)}::VARCHAR`;
  // Numbers and IPv4 addresses are of digits and dots; a `-` stands for any value.
  if (/^[0-9.-]*$/.test(text) || text.includes(' '))
    return sql`contains(${records.column('message')}, ${term})`;
  const tests = textColumns(records).map((column) => sql`coalesce(contains(${column}, ${term}), false)`);
  return tests.length === 0 ? sql`false` : sql`(${join(tests, ' OR ')})`;
}

/** Columns that hold text: of string fields, and of addresses that are no IPv4 addresses. */
function textColumns({ format, column, otherAddresses }: RecordColumns): Sql[] {
  return format.fields.flatMap((field) => {
    if (field.type !== 'string') return [];
    if (!isAddress(field)) return [column(field.column)];
    return otherAddresses ? [column(`${field.column}_text`)] : [];
  });
}

/** Tokens are the values, one by one, unless a value is in quotes or brackets, or has space of its own. */
function layoutFilter({ before, after }: Layout, records: RecordColumns): Sql | undefined {
  const count = records.format.fields.length;
  const least = before.length + (after?.length ?? 0);
  const tests = count < least ? [sql`false`] : alignedTests({ before, after }, records);
  if (tests.length === 0) return undefined;
  return sql`(${join([sql`(${join(tests, ' AND ')})`, ...oddTests(records)], ' OR ')})`;
}

function alignedTests({ before, after }: Layout, records: RecordColumns): Sql[] {
  const { fields } = records.format;
  const afterStart = fields.length - (after?.length ?? 0);
  // Without `...` the last entry is the rest of the line.
  const whole = after || before.length === fields.length ? before : before.slice(0, -1);
  const entries = [
    ...whole.map((entry, i) => ({ entry, field: fields[i] })),
    ...(after ?? []).map((entry, i) => ({ entry, field: fields[afterStart + i] })),
  ];
  return entries.flatMap(({ entry, field }) => {
    const test = entry.tree && treeSql(entry.tree, (leaf) => tokenSql(leaf, field, records));
    return test ?? [];
  });
}

function oddTests(records: RecordColumns): Sql[] {
  const { format } = records;
  const texts = textColumns(records).map(
    (text) => sql`starts_with(${text}, '"') OR starts_with(${text}, '[') OR contains(${text}, chr(9))`,
  );
  const last = format.fields[format.fields.length - 1];
  if (last.type !== 'string') return texts;
  const ends = textColumns({ ...records, format: { ...format, fields: [last] } });
  return [...texts, ...ends.map((text) => sql`right(${text}, 1) <= ' '`)];
}

/** Undefined where it may hold of anything. */
function treeSql<Leaf>(tree: ConditionTree<Leaf>, leafSql: (leaf: Leaf) => Sql | undefined): Sql | undefined {
  if (tree.kind === 'one') return leafSql(tree.leaf);
  return joinKnown(
    tree.parts.map((part) => treeSql(part, leafSql)),
    tree.kind,
  );
}

/** Of conditions some of which are not known to be false. */
function joinKnown(parts: readonly (Sql | undefined)[], kind: 'all' | 'any'): Sql | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length === 0 || (kind === 'any' && known.length < parts.length)) return undefined;
  return sql`(${join(known, kind === 'all' ? ' AND ' : ' OR ')})`;
}

function tokenSql({ operator, operand }: TokenTest, field: Field, records: RecordColumns): Sql | undefined {
  const { written } = operand;
  if ('text' in written && isBeyondUtf8(written.text)) return undefined;
  return field.type === 'string'
    ? textTest(operator, operand, field, records)
    : numberTest(operator, operand, records.column(field.column));
}

/** A number without leading zeros, NULL for `-`. */
function numberTest(operator: Operator, { number, written }: Operand, column: Sql): Sql | undefined {
  if (number !== undefined) {
    if (!Number.isFinite(number)) return undefined;
    return operator === '!='
      ? sql`${column} IS DISTINCT FROM ${double(number)}`
      : sql`${column} ${words[operator]} ${double(number)}`;
  }
  return sameText(operator, written, sql`coalesce(${column}::VARCHAR, '-')`);
}

const words: Readonly<Record<Exclude<Operator, '!='>, Sql>> = {
  '=': sql`=`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

function textTest(
  operator: Operator,
  { number, written }: Operand,
  field: Field,
  records: RecordColumns,
): Sql | undefined {
  if (operator !== '=' && operator !== '!=')
    return isAddress(field) ? otherThanIpv4(field, records) : undefined;
  const text = isAddress(field)
    ? addressText(field, records)
    : sql`coalesce(${records.column(field.column)}, '-')`;
  const same = isAddress(field) ? sameAddress(operator, written, field, records) : undefined;
  if (same) return same;
  const equal = sameText(operator, written, text);
  if (!equal || number === undefined || operator === '!=') return equal;
  // Another spelling of the number has a sign, a leading zero, a fraction or an exponent.
  if (!('text' in written) || !/^[1-9][0-9]*$/.test(written.text)) return undefined;
  return sql`(${equal} OR regexp_matches(${text}, '^[-+0]|[.eE]'))`;
}

/** Equal to a text, like one with `*`, or matched by a regex: or not. */
function sameText(operator: Operator, written: Operand['written'], text: Sql): Sql | undefined {
  const isNot = operator === '!=';
  if ('regex' in written) {
    const found = matchesRegex(text, written.regex);
    return found && isNot ? sql`NOT ${found}` : found;
  }
  if (!written.text.includes('*')) {
    const value = sql`${parameter(written.text)}::VARCHAR`;
    return isNot ? sql`${text} <> ${value}` : sql`${text} = ${value}`;
  }
  const like = parameter(written.text.replace(/[\\%_]/g, '\\$&').replace(/\*+/g, '%'));
  return isNot
    ? sql`${text} NOT LIKE ${like}::VARCHAR ESCAPE '\\'`
    : sql`${text} LIKE ${like}::VARCHAR ESCAPE '\\'`;
}

/** A whole IPv4 address is compared as the number that it is kept as. */
function sameAddress(
  operator: Operator,
  written: Operand['written'],
  { column }: Field,
  records: RecordColumns,
): Sql | undefined {
  const number = 'text' in written ? ipv4Number(written.text) : undefined;
  if (number === undefined) return undefined;
  const same = sql`${records.column(column)} = ${parameter(number)}::UINTEGER`;
  return operator === '=' ? same : sql`(${same}) IS NOT TRUE`;
}

function ipv4Number(text: string): number | undefined {
  if (!/^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const octets = text.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function addressText({ column }: Field, records: RecordColumns): Sql {
  const ipv4 = call('ipv4_text', records.column(column));
  return records.otherAddresses
    ? sql`coalesce(${ipv4}, ${records.column(`${column}_text`)}, '-')`
    : sql`coalesce(${ipv4}, '-')`;
}

/** An IPv4 address is no number. */
function otherThanIpv4({ column }: Field, records: RecordColumns): Sql {
  return records.otherAddresses ? sql`${records.column(`${column}_text`)} IS NOT NULL` : sql`false`;
}

/** Undefined for what DuckDB may not take. */
function matchesRegex(text: Sql, regex: string): Sql | undefined {
  try {
    const { text: known } = readRegex(regex, { start: 0, end: regex.length });
    return sql`regexp_matches(${text}, ${parameter(known)}::VARCHAR)`;
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

/** Half a character, which is another one where it was stored. */
function isBeyondUtf8(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

const addresses: ReadonlySet<Field> = new Set(
  ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr'].flatMap((token) => fieldOf(token) ?? []),
);

function isAddress(field: Field): boolean {
  return addresses.has(field);
}
