import type { AddTotals } from '../insights/tree.ts';
import { numberOf, textOf } from '../sql/readings.ts';
import { identifier, join, type Sql, sql } from '../sql/sql.ts';
import { missing, scalar, type Value } from '../sql/value.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { Written, withMaterialized } from './relations.ts';
import { define, type OrderKey, type Rows, shownColumns } from './rows.ts';
import { Select } from './select.ts';
import { groupedRows } from './stats.ts';
import { Table, type TableColumn, tableValue } from './table.ts';

/** The sum of fields in each row as one more field, the sums of each field as one more row, or both. */
export function planAddTotals(command: AddTotals, rows: Rows, planner: Planner): Rows {
  const names = command.fields.length > 0 ? command.fields.map(({ name }) => name) : shownColumns(rows);
  const summed = command.row ? withRowTotals(command, names, rows, planner) : rows;
  if (!command.column) return summed;
  return withTotalRow(command, command.row ? [...names, command.fieldName] : names, summed, planner);
}

function withRowTotals(command: AddTotals, names: readonly string[], rows: Rows, planner: Planner): Rows {
  const values = names.map((name) => rows.names.field(name, name.split('.'), command.range) ?? missing);
  const numbers = values.filter(isNumeric).map((value) => sql`(${numberOf(value)})::DOUBLE`);
  const total = numbers.length > 0 ? scalar('double', sql`list_sum([${join(numbers)}])`) : missing;
  return made(rows, [command.fieldName], [total], planner);
}

/** A time is no amount. */
function isNumeric({ kind }: Value): boolean {
  return kind !== 'timestamp' && kind !== 'address';
}

function withTotalRow(command: AddTotals, names: readonly string[], rows: Rows, planner: Planner): Rows {
  const table = new Table(rows, command.range, planner, names);
  const columns = table.columns.map((column) => ({
    ...column,
    summed: names.includes(column.name) && isNumeric(tableValue(column, 't')),
  }));
  const kindOf = (column: (typeof columns)[number]): TableColumn['kind'] =>
    column.summed && column.kind !== 'integer' && column.kind !== 'double'
      ? 'text'
      : column.summed
        ? 'double'
        : column.kind;
  const relation: Written = new Written(planner.alias(), () =>
    totalled(table, columns, table.hiddenColumns(relation)),
  );
  const values = columns.map(
    (column) => [column.name, scalar(kindOf(column), relation.column(column.column))] as const,
  );
  const whole = { ...groupedRows(new Select(planner.alias(), relation)), names: table.hidden(relation) };
  const after = define(whole, new Map(values), planner.step);
  const place = scalar('integer', relation.column(table.place));
  const order: readonly OrderKey[] = [{ value: place, descending: false, by: 'plain' }];
  const { texts, shown, raw, events } = rows;
  return { ...after, texts, order, ties: order, shown, raw, events };
}

type SummedColumn = TableColumn & { readonly summed: boolean };

/** The place of the row of totals is the greatest, as NULL comes last. */
function totalled(table: Table, columns: readonly SummedColumn[], hidden: readonly Sql[]): Sql {
  const each = columns.map((column) => sql`${asSummed(column)} AS ${identifier(column.column)}`);
  const totals = columns.map((column) => {
    const value = tableValue(column, 't');
    if (!column.summed) return sql`NULL`;
    const sum = sql`sum((${numberOf(value)})::DOUBLE)`;
    return column.kind === 'integer' || column.kind === 'double' ? sum : textOf(scalar('double', sum));
  });
  const t = identifier(table.name);
  return withMaterialized(
    [[table.name, table.statement()]],
    sql`SELECT ${join([...each, ...hidden, identifier(table.place)])} FROM ${t} AS t
      UNION ALL SELECT ${join([...totals, ...hidden.map(() => sql`NULL`), sql`NULL`])} FROM ${t} AS t`,
  );
}

function asSummed(column: SummedColumn): Sql {
  const value = tableValue(column, 't');
  if (!column.summed) return value.sql;
  return column.kind === 'integer' || column.kind === 'double' ? sql`${value.sql}::DOUBLE` : textOf(value);
}
