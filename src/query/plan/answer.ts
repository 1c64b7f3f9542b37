import { pointerSql } from '../pointer.ts';
import { renderOf } from '../sql/readings.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { columnsOf, missing } from '../sql/value.ts';
import { planLimit } from './order.ts';
import type { Planner } from './planner.ts';
import { orderItems, type Rows, shownColumns } from './rows.ts';
import { conjunction, filters, Select } from './select.ts';

/** The statements that answer a query. */
export interface Answer {
  readonly statement: Sql;
  /** Counts the events that the filters let through; absent without filters, and where the rows always tell. */
  readonly matched?: Sql;
  /** Whether the rows tell that number, in one more column. */
  readonly countsMatches: boolean;
  readonly columns: readonly string[];
  readonly hasPointer: boolean;
}

/** Rows cut down to the caller's limit, unless the text has one, and only then turned into text. */
export function answerRows(rows: Rows, planner: Planner): Answer {
  const range = { start: 0, end: 0 };
  const names = shownColumns(rows);
  const cut = rows.limited ? rows : limited(rows, planner);
  const { select } = cut;
  const values = names.map((name) => cut.names.field(name, [name], range) ?? missing);
  const cells = values.map(renderOf);
  const pointer = rows.raw ? [pointerSql(cut.names)] : [];
  if (!cut.arranged) select.orderBy = orderItems(cut.order);
  const matched = countMatched(rows.events);
  const counted = matched && cut.matched;
  const count = counted ? [sql`${columnsOf(counted.value)[0]}::VARCHAR`] : [];
  return {
    statement: select.statement([...cells, ...pointer, ...count]),
    ...(matched && !(counted && keepsRows(select, counted.counted)) && { matched }),
    countsMatches: count.length > 0,
    columns: rows.raw ? [...names, '@ptr'] : names,
    hasPointer: rows.raw,
  };
}

function limited(rows: Rows, planner: Planner): Rows {
  const { defaultLimit } = planner.workshop.context;
  return planLimit(
    { kind: 'limit', count: defaultLimit, any: false, range: { start: 0, end: 0 } },
    rows,
    planner,
  );
}

function countMatched(events: Select): Sql | undefined {
  const { from, conditions } = events;
  if (!filters(events)) return undefined;
  const where = conditions.length > 0 ? sql` WHERE ${conjunction(conditions)}` : sql``;
  return sql`SELECT count(*) FROM ${from.write(conditions)}${where}`;
}

/** Whether rows come out of a SELECT whenever they come out of the one that it is made from, however far inside. */
function keepsRows(select: Select, inner: Select): boolean {
  if (select === inner) return true;
  const { from, conditions, having, qualify } = select;
  return from instanceof Select && conditions.length === 0 && !having && !qualify && keepsRows(from, inner);
}
