import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from './engine.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-engine-'));
const inside = path.join(folder, 'segments');
let engine: Engine;

beforeAll(async () => {
  mkdirSync(inside);
  const temporary = path.join(folder, 'tmp');
  engine = await Engine.open({
    directories: [inside],
    temporary,
    memoryBytes: 64 * 2 ** 20,
    threads: 1,
    macros: [],
  });
});
afterAll(() => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the engine', () => {
  const outside: [name: string, sql: string][] = [
    ['read a file elsewhere', "SELECT * FROM read_csv('/etc/hostname')"],
    ["write over the store's own files", `COPY (SELECT 1) TO '${folder}/manifest.json' (FORMAT csv)`],
    ['go round by a folder above', `COPY (SELECT 1) TO '${inside}/../manifest.json' (FORMAT csv)`],
    ['attach a database', `ATTACH '${folder}/outside.db'`],
    ['load an extension', 'LOAD httpfs'],
    ['change a setting', 'SET threads = 2'],
    ['lift the lock', 'SET lock_configuration = false'],
  ];
  it.each(outside)('does not %s', async (_, sql) => {
    await expect(engine.execute(sql)).rejects.toThrow(
      /Permission Error|configuration|does not exist|disabled/,
    );
  });

  it('writes and reads the folders that it is given', async () => {
    const file = path.join(inside, 'one.parquet');
    await engine.execute(`COPY (SELECT 1 AS one) TO '${file}'`);
    expect(await engine.rows(`SELECT one FROM read_parquet('${file}')`)).toEqual([[1]]);
  });
});
