import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { Store } from '../src/store/index.ts';
import { runs } from './runs.ts';
import { baseMs, hourMs, randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'store-kill-child.mjs');
const moments = runs(2, 10);
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Lets a process commit for a while, kills it, and gives what it was told is durable. */
async function killedAfter(directory: string, first: number, waitMs: number): Promise<number[]> {
  const running = spawn(process.execPath, [child, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  const lines: string[] = [];
  let isCounting = false;
  createInterface({ input: running.stdout }).on('line', (line) => {
    lines.push(line);
    if (line !== 'open' || isCounting) return;
    isCounting = true;
    setTimeout(() => running.kill('SIGKILL'), waitMs);
  });
  const [code, signal] = await exited;
  expect({ code, signal, reports: lines.filter((line) => isLoss(line)) }).toEqual({
    code: null,
    signal: 'SIGKILL',
    reports: [],
  });
  return lines.filter((line) => /^\d+$/.test(line)).map(Number);
}

/** A commit that nobody was told of may be cut off; nothing else may be missing. */
function isLoss(line: string): boolean {
  return line.startsWith('report') && !line.includes('nobody was told of');
}

describe('a store whose process is killed', () => {
  let store: Store | undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'headgate-kill-'));
  folders.push(directory);
  const acknowledged = new Set<number>();
  const random = randomOf(20_261_121);

  it(
    `has all that was acknowledged, once, after each of ${moments} moments`,
    async () => {
      let first = 1;
      for (let moment = 0; moment < moments; moment++) {
        for (const n of await killedAfter(directory, first, 20 + random(300))) acknowledged.add(n);
        const reports: string[] = [];
        store = await Store.open({
          directory,
          macros: [],
          recentRows: 2000,
          clock: () => baseMs + 10 * hourMs,
          report: (sentence) => reports.push(sentence),
        });
        const kept = await check(store, acknowledged);
        expect(store.status().missingCommits).toBe(0);
        await store.close();
        expect(reports.filter((sentence) => isLoss(`report ${sentence}`))).toEqual([]);
        first = Math.max(1, ...kept) + 1;
      }
      expect(acknowledged.size).toBeGreaterThan(moments);
    },
    60_000 + moments * 10_000,
  );
});

/** Every commit that is there is there whole; gives their numbers. */
async function check(store: Store, acknowledged: ReadonlySet<number>): Promise<number[]> {
  const { rows } = await store.run({
    scans: [{ name: 'scan_0', groups: [1], startMs: 0, endMs: 1e15, columns: ['packets', 'bytes', 'id'] }],
    lookups: [],
    sql: `SELECT packets::VARCHAR, count(*)::VARCHAR, count(DISTINCT bytes)::VARCHAR, max(bytes)::VARCHAR,
            count(DISTINCT id)::VARCHAR
          FROM scan_0 GROUP BY packets`,
    parameters: [],
    columns: [],
    hasPointer: false,
  });
  const documents = store.documents.table<{ rows: number }>('commits');
  const expected = new Map([...documents].map(([n, value]) => [n, String(value.rows)]));
  const found = rows.map(([n, count, distinct, most, ids]) => {
    expect([n, distinct, Number(most) + 1, ids]).toEqual([n, count, Number(count), count]);
    return [n, count] as const;
  });
  expect(new Map(found)).toEqual(expected);
  expect([...acknowledged].filter((n) => !documents.has(String(n)))).toEqual([]);
  expect(store.groupSummary(1).rows).toBe(found.reduce((sum, [, count]) => sum + Number(count), 0));
  return [...documents.keys()].map(Number);
}
