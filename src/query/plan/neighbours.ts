import type { Accum, AutoRegress, FillDown } from '../insights/tree.ts';
import { numberOf, textOf } from '../sql/readings.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { columnsOf, missing, rebind, scalar, type Value } from '../sql/value.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { nest, type Rows, shownColumns, windowOrder } from './rows.ts';
import { isConstant, wholeNumber } from './select.ts';

/** A value of each row that depends on rows before it; `compute` gets what stands behind OVER. */
function overRows(
  rows: Rows,
  planner: Planner,
  compute: (over: Sql) => readonly (readonly [string, Value])[],
): Rows {
  const over = sql`(${windowOrder(rows)}`;
  const computed = compute(over);
  const { select } = rows;
  const values = computed.map(([, value]) => select.carry(value));
  const nested = nest(rows, planner.alias());
  return made(
    { ...nested, arranged: false },
    computed.map(([name]) => name),
    values,
    planner,
  );
}

/** Values of the row one before, two before …, as `f_p1`, `f_p2`; with one of them alone, by the alias. */
export function planAutoRegress(command: AutoRegress, rows: Rows, planner: Planner): Rows {
  const { field, alias, from, to } = command;
  const value = planner.expression(field, rows);
  const lags = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const base = alias?.name ?? field.name;
  const named = (lag: number) => (alias && lags.length === 1 ? base : `${base}_p${lag}`);
  return overRows(rows, planner, (over) =>
    lags.map((lag) => [named(lag), lagged(value, lag, over)] as const),
  );
}

/** Where there is no such row, the value is missing, whatever its NULL means. */
function lagged(value: Value, rowsBack: number, over: Sql): Value {
  if (value === missing) return missing;
  const lag = (column: Sql) => sql`lag(${column}, ${wholeNumber(rowsBack)}) OVER ${over})`;
  const moved = rebind(value, columnsOf(value).map(lag));
  return value.presence === 'dash' ? { ...moved, presence: { when: lag(sql`true`) } } : moved;
}

/** The sum so far, of what is a number; under the field's own name when there is no other. */
export function planAccum({ field, alias }: Accum, rows: Rows, planner: Planner): Rows {
  const number = numberOf(planner.expression(field, rows));
  const name = alias?.name ?? field.name;
  return overRows(rows, planner, (over) => [
    [name, scalar('double', sql`sum(${number}) OVER ${over} ROWS UNBOUNDED PRECEDING)`)],
  ]);
}

/** Where a field is missing, the last value that it had in the rows before. */
export function planFillDown(command: FillDown, rows: Rows, planner: Planner): Rows {
  const { names } = command;
  const shown = shownColumns(rows);
  const wanted = names.flatMap(({ name }) => (name.includes('*') ? shown.filter(wildcard(name)) : [name]));
  const fields = names.length === 0 ? shown : [...new Set(wanted)];
  return overRows(rows, planner, (over) =>
    fields.flatMap((name) => {
      const value = rows.names.field(name, name.split('.'), command.range);
      return value && !isConstant(value) ? [[name, carriedOn(value, over)] as const] : [];
    }),
  );
}

/** Piece after piece, each at its first place: in time that grows with the name. */
function wildcard(pattern: string): (name: string) => boolean {
  const [first, ...pieces] = pattern.split('*');
  const last = pieces.pop() ?? '';
  return (name) => {
    let at = first.length;
    if (!name.startsWith(first)) return false;
    for (const piece of pieces) {
      const found = name.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
}

function carriedOn(value: Value, over: Sql): Value {
  if (value.presence === 'dash') return value;
  const last = (column: Sql) =>
    sql`last_value(${column} IGNORE NULLS) OVER ${over} ROWS UNBOUNDED PRECEDING)`;
  if (value.kind !== 'address' && value.presence === 'nullable') return scalar(value.kind, last(value.sql));
  return scalar('text', last(textOf(value)));
}
