import type { Dedup } from '../insights/tree.ts';

import { join, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, presenceOf, type Value } from '../sql/value.ts';
import type { Planner } from './planner.ts';
import { nest, type Rows, windowOrder } from './rows.ts';
import { conjunction, isConstant } from './select.ts';

/** Keeps the first row of each combination in the order so far; rows in which one of the fields is missing all stay. */
export function planDedup({ fields }: Dedup, rows: Rows, planner: Planner): Rows {
  const values = fields.map((field) => planner.expression(field, rows));
  const present = values.filter(mayBeMissing).map(presenceOf);
  const first = sql`row_number() OVER (PARTITION BY ${join(partition(values))} ${windowOrder(rows)}) = 1`;
  const { select } = rows;
  select.qualify = present.length === 0 ? first : sql`${first} OR NOT (${conjunction(present)})`;
  return { ...nest(rows, planner.alias()), arranged: false };
}

function partition(values: readonly Value[]): readonly Sql[] {
  const columns = values.filter((value) => !isConstant(value)).flatMap(columnsOf);
  return columns.length > 0 ? columns : [sql`true`];
}

function mayBeMissing({ presence }: Value): boolean {
  return presence !== 'dash';
}
