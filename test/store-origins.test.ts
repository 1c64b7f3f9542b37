import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { Logs } from '../src/logs/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { Store } from '../src/store/index.ts';
import { runs } from './runs.ts';
import { randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'store-origins-child.mjs');
const moments = runs(1, 6);
const directory = mkdtempSync(path.join(tmpdir(), 'headgate-origins-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Lets a process put batches from the given ones on, kills it, and gives the last of each that it was told of. */
async function killedAfter(firsts: readonly number[], waitMs: number): Promise<number[]> {
  const running = spawn(process.execPath, [child, directory, ...firsts.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  const last = [0, 0];
  createInterface({ input: running.stdout }).on('line', (line) => {
    if (line === 'open') setTimeout(() => running.kill('SIGKILL'), waitMs);
    const [source, n] = line.split(' ').map(Number);
    if (n > 0) last[source] = n;
  });
  expect(await exited).toEqual([null, 'SIGKILL']);
  return last;
}

/** How many records of each batch of a source there are. */
async function batchesOf(logs: Logs, source: number): Promise<Map<number, number>> {
  const { rows } = await logs.runQuery({
    logGroups: [`group-${source}`],
    startMs: 0,
    endMs: 4e12,
    queryString: 'stats count(*), count_distinct(dstPort) by srcPort | sort srcPort asc',
    limit: 100_000,
  });
  return new Map(
    rows.map(([n, count, distinct]) => {
      expect(distinct, `batch ${n}`).toBe(count);
      return [Number(n), Number(count)];
    }),
  );
}

it(
  `a logs process killed at each of ${moments} moments has all records of an origin once`,
  async () => {
    const random = randomOf(20_261_121);
    let firsts = [1, 1];
    for (let moment = 0; moment < moments; moment++) {
      const told = await killedAfter(firsts, 30 + random(400));
      const store = await Store.open({ directory, macros: queryMacros, recentRows: 2000, threads: 1 });
      const logs = new Logs({ store, accountId: '123456789012', region: 'eu-central-1' });
      for (const source of [0, 1]) {
        const found = [...(await batchesOf(logs, source))];
        expect(found).toEqual(found.map((_, i) => [i + 1, 1 + ((i + 1) % 50)]));
        expect(found.length).toBeGreaterThanOrEqual(told[source]);
      }
      await logs.close();
      await store.close();
      // Whoever was told last gives it again, and some before it.
      firsts = told.map((n, source) => Math.max(1, (n || firsts[source]) - 2));
    }
    expect(Math.min(...firsts)).toBeGreaterThan(moments);
  },
  60_000 + moments * 10_000,
);
