import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'vitest';
import { type CompileContext, type CompiledQuery, compileInsights, queryMacros } from '../src/query/index.ts';
import type { ScanShape } from '../src/query/scan.ts';
import type { Field } from '../src/record/fields.ts';
import type { LogFormat } from '../src/record/log-format.ts';

/** An event: tokens of a record in the format of that number, or text of any kind. */
export type ScanEvent = { readonly timestamp: number; readonly ingestion?: number } & (
  | { readonly format: number; readonly tokens: readonly string[] }
  | { readonly text: string }
);

export interface ScanOptions {
  readonly formats: readonly LogFormat[];
  readonly lookups?: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly defaultLimit?: number;
}

export type Cells = readonly (string | null)[];

export const startMs = Date.UTC(2026, 0, 1);
export const endMs = startMs + 86_400_000 - 1;

const addressTokens = new Set(['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr']);

/** The scans of a store, by hand: the same events as columns, or as text. */
export class ScanTables {
  private readonly connection: DuckDBConnection;
  private readonly options: ScanOptions;
  private readonly shape: ScanShape;

  private constructor(connection: DuckDBConnection, options: ScanOptions, shape: ScanShape) {
    this.connection = connection;
    this.options = options;
    this.shape = shape;
  }

  static async open(
    events: readonly ScanEvent[],
    keeping: 'columns' | 'text',
    options: ScanOptions,
  ): Promise<ScanTables> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const macro of queryMacros) await connection.run(macro);
    const fields = [...new Set(options.formats.flatMap((format) => format.fields))];
    await connection.run(
      `CREATE TABLE events (${[...eventColumns, ...fields.flatMap(columnTypes)].join(', ')})`,
    );
    const rows = events.map((event, id) => rowSql(event, id, keeping, fields, options.formats));
    if (rows.length > 0) await connection.run(`INSERT INTO events VALUES ${rows.join(', ')}`);
    for (const [name, lines] of Object.entries(options.lookups ?? {})) {
      const [header, ...values] = lines;
      const written = values.map((cells) => `(${cells.map((cell) => quoted(cell)).join(', ')})`);
      await connection.run(
        `CREATE TABLE ${named(`table ${name}`)} AS SELECT * FROM (VALUES ${written.join(', ')}) t(${header.map(named).join(', ')})`,
      );
    }
    return new ScanTables(connection, options, shapeOf(events, keeping));
  }

  compile(text: string): CompiledQuery {
    return compileInsights(text, this.context());
  }

  async ask(text: string): Promise<Cells[]> {
    return this.run(this.compile(text));
  }

  async run(query: CompiledQuery): Promise<Cells[]> {
    const statement = `${await this.relations(query)} ${query.sql}`;
    const answer = await this.connection.runAndReadAll(statement, [...query.parameters]);
    const rows = answer.getRowsJS().map((row) => row.map((cell) => (cell === null ? null : String(cell))));
    return query.countsMatches ? rows.map((row) => row.slice(0, -1)) : rows;
  }

  async matched(query: CompiledQuery): Promise<number | undefined> {
    if (query.countsMatches) return this.countedMatches(query);
    return query.matchedSql ? this.askedMatches(query) : undefined;
  }

  /** What the rows say must be what the statement says. */
  private async countedMatches(query: CompiledQuery): Promise<number | undefined> {
    const { countsMatches: _, ...plain } = query;
    const rows = await this.run(plain);
    const told = Number(rows[0]?.at(-1) ?? 0);
    const asked = query.matchedSql ? await this.askedMatches(query) : told;
    for (const row of rows) expect(Number(row.at(-1))).toBe(asked);
    return asked;
  }

  private async askedMatches(query: CompiledQuery): Promise<number> {
    const parameters = query.parameters.slice(0, query.matchedParameters);
    const answer = await this.connection.runAndReadAll(
      `${await this.relations(query)} ${query.matchedSql}`,
      parameters,
    );
    return Number(answer.getRowsJS()[0][0]);
  }

  /** Only asks whether DuckDB understands it. */
  async prepare(query: CompiledQuery): Promise<void> {
    const statement = `${await this.relations(query)} ${query.sql}`;
    const prepared = await this.connection.prepare(statement);
    expect(prepared.parameterCount).toBe(query.parameters.length);
    prepared.destroySync();
  }

  close(): void {
    this.connection.closeSync();
  }

  private async relations(query: CompiledQuery): Promise<string> {
    const scans = query.scans.map(
      ({ name, columns, startMs: from, endMs: to }) =>
        `${name} AS NOT MATERIALIZED (SELECT ${columns.length > 0 ? columns.map((column) => `"${column}"`).join(', ') : 'id'} FROM events WHERE timestamp BETWEEN ${from} AND ${to})`,
    );
    const lookups = query.lookups.map(
      ({ name, table }) => `${name} AS (SELECT * FROM ${named(`table ${table}`)})`,
    );
    return `WITH ${[...scans, ...lookups].join(', ')}`;
  }

  private context(): CompileContext {
    const { formats, lookups, defaultLimit = 10_000 } = this.options;
    return {
      startMs,
      endMs,
      nowMs: endMs,
      defaultLimit,
      groups: [1],
      resolve: () => [1],
      shape: () => this.shape,
      format: (id) => formats[id - 1],
      lookupColumns: (table) => lookups?.[table]?.[0],
    };
  }
}

const eventColumns = [
  'timestamp BIGINT, ingestion_time BIGINT, id BIGINT, log_group VARCHAR, log_stream VARCHAR',
  'format USMALLINT, kept VARCHAR, message VARCHAR',
];

function columnTypes({ token, column, type }: Field): string[] {
  if (addressTokens.has(token)) return [`"${column}" UINTEGER`, `"${column}_text" VARCHAR`];
  return [`"${column}" ${type === 'string' ? 'VARCHAR' : type === 'int32' ? 'INTEGER' : 'BIGINT'}`];
}

function rowSql(
  event: ScanEvent,
  id: number,
  keeping: 'columns' | 'text',
  fields: readonly Field[],
  formats: readonly LogFormat[],
): string {
  const isRecord = 'tokens' in event;
  const line = isRecord ? event.tokens.join(' ') : event.text;
  const kept = isRecord && keeping === 'columns' ? 'NULL' : quoted(line);
  const common = [
    `${event.timestamp}, ${event.ingestion ?? event.timestamp + 1000}, ${id}, '123456789012:group', ${quoted(`stream ${id % 2}`)}`,
    `${isRecord ? event.format : 'NULL'}, ${kept}, ${quoted(line)}`,
  ];
  const tokenOf = (field: Field): string | undefined => {
    if (!isRecord || keeping === 'text') return undefined;
    const at = formats[event.format - 1].fields.indexOf(field);
    return at < 0 || event.tokens[at] === '-' ? undefined : event.tokens[at];
  };
  return `(${[...common, ...fields.map((field) => cellSql(field, tokenOf(field)))].join(', ')})`;
}

function cellSql(field: Field, token: string | undefined): string {
  if (!addressTokens.has(field.token)) {
    if (token === undefined) return 'NULL';
    return field.type === 'string' ? quoted(token) : token;
  }
  if (token === undefined) return 'NULL, NULL';
  if (token.includes(':')) return `NULL, ${quoted(token)}`;
  return `${token.split('.').reduce((all, octet) => all * 256 + Number(octet), 0)}, NULL`;
}

function named(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function shapeOf(events: readonly ScanEvent[], keeping: 'columns' | 'text'): ScanShape {
  const formats = [...new Set(events.flatMap((event) => ('tokens' in event ? [event.format] : [])))];
  return {
    columnFormats: keeping === 'columns' ? formats : [],
    textFormats: keeping === 'text' ? formats : [],
    plain: events.some((event) => 'text' in event),
    otherAddresses: events.some(
      (event) => 'tokens' in event && event.tokens.some((token) => token.includes(':')),
    ),
  };
}
