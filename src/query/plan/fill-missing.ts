import { QueryError } from '../../fault/index.ts';
import { floorTime, widthOf } from '../functions/time-bin.ts';
import type { FillMissing } from '../insights/tree.ts';
import { choose } from '../sql/choice.ts';
import { bigint } from '../sql/literal.ts';
import { identifier, join, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, scalar } from '../sql/value.ts';
import type { Planner } from './planner.ts';
import { Written, withMaterialized } from './relations.ts';
import { type Bins, define, type OrderKey, type Rows } from './rows.ts';
import { Select } from './select.ts';
import { groupedRows } from './stats.ts';
import { Table, type TableColumn } from './table.ts';

/** Steps from the first bin to the last that are looked at; milliseconds over years would have no end. */
const maxSteps = 100_000;
const dayMs = 86_400_000;

/**
 * Rows for the bins between the first and the last that have none, for each combination of the other keys; what is to
 * stand there is said by `with`.
 */
export function planFillMissing(command: FillMissing, rows: Rows, planner: Planner): Rows {
  const { bins } = rows;
  const { range } = command;
  if (!bins) {
    throw new QueryError('fillmissing takes the rows of stats … by bin()', range, ['stats … by bin(5m)']);
  }
  const table = new Table(rows, range, planner);
  const keys = table.columns.filter(({ name }) => bins.keys.includes(name));
  const time = keys.find(({ name, kind }) => name === bins.name && kind === 'timestamp');
  if (!time) throw new QueryError(`fillmissing needs the column ${bins.name}`, range);
  const relation: Written = new Written(planner.alias(), () =>
    filledRows(table, time, keys, bins, table.hiddenColumns(relation)),
  );
  const value = ({ kind, column }: TableColumn) => scalar(kind, relation.column(column));
  const there = sql`${relation.column(table.place)} IS NOT NULL`;
  const values = table.columns.map((column) => {
    const filling = command.values.find(({ field }) => field.name === column.name);
    const filled = filling && planner.expression(filling.value, rows);
    return [column.name, filled ? choose([there], [value(column), filled]) : value(column)] as const;
  });
  const whole = { ...groupedRows(new Select(planner.alias(), relation)), names: table.hidden(relation) };
  const after = define(whole, new Map(values), planner.step);
  const order: readonly OrderKey[] = keys.map((key) => ({
    value: value(key),
    descending: key === time,
    by: 'tie',
  }));
  return { ...after, bins, texts: rows.texts, order, ties: order, shown: rows.shown, events: rows.events };
}

function filledRows(
  table: Table,
  time: TableColumn,
  keys: readonly TableColumn[],
  bins: Bins,
  hidden: readonly Sql[],
): Sql {
  const t = identifier(table.name);
  const bin = identifier(time.column);
  const others = keys.filter((key) => key !== time).map(({ column }) => identifier(column));
  const rest = table.columns
    .filter((column) => !keys.includes(column))
    .map(({ column }) => identifier(column));
  const grid = sql`SELECT bins.${bin}${also(others, 'others')} FROM (${allBins(t, bin, bins)}) AS bins
      CROSS JOIN (SELECT DISTINCT true AS row${also(others)} FROM ${t}) AS others
    UNION SELECT ${bin}${also(others)} FROM ${t}`;
  const same = [bin, ...others].map((key) => sql`present.${key} IS NOT DISTINCT FROM grid.${key}`);
  const place = identifier(table.place);
  return withMaterialized(
    [[table.name, table.statement()]],
    sql`SELECT grid.${bin}${also(others, 'grid')}${also([...rest, ...hidden, place], 'present')}
      FROM (${grid}) AS grid LEFT JOIN ${t} AS present ON ${join(same, ' AND ')}`,
  );
}

function also(columns: readonly Sql[], alias?: string): Sql {
  const prefix = alias === undefined ? sql`` : sql`${identifier(alias)}.`;
  return join(
    columns.map((column) => sql`, ${prefix}${column}`),
    '',
  );
}

/** From the first bin to the last; months and longer are found day by day. */
function allBins(table: Sql, bin: Sql, { period, offsetMs }: Bins): Sql {
  const isCalendar = period.unit === 'mo' || period.unit === 'q' || period.unit === 'y';
  const step = bigint(isCalendar ? dayMs : widthOf(period));
  const last = sql`least(max(${bin}), min(${bin}) + ${step} * ${bigint(maxSteps)})`;
  const times = sql`SELECT unnest(generate_series(min(${bin}), ${last}, ${step})) AS time FROM ${table}`;
  const floored = floorTime(sql`time`, period, offsetMs);
  return sql`SELECT DISTINCT ${columnsOf(floored)[0]} AS ${bin} FROM (${times})`;
}
