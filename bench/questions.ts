import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryFolder } from './work-folder.ts';

/** One question to the records, asked in three ways. */
export interface Question {
  readonly name: string;
  readonly insights: string;
  /** Over the relation `scan_0` of the store, and the columns of it that it reads. */
  readonly sql: string;
  readonly columns: readonly string[];
  /** Over `records`, a Parquet file with AWS's columns. */
  readonly parquetSql: string;
  /** Whether only the first column of the rows from Parquet is defined by the question. */
  readonly hasTies: boolean;
}

/** Those of `bench/queries`, by name. */
export function questions(): Question[] {
  const folder = join(repositoryFolder, 'bench', 'queries');
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.insights') ? file.slice(0, -9) : []));
  return names.sort().map((name) => {
    const read = (extension: string) => readFileSync(join(folder, name + extension), 'utf8').trim();
    const sql = read('.sql');
    const parquetSql = read('.parquet.sql');
    return {
      name,
      insights: read('.insights'),
      sql,
      columns: scanColumns(name, sql),
      parquetSql,
      hasTies: parquetSql.startsWith('-- ties: '),
    };
  });
}

/** Named by the first line: `-- scan: srcaddr, bytes`. */
function scanColumns(name: string, sql: string): string[] {
  const columns = /^-- scan: (.+)$/m.exec(sql)?.[1];
  if (columns === undefined) throw new Error(`${name}.sql does not begin with the columns that it reads`);
  return columns.split(', ');
}
