import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseMs, hourMs, names, randomBatch, randomOf } from '../../test/store-rows.ts';
import type { CompiledQuery } from '../query/scan.ts';
import { Store } from './index.ts';
import type { StoreOptions } from './store-options.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
let directory: string;
let store: Store;
const reports: string[] = [];

async function reopen(options: Partial<StoreOptions> = {}): Promise<void> {
  await store?.close();
  directory = path.join(folder, String(count++));
  const clock = () => baseMs + 10 * hourMs;
  const report = (sentence: string) => reports.push(sentence);
  store = await Store.open({ directory, macros: [], clock, report, ...options });
  await store.commit({ documents: names });
}

beforeEach(() => reopen());
afterEach(async () => {
  await store.close();
  expect(reports.splice(0)).toEqual([]);
});

function query(
  sql: string,
  columns: readonly string[] = ['id'],
  over: Partial<CompiledQuery> = {},
): CompiledQuery {
  const scan = { name: 'scan_0', groups: [1], startMs: 0, endMs: 1e15, columns };
  return { scans: [scan], lookups: [], sql, parameters: [], columns: [], hasPointer: false, ...over };
}

/** Commits events of the hours in turn, ten each. */
async function fill(rounds: number, hours = 4, stream = 10): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const rows = Array.from({ length: hours }, (_, hour) =>
      randomBatch(
        { group: 1, stream, rows: 10, fromMs: baseMs + hour * hourMs, spanMs: 1000, kind: 'records 1' },
        randomOf(round * hours + hour),
      ),
    );
    await store.commit({ rows });
  }
}

/** Bytes of files below a folder. */
function diskBytes(below: string): number {
  const entries = readdirSync(below, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}

const idCount = query('SELECT count(*)::VARCHAR FROM scan_0');
const endless = query('SELECT count(*)::VARCHAR FROM range(100000000000) WHERE random() > 2');

describe('a query', () => {
  const outside: [name: string, sql: string][] = [
    ['read a file', "SELECT * FROM read_csv('/etc/hostname')"],
    ['read a file by its name', "SELECT * FROM '/etc/hostname'"],
    ['leave the folder', "SELECT * FROM glob('/etc/*')"],
    ['write', "COPY (SELECT 1) TO '/tmp/headgate-outside.parquet'"],
    ['change rows', 'DELETE FROM stream_names'],
    ['change rows behind relations', 'WITH one AS (SELECT 1) DELETE FROM stream_names'],
    ['change a setting', 'SET threads = 1'],
    ['be two', 'SELECT 1; SELECT 2'],
  ];
  it.each(outside)('cannot %s', async (_, sql) => {
    await expect(store.run(query(sql, ['id'], { scans: [] }))).rejects.toThrow(
      /Permission Error|more than read|does not exist|multiple statements/,
    );
  });

  it('reads in a statement that has relations of its own', async () => {
    await fill(1);
    const sql = 'WITH few AS (SELECT id FROM scan_0 WHERE id <= $1) SELECT count(*)::VARCHAR FROM few';
    expect((await store.run(query(sql, ['id'], { parameters: [7] }))).rows).toEqual([['7']]);
  });

  const parameters: [name: string, value: string | number | bigint | boolean | null, type: string][] = [
    ['a small number', 7, 'INTEGER'],
    ['a large number', 2 ** 40, 'BIGINT'],
    ['a fraction', 0.5, 'DOUBLE'],
    ['a bigint', 7n, 'BIGINT'],
    ['a huge bigint', 2n ** 70n, 'HUGEINT'],
    ['a text', "it's", 'VARCHAR'],
    ['a boolean', true, 'BOOLEAN'],
  ];
  it.each(parameters)('gets %s as it is', async (_, value, type) => {
    const sql = 'SELECT typeof($1), concat($1)';
    const { rows } = await store.run(query(sql, [], { scans: [], parameters: [value] }));
    expect(rows).toEqual([[type, String(value)]]);
  });

  it('is stopped, before it runs or while it does', async () => {
    const reason = new Error('enough');
    await expect(store.run(endless, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const control = new AbortController();
    const began = performance.now();
    const running = store.run(endless, { signal: control.signal });
    setTimeout(() => control.abort(reason), 100);
    await expect(running).rejects.toBe(reason);
    expect(performance.now() - began).toBeLessThan(1100);
    const soon = store.run(endless, { signal: AbortSignal.timeout(1) });
    await expect(soon).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await store.run(idCount)).rows).toEqual([['0']]);
  });

  it('gives rows as they come, and no more than are asked for', async () => {
    const seen: number[] = [];
    const sql = 'SELECT range::VARCHAR FROM range(10000000) WHERE range % 2 = 0';
    const onRows = (rows: readonly unknown[]) => seen.push(rows.length);
    const { rows } = await store.run(query(sql, [], { scans: [] }), { limitRows: 5000, onRows });
    expect(rows).toHaveLength(5000);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.reduce((sum, more) => sum + more)).toBe(5000);
  });

  it('says what it matched and scanned', async () => {
    await fill(2);
    const whole = await store.run(query('SELECT 1::VARCHAR FROM scan_0 LIMIT 1'));
    expect(whole.statistics).toMatchObject({ recordsMatched: 80, recordsScanned: 80, logGroupsScanned: 1 });
    expect(whole.statistics.bytesScanned).toBe(store.groupSummary(1).bytes);
    const matchedSql = 'SELECT count(*) FROM scan_0 WHERE id <= $1';
    for (const move of [async () => undefined, () => store.flush()]) {
      await move();
      const scan = { name: 'scan_0', groups: [1, 2], startMs: baseMs, endMs: baseMs + 500, columns: ['id'] };
      const some = query('SELECT NULL FROM scan_0', [], { scans: [scan], parameters: [20], matchedSql });
      const { statistics } = await store.run(some);
      const events = await store.readEvents({
        group: 1,
        startMs: scan.startMs,
        endMs: scan.endMs,
        limit: 100,
      });
      expect(statistics).toMatchObject({
        recordsScanned: events.length,
        recordsMatched: events.filter(({ id }) => id <= 20).length,
        logGroupsScanned: 2,
      });
    }
  });

  it('that does not fit fails in words of AWS, and rows are taken meanwhile', async () => {
    await reopen({ memoryBytes: 64 * 2 ** 20, threads: 1 });
    const large = query(
      "SELECT max(len(l))::VARCHAR FROM (SELECT list(repeat('x', 1000) || range) l FROM range(3000000))",
      [],
      { scans: [] },
    );
    const running = expect(store.run(large)).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'LimitExceededException',
    });
    await fill(20);
    await running;
    expect((await store.run(idCount)).rows).toEqual([['800']]);
  });

  it('whose memory DuckDB does not count is ended as well', async () => {
    await reopen({ memoryBytes: 100 * 2 ** 20 });
    const before = process.memoryUsage.rss();
    const texts = query(
      "SELECT max(l) FROM (SELECT max(repeat('x', 400) || range) l FROM range(6000000) GROUP BY range)",
      [],
      { scans: [] },
    );
    await expect(store.run(texts)).rejects.toMatchObject({ code: 'LimitExceededException' });
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 * 2 ** 20);
    await fill(1);
    expect((await store.run(idCount)).rows).toEqual([['40']]);
  });

  it('that fails in DuckDB itself takes nothing with it', async () => {
    await fill(10);
    await store.flush();
    await fill(10);
    // Of the version that is built on: an assertion that fails ends the whole database.
    const deadly = query('SELECT typeof($1), $1::VARCHAR', [], { scans: [], parameters: ['text'] });
    const names = ['id', 'message', 'log_stream'];
    const whole = query('SELECT count(*)::VARCHAR, min(log_stream) FROM scan_0 WHERE message <> $1', names, {
      parameters: ['x'],
    });
    const rows = (count: number) => [[String(count), "stream 'of' 1/0"]];
    for (let round = 0; round < 3; round++) {
      const failed = expect(store.run(deadly)).rejects.toMatchObject({
        name: 'ServiceError',
        code: 'InternalFailure',
      });
      const [answer] = await Promise.all([store.run(whole), fill(5), failed]);
      expect(Number(answer.rows[0][0])).toBeGreaterThanOrEqual(800 + round * 200);
      expect((await store.run(whole)).rows).toEqual(rows(1000 + round * 200));
      await store.flush();
    }
    expect(store.status()).toMatchObject({ recentRows: 0, segmentRows: 1400 });
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.splice(0).filter((sentence) => !sentence.startsWith('DuckDB failed'))).toEqual([]);
    await store.close();
    store = await Store.open({ directory, macros: [] });
    expect((await store.run(whole)).rows).toEqual(rows(1400));
  });

  it('that meets a value which cannot be computed is wrong itself', async () => {
    const refused = { name: 'QueryError', message: expect.stringContaining('value that it cannot compute') };
    await fill(1);
    for (const value of ['log_stream::INTEGER', '9223372036854775807 + id']) {
      const asked = query(`SELECT (${value})::VARCHAR FROM scan_0`, ['id', 'log_stream']);
      await expect(store.run(asked)).rejects.toMatchObject(refused);
    }
    expect((await store.run(idCount)).rows).toEqual([['40']]);
  });

  it('reads tables that were uploaded', async () => {
    const csv = 'id,"the ""name"""\r\n1,one\r\n2,"t,w\no"\r\n3,\r\n4\r\n';
    await store.putLookup('names/../of', new TextEncoder().encode(csv));
    const lookups = [{ name: 'lookup_0', table: 'names/../of' }];
    const sql = 'SELECT id, "the ""name""" FROM lookup_0 ORDER BY id';
    const asked = query(sql, [], { scans: [], lookups });
    expect((await store.run(asked)).rows).toEqual([
      ['1', 'one'],
      ['2', 't,w\no'],
      ['3', null],
      ['4', null],
    ]);
    await store.putLookup('names/../of', new TextEncoder().encode('id,"the ""name"""\n9,nine'));
    expect((await store.run(asked)).rows).toEqual([['9', 'nine']]);
    await store.removeLookup('names/../of');
    await expect(store.run(asked)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('sees rows once while they move under it', async () => {
    await fill(50);
    const slow = query('SELECT count(*)::VARCHAR, count(DISTINCT id)::VARCHAR FROM scan_0, range(2000)');
    const running = store.run(slow);
    await fill(5);
    await store.flush();
    await fill(5);
    const { rows } = await running;
    expect(rows).toEqual([[String(2000 * 2000), '2000']]);
    expect((await store.run(idCount)).rows).toEqual([['2400']]);
  });
});

describe('a store that is closed', () => {
  it('has first let go what queries still read when it moved', async () => {
    await fill(5);
    const reading = store.run(query('SELECT sum(id * range)::VARCHAR FROM scan_0, range(300000)'));
    await store.flush();
    await reading;
    // What would come too late for the engine is reported while the next store opens.
    await reopen();
  });
});

describe('what is dropped', () => {
  it('goes while rows come, and takes none of those', async () => {
    await fill(1, 1, 10);
    for (let round = 1; round <= 10; round++) {
      const drop = store.commit({ drop: [{ group: 1, stream: 11 }] });
      // A format that is new to the generation makes a table first.
      const plan = { group: 1, stream: 10, rows: 10, fromMs: baseMs, spanMs: 0 } as const;
      const rows = [randomBatch({ ...plan, kind: round % 2 === 0 ? 'records 2' : 'text' }, randomOf(round))];
      await Promise.all([fill(1, 1, 10), drop, store.commit({ rows }), fill(1, 1, 11)]);
    }
    await store.commit({ drop: [{ group: 1, stream: 11 }] });
    await store.flush();
    expect(store.streamSummary(1, 10).rows).toBe(210);
    expect((await store.run(idCount)).rows).toEqual([['210']]);
  });

  const at = (hour: number) => baseMs + hour * hourMs;
  const both: [where: string, move: () => Promise<void>][] = [
    ['in memory', async () => undefined],
    ['in segments', () => store.flush()],
  ];

  it.each(both)('is half the hours, %s: gone at once, and half the disk soon', async (_, move) => {
    await fill(100);
    await move();
    const before = diskBytes(path.join(directory, 'segments'));
    const dropped = store.commit({ drop: [{ group: 1, beforeMs: at(2) }] });
    await dropped;
    expect((await store.run(idCount)).rows).toEqual([['2000']]);
    await store.flush();
    expect(store.groupSummary(1).rows).toBe(2000);
    expect(store.streamSummary(1, 10)).toMatchObject({ rows: 2000, firstEventMs: at(2) });
    if (before > 0) {
      expect(diskBytes(path.join(directory, 'segments'))).toBeLessThan(before * 0.55);
    }
    expect(diskBytes(path.join(directory, 'journal'))).toBe(0);
  });

  it.each(both)('is a part of an hour, %s: what is scanned is what is left', async (_, move) => {
    await fill(10, 2);
    await move();
    await store.commit({ drop: [{ group: 1, beforeMs: baseMs + 500 }] });
    const { rows, statistics } = await store.run(idCount);
    expect(Number(rows[0][0])).toBeLessThan(200);
    expect(statistics.recordsScanned).toBe(Number(rows[0][0]));
  });

  it.each(both)('is one stream of two, %s', async (_, move) => {
    await fill(20, 4, 10);
    await fill(20, 4, 11);
    await move();
    await store.commit({ drop: [{ group: 1, stream: 11 }] });
    expect((await store.run(idCount)).rows).toEqual([['800']]);
    await store.flush();
    expect(store.streamSummary(1, 11)).toEqual({ rows: 0, bytes: 0 });
    expect(store.status().segmentRows).toBe(800);
    expect(store.groupSummary(1).rows).toBe(800);
  });

  it.each(both)('is a group, %s, and what comes after stays', async (_, move) => {
    await fill(10);
    await move();
    await store.commit({ drop: [{ group: 1 }] });
    await fill(1);
    expect((await store.run(idCount)).rows).toEqual([['40']]);
    await store.flush();
    expect(store.status().segmentRows).toBe(40);
    expect(store.groupSummary(1).rows).toBe(40);
    expect((await store.run(idCount)).rows).toEqual([['40']]);
  });
});

describe('segments', () => {
  it('of an hour that has settled become one, and say what they hold', async () => {
    for (let round = 0; round < 5; round++) {
      await fill(2, 2);
      await store.flush();
    }
    const before = store.streamSummary(1, 10);
    await store.close();
    store = await Store.open({ directory, macros: [], clock: () => baseMs + 30 * hourMs });
    await store.flush();
    expect(store.status()).toMatchObject({ segments: 2, segmentRows: 200 });
    expect(store.streamSummary(1, 10)).toEqual(before);
    expect((await store.run(idCount)).rows).toEqual([['200']]);
  });

  it('tell a query what it need not think of', async () => {
    const shape = () => store.shape([1, 2], baseMs, baseMs + hourMs - 1);
    const nothing = { columnFormats: [], textFormats: [], plain: false, otherAddresses: false };
    expect(shape()).toEqual(nothing);
    const random = randomOf(1);
    const plan = { group: 2, stream: 20, rows: 3, fromMs: baseMs, spanMs: 0 };
    await store.commit({ rows: [randomBatch({ ...plan, kind: 'text' }, random)] });
    await store.commit({
      rows: [randomBatch({ ...plan, fromMs: baseMs + hourMs, kind: 'records 2' }, random)],
    });
    for (const move of [async () => undefined, () => store.flush()]) {
      await move();
      expect(shape()).toEqual({ ...nothing, plain: true });
      expect(store.shape([2], baseMs + hourMs, baseMs + hourMs)).toMatchObject({
        columnFormats: [2],
        plain: false,
      });
    }
  });

  it("are removed when they are nobody's, and nothing else is", async () => {
    await fill(1);
    await store.flush();
    const strange = path.join(directory, 'segments', '1', 'strange.parquet');
    writeFileSync(strange, '');
    await store.close();
    store = await Store.open({ directory, macros: [] });
    expect(() => statSync(strange)).toThrow();
    expect((await store.run(idCount)).rows).toEqual([['40']]);
  });
});
