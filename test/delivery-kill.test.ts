import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { isLong, runs } from './runs.ts';
import { randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'delivery-kill-child.mjs');
const moments = runs(0, 6);
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-delivery-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the child prints until it ends, or is killed so long after it is open. */
async function linesOf(mode: 'capture' | 'drain', waitMs?: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, folder, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(running, 'exit');
  const lines: string[] = [];
  createInterface({ input: running.stdout }).on('line', (line) => {
    lines.push(line);
    if (line === 'open' && waitMs !== undefined) setTimeout(() => running.kill('SIGKILL'), waitMs);
  });
  const [code, signal] = await exited;
  expect({ code, signal }).toEqual(
    waitMs === undefined ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' },
  );
  return lines;
}

const flowsOf = (lines: readonly string[]): string[] => lines.filter((line) => line.endsWith(' OK'));
/** Window and row. */
const nameOf = (line: string): string => line.split(' ').slice(5, 7).join('/');

describe.runIf(isLong)('flow logs whose process is killed', () => {
  it(
    `have all records of all sealed windows at their destinations after ${moments} moments`,
    async () => {
      const random = randomOf(20_261_121);
      const sealed: number[] = [];
      for (let moment = 0; moment < moments; moment++) {
        const lines = await linesOf('capture', random(600));
        sealed.push(...lines.filter((line) => /^\d+$/.test(line)).map(Number));
      }
      const lines = await linesOf('drain');
      const wanted = sealed.flatMap((n) => Array.from({ length: 1 + (n % 40) }, (_, row) => `${n}/${row}`));
      expect(wanted.length).toBeGreaterThan(moments * 20);

      const events = flowsOf(lines.filter((line) => line.startsWith('event ')).map((line) => line.slice(6)));
      expectOnce(events.map(nameOf), wanted);

      const bucket = path.join(folder, 'bucket');
      const objects = readdirSync(bucket).filter((name) => name.endsWith('.gz'));
      const texts = objects.map((name) => gunzipSync(readFileSync(path.join(bucket, name))).toString());
      expectOnce(flowsOf(texts.flatMap((text) => text.split('\n'))).map(nameOf), wanted);

      const taken = readFileSync(path.join(folder, 'taken'), 'utf8').split('\n');
      const names = new Set(flowsOf(taken).map(nameOf));
      expect(wanted.filter((name) => !names.has(name))).toEqual([]);
      const batches = taken.filter((line) => /^\d+\/\d+$/.test(line));
      const ambiguous = Number(lines.find((line) => line.startsWith('ambiguous'))?.split(' ')[1]);
      expect(batches.length - new Set(batches).size).toBeLessThanOrEqual(ambiguous);
      expect(ambiguous).toBeLessThanOrEqual(moments);
    },
    60_000 + moments * 20_000,
  );
});

/** A window that was not sealed may be there in part. */
function expectOnce(found: readonly string[], wanted: readonly string[]): void {
  const names = new Set(found);
  expect(found.length).toBe(names.size);
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
}
