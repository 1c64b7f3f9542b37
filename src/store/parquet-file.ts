import { type DuckDBConnection, DuckDBDoubleVector, DuckDBInstance } from '@duckdb/node-api';
import { ConfigError, invariant } from '../fault/index.ts';
import { fields, type LogFormat, parseHeader, type RecordBatch } from '../record/index.ts';

/** Rows of a Parquet file, some at a time. */
export type ParquetRows =
  | { readonly kind: 'records'; readonly records: RecordBatch }
  /** Records whose numbers are kept as text, so that they may be anything: as lines. */
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly format: LogFormat }
  /** Rows that are no records: each as a JSON object. */
  | { readonly kind: 'json'; readonly texts: readonly string[] };

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

const byColumn = new Map(fields.map((field) => [field.column, field]));
const integer = /^U?(?:TINY|SMALL|BIG|)INT(?:EGER)?$/;

/**
 * Reads a Parquet file of anybody, in a DuckDB of its own that can open this file and nothing else. Columns that are all
 * called after fields of a record make records, in the order of the columns.
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
  if (found.some((field) => field === undefined)) {
    yield* readJson(connection, relation);
    return;
  }
  const format = parseHeader(found.map((field) => field?.token).join(' '));
  const isTyped = format.fields.every(({ type }, i) => type === 'string' || integer.test(columns[i].type));
  yield* isTyped
    ? readRecords(connection, relation, columns, format)
    : readLines(connection, relation, columns, format);
}

async function* readRecords(
  connection: DuckDBConnection,
  relation: string,
  columns: readonly FileColumn[],
  format: LogFormat,
): AsyncGenerator<ParquetRows> {
  const selected = columns.map((column, i) =>
    format.fields[i].type === 'string'
      ? textOf(column)
      : `coalesce(${quoted(column.name)}::DOUBLE, 'NaN'::DOUBLE)`,
  );
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${relation}`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    const length = chunk.rowCount;
    const values = format.fields.map(({ type }, i) => {
      if (type === 'string') return { texts: chunk.getColumnValues(i) as string[] };
      const vector = chunk.getColumnVector(i);
      invariant(vector instanceof DuckDBDoubleVector, 'a number of a Parquet file is read as DOUBLE');
      // The chunk's memory is its own.
      return { numbers: Float64Array.from(vector.toArray() as number[]) };
    });
    yield { kind: 'records', records: { format, length, columns: values } };
  }
}

async function* readLines(
  connection: DuckDBConnection,
  relation: string,
  columns: readonly FileColumn[],
  format: LogFormat,
): AsyncGenerator<ParquetRows> {
  const sql = `SELECT concat_ws(' ', ${columns.map(textOf).join(', ')}) FROM ${relation}`;
  for await (const lines of readTexts(connection, sql)) yield { kind: 'lines', lines, format };
}

async function* readJson(connection: DuckDBConnection, relation: string): AsyncGenerator<ParquetRows> {
  const sql = `SELECT to_json(row)::VARCHAR FROM ${relation} row`;
  for await (const texts of readTexts(connection, sql)) yield { kind: 'json', texts };
}

async function* readTexts(connection: DuckDBConnection, sql: string): AsyncGenerator<string[]> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    yield chunk.getColumnValues(0) as string[];
  }
}

/** A column as the text of a field: null, and what Python's pandas writes for it, is `-`. */
function textOf({ name, type }: FileColumn): string {
  const column = quoted(name);
  // An account has twelve digits also where it was made a number.
  const told =
    integer.test(type) && name === 'account_id' ? `lpad(${column}::VARCHAR, 12, '0')` : `${column}::VARCHAR`;
  return `coalesce(nullif(${told}, 'None'), '-')`;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
