import { call } from './held.ts';
import { double, literalNumber } from './literal.ts';
import { type Sql, sql } from './sql.ts';
import { type Address, presenceOf, type Scalar, type Value } from './value.ts';

/** VARCHAR as functions see it (a time is its milliseconds); NULL is missing, and what is a map or a list. */
export function textOf(value: Value): Sql {
  const text = bareText(value);
  if (value.presence === 'nullable') return text;
  if (value.presence === 'dash') return sql`coalesce(${text}, '-')`;
  return sql`coalesce(${text}, CASE WHEN ${value.presence.when} THEN '-' END)`;
}

/** NULL where the columns are NULL. */
function bareText(value: Value): Sql {
  switch (value.kind) {
    case 'address':
      return addressText(value);
    case 'text':
      return value.sql;
    case 'integer':
    case 'timestamp':
      return sql`${value.sql}::VARCHAR`;
    case 'double':
      return call('number_text', value.sql);
    case 'boolean':
      return sql`${value.sql}::INTEGER::VARCHAR`;
    case 'structure':
      return call('json_text', value.sql);
  }
}

function addressText({ ipv4, other }: Address): Sql {
  const text = call('ipv4_text', ipv4);
  return other ? sql`coalesce(${text}, ${other})` : text;
}

/** BIGINT, HUGEINT or DOUBLE; NULL when it is missing or no number. */
export function numberOf(value: Value): Sql {
  switch (value.kind) {
    case 'address':
      return value.other ? call('text_number', value.other) : sql`NULL::DOUBLE`;
    case 'text':
      return textNumber(value);
    case 'boolean':
      return sql`${value.sql}::BIGINT`;
    case 'structure':
      return call('text_number', bareText(value));
    default:
      return value.sql;
  }
}

/** The same as DOUBLE, as arithmetic takes it. */
export function doubleOf(value: Value): Sql {
  if (value.kind === 'text' || value.kind === 'structure') return numberOf(value);
  return value.kind === 'address' && !value.other ? sql`NULL::DOUBLE` : sql`${numberOf(value)}::DOUBLE`;
}

function textNumber(value: Scalar): Sql {
  if (value.literal === undefined) return call('text_number', value.sql);
  const number = literalNumber(value);
  return number === undefined ? sql`NULL::DOUBLE` : double(number);
}

/** The truth for a WHERE: BOOLEAN where NULL counts as false, plain over raw columns so that Parquet is asked less. */
export function conditionOf(value: Value): Sql {
  switch (value.kind) {
    case 'boolean':
      return value.condition ?? value.sql;
    case 'text':
    case 'structure':
      return call('text_truth', bareText(value));
    default:
      return sql`(${numberOf(value)} <> 0)`;
  }
}

/** The text of a result cell; NULL leaves the cell out. Times as `YYYY-MM-DD HH:MM:SS.mmm`, booleans as 1 and 0. */
export function renderOf(value: Value): Sql {
  if (value.kind === 'timestamp') return call('time_text', value.sql);
  if (value.kind === 'structure') return call('json_render', value.sql);
  return textOf(value);
}

/** Items of an ORDER BY, directions included, in the natural order of Insights; missing before all when ascending. */
export function sortKeysOf(value: Value, descending: boolean): readonly Sql[] {
  const direction = descending ? sql`DESC NULLS LAST` : sql`ASC NULLS FIRST`;
  return sortTerms(value).map((term) => sql`${term} ${direction}`);
}

/** A `-` is no number and so comes before them; between addresses the natural order is that of their numbers. */
function sortTerms(value: Value): readonly Sql[] {
  if (value.kind === 'text' || value.kind === 'structure') {
    return [numberOf(value), call('natural_key', textOf(value))];
  }
  const terms = value.kind === 'address' ? addressTerms(value) : [value.sql];
  return typeof value.presence === 'object' ? [presenceOf(value), ...terms] : terms;
}

/**
 * IPv4 addresses come before other addresses that begin with the same number, as `.` comes before `:` and letters; so
 * only those others are cut into runs.
 */
function addressTerms({ ipv4, other }: Address): readonly Sql[] {
  if (!other) return [ipv4];
  const first = sql`CASE WHEN ${other} IS NULL THEN 2 * (${ipv4} >> 24)::BIGINT ELSE ${call('first_number', other)} END`;
  return [first, ipv4, call('natural_key', other)];
}
