import type { Outlier } from '../insights/tree.ts';
import { choose } from '../sql/choice.ts';
import { double } from '../sql/literal.ts';
import { numberOf, textOf } from '../sql/readings.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { nest, type Rows } from './rows.ts';

/**
 * Values further than `param` times the interquartile range above the third quartile (with `uselower`, also below the
 * first): `transform` cuts them to that bound, marked with `000` before them when asked, `remove` takes their rows out.
 */
export function planOutlier(command: Outlier, rows: Rows, planner: Planner): Rows {
  const { select } = rows;
  const measured = command.fields.map((field) => {
    const value = planner.expression(field, rows);
    const number = sql`(${numberOf(value)})::DOUBLE`;
    const quartile = (part: Sql) => select.output(sql`quantile_cont(${number}, ${part}) OVER ()`);
    return {
      name: field.name,
      value: select.carry(value),
      first: quartile(sql`0.25`),
      third: quartile(sql`0.75`),
    };
  });
  const nested = { ...nest(rows, planner.alias()), arranged: false };
  const bounds = measured.map(({ name, value, first, third }) => {
    const reach = sql`${double(command.factor)} * (${third} - ${first})`;
    const number = sql`(${numberOf(value)})::DOUBLE`;
    const above = sql`${number} > ${third} + ${reach}`;
    const below = command.lower ? sql`${number} < ${first} - ${reach}` : sql`false`;
    return { name, value, above, below, most: sql`(${third} + ${reach})`, least: sql`(${first} - ${reach})` };
  });
  if (command.action === 'remove') {
    for (const { above, below } of bounds) {
      nested.select.conditions.push(sql`(${above} OR ${below}) IS NOT TRUE`);
    }
    return { ...nested, events: rows.events };
  }
  const cut = (bound: Sql): Value => {
    const value = scalar('double', bound);
    return command.mark ? scalar('text', sql`('000' || ${textOf(value)})`) : value;
  };
  return made(
    nested,
    bounds.map(({ name }) => name),
    bounds.map(({ value, above, below, most, least }) =>
      choose([above, below], [cut(most), cut(least), value]),
    ),
    planner,
  );
}
