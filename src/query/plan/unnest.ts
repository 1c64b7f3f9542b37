import type { Expand, Unnest } from '../insights/tree.ts';
import { call, hold } from '../sql/held.ts';
import { textOf } from '../sql/readings.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { made, materialize } from './parse.ts';
import type { Planner } from './planner.ts';
import type { Rows } from './rows.ts';

/** A row for each element of a list, the other fields copied; what is no list is a list of one, and no rows come of an empty one. */
export function planUnnest({ field, name }: Unnest, rows: Rows, planner: Planner): Rows {
  return eachElement(planner.expression(field, rows), name.name, rows, planner);
}

export function planExpand({ field }: Expand, rows: Rows, planner: Planner): Rows {
  return eachElement(planner.expression(field, rows), field.name, rows, planner);
}

function eachElement(value: Value, name: string, rows: Rows, planner: Planner): Rows {
  const elements = hold(
    [jsonOf(value)],
    ([json]) =>
      sql`CASE WHEN json_type(${json}) = 'ARRAY' THEN json_extract(${json}, '$[*]') ELSE [${json}] END`,
  );
  const { events } = rows;
  const nested = materialize(sql`unnest(${elements})`, rows, planner);
  const element = scalar('structure', sql`nullif(${nested.column}, 'null'::JSON)`);
  return made({ ...nested.rows, events, limited: false }, [name], [element], planner);
}

/** A text that holds a list counts as the list. */
function jsonOf(value: Value): Sql {
  if (value.kind === 'structure') return value.sql;
  return hold([textOf(value)], ([text]) => sql`coalesce(${call('json_structure', text)}, to_json(${text}))`);
}
