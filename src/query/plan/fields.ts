import type { Column, Display, Fields, Filter, FilterIndex, Unmask } from '../insights/tree.ts';
import { conditionOf } from '../sql/readings.ts';
import { missing, type Value } from '../sql/value.ts';
import { referenceKey } from './column-references.ts';
import type { Planner } from './planner.ts';
import { define, type Rows, show } from './rows.ts';

/** What a column is called: its alias, the field's name, or its text as written. */
export function columnName({ alias, expression, text }: Column): string {
  return alias?.name ?? (expression.kind === 'field' ? expression.name : text);
}

/** Several `fields` add up; a column may use the names of those before it. */
export function planFields({ columns }: Fields, rows: Rows, planner: Planner): Rows {
  const named = { ...rows, shown: { ...rows.shown, named: true } };
  return show(computeColumns(columns, named, planner), columns.map(columnName));
}

/** The last `display` says alone what is shown. */
export function planDisplay({ columns }: Display | Unmask, rows: Rows, planner: Planner): Rows {
  const names = [...new Set(columns.map(columnName))];
  return {
    ...computeColumns(columns, rows, planner),
    shown: { columns: names, named: true, closed: true },
  };
}

function computeColumns(columns: readonly Column[], rows: Rows, planner: Planner): Rows {
  return columns.reduce((before, column) => {
    const known = columnOf(column, before);
    const value = known ?? planner.expression(column.expression, before);
    return nameColumn(column, value, before, planner);
  }, rows);
}

/** A column of `stats` that is asked for again: what it is called is no expression to compute once more. */
function columnOf({ text, range }: Column, rows: Rows): Value | undefined {
  const name = rows.texts.get(referenceKey(text));
  return name === undefined ? undefined : rows.names.field(name, [name], range);
}

/** The rows with the value under the column's name, and under its text. */
export function nameColumn(column: Column, value: Value | undefined, rows: Rows, planner: Planner): Rows {
  const name = columnName(column);
  const defined = define(rows, new Map([[name, value ?? missing]]), planner.step);
  if (column.alias || column.expression.kind === 'field') return defined;
  return { ...defined, texts: new Map([...rows.texts, [referenceKey(column.text), name]]) };
}

export function planFilter({ condition }: Filter | FilterIndex, rows: Rows, planner: Planner): Rows {
  rows.select.conditions.push(conditionOf(planner.expression(condition, rows)));
  return rows;
}
