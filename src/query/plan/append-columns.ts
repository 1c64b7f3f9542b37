import type { AppendCols } from '../insights/tree.ts';
import { sql } from '../sql/sql.ts';
import type { Value } from '../sql/value.ts';
import { planInner } from './inner-query.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { Joined } from './relations.ts';
import { nest, type Rows, shownColumns, windowOrder } from './rows.ts';
import { wholeNumber } from './select.ts';

/** Columns of another query beside the rows: its first row beside the first one, and so on; its further rows are left out. */
export function planAppendColumns(command: AppendCols, rows: Rows, planner: Planner): Rows {
  const right = planInner(command.query, 'appendcols', planner);
  const there = shownColumns(rows);
  const names = shownColumns(right).filter((name) => command.override || !there.includes(name));
  const values = names.map((name) => right.names.field(name, [name], command.range));
  const number = (side: Rows) => side.select.output(place(side));
  const place = (side: Rows) => sql`row_number() OVER (${windowOrder(side)})`;
  right.select.qualify = sql`${place(right)} <= ${wholeNumber(command.max)}`;
  const same = sql`${number(rows)} = ${number(right)}`;
  const nested = nest(
    rows,
    planner.alias(),
    'carry',
    (left) => new Joined(left, sql`LEFT JOIN`, right.select, same),
  );
  const carried = values.map((value) => value && right.select.carry(value));
  const found = names.flatMap((name, i) => (carried[i] ? [[name, carried[i]] as const] : []));
  return made(
    { ...nested, arranged: false },
    found.map(([name]) => name),
    found.map(([, value]): Value => value),
    planner,
  );
}
