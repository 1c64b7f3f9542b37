import { type Sql, sql } from '../sql/sql.ts';
import { columnsOf, scalar } from '../sql/value.ts';
import type { Planner } from './planner.ts';
import { Joined } from './relations.ts';
import { orderItems, type Rows, shownColumns } from './rows.ts';
import { ScanRelation } from './scan-relation.ts';
import { columnsRead, filters, Select } from './select.ts';

/** Whether the rows are events just as a scan gives them, filtered at most. */
export function areScanned({ select, raw, limited, events }: Rows): boolean {
  return raw && !limited && events === select && select.from instanceof ScanRelation;
}

/** The events of the scan that `ids` gives, a SELECT of one column, in the order that the rows have. */
export function eventsOf(ids: Sql, rows: Rows, planner: Planner): Rows {
  const select = new Select(planner.alias(), rows.select.from);
  const id = rows.names.event('id');
  if (id) select.conditions.push(sql`${columnsOf(id)[0]} IN (${ids})`);
  return { ...rows, select, arranged: false };
}

/**
 * Before rows are cut down to a number: where messages are shown, which events are left is found without them. To
 * rebuild a message costs more than to look for its event a second time. Where filters read messages, it is counted at
 * the same time how many events passed.
 */
export function withoutMessages(count: number, rows: Rows, planner: Planner): Rows {
  const id = rows.names.event('id');
  if (!id || !areScanned(rows)) return rows;
  const counts = filters(rows.select) && isExpensive(rows.select);
  if (!counts && !showsMessages(rows)) return rows;
  const found = new Select(planner.alias(), rows.select.from);
  found.conditions.push(...rows.select.conditions);
  found.orderBy = orderItems(rows.order);
  found.limit = count;
  const [ids] = columnsOf(id);
  if (!counts) return eventsOf(found.statement([ids]), rows, planner);
  const same = sql`${ids} = ${found.output(ids)}`;
  const value = scalar('integer', found.output(sql`count(*) OVER ()`));
  const select = new Select(planner.alias(), new Joined(rows.select.from, sql`INNER JOIN`, found, same));
  return { ...rows, select, matched: { value, counted: select }, arranged: false };
}

/** Messages are rebuilt from columns, and what is parsed out of text is in a SELECT of its own. */
function isExpensive({ from, conditions }: Select): boolean {
  if (from instanceof Select) return true;
  const read = columnsRead(conditions, from.aliases[0]);
  return read.has('message') || read.has('kept');
}

function showsMessages(rows: Rows): boolean {
  const range = { start: 0, end: 0 };
  const shown = shownColumns(rows).map((name) => rows.names.field(name, [name], range));
  const columns = shown.flatMap((value) => (value ? columnsOf(value) : []));
  return columnsRead(columns, rows.select.from.aliases[0]).has('message');
}
