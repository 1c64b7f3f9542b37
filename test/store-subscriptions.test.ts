import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { PlacedLogs } from '../src/logs/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { Store } from '../src/store/index.ts';
import { isLong, runs } from './runs.ts';
import { randomOf } from './store-rows.ts';
import { ReceivingSink, until } from './subscription-sink.ts';

const child = path.resolve(import.meta.dirname, 'store-subscriptions-child.mjs');
const directory = mkdtempSync(path.join(tmpdir(), 'headgate-subscriptions-'));
const file = path.join(directory, 'delivered');
const moments = runs(0, 6);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Gives the first number that the process was not told of. */
async function killedAfter(first: number, waitMs: number): Promise<number> {
  const running = spawn(process.execPath, [child, path.join(directory, 'store'), file, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  let next = first;
  createInterface({ input: running.stdout }).on('line', (line) => {
    if (line === 'open') setTimeout(() => running.kill('SIGKILL'), waitMs);
    else next = Number(line);
  });
  expect(await exited).toEqual([null, 'SIGKILL']);
  return next;
}

it.skipIf(!isLong)(
  `a subscription filter killed at each of ${moments} moments has delivered every event`,
  async () => {
    const random = randomOf(20_261_121);
    let next = 0;
    for (let moment = 0; moment < moments; moment++) next = await killedAfter(next, 30 + random(400));
    const store = await Store.open({ directory: path.join(directory, 'store'), macros: queryMacros });
    const placed = new PlacedLogs({ store });
    const sink = new ReceivingSink();
    placed.beginSubscriptions(sink);
    // It comes after all others.
    await placed.at({ accountId: '123456789012', region: 'eu-central-1' }).putLogEvents({
      logGroupName: 'g',
      logStreamName: 's',
      logEvents: [{ timestamp: Date.now(), message: 'last' }],
    });
    await until(
      () => sink.messages().includes('last'),
      () => placed.subscriptions(),
    );
    await placed.close();
    await store.close();
    const delivered = [...readFileSync(file, 'utf8').trimEnd().split('\n'), ...sink.messages()];
    const expected = Array.from({ length: next }, (_, n) => `event ${n}.`).filter(
      (line) => !line.includes('5'),
    );
    const found = new Set(delivered);
    expect(expected.filter((line) => !found.has(line))).toEqual([]);
    expect(delivered.filter((line) => line.includes('5'))).toEqual([]);
    expect(delivered.length).toBeLessThan(2 * expected.length);
  },
  60_000 + moments * 10_000,
);
