import { QueryError } from '../../fault/index.ts';
import type { InSubquery, Query, Range } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { type Sql, sql } from '../sql/sql.ts';
import { booleanOf, missing, type Value } from '../sql/value.ts';
import { type Inside, Planner, type Reading } from './planner.ts';
import { type Rows, shownColumns } from './rows.ts';

/**
 * The rows of a query inside of another; without a SOURCE it reads what the outer one reads.
 * @throws QueryError when the groups that it names are not there
 */
export function planInner(query: Query, inside: Inside, planner: Planner): Rows {
  const reading = query.sources.length > 0 ? readingOf(query, planner) : planner.reading;
  const inner = new Planner(planner.workshop, reading, inside);
  return planner.workshop.planQuery(inner, query);
}

/** Of a `Date`, in milliseconds. */
const lastTime = 8.64e15;

/** The groups and the time that the SOURCE of a query says; the time is that of the request where it says none. */
export function readingOf(
  query: Query,
  { workshop, reading }: Pick<Planner, 'workshop' | 'reading'>,
): Reading {
  const { sources } = query;
  if (sources.length === 0) return reading;
  const { context } = workshop;
  const range = { start: query.range.start, end: sources[sources.length - 1].range.end };
  const groups = context.resolve(sources, range);
  const time = (of: 'start' | 'end') => {
    const said = sources.flatMap((source) => source[of] ?? [])[0];
    if (!said) return undefined;
    const time = 'epochMs' in said ? said.epochMs : context.nowMs + said.relativeSeconds * 1000;
    return Math.trunc(Math.max(-lastTime, Math.min(time, lastTime)));
  };
  return { groups, startMs: time('start') ?? context.startMs, endMs: time('end') ?? context.endMs };
}

/**
 * `operand in (SOURCE … )`: among the values of the column of that name, or of the only one that is shown. Texts are
 * compared, whole.
 */
export function inSubquery(planner: Planner, expression: InSubquery, operand: Value): Value {
  const { query, negated } = expression;
  if (planner.inside) {
    throw new QueryError(`a ${planner.inside} cannot hold a subquery`, parenthesized(expression, planner));
  }
  const rows = planInner(query, 'subquery', planner);
  const name = givenColumn(expression, rows, parenthesized(expression, planner));
  const given = rows.names.field(name, [name], query.range) ?? missing;
  const { ours, theirs } = alike(operand, given);
  rows.select.conditions.push(sql`${theirs} IS NOT NULL`);
  rows.select.output(theirs);
  const found = sql`${ours} IN (${rows.select.statement()})`;
  return booleanOf(negated ? sql`(${ours} IS NOT NULL AND NOT ${found})` : found);
}

/** The subquery and its parentheses. */
function parenthesized({ range, query }: InSubquery, { workshop }: Planner): Range {
  return { start: workshop.text.lastIndexOf('(', query.range.start), end: range.end };
}

/** The column whose values are asked for. */
function givenColumn({ operand }: InSubquery, rows: Rows, range: Range): string {
  const shown = shownColumns(rows);
  if (operand.kind === 'field' && shown.includes(operand.name)) return operand.name;
  const chosen = rows.raw || rows.shown.closed;
  if (chosen && rows.shown.named && shown.length === 1) return shown[0];
  const wanted = operand.kind === 'field' ? operand.name : 'its value';
  const sentence = `the subquery must give ${wanted}, or one field alone`;
  throw new QueryError(sentence, range, operand.kind === 'field' ? [`fields ${operand.name}`] : []);
}

/** Both in a form in which equal means equal: integers and IPv4 addresses as they are, anything else as text. */
function alike(ours: Value, theirs: Value): { readonly ours: Sql; readonly theirs: Sql } {
  const plain = ours.presence === theirs.presence && ours.presence === 'nullable';
  if (plain && ours.kind === 'integer' && theirs.kind === 'integer' && ours.literal === undefined) {
    return { ours: ours.sql, theirs: theirs.sql };
  }
  return { ours: textOf(ours), theirs: textOf(theirs) };
}
