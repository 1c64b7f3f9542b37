import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { compileAggregate, compileExpression, type Scope } from '../src/query/expression.ts';
import { parseInsights, queryMacros } from '../src/query/index.ts';
import type { Expression } from '../src/query/insights/tree.ts';
import { conditionOf, renderOf, sortKeysOf } from '../src/query/sql/readings.ts';
import { identifier, join, parameter, printSql, type Sql, sql } from '../src/query/sql/sql.ts';
import { booleanOf, scalar, type Value } from '../src/query/sql/value.ts';

/** A table in DuckDB whose columns are the fields of expressions. */
export class ExpressionTable {
  readonly #connection: DuckDBConnection;
  readonly #fields: ReadonlyMap<string, Value>;

  private constructor(connection: DuckDBConnection, fields: ReadonlyMap<string, Value>) {
    this.#connection = connection;
    this.#fields = fields;
  }

  /** `rows` is the SQL of the table's rows, in the order of a column `id`. */
  static async over(rows: string, fields: Readonly<Record<string, Value>>): Promise<ExpressionTable> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const macro of queryMacros) await connection.run(macro);
    await connection.run(`CREATE TABLE rows AS ${rows}`);
    return new ExpressionTable(connection, new Map(Object.entries(fields)));
  }

  /** What the expression is in each row; undefined where its cell is left out. */
  async values(text: string): Promise<(string | undefined)[]> {
    const value = compileExpression(expressionOf(text), this.scope());
    return this.column(sql`SELECT ${renderOf(value)} FROM rows ORDER BY id`);
  }

  /** @throws QueryError when it does not compile, and whatever DuckDB says when it cannot be prepared or run */
  async run(expression: Expression): Promise<void> {
    const value = compileExpression(expression, this.scope());
    const keys = sortKeysOf(value, false);
    await this.column(
      sql`SELECT ${renderOf(value)} FROM rows WHERE ${conditionOf(value)} ORDER BY ${join(keys)}`,
    );
  }

  /** Values of `id` of the rows that a filter lets through. */
  async filtered(text: string): Promise<string[]> {
    const condition = conditionOf(compileExpression(expressionOf(text), this.scope()));
    return (await this.column(sql`SELECT id::VARCHAR FROM rows WHERE ${condition} ORDER BY id`)) as string[];
  }

  /** Values of `id` in the order of the expression. */
  async sorted(text: string, descending = false): Promise<string[]> {
    const keys = sortKeysOf(compileExpression(expressionOf(text), this.scope()), descending);
    return (await this.column(sql`SELECT id::VARCHAR FROM rows ORDER BY ${join(keys)}, id`)) as string[];
  }

  /** What the expression of aggregates is over all rows, or over those of each value of `group`. */
  async aggregated(text: string, where = 'true'): Promise<string | undefined> {
    const scope: Scope = { ...this.scope(), aggregate: (call) => compileAggregate(call, this.scope()) };
    const value = renderOf(compileExpression(expressionOf(text), scope));
    const [cell] = await this.column(
      sql`SELECT ${value} FROM rows WHERE ${{ kind: 'words', words: [where], holes: [] }}`,
    );
    return cell;
  }

  scope(): Scope {
    return {
      field: (name) => this.#fields.get(name),
      nowMs: 1_767_268_800_500,
      startMs: 1_767_225_600_000,
      endMs: 1_767_312_000_999,
      eventOrder: () => [identifier('time'), identifier('arrival'), identifier('id')],
      inSubquery: (_, operand) => booleanOf(sql`(${renderOf(operand)} = ${parameter('found')})`),
    };
  }

  async column(statement: Sql): Promise<(string | undefined)[]> {
    const { text, parameters } = printSql(statement);
    const reader = await this.#connection.runAndReadAll(text, [...parameters]);
    return reader.getRows().map(([cell]) => (cell === null ? undefined : String(cell)));
  }

  /** What the scan of a Parquet file of these rows is asked to leave out by the filter, as DuckDB explains it. */
  async pushedDown(text: string, file: string): Promise<string> {
    const condition = conditionOf(compileExpression(expressionOf(text), this.scope()));
    await this.#connection.run(`COPY rows TO '${file}' (FORMAT parquet)`);
    const { text: where, parameters } = printSql(condition);
    const explain = `EXPLAIN SELECT count(*) FROM read_parquet('${file}') WHERE ${where}`;
    const rows = (await this.#connection.runAndReadAll(explain, [...parameters])).getRows();
    const lines = rows.flatMap((row) => String(row[1]).split('\n'));
    const scan = lines
      .slice(lines.findIndex((line) => line.includes('READ_PARQUET')))
      .map((line) => line.replace(/[│\s]/g, ''));
    const filters = scan.slice(scan.findIndex((line) => line.startsWith('Filters:')));
    const end = filters.findIndex((line) => line === '' || line.startsWith('~'));
    return filters.slice(0, end).join('').replace('Filters:', '');
  }

  close(): void {
    this.#connection.closeSync();
  }
}

/** The expression of `fields …`, or of `stats …` when it holds aggregates. */
export function expressionOf(text: string): Expression {
  const query = parseInsights(`fields ${text}`);
  const [command] = query.commands;
  if (command.kind !== 'fields') throw new TypeError(text);
  return command.columns[0].expression;
}

/** A column as a value of that kind. */
export function columnValue(
  kind: Parameters<typeof scalar>[0],
  name: string,
  presence: Value['presence'] = 'nullable',
): Value {
  return scalar(kind, identifier(name), presence);
}
