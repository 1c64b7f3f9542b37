import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { named, openSpool, rowsOf, viewOf } from './open-spool.ts';
import { runs } from './runs.ts';
import { randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'spool-kill-child.mjs');
const moments = runs(2, 15);
const folder = mkdtempSync(path.join(tmpdir(), 'headgate-spool-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const firstWindow = 28_000_000;

/** Lets a process fill the spool for a while, kills it, and gives the segments that it was told are sealed. */
async function killedAfter(seed: number, waitMs: number): Promise<number[]> {
  const running = spawn(process.execPath, [child, folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  const lines: string[] = [];
  createInterface({ input: running.stdout }).on('line', (line) => {
    lines.push(line);
    if (line === 'open') setTimeout(() => running.kill('SIGKILL'), waitMs);
  });
  const [code, signal] = await exited;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  expect(lines.filter((line) => line.startsWith('report') && !line.includes('was not ended'))).toEqual([]);
  return lines.filter((line) => /^\d+$/.test(line)).map(Number);
}

const rowsIn = (segment: number): number => 1 + (segment % 300);

describe('a spool whose process is killed', () => {
  it(
    `has every row of every sealed segment, once, after each of ${moments} moments`,
    async () => {
      const random = randomOf(20_261_121);
      const sealed = new Set<number>();
      for (let moment = 0; moment < moments; moment++) {
        for (const number of await killedAfter(moment, random(250))) {
          expect(sealed.has(number)).toBe(false);
          sealed.add(number);
        }
        const opened = await openSpool(folder, { view: viewOf(['eni-c']), clock: Date.now });
        const { spool, view } = opened;
        for (let number = spool.first; number < spool.next; number++) {
          const { losses, windows } = await spool.read(number);
          const rows = await rowsOf(opened, number);
          const whole = Array.from({ length: rowsIn(number) }, (_, i) => {
            const id = `eni-${'abc'[i % 3]}`;
            return [id, `cause of ${id}`, firstWindow + number, i];
          });
          if (windows.length > 0) {
            expect([number, rows, losses]).toEqual([number, whole, []]);
            continue;
          }
          // The one that the crash cut off: whole pieces from the beginning, and an unknown loss of all that is watched.
          expect(sealed.has(number)).toBe(false);
          expect(rows).toEqual(whole.slice(0, rows.length));
          expect([0, rowsIn(number)].includes(rows.length) || rows.length % 50 === 0).toBe(true);
          const lost = named(losses, view);
          expect(lost.every(({ reason, isUnknown }) => reason === 'crashed' && isUnknown)).toBe(true);
          if (number > 1)
            expect(new Set(lost.map(({ id }) => id))).toEqual(new Set(['eni-a', 'eni-b', 'eni-c']));
        }
        for (const number of sealed) expect([number, number < spool.next]).toEqual([number, true]);
        if (moment % 2 === 1) await spool.release(spool.next - 1);
        await spool.close();
      }
      expect(sealed.size).toBeGreaterThan(moments);
    },
    60_000 + moments * 10_000,
  );
});
