import type { Diff, Pattern } from '../insights/tree.ts';
import { textOf } from '../sql/readings.ts';
import { join, literal, type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import type { Planner, Reading } from './planner.ts';
import { Joined } from './relations.ts';
import { define, nest, type OrderKey, type Rows } from './rows.ts';
import { Select } from './select.ts';
import { groupedRows, groupRows } from './stats.ts';

const hex = '[0-9a-fA-F]';

/** What varies between events of one pattern, in the order in which it is looked for. */
const tokens = [
  ['UUID', `\\b${hex}{8}-(?:${hex}{4}-){3}${hex}{12}\\b`],
  ['Time', '\\b(?:\\d{4}-\\d{2}-\\d{2}[T ])?\\d{2}:\\d{2}:\\d{2}(?:[.,]\\d+)?(?:Z|[+-]\\d{2}:?\\d{2})?\\b'],
  ['IP', `\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b|\\b(?:${hex}{1,4}:){2,7}(?::?${hex}{1,4})+\\b`],
  ['Number', '\\b\\d+(?:\\.\\d+)?\\b'],
  ['Token', '\\w*\\d\\w*'],
] as const;

/** Stands before the number of a kind of token while patterns are counted; no log line holds it. */
const mark = sql`chr(1)`;

const severities = [
  ['ERROR', '(?i)\\b(?:fatal|critical|error|exception|fail(?:ed|ure)?)'],
  ['WARN', '(?i)\\bwarn'],
  ['INFO', '(?i)\\binfo'],
  ['DEBUG', '(?i)\\b(?:debug|trace)'],
] as const;

/** Events whose text differs only in numbers, times, addresses and words with digits, as one row, the most frequent first. */
export function planPattern({ field }: Pattern, rows: Rows, planner: Planner): Rows {
  const groups = rows.select;
  const text = textOf(planner.expression(field, rows));
  const form = scalar('text', withMarks(text));
  groups.conditions.push(sql`${text} IS NOT NULL`);
  groupRows(groups, [form]);
  const counted = groups.output(sql`count(*)`);
  const total = groups.output(sql`sum(count(*)) OVER ()`);
  const pattern = withNames(groups.output(form.sql));
  const columns = new Map<string, Value>([
    ['@pattern', scalar('text', pattern)],
    ['@ratio', scalar('double', sql`(${counted}::DOUBLE / ${total}::DOUBLE)`)],
    ['@sampleCount', scalar('integer', counted)],
    ['@severityLabel', scalar('text', severityOf(pattern))],
  ]);
  return patternRows(columns, new Select(planner.alias(), groups), rows, planner);
}

function patternRows(
  columns: ReadonlyMap<string, Value>,
  select: Select,
  rows: Rows,
  planner: Planner,
): Rows {
  const after = define(groupedRows(select), columns, planner.step);
  const order: OrderKey[] = [];
  for (const [name, descending] of [
    ['@sampleCount', true],
    ['@pattern', false],
  ] as const) {
    const value = columns.get(name);
    if (value) order.push({ value, descending });
  }
  const shown = { columns: [...columns.keys()], named: true, closed: false };
  return { ...after, order, ties: order, shown, events: rows.events };
}

/** The text with each token replaced by a mark and the number of its kind. */
function withMarks(text: Sql): Sql {
  const clean = sql`replace(${text}, ${mark}, '')`;
  return tokens.reduce(
    (marked, [, regex], i) =>
      sql`regexp_replace(${marked}, ${literal(regex)}, ${mark} || chr(${number(i + 2)}), 'g')`,
    clean,
  );
}

/** `<Number-1>` for the first mark, when it stands for a number. */
function withNames(marked: Sql): Sql {
  const names = tokens.map(([name], i) => sql`WHEN chr(${number(i + 2)}) THEN ${literal(name)}`);
  return sql`array_to_string(list_transform(string_split(${marked}, ${mark}), lambda part, place: CASE WHEN place = 1 THEN part
    ELSE '<' || CASE part[1] ${join(names, ' ')} END || '-' || (place - 1)::VARCHAR || '>' || part[2:] END), '')`;
}

function severityOf(pattern: Sql): Sql {
  const labels = severities.map(
    ([label, regex]) => sql`WHEN regexp_matches(${pattern}, ${literal(regex)}) THEN ${literal(label)}`,
  );
  return sql`CASE ${join(labels, ' ')} ELSE 'NONE' END`;
}

function number(value: number): Sql {
  return { kind: 'words', words: [String(value)], holes: [] };
}

/** The time that the patterns of now are compared with: as long, and earlier. */
export function earlierReading({ against }: Diff, { groups, startMs, endMs }: Reading): Reading {
  const before = (time: number) => {
    if (against === 'previous') return time - (endMs - startMs + 1);
    if (against === 'previousDay') return time - 86_400_000;
    if (against === 'previousWeek') return time - 7 * 86_400_000;
    const date = new Date(time);
    const monthAgo = date.setUTCMonth(date.getUTCMonth() - 1);
    return Number.isNaN(monthAgo) ? time : monthAgo;
  };
  return { groups, startMs: before(startMs), endMs: before(endMs) };
}

/** The patterns of both times: how often each was there, how often before, and the difference. */
export function planDiff(command: Diff, now: Rows, before: Rows, planner: Planner): Rows {
  const value = (rows: Rows, name: string) => {
    const found = rows.names.field(name, [name], command.range);
    return found && found.kind !== 'address' ? found.sql : sql`NULL`;
  };
  const beforePattern = before.select.output(value(before, '@pattern'));
  const beforeCount = before.select.output(value(before, '@sampleCount'));
  const inner = now.select;
  const same = sql`${inner.output(value(now, '@pattern'))} = ${beforePattern}`;
  const nested = nest(
    now,
    planner.alias(),
    'carry',
    (left) => new Joined(left, sql`FULL JOIN`, before.select, same),
  );
  const count = sql`coalesce(${value(nested, '@sampleCount')}, 0)`;
  const earlier = sql`coalesce(${beforeCount}, 0)`;
  const pattern = sql`coalesce(${value(nested, '@pattern')}, ${beforePattern})`;
  const columns = new Map<string, Value>([
    ['@pattern', scalar('text', pattern)],
    ['@ratio', scalar('double', sql`coalesce(${value(nested, '@ratio')}, 0)`)],
    ['@sampleCount', scalar('integer', count)],
    ['@previousSampleCount', scalar('integer', earlier)],
    ['@sampleCountDifference', scalar('integer', sql`(${count} - ${earlier})`)],
    ['@severityLabel', scalar('text', severityOf(pattern))],
  ]);
  return patternRows(columns, nested.select, now, planner);
}
