import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { parseHeader } from '../record/log-format.ts';
import { encodeParquet } from '../record/parquet.ts';
import { parseLines } from '../record/parse-lines.ts';
import { type ParquetRows, readParquetFile } from './parquet-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-parquet-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function rowsOf(file: string): Promise<ParquetRows[]> {
  const rows: ParquetRows[] = [];
  for await (const some of readParquetFile(file)) rows.push(some);
  return rows;
}

async function write(name: string, sql: string): Promise<string> {
  const file = path.join(folder, name);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (${sql}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`);
  return file;
}

describe('readParquetFile', () => {
  it('gives records as they were written, in the order of the columns', async () => {
    const text = [
      'interface-id dstport packets action log-status version',
      'eni-1 443 9007199254740991 ACCEPT OK 2',
      'eni-2 - - - NODATA 2',
      '',
    ].join('\n');
    const file = path.join(folder, "it's.parquet");
    writeFileSync(file, encodeParquet(parseLines(text)));
    const [header, ...lines] = text.trimEnd().split('\n');
    expect(await rowsOf(file)).toEqual([{ kind: 'lines', lines, format: parseHeader(header) }]);
  });

  it('gives records of looser types as AWS writes them', async () => {
    const file = await write(
      'loose.parquet',
      `SELECT 2 AS version, 12345 AS account_id, '080' AS srcport, NULL::VARCHAR AS dstport, 'None' AS protocol,
         7.0::DOUBLE AS packets, 'NaN'::DOUBLE AS bytes, TIMESTAMP '2023-11-14 22:13:20' AS start`,
    );
    expect(await rowsOf(file)).toMatchObject([
      { kind: 'lines', lines: ['2 000000012345 080 - - 7 - 1700000000'] },
    ]);
  });

  it('gives other rows as JSON', async () => {
    const file = await write('other.parquet', `SELECT 1 AS n, 'a' AS "x y", [1, 2] AS list`);
    expect(await rowsOf(file)).toEqual([{ kind: 'json', texts: ['{"n":1,"x y":"a","list":[1,2]}'] }]);
  });

  it('refuses what is no Parquet file', async () => {
    const file = path.join(folder, 'broken.parquet');
    writeFileSync(file, 'PAR1 and then nothing');
    await expect(rowsOf(file)).rejects.toThrow(`${file}: cannot be read as Parquet`);
  });

  it.skipIf(!sharedData)('reads the records of others', async () => {
    const rows = await rowsOf(path.join(sharedData ?? '', 'records/flows.parquet'));
    const lines = rows.flatMap((some) => (some.kind === 'lines' ? some.lines : []));
    expect(lines).toContain('2 123456789010 eni-202010ab - - - - - - - 1439387263 1439387264 - NODATA');
  });
});
