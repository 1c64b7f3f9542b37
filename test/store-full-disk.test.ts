import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Store } from '../src/store/index.ts';
import { baseMs, names, randomBatch, randomOf } from './store-rows.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const canLimit = spawnSync('prlimit', ['--version']).status === 0;

/** How large this process may make a file: what is beyond is refused as on a full disk. */
function limitFiles(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
}

function commit(store: Store, seed: number): Promise<unknown> {
  const plan = { group: 1, stream: 10, rows: 10, fromMs: baseMs, spanMs: 1000 };
  const rows = [randomBatch({ ...plan, kind: 'records 1' }, randomOf(seed))];
  return store.commit({ documents: [{ put: 'commits', key: String(seed), value: seed }], rows });
}

const eventsOf = async (store: Store) =>
  (await store.readEvents({ group: 1, startMs: 0, endMs: 1e15, limit: 1e6 })).length;

describe('a journal that finds no room', () => {
  it.runIf(canLimit)('refuses, keeps what it has, and goes on when there is room', async () => {
    // The signal that comes with the refusal would end the process.
    process.on('SIGXFSZ', () => undefined);
    const reports: string[] = [];
    const options = { directory: path.join(folder, 'store'), macros: [] };
    const store = await Store.open({ ...options, report: (sentence) => reports.push(sentence) });
    await store.commit({ documents: names });
    await commit(store, 1);
    const journals = path.join(options.directory, 'journal');
    const [journal] = readdirSync(journals).map((name) => path.join(journals, name));
    const { size } = statSync(journal);
    const refused = { name: 'ServiceError', code: 'ServiceUnavailableException' };
    limitFiles(size + 100);
    try {
      const several = [2, 3, 4].map((seed) => commit(store, seed));
      for (const one of several) await expect(one).rejects.toMatchObject(refused);
      await expect(commit(store, 5)).rejects.toMatchObject(refused);
      expect(statSync(journal).size).toBe(size);
      expect(await eventsOf(store)).toBe(10);
    } finally {
      limitFiles('unlimited');
    }
    await commit(store, 6);
    expect(await eventsOf(store)).toBe(20);
    expect(store.groupSummary(1).rows).toBe(20);
    await store.flush();
    expect(await eventsOf(store)).toBe(20);
    await commit(store, 7);
    await store.close();
    const again = await Store.open(options);
    expect([...again.documents.table('commits').keys()]).toEqual(['1', '6', '7']);
    expect(again.status().missingCommits).toBe(0);
    expect(await eventsOf(again)).toBe(30);
    await again.close();
    expect(reports.every((sentence) => sentence.startsWith('The disk refused commits'))).toBe(true);
  });
});
