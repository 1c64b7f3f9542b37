import { QueryError } from '../../fault/index.ts';
import { periodMs } from '../functions/time-bin.ts';
import type { Field, Sessionize } from '../insights/tree.ts';
import { bigint } from '../sql/literal.ts';
import { numberOf, textOf } from '../sql/readings.ts';
import { join, type Sql, sql } from '../sql/sql.ts';
import { columnsOf, scalar } from '../sql/value.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { nest, type Rows } from './rows.ts';
import { isConstant } from './select.ts';

const defaultSpanMs = 30 * 60_000;

/**
 * Numbers the sessions of each combination of the fields: events of which none is later than the one before by more
 * than `maxspan`. A number is given once over all combinations.
 */
export function planSessionize(command: Sessionize, rows: Rows, planner: Planner): Rows {
  const { fields, maxSpan, alias, range } = command;
  const values = fields.map((field) => planner.expression(field, rows)).filter((value) => !isConstant(value));
  const keys = values.flatMap(columnsOf);
  const timestamp: Field = { kind: 'field', name: '@timestamp', path: ['@timestamp'], range };
  if (!rows.names.field(timestamp.name, timestamp.path, range)) {
    throw new QueryError('sessionize needs @timestamp', range);
  }
  const time = numberOf(planner.expression(timestamp, rows));
  const partition = keys.length > 0 ? sql`PARTITION BY ${join(keys)} ` : sql``;
  const spanMs = bigint(
    Math.min(maxSpan ? Math.round(periodMs(maxSpan)) : defaultSpanMs, Number.MAX_SAFE_INTEGER),
  );
  const { select } = rows;
  const before = sql`lag(${time}) OVER (${partition}ORDER BY ${time})`;
  const begins = select.output(sql`(${time} - ${before} <= ${spanMs}) IS NOT TRUE`);
  // As texts: what lacks a value sorts elsewhere in a column than in a line.
  const order = [...values.map(textOf), time].map((column) => select.output(column));
  const nested = nest(rows, planner.alias());
  const session = scalar('integer', numbering(begins, order));
  const carried = nested.select.carry(session);
  const outer = nest(nested, planner.alias());
  return made({ ...outer, arranged: false }, [alias?.name ?? 'session_id'], [carried], planner);
}

/** The first of a session comes before others of its time. */
function numbering(begins: Sql, order: readonly Sql[]): Sql {
  return sql`sum(${begins}::BIGINT) OVER (ORDER BY ${join([...order, sql`${begins} DESC`])} ROWS UNBOUNDED PRECEDING)::BIGINT`;
}
