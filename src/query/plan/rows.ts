import type { Period } from '../insights/tree.ts';
import { sortKeysOf } from '../sql/readings.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import type { Value } from '../sql/value.ts';
import { CarriedNames, DefinedNames, type Names, type Step } from './names.ts';
import { type Relation, Select } from './select.ts';
import { tieItemsOf } from './tie-order.ts';

/**
 * One thing to order by: `plain` columns are never missing and compared as they are, `tie` keys only tell rows apart,
 * others are in the natural order of Insights.
 */
export interface OrderKey {
  readonly value: Value;
  readonly descending: boolean;
  readonly by?: 'plain' | 'tie';
}

/**
 * The columns of the answer, by name, in order. `named` once a command has said what to show; until then the answer
 * has the time and the message of each event before what commands have made. `closed` by `display`: nothing is added.
 */
export interface Shown {
  readonly columns: readonly string[];
  readonly named: boolean;
  readonly closed: boolean;
}

/** The rows at one place of a query: what is known of them before any of them is read. */
export interface Rows {
  /** Whose FROM the values of the names are columns of; open to more conditions. */
  readonly select: Select;
  readonly names: Names;
  /** Unnamed columns that later commands may refer to by their text; without the white space, to the name. */
  readonly texts: ReadonlyMap<string, string>;
  /** From the first to the last key that matters, `ties` included. */
  readonly order: readonly OrderKey[];
  /** The order that rows have without a `sort`, and among those that a `sort` does not tell apart. */
  readonly ties: readonly OrderKey[];
  /** Whether the rows come out of the FROM in that order already. */
  readonly arranged: boolean;
  /** Whether the text has cut the rows down to a number, so that the caller's limit does not count. */
  readonly limited: boolean;
  readonly shown: Shown;
  /** Whether each row is an event still, with a time and an id of its own; else fields of events are gone. */
  readonly raw: boolean;
  /** Of the last `stats`, when it grouped by time. */
  readonly bins?: Bins;
  /** How many events passed the filters, where asking for it costs little. */
  readonly matched?: CountedMatches;
  /** The SELECT that has one row for each event that passed the filters so far. */
  readonly events: Select;
}

/** The times that rows are grouped by, so that those without rows can be told. */
export interface Bins {
  /** The key that is the time. */
  readonly name: string;
  readonly period: Period;
  readonly offsetMs: number;
  /** All keys, by name. */
  readonly keys: readonly string[];
}

/** A number, the same in each row. Where nothing comes out of the SELECT `counted` in, nothing passed the filters. */
export interface CountedMatches {
  readonly value: Value;
  readonly counted: Select;
}

export const nothingShown: Shown = { columns: [], named: false, closed: false };

export function orderItems(order: readonly OrderKey[]): readonly Sql[] {
  return order.flatMap(({ value, descending, by }) => {
    if (by === 'tie') return tieItemsOf(value);
    if (by === 'plain' && value.kind !== 'address') return [descending ? sql`${value.sql} DESC` : value.sql];
    return sortKeysOf(value, descending);
  });
}

/** What stands in OVER (…) for the order of the rows; one row, or rows that nothing tells apart, have none. */
export function windowOrder({ order }: Pick<Rows, 'order'>): Sql {
  return order.length === 0 ? sql`ORDER BY 1` : sql`ORDER BY ${join(orderItems(order))}`;
}

/**
 * The same rows in a SELECT around the one so far, which is complete then but for the columns that are asked of it.
 * With `defer`, what is computed from columns is computed outside, for fewer rows. `around` may join others to it.
 */
export function nest(
  rows: Rows,
  alias: string,
  mode: 'carry' | 'defer' = 'carry',
  around: (inner: Select) => Relation = (inner) => inner,
): Rows {
  const inner = rows.select;
  const move = (value: Value): Value => (mode === 'carry' ? inner.carry(value) : inner.defer(value));
  return {
    ...rows,
    select: new Select(alias, around(inner)),
    names: new CarriedNames(rows.names, move),
    ...(rows.matched && { matched: { ...rows.matched, value: move(rows.matched.value) } }),
    order: rows.order.map((key) => ({ ...key, value: move(key.value) })),
    ties: rows.ties.map((key) => ({ ...key, value: move(key.value) })),
  };
}

/** The rows with more names, which hide those before. */
export function define(rows: Rows, definitions: ReadonlyMap<string, Value>, step: Step): Rows {
  return { ...rows, names: new DefinedNames(rows.names, definitions, step) };
}

/** The rows with columns that a command has made. */
export function show(rows: Rows, names: readonly string[]): Rows {
  const { shown } = rows;
  if (shown.closed) return rows;
  return { ...rows, shown: { ...shown, columns: [...new Set([...shown.columns, ...names])] } };
}

/** What the answer shows, by name; where no command has said what, the time and the message come first. */
export function shownColumns({ shown, raw }: Rows): readonly string[] {
  if (shown.named || !raw) return shown.columns;
  return [...new Set(['@timestamp', '@message', ...shown.columns])];
}
