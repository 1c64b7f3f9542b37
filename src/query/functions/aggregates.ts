import { QueryError } from '../../fault/index.ts';
import type { Call } from '../insights/tree.ts';
import { bigint, double as doubleLiteral } from '../sql/literal.ts';
import { doubleOf, numberOf, textOf } from '../sql/readings.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, isMissing, missing, presenceOf, type Scalar, scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn, type Surroundings } from './function.ts';
import { periodMs } from './time-bin.ts';

const integer = (code: Sql): Value => scalar('integer', code);
const double = (code: Sql): Value => scalar('double', code);

/**
 * Over the rows of a group. A `-` is no number: sums and extremes pass over it; counts, first and last values do not.
 */
export const aggregateFunctions: readonly CompiledFunction[] = [
  fn('count', 'aggregate', 'f?', 'How many events there are, or how many have the field', (args) =>
    integer(args.count === 0 ? sql`count(*)` : countOf(args.value(0))),
  ),
  fn(
    'count_distinct countDistinct',
    'aggregate',
    'f',
    'How many different values the field has, exactly',
    (args) => integer(distinctOf(args.value(0))),
  ),
  fn('sum', 'aggregate', 'f', 'The sum of the numbers', (args) => sumOf(args.value(0))),
  fn('avg', 'aggregate', 'f', 'The mean of the numbers', (args) => double(meanOf(args.value(0)))),
  fn('min', 'aggregate', 'f', 'The least number; where there is none, the first text', (args) =>
    extreme(args.value(0), 'least'),
  ),
  fn('max', 'aggregate', 'f', 'The greatest number; where there is none, the last text', (args) =>
    extreme(args.value(0), 'greatest'),
  ),
  fn(
    'pct percentile',
    'aggregate',
    'f, percent:number',
    'The number that so many percent are not above (nearest rank)',
    percentile,
  ),
  fn('stddev', 'aggregate', 'f', 'The standard deviation of the numbers as a whole population', (args) =>
    double(sql`deviation_of(${doubleOf(args.value(0))})`),
  ),
  fn('earliest', 'aggregate', 'f', 'The value in the earliest event that has the field', (args, around) =>
    atEnd(args.value(0), sql`arg_min_null`, around),
  ),
  fn('latest', 'aggregate', 'f', 'The value in the latest event that has the field', (args, around) =>
    atEnd(args.value(0), sql`arg_max_null`, around),
  ),
  fn('sortsFirst sorts_first', 'aggregate', 'f', 'The value that sorts first', (args) =>
    inSortOrder(args.value(0), 'min'),
  ),
  fn('sortsLast sorts_last', 'aggregate', 'f', 'The value that sorts last', (args) =>
    inSortOrder(args.value(0), 'max'),
  ),
  fn('values', 'aggregate', 'f', 'The different values as a list', (args) => valuesOf(args.value(0))),
  fn(
    'rate',
    'time series',
    'f, interval:period',
    'By how much the number changes in each such interval, from the earliest event to the latest',
    rate,
  ),
  fn('count_over_time countOverTime', 'time series', 'f?', 'The same as `count`, for `by bin(…)`', (args) =>
    integer(args.count === 0 ? sql`count(*)` : countOf(args.value(0))),
  ),
  fn('sum_over_time sumOverTime', 'time series', 'f', 'The same as `sum`, for `by bin(…)`', (args) =>
    sumOf(args.value(0)),
  ),
];

function countOf(value: Value): Sql {
  if (isMissing(value)) return sql`0::BIGINT`;
  if (value.presence === 'dash') return sql`count(*)`;
  if (typeof value.presence === 'object') return sql`count(*) FILTER (WHERE ${value.presence.when})`;
  return value.kind === 'address'
    ? sql`count(*) FILTER (WHERE ${presenceOf(value)})`
    : sql`count(${value.sql})`;
}

/** Different columns are different texts; a `-`, which no column holds, is one more. */
function distinctOf(value: Value): Sql {
  if (value.kind === 'structure') return sql`count(DISTINCT ${textOf(value)})`;
  const columns = value.kind === 'address' ? addressColumns(value) : [value.sql];
  const distinct = join(
    columns.map((column) => sql`count(DISTINCT ${column})`),
    ' + ',
  );
  if (value.presence === 'nullable') return sql`(${distinct})`;
  const filled = join(
    columns.map((column) => sql`count(${column})`),
    ' + ',
  );
  return sql`(${distinct} + (${countOf(value)} > ${filled})::BIGINT)`;
}

function addressColumns(value: Extract<Value, { kind: 'address' }>): readonly Sql[] {
  return value.other ? [value.ipv4, value.other] : [value.ipv4];
}

/** Whether the SQL is of whole numbers, over which sums are exact. */
function isWhole(value: Value): value is Scalar {
  return value.kind === 'integer' || value.kind === 'timestamp';
}

/** Whether texts must be read as numbers. */
function isText(value: Value): boolean {
  return (
    value.kind === 'text' ||
    value.kind === 'structure' ||
    (value.kind === 'address' && value.other !== undefined)
  );
}

/** Whole numbers are summed exactly; so are they when they are texts, which may give more digits than a double has. */
function sumOf(value: Value): Value {
  if (isWhole(value)) return double(sql`sum(${value.sql})`);
  return isText(value)
    ? scalar('text', sql`sum_text(${numberOf(value)})`)
    : double(sql`sum(${numberOf(value)})`);
}

function meanOf(value: Value): Sql {
  return isText(value) ? sql`mean_of(${numberOf(value)})` : sql`avg(${numberOf(value)})`;
}

function extreme(value: Value, which: 'least' | 'greatest'): Value {
  if (isMissing(value)) return missing;
  const aggregate = which === 'least' ? sql`min` : sql`max`;
  if (value.kind === 'address' && !value.other) {
    return { kind: 'address', ipv4: sql`${aggregate}(${value.ipv4})`, presence: 'nullable' };
  }
  if (isText(value)) {
    return scalar(
      'text',
      which === 'least' ? sql`least_text(${textOf(value)})` : sql`greatest_text(${textOf(value)})`,
    );
  }
  return scalar(value.kind === 'double' ? 'double' : 'integer', sql`${aggregate}(${numberOf(value)})`);
}

/** All percentiles of a field in one list, for which its numbers are ordered once: DuckDB sees that the lists are one. */
function percentile(args: Arguments, around: Surroundings): Value {
  const value = args.value(0);
  const percent = args.number(1);
  if (!(percent >= 0 && percent <= 100)) {
    throw new QueryError(`${percent} is no percentage from 0 to 100`, args.node(1).range, ['95']);
  }
  const percents = [...new Set([percent, ...around.siblings.flatMap((call) => percentOf(call, args))])].sort(
    (a, b) => a - b,
  );
  const fractions = percents.map((each) => doubleLiteral(each / 100));
  const ranked = sql`quantile_disc(${numberOf(value)}, [${join(fractions)}])`;
  const index = bigint(percents.indexOf(percent) + 1);
  return scalar(isWhole(value) ? 'integer' : 'double', sql`${ranked}[${index}]`);
}

/** What another call asks of the same field. */
function percentOf(other: Call, args: Arguments): number[] {
  const [field, percent] = other.args;
  const own = args.node(0);
  const isSame = field?.kind === 'field' && own.kind === 'field' && field.name === own.name;
  if (!isSame || !/^(?:pct|percentile)$/i.test(other.name.name)) return [];
  return percent?.kind === 'number' && percent.value >= 0 && percent.value <= 100 ? [percent.value] : [];
}

/** The columns of the value in one event: that for which the order is least or greatest. */
function atEnd(value: Value, which: Sql, around: Surroundings): Value {
  const order = sql`row(${join(around.eventOrder())})`;
  return ofOneRow(value, (column, there) => sql`${which}(${column}, ${order})${there}`);
}

/** A `-` may be the answer; without a row that has the field there is none. `pick` ends in the FILTER of those rows. */
function ofOneRow(value: Value, pick: (column: Sql, filter: Sql) => Sql): Value {
  if (isMissing(value)) return missing;
  const filter = value.presence === 'dash' ? sql`` : sql` FILTER (WHERE ${presenceOf(value)})`;
  const presence = value.presence === 'nullable' ? value.presence : { when: sql`(count(*)${filter} > 0)` };
  const picked = columnsOf(value).map((column) => pick(column, filter));
  if (value.kind === 'address') {
    return { kind: 'address', ipv4: picked[0], presence, ...(value.other && { other: picked[1] }) };
  }
  return scalar(value.kind === 'timestamp' ? 'integer' : value.kind, picked[0], presence);
}

/** Only texts need their order computed; a `-`, which is NULL, comes before numbers and addresses. */
function inSortOrder(value: Value, which: 'min' | 'max'): Value {
  if (isMissing(value) || value.kind === 'structure') return missing;
  if (isText(value)) {
    const key = sql`sort_key(${textOf(value)})`;
    const aggregate = which === 'min' ? sql`arg_min` : sql`arg_max`;
    return scalar('text', sql`${aggregate}(${textOf(value)}, ${key})`);
  }
  return ofOneRow(value, (column, filter) => {
    if (which === 'max') return sql`max(${column})${filter}`;
    return sql`CASE WHEN bool_or(${column} IS NULL)${filter} THEN NULL ELSE min(${column})${filter} END`;
  });
}

function valuesOf(value: Value): Value {
  const text = textOf(value);
  const list = sql`list_sort(list(DISTINCT ${text}) FILTER (WHERE ${text} IS NOT NULL))`;
  return scalar('structure', sql`to_json(${list})`);
}

/** Missing when all events are of the same moment. */
function rate(args: Arguments, around: Surroundings): Value {
  const number = doubleOf(args.value(0));
  const [time] = around.eventOrder();
  const order = sql`row(${join(around.eventOrder())})`;
  const there = sql`FILTER (WHERE ${number} IS NOT NULL)`;
  const change = sql`(arg_max(${number}, ${order}) - arg_min(${number}, ${order}))`;
  const elapsed = sql`nullif(max(${time}) ${there} - min(${time}) ${there}, 0)`;
  return double(sql`(${change} * ${doubleLiteral(periodMs(args.period(1)))} / ${elapsed})`);
}
