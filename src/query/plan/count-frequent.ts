import type { CountFrequent } from '../insights/tree.ts';
import { sql } from '../sql/sql.ts';
import { missing, scalar } from '../sql/value.ts';
import type { Planner } from './planner.ts';
import { define, type OrderKey, type Rows } from './rows.ts';
import { Select } from './select.ts';
import { groupedRows, groupRows } from './stats.ts';

const countName = '_approxcount';

/** How often each combination of the fields is there, the most frequent first; exact, whatever AWS calls it. */
export function planCountFrequent({ fields }: CountFrequent, rows: Rows, planner: Planner): Rows {
  const groups = rows.select;
  const values = fields.map((field) => planner.expression(field, rows));
  groupRows(groups, values);
  const count = groups.carry(scalar('integer', sql`count(*)`));
  const named = fields.map(({ name }, i) => [name, groups.carry(values[i] ?? missing)] as const);
  const keys: readonly OrderKey[] = named.map(([, value]) => ({ value, descending: false, by: 'tie' }));
  const after = define(
    groupedRows(new Select(planner.alias(), groups)),
    new Map([...named, [countName, count]]),
    planner.step,
  );
  const order = [{ value: count, descending: true, by: 'plain' as const }, ...keys];
  const columns = [...new Set([...fields.map(({ name }) => name), countName])];
  return {
    ...after,
    order,
    ties: order,
    events: rows.events,
    shown: { columns, named: true, closed: false },
  };
}
