import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { kind, Resources } from '../src/resource/index.ts';
import { Store } from '../src/store/index.ts';
import { runs } from './runs.ts';
import { randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'store-resources-child.mjs');
const place = { accountId: '123456789012', region: 'us-east-1' };
const left = kind<{ n: number }>('left');
const right = kind<{ n: number }>('right');
const moments = runs(2, 10);
const directory = mkdtempSync(path.join(tmpdir(), 'headgate-resources-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Lets a process make and delete for a while, kills it, and gives the lines that it has said. */
async function killedAfter(first: number, waitMs: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  const lines: string[] = [];
  createInterface({ input: running.stdout }).on('line', (line) => {
    if (line === 'open') setTimeout(() => running.kill('SIGKILL'), waitMs);
    else lines.push(line);
  });
  expect(await exited).toEqual([null, 'SIGKILL']);
  return lines;
}

it(
  `resources that were answered are there, and none by half, after a kill at each of ${moments} moments`,
  async () => {
    const random = randomOf(20_261_121);
    const made = new Set<number>();
    const gone = new Set<number>();
    let first = 1;
    for (let moment = 0; moment < moments; moment++) {
      for (const line of await killedAfter(first, 20 + random(200))) {
        const [what, n] = line.split(' ');
        (what === 'made' ? made : gone).add(Number(n));
      }
      const store = await Store.open({ directory, macros: [] });
      const resources = await Resources.open(store);
      const lefts = Array.from(resources.list(left, place), ({ n }) => n).sort((a, b) => a - b);
      const rights = Array.from(resources.list(right, place), ({ n }) => n).sort((a, b) => a - b);
      await store.close();
      expect(lefts).toEqual(rights);
      const there = new Set(lefts);
      // One that goes every third: a deletion under way when it was killed may have happened.
      expect([...made].filter((n) => n % 3 !== 0 && !there.has(n))).toEqual([]);
      expect([...gone].filter((n) => there.has(n))).toEqual([]);
      first = Math.max(first, ...lefts, ...gone) + 10;
    }
    expect(made.size).toBeGreaterThan(moments);
    expect(gone.size).toBeGreaterThan(0);
  },
  60_000 + moments * 10_000,
);
