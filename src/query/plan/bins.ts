import { widthOf } from '../functions/time-bin.ts';
import type { Column } from '../insights/tree.ts';
import { bigint } from '../sql/literal.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { columnsOf, scalar, type Value } from '../sql/value.ts';
import { columnName } from './fields.ts';
import type { Planner } from './planner.ts';
import type { Bins, Rows } from './rows.ts';

/** The width of the bins that a key of `by` is made of. */
export function binOf(column: Column, offsetMs: number): Omit<Bins, 'keys'>[] {
  const { expression } = column;
  if (expression.kind !== 'call' || !/^(bin|datefloor)$/i.test(expression.name.name)) return [];
  const period = expression.args[expression.args.length - 1];
  return period?.kind === 'period' ? [{ name: columnName(column), period, offsetMs }] : [];
}

/** A key of `by`: what the rows are grouped by, and what it is outside of the groups. */
export interface GroupKey {
  readonly grouped: Value;
  readonly outside: (grouped: Value) => Value;
}

/**
 * `bin(5m)` of the events' own time as the number of the bin since 1970: one division for each event, and a
 * multiplication for each group. Undefined for what begins at another time than 1970 or may be before it.
 */
export function binNumber(column: Column, rows: Rows, planner: Planner): GroupKey | undefined {
  const [bin] = binOf(column, 0);
  const time = bin && isOfEvents(column, rows) ? rows.names.event('timestamp') : undefined;
  const isFixed = bin && ['ms', 's', 'm', 'h', 'd'].includes(bin.period.unit);
  if (!time || !isFixed || planner.reading.startMs < 0) return undefined;
  const width = bigint(widthOf(bin.period));
  const first = (value: Value): Sql => columnsOf(value)[0];
  return {
    grouped: scalar('integer', sql`(${first(time)} // ${width})`),
    outside: (number) => scalar('timestamp', sql`(${first(number)} * ${width})`),
  };
}

/** Whether the time that is binned is that of the event. */
function isOfEvents({ expression }: Column, rows: Rows): boolean {
  if (expression.kind !== 'call') return false;
  const [time] = expression.args;
  if (expression.args.length > 1 && (time.kind !== 'field' || time.name !== '@timestamp')) return false;
  const named = rows.names.field('@timestamp', ['@timestamp'], expression.range);
  const own = rows.names.event('timestamp');
  return named !== undefined && own !== undefined && columnsOf(named)[0] === columnsOf(own)[0];
}
