import { QueryError } from '../../fault/index.ts';
import type { Lookup, Name } from '../insights/tree.ts';
import { choose } from '../sql/choice.ts';
import { textOf } from '../sql/readings.ts';
import { identifier, join, type Sql, sql } from '../sql/sql.ts';
import { missing, scalar, type Value } from '../sql/value.ts';
import { made } from './parse.ts';
import type { Planner } from './planner.ts';
import { Joined, Written } from './relations.ts';
import { nest, type Rows } from './rows.ts';

/** Sets columns of a table beside the rows whose fields equal its keys; of several such lines the first counts. */
export function planLookup({ table, keys, output }: Lookup, rows: Rows, planner: Planner): Rows {
  const lines = new LookupLines(table, planner);
  const columns = output.map(({ column }) => identifier(lines.column(column)));
  const keyColumns = keys.map(({ column }) => identifier(lines.column(column)));
  const keyList = keyColumns.map((column, i) => sql`${column} AS ${identifier(`k${i}`)}`);
  const firsts = columns.map((column, i) => sql`first(${column} ORDER BY line) AS ${identifier(`v${i}`)}`);
  const statement = sql`SELECT ${join([...keyList, ...firsts, sql`true AS found`])} FROM ${lines.numbered()}
    GROUP BY ${join(keyColumns)}`;
  const relation = new Written(planner.alias(), () => statement);
  const nested = nest(rows, planner.alias(), 'carry', (left) => {
    const equal = keys.map(
      ({ field }, i) =>
        sql`${left.output(textOf(planner.expression(field, rows)))} = ${relation.column(`k${i}`)}`,
    );
    return new Joined(left, sql`LEFT JOIN`, relation, join(equal, ' AND '));
  });
  const found = sql`coalesce(${relation.column('found')}, false)`;
  return outputs(nested, output, (i) => scalar('text', relation.column(`v${i}`)), found, planner);
}

type Output = Lookup['output'];

/** What the table has hides what the rows had, where there is a line for the row. */
export function outputs(
  rows: Rows,
  output: Output,
  value: (index: number) => Value,
  found: Sql,
  planner: Planner,
  keepOld = false,
): Rows {
  const values = output.map(({ field }, i) => {
    const old = rows.names.field(field.name, field.name.split('.'), field.range) ?? missing;
    if (old === missing) return value(i);
    return keepOld
      ? choose([sql`coalesce(${textOf(old)}, '') <> ''`], [old, value(i)])
      : choose([found], [value(i), old]);
  });
  return made(
    rows,
    output.map(({ field }) => field.name),
    values,
    planner,
  );
}

/** An uploaded table in the SQL. */
export class LookupLines {
  readonly columns: readonly string[];
  private readonly table: Name;
  private readonly name: string;

  /** @throws QueryError when there is no such table */
  constructor(table: Name, planner: Planner) {
    const { lookups, context } = planner.workshop;
    const columns = context.lookupColumns(table.name);
    if (!columns) throw new QueryError(`there is no lookup table ${table.name}`, table.range);
    this.columns = columns;
    this.table = table;
    const known = lookups.find((lookup) => lookup.table === table.name);
    this.name = known?.name ?? `lookup_${lookups.length}`;
    if (!known) lookups.push({ name: this.name, table: table.name });
  }

  /** @throws QueryError when the table has no such column */
  column({ name, range }: Name): string {
    if (this.columns.includes(name)) return name;
    throw new QueryError(`the lookup table ${this.table.name} has no column ${name}`, range, this.columns);
  }

  /** With `line`, the number of each line in the file. */
  numbered(): Sql {
    return sql`(SELECT *, row_number() OVER () AS line FROM ${identifier(this.name)})`;
  }
}
