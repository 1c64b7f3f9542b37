import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedStreams } from './open-streams.ts';
import { runs } from './runs.ts';
import { randomOf } from './store-rows.ts';

const child = path.resolve(import.meta.dirname, 'stream-kill-child.mjs');
const moments = runs(1, 6);
const lanes = 3;

let opened: OpenedStreams;
beforeAll(async () => {
  opened = await OpenedStreams.open();
  opened.account.nowMs = Date.now();
  await opened.toBucket('flows', { CompressionFormat: 'GZIP' });
});
afterAll(() => opened.close());

/** Lets a process put and deliver for a while, and kills it; gives the last acknowledged number of each lane. */
async function killedAfter(acknowledged: readonly number[], puts: number, waitMs: number): Promise<number[]> {
  await opened.release();
  const running = spawn(
    process.execPath,
    [child, opened.folder(), acknowledged.map((n) => Math.max(1, n)).join(',')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(running, 'exit');
  const last = [...acknowledged];
  const reports: string[] = [];
  let told = 0;
  createInterface({ input: running.stdout }).on('line', (line) => {
    const [, lane, number] = /^(\d+) (\d+)$/.exec(line) ?? [];
    if (number === undefined) return void reports.push(line);
    last[Number(lane)] = Number(number);
    told += 1;
    if (told === puts) setTimeout(() => running.kill('SIGKILL'), waitMs);
  });
  expect(await exited).toEqual([null, 'SIGKILL']);
  // What was cut off was acknowledged to nobody.
  expect(reports.filter((line) => line !== 'open' && !line.includes('were cut off'))).toEqual([]);
  await opened.acquire();
  return last;
}

describe('delivery streams whose process is killed', () => {
  it(
    `have delivered each record once, after ${moments} moments`,
    async () => {
      const random = randomOf(20_261_121);
      let acknowledged = Array<number>(lanes).fill(0);
      for (let moment = 0; moment < moments; moment++) {
        acknowledged = await killedAfter(acknowledged, 10 + random(40), random(30));
      }
      opened.account.nowMs = Date.now();
      await opened.pass(60);
      await opened.pass(60);
      expect(opened.status('flows').bufferedRecords).toBe(0);
      const found = (await opened.contents()).flatMap((text) => text.trim().split(/\n */));
      for (let lane = 0; lane < lanes; lane++) {
        const own = found.filter((line) => line.startsWith(`${lane} `));
        // The last one may have been taken without being acknowledged.
        const most = Math.max(acknowledged[lane], own.length / 2);
        const expected = Array.from({ length: most }, (_, n) => [`${lane} ${n + 1} a`, `${lane} ${n + 1} b`]);
        expect(own.sort()).toEqual(expected.flat().sort());
        expect(most - acknowledged[lane]).toBeLessThanOrEqual(1);
      }
      expect(Math.min(...acknowledged)).toBeGreaterThan(0);
      expect(opened.keys().length).toBeGreaterThan(1);
    },
    60_000 + moments * 10_000,
  );
});
