import { QueryError } from '../../fault/index.ts';
import { compileAggregate, type Scope } from '../expression.ts';
import type { Call, Column, Stats } from '../insights/tree.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { columnsOf, scalar, type Value } from '../sql/value.ts';
import { binNumber, binOf } from './bins.ts';
import { aggregateCalls, referenceKey } from './column-references.ts';
import { columnName, nameColumn } from './fields.ts';
import { holdArguments } from './held-arguments.ts';
import { noNames } from './names.ts';
import { bounded, type Planner } from './planner.ts';
import { nothingShown, type OrderKey, type Rows } from './rows.ts';
import { filters, isConstant, Select } from './select.ts';

const fixedMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * Groups the rows. What is there afterwards are the keys of `by`, then the aggregates, and nothing else; the groups are
 * in the order of their keys, the newest time first, until a `sort` says otherwise.
 */
export function planStats(command: Stats, given: Rows, planner: Planner): Rows {
  checkNames([...command.by, ...command.aggregates]);
  const siblings = command.aggregates.flatMap(({ expression }) =>
    aggregateCalls(planner.resolve(expression, given)),
  );
  const held = holdArguments(siblings, given, strictScope(given, planner), planner);
  const { rows } = held;
  const groups = rows.select;
  const outer = new Select(planner.alias(), groups);
  const before = { ...strictScope(rows, planner), siblings: siblings.map(held.call) };
  const offset = command.offset && { binOffsetMs: offsetMs(command.offset) };
  const keys = command.by.map((column) => {
    const value = planner.expression(column.expression, rows, { ...before, ...offset });
    return {
      column,
      ...((!offset && binNumber(column, rows, planner)) || { grouped: value, outside: same }),
    };
  });
  groupRows(
    groups,
    keys.map(({ grouped }) => grouped),
  );
  const values = keys.map(({ grouped, outside }) => outside(groups.carry(grouped)));
  let after: Rows = groupedRows(outer);
  keys.forEach(({ column }, i) => {
    after = nameColumn(column, values[i], after, planner);
  });
  const known = command.by.map(columnName);
  const aggregate = (call: Call) => {
    const over = held.call({ ...call, args: call.args.map((arg) => planner.resolve(arg, rows)) });
    return groups.carry(bounded(compileAggregate(over, before), call.range));
  };
  for (const column of command.aggregates) {
    const scope = { aggregate, ...namedOnly(after, known) };
    after = nameColumn(column, planner.expression(column.expression, after, scope), after, planner);
    known.push(columnName(column));
  }
  const order = values.map(orderOf);
  const bins = command.by.flatMap((column) => binOf(column, offset?.binOffsetMs ?? 0));
  return {
    ...after,
    ...(bins.length > 0 && { bins: { ...bins[0], keys: command.by.map(columnName) } }),
    shown: { columns: [...new Set(known)], named: true, closed: false },
    order,
    ties: order,
    ...countedMatches(rows),
    events: rows.events,
  };
}

/** The same column twice is one; two under one name would hide each other. */
function checkNames(columns: readonly Column[]): void {
  const texts = new Map<string, string>();
  for (const column of columns) {
    const { alias, expression, text } = column;
    const name = columnName(column);
    const key = referenceKey(text);
    if ((texts.get(name) ?? key) !== key) {
      throw new QueryError(`two columns of stats are called ${name}`, (alias ?? expression).range);
    }
    texts.set(name, key);
  }
}

/** The groups tell how many events passed the filters: cheaper than to look at the events a second time. */
function countedMatches(rows: Rows): Pick<Rows, 'matched'> {
  const { select, events, matched } = rows;
  if (matched) {
    const any = scalar('integer', sql`any_value(${columnsOf(matched.value)[0]})`);
    return { matched: { ...matched, value: select.carry(any) } };
  }
  const isFirst = rows.raw && events === select && filters(events);
  if (!isFirst) return {};
  const count = select.groupBy?.length === 0 ? sql`count(*)` : sql`sum(count(*)) OVER ()`;
  return { matched: { value: select.carry(scalar('integer', count)), counted: select } };
}

/** Rows out of which nothing has been made yet, and which are no events. */
export function groupedRows(select: Select): Rows {
  return {
    select,
    names: noNames,
    texts: new Map(),
    order: [],
    ties: [],
    arranged: false,
    limited: false,
    shown: nothingShown,
    raw: false,
    events: select,
  };
}

/** GROUP BY; where all keys are constants there is one group, or none over no rows. */
export function groupRows(select: Select, keys: readonly Value[]): void {
  const columns = keys.filter((key) => !isConstant(key)).flatMap(columnsOf);
  select.groupBy = [...new Set<Sql>(columns)];
  if (columns.length === 0 && keys.length > 0) select.having = sql`count(*) > 0`;
}

function same(value: Value): Value {
  return value;
}

function orderOf(value: Value): OrderKey {
  return { value, descending: value.kind === 'timestamp', by: 'tie' };
}

/** In `stats`, a name that an earlier `stats` has left behind is an error, not a field that is missing. */
function strictScope(rows: Rows, planner: Planner): Scope {
  const scope = planner.scope(rows);
  if (rows.raw) return scope;
  return {
    ...scope,
    field: (name, path, range) => {
      const value = rows.names.field(name, path, range);
      if (!value) throw goneName(name, range, rows.shown.columns);
      return value;
    },
  };
}

/** What an item may name besides its aggregates: keys and items before it. */
function namedOnly(after: Rows, known: readonly string[]): Pick<Scope, 'field'> {
  return {
    field: (name, path, range) => {
      const value = after.names.field(name, path, range);
      if (value) return value;
      const sentence = `${name} is neither in an aggregate nor a key of by`;
      throw new QueryError(sentence, range, [`max(${name})`, `latest(${name})`, ...known]);
    },
  };
}

function goneName(name: string, range: Column['range'], there: readonly string[]): QueryError {
  return new QueryError(`after stats, ${name} is not there any more`, range, there);
}

function offsetMs({ count, unit, range }: NonNullable<Stats['offset']>): number {
  if (unit in fixedMs) return count * fixedMs[unit as keyof typeof fixedMs];
  throw new QueryError('an offset is in weeks, days, hours, minutes, seconds or milliseconds', range);
}
