import type { Limit, Sort } from '../insights/tree.ts';
import { columnsOf } from '../sql/value.ts';
import { withoutMessages } from './late-events.ts';
import type { Names } from './names.ts';
import type { Planner } from './planner.ts';
import { nest, type OrderKey, orderItems, type Rows } from './rows.ts';

/** Newest first, by time, then arrival; the id decides between events that arrived together. */
export function newestFirst(names: Names): readonly OrderKey[] {
  return (['timestamp', 'ingestion_time', 'id'] as const).flatMap((key) => {
    const value = names.event(key);
    return value ? [{ value, descending: true, by: 'plain' as const }] : [];
  });
}

/** A sort replaces the one before it; rows that it does not tell apart stay in the order that they have without one. */
export function planSort({ keys }: Sort, rows: Rows, planner: Planner): Rows {
  const wanted = keys.map(({ expression, descending }) =>
    asPlain({ value: planner.expression(expression, rows), descending }, rows),
  );
  const given = wanted.map(({ value }) => columnsOf(value)[0]);
  const ties = rows.ties.filter(({ value }) => !given.includes(columnsOf(value)[0]));
  return { ...rows, order: [...wanted, ...ties], arranged: false };
}

/** `@timestamp` of an event is never missing. */
function asPlain(key: OrderKey, rows: Rows): OrderKey {
  const time = rows.raw ? rows.names.event('timestamp') : undefined;
  const same = time && key.value.kind === 'timestamp' && columnsOf(time)[0] === columnsOf(key.value)[0];
  return same ? { ...key, by: 'plain' } : key;
}

/** What comes afterwards is computed for the rows that are left. */
export function planLimit({ count, any }: Limit, rows: Rows, planner: Planner): Rows {
  const chosen = any || rows.arranged ? rows : withoutMessages(count, rows, planner);
  const { select } = chosen;
  select.limit = count;
  if (!any && !chosen.arranged) select.orderBy = orderItems(chosen.order);
  return { ...nest(chosen, planner.alias(), 'defer'), arranged: !any, limited: true };
}
