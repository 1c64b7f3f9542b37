/** What was delivered, read back as lines of records by programs that are not the one that wrote them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';

/** A column as AWS documents it for Athena: numbers are integers of 32 or 64 bits, all else is text. */
export interface Column {
  readonly name: string;
  readonly sqlType: 'INTEGER' | 'BIGINT' | 'VARCHAR';
}

const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };

/** Rows as the lines that they are in text. */
function linesOfRows(rows: readonly Readonly<Record<string, unknown>>[], names: readonly string[]): string[] {
  return rows.map((row) => names.map((name) => String(row[name] ?? '-')).join(' '));
}

/** Objects of text, without their headers. */
export function linesOfText(files: readonly string[], header: string): string[] {
  return files.flatMap((file) => {
    const [first, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
    if (first !== header) throw new Error(`${path.basename(file)} begins with ${first}`);
    return lines;
  });
}

/** Objects of Parquet, by hyparquet. */
export async function linesOfParquet(
  files: readonly string[],
  columns: readonly Column[],
): Promise<string[]> {
  const names = columns.map(({ name }) => name);
  const lines = [];
  for (const each of files) {
    const file = Uint8Array.from(readFileSync(each)).buffer;
    const rows = await parquetReadObjects({ file, compressors });
    for (const row of rows) {
      const given = Object.keys(row).join();
      if (given !== names.join()) throw new Error(`${path.basename(each)} has columns ${given}`);
    }
    lines.push(...linesOfRows(rows, names));
  }
  return lines;
}

/** All objects of a tree, by a table of DuckDB with the columns and the partitions that AWS documents. */
export async function linesOfTable(
  duckdb: DuckDBConnection,
  { root, extension, columns, isHive }: TableOptions,
): Promise<string[]> {
  const files = `'${root}/**/*.${extension}'`;
  const hive = isHive
    ? ', hive_partitioning = true, hive_types_autocast = false'
    : ', hive_partitioning = false';
  const types = columns.map(({ name, sqlType }) => `'${name}': '${sqlType}'`).join(', ');
  const table =
    extension === 'log.parquet'
      ? `read_parquet(${files}${hive})`
      : `read_csv(${files}, delim = ' ', skip = 1, header = false, nullstr = '-', quote = '', auto_detect = false, compression = 'gzip', columns = {${types}}${hive})`;
  const list = columns.map(({ name }) => `"${name}"`).join(', ');
  const partitions = isHive
    ? `, "aws-account-id" || '/' || "aws-service" || '/' || "aws-region" || '/' || "year" || "month" || "day" AS folder`
    : '';
  const reader = await duckdb.runAndReadAll(`SELECT ${list}${partitions} FROM ${table}`);
  const found = reader.columnTypes().map(String).slice(0, columns.length);
  const wanted = columns.map(({ sqlType }) => sqlType);
  if (found.join() !== wanted.join()) throw new Error(`${root} has columns of ${found.join()}`);
  const rows = reader.getRowObjectsJson();
  if (isHive) checkFolders(rows);
  return linesOfRows(
    rows,
    columns.map(({ name }) => name),
  );
}

interface TableOptions {
  readonly root: string;
  readonly extension: 'log.gz' | 'log.parquet';
  readonly columns: readonly Column[];
  readonly isHive: boolean;
}

/** A query that asks one partition alone must find all that ended in it. */
function checkFolders(rows: readonly Readonly<Record<string, unknown>>[]): void {
  for (const { folder, end } of rows) {
    if (end === undefined) continue;
    const day = new Date(Number(end) * 1000).toISOString().slice(0, 10).replaceAll('-', '');
    if (folder !== `123456789012/vpcflowlogs/us-east-1/${day}`) throw new Error(`${end} lies in ${folder}`);
  }
}
