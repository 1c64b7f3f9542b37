import type { Expression, Json, Parse } from '../insights/tree.ts';
import { call, hold } from '../sql/held.ts';
import { memberOf } from '../sql/member.ts';
import { textOf } from '../sql/readings.ts';
import { join, literal, parameter, type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { type CaptureRegex, captureRegex, globRegex } from './capture-regex.ts';
import type { Planner } from './planner.ts';
import { define, nest, type Rows, show } from './rows.ts';
import { wholeNumber } from './select.ts';
import { csvCells, logfmtMap, xmlText } from './text-formats.ts';

/** Names parts of a text. Rows whose text is not of the form stay, without the names. */
export function planParse(command: Parse, rows: Rows, planner: Planner): Rows {
  const { form } = command;
  const message: Expression = { kind: 'field', name: '@message', path: ['@message'], range: command.range };
  const source = textOf(planner.expression(command.source ?? message, rows));
  switch (form.kind) {
    case 'glob':
      return parseGlob(form, source, rows, planner);
    case 'regex': {
      const regex = captureRegex(form.pattern, form.names, form.range);
      return form.multi
        ? everyMatch(regex, source, rows, planner)
        : firstMatch(regex, source, rows, planner, true);
    }
    case 'logfmt':
      return made(rows, [form.name.name], [scalar('structure', logfmtMap(source))], planner);
    case 'csv': {
      const nested = materialize(csvCells(source), rows, planner);
      const cell = (i: number) => scalar('text', sql`${nested.column}[${wholeNumber(i + 1)}]`);
      return made(
        nested.rows,
        form.names.map(({ name }) => name),
        form.names.map((_, i) => cell(i)),
        planner,
      );
    }
    case 'xml':
      return made(rows, [form.name.name], [scalar('text', xmlText(source, form.path, form.range))], planner);
  }
}

/** The parser has counted the stars: as many as there are names. */
function parseGlob(form: Parse['form'] & { kind: 'glob' }, source: Sql, rows: Rows, planner: Planner): Rows {
  const pieces = form.pattern.split('*');
  const names = form.names.map(({ name }) => name);
  const separator = onlySeparator(pieces);
  if (separator !== undefined) return parseSeparated(separator, names, source, rows, planner);
  const regex = { pattern: globRegex(pieces), names, groups: names.map((_, i) => i + 1) };
  return firstMatch(regex, source, rows, planner, false);
}

/** The text between all stars of a pattern that has nothing else: `* * *`. */
function onlySeparator(pieces: readonly string[]): string | undefined {
  const between = pieces.slice(1, -1);
  const same = pieces.length > 3 && pieces[0] === '' && pieces[pieces.length - 1] === '' && between[0] !== '';
  return same && between.every((piece) => piece === between[0]) ? between[0] : undefined;
}

/** `* * *` cuts at each separator, and leaves those in the last part alone: many times faster than a regex. */
function parseSeparated(
  separator: string,
  names: readonly string[],
  source: Sql,
  rows: Rows,
  planner: Planner,
): Rows {
  const nested = materialize(sql`string_split(${source}, ${parameter(separator)})`, rows, planner);
  const parts = nested.column;
  const enough = sql`len(${parts}) >= ${wholeNumber(names.length)}`;
  const values = names.map((_, i) => {
    const place = wholeNumber(i + 1);
    const part =
      i < names.length - 1
        ? sql`${parts}[${place}]`
        : sql`array_to_string(${parts}[${place}:], ${parameter(separator)})`;
    return scalar('text', sql`CASE WHEN ${enough} THEN ${part} END`);
  });
  return made(nested.rows, names, values, planner);
}

/** Text that does not match is taken away first, as an empty group and no match look the same in `regexp_extract`. */
function firstMatch(regex: CaptureRegex, source: Sql, rows: Rows, planner: Planner, optional: boolean): Rows {
  const pattern = literal(regex.pattern);
  const matching = hold(
    [source],
    ([text]) => sql`CASE WHEN regexp_matches(${text}, ${pattern}) THEN ${text} END`,
  );
  const found = sql`regexp_extract(${matching}, ${pattern}, ${groupNames(regex)})`;
  return made(rows, regex.names, groupValues(regex, found, optional), planner);
}

/** A row for each match; a row without one stays as it is. */
function everyMatch(regex: CaptureRegex, source: Sql, rows: Rows, planner: Planner): Rows {
  const all = sql`regexp_extract_all(${source}, ${literal(regex.pattern)}, ${groupNames(regex)})`;
  const rowsOfMatches = hold(
    [all],
    ([found]) => sql`CASE WHEN len(${found}) > 0 THEN ${found} ELSE [NULL] END`,
  );
  const nested = materialize(sql`unnest(${rowsOfMatches})`, rows, planner);
  const events = rows.events;
  const each = { ...nested.rows, events, limited: false };
  return made(each, regex.names, groupValues(regex, nested.column, true), planner);
}

/** Names for all groups up to the last that is wanted: `['g1', 'g2']`. */
function groupNames({ groups }: CaptureRegex): Sql {
  const count = Math.max(...groups);
  return sql`[${join(Array.from({ length: count }, (_, i) => literal(`g${i + 1}`)))}]`;
}

/** A group of a regex that holds nothing is taken for one without match. */
function groupValues({ groups }: CaptureRegex, found: Sql, optional: boolean): readonly Value[] {
  return groups.map((group) => {
    const part = sql`struct_extract(${found}, ${literal(`g${group}`)})`;
    return scalar('text', optional ? hold([part], ([text]) => sql`nullif(${text}, '')`) : part);
  });
}

/** `json field=f "a.b" as x`: what is at a path in a field that holds JSON as text. */
export function planJson({ field, path, name, range }: Json, rows: Rows, planner: Planner): Rows {
  const message: Expression = { kind: 'field', name: '@message', path: ['@message'], range };
  const value = planner.expression(field ?? message, rows);
  const parsed =
    value.kind === 'structure' ? value : scalar('structure', call('json_structure', textOf(value)));
  return made(rows, [name.name], [memberOf(parsed, path.split('.'))], planner);
}

/** The rows with names for values, which are shown. */
export function made(rows: Rows, names: readonly string[], values: readonly Value[], planner: Planner): Rows {
  const definitions = new Map(names.map((name, i) => [name, values[i]]));
  return show(define(rows, definitions, planner.step), names);
}

/** The rows in a SELECT around one that has computed this, once for a row. */
export function materialize(
  computed: Sql,
  rows: Rows,
  planner: Planner,
): { readonly rows: Rows; readonly column: Sql } {
  const column = rows.select.output(computed);
  const nested = nest(rows, planner.alias());
  const isSameRows = rows.events === rows.select;
  return { rows: { ...nested, events: isSameRows ? nested.select : rows.events }, column };
}
