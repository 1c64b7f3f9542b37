import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHeader } from '../record/index.ts';
import { writeParquet } from './parquet-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-parquet-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const format = parseHeader('srcaddr srcport bytes start');
const at = (name: string) => path.join(folder, name);

async function written(text: string): Promise<ArrayBuffer> {
  writeFileSync(at('lines'), gzipSync(text, { level: 1 }));
  const size = await writeParquet(at('lines'), format, at('parquet'));
  const bytes = readFileSync(at('parquet'));
  expect(size).toBe(bytes.length);
  return Uint8Array.from(bytes).buffer;
}

const lines = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `10.0.${(i >> 8) & 255}.${i & 255} ${i % 65_536} ${i * 3} 1767571200\n`,
  ).join('');

describe('writeParquet', () => {
  it.each([
    ['nothing', 0, []],
    ['one record', 1, [1n]],
    ['a row group', 65_536, [65_536n]],
    ['one record more', 65_537, [65_536n, 1n]],
  ])('makes row groups of %s', async (_, count, groups) => {
    const file = await written(lines(count));
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => num_rows)).toEqual(groups);
    if (count === 65_536) return;
    const rows = await parquetReadObjects({
      file,
      compressors: { GZIP: (input) => new Uint8Array(gunzipSync(input)) },
    });
    const text = rows.map(
      ({ srcaddr, srcport, bytes, start }) => `${srcaddr} ${srcport} ${bytes} ${start}\n`,
    );
    expect(text.join('') === lines(count)).toBe(true);
  });

  it('lets others have their turn', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await written(lines(65_536));
    isOver = true;
    // 2 MB of text in pieces of 256 KiB, then four columns of two pages each.
    expect(turns).toBeGreaterThan(15);
  });

  it.each([
    ['a line that is none', '10.0.0.1 1 2\n', 'read back'],
    ['a line that was cut', '10.0.0.1 1 2 3\n10.0.0.1 1', 'is whole'],
  ])('writes no file of %s', async (_, text, message) => {
    await expect(written(text)).rejects.toThrow(message);
  });

  it('writes no file of what is no gzip', async () => {
    writeFileSync(at('lines'), 'lines');
    await expect(writeParquet(at('lines'), format, at('parquet'))).rejects.toThrow('incorrect header check');
  });
});
