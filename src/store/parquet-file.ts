import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ConfigError } from '../fault/index.ts';
import type { FieldType } from '../record/fields.ts';
import { fields, type LogFormat, parseHeader } from '../record/index.ts';

/** Rows of a Parquet file, some thousand at a time. */
export type ParquetRows =
  /** Records as lines: one text a row comes out of DuckDB in a third of the time that a text a value does. */
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly format: LogFormat }
  /** Rows that are no records: each as a JSON object. */
  | { readonly kind: 'json'; readonly texts: readonly string[] };

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

const byColumn = new Map(fields.map((field) => [field.column, field]));
const floating = /^(?:DOUBLE|FLOAT|DECIMAL)/;
const integer = /^U?(?:TINY|SMALL|BIG|)INT(?:EGER)?$/;

/**
 * Reads a Parquet file of anybody, in a DuckDB of its own that can open this file and nothing else. Columns that are all
 * called after fields of a record make records of them, in the order of the columns.
 * @throws ConfigError `FileDamaged` where it is no whole Parquet file
 */
export async function* readParquetFile(path: string): AsyncGenerator<ParquetRows> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: '128MB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    await connection.run(`SET allowed_paths = [${text(path)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    yield* readRows(connection, `read_parquet(${text(path)}, hive_partitioning = false)`);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ConfigError || error.message.startsWith('bug:')) {
      throw error;
    }
    throw new ConfigError('FileDamaged', `${path}: cannot be read as Parquet: ${firstLine(error.message)}`);
  } finally {
    instance.closeSync();
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0];

async function* readRows(connection: DuckDBConnection, relation: string): AsyncGenerator<ParquetRows> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
  const columns = described.getRowsJson().map(([name, type]) => ({ name: String(name), type: String(type) }));
  const found = columns.map(({ name }) => byColumn.get(name));
  if (found.every((field) => field !== undefined)) {
    const format = parseHeader(found.map(({ token }) => token).join(' '));
    const line = `concat_ws(' ', ${columns.map((column, i) => textOf(column, format.fields[i].type)).join(', ')})`;
    for await (const lines of readTexts(connection, `SELECT ${line} FROM ${relation}`)) {
      yield { kind: 'lines', lines, format };
    }
  } else {
    for await (const texts of readTexts(connection, `SELECT to_json(row)::VARCHAR FROM ${relation} row`)) {
      yield { kind: 'json', texts };
    }
  }
}

/** DuckDB gives 2,048 rows at a time; what is written for each of the runs is worth more. */
const runChunks = 16;

async function* readTexts(connection: DuckDBConnection, sql: string): AsyncGenerator<string[]> {
  const result = await connection.stream(sql);
  for (let isEnd = false; !isEnd; ) {
    const texts: string[] = [];
    for (let chunks = 0; chunks < runChunks && !isEnd; chunks++) {
      const chunk = await result.fetchChunk();
      isEnd = !chunk || chunk.rowCount === 0;
      if (chunk && !isEnd) for (const text of chunk.getColumnValues(0)) texts.push(text as string);
    }
    if (texts.length > 0) yield texts;
  }
}

/**
 * A column as the text of a field: null, and what Python's pandas writes for it, is `-`. Numbers that others made
 * floating or times are whole seconds again, and an account has twelve digits also where it was made a number.
 */
function textOf({ name, type }: FileColumn, fieldType: FieldType): string {
  const column = quoted(name);
  let told = `${column}::VARCHAR`;
  if (name === 'account_id' && integer.test(type)) told = `lpad(${told}, 12, '0')`;
  else if (fieldType !== 'string' && floating.test(type)) told = `try_cast(${column} AS BIGINT)::VARCHAR`;
  else if (fieldType !== 'string' && type.startsWith('TIMESTAMP')) told = `epoch(${column})::BIGINT::VARCHAR`;
  return `coalesce(nullif(${told}, 'None'), '-')`;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
