import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../src/objects/index.ts';
import { ObjectIndex } from '../src/objects/object-index.ts';
import { ObjectsUnderTest } from './open-objects.ts';
import { isLong, runs } from './runs.ts';

const under = new ObjectsUnderTest();
const child = path.resolve(import.meta.dirname, 'objects-memory-child.mjs');

interface Measured {
  readonly seconds: number;
  readonly overIdleMebi: number;
  readonly longestTurnMs: number;
}

describe('a large object', () => {
  it('streams through little memory, and others have their turns', () => {
    const output = execFileSync(process.execPath, ['--expose-gc', child, String(runs(16, 1024))], {
      encoding: 'utf8',
    });
    const report = JSON.parse(output) as Record<string, Measured>;
    if (isLong) process.stdout.write(`${JSON.stringify(report, undefined, 1)}\n`);
    for (const [name, { overIdleMebi }] of Object.entries(report))
      expect(overIdleMebi, name).toBeLessThan(64);
  });
});

/** Empty objects in 1,000 folders, as if they had been put one after the other. */
async function fill(name: string, count: number): Promise<void> {
  const folder = under.path(name);
  const index = new ObjectIndex(path.join(folder, 'index'), () => undefined);
  const names = Array.from({ length: count }, (_, at) => [`${at % 1000}`.padStart(4, '0'), `${at}`]);
  for (let at = 0; at < 1000; at += 1)
    mkdirSync(path.join(folder, 's3', 'b', names[at][0]), { recursive: true });
  for (let from = 0; from < count; from += 50_000) {
    const some = names.slice(from, from + 50_000);
    for (const [parent, file] of some) writeFileSync(path.join(folder, 's3', 'b', parent, file), '');
    await index.commit(() => {
      index.buckets.put(Buffer.from('b'), 0);
      for (const [at, key] of some.entries()) {
        index.objects.put(Buffer.from(`b\0${key.join('/')}`), {
          size: 0,
          lastModifiedMs: under.nowMs,
          etag: 'd41d8cd98f00b204e9800998ecf8427e',
          storageClass: 'STANDARD',
          version: `${from + at}`.padStart(32, '0'),
        });
      }
    });
  }
  await index.close();
}

const pages = {
  'first page': {},
  'middle page': { after: '0500/' },
  'last page': { after: '0998/999998' },
  folders: { delimiter: '/' },
  'folders after one': { delimiter: '/', after: '0400/' },
  'files of a folder': { delimiter: '/', prefix: '0700/' },
  digits: { delimiter: '5' },
} as const;

describe.runIf(isLong)('a million objects', () => {
  it('start and are listed like ten thousand', async () => {
    const times: Record<string, number[]> = {};
    const note = (name: string, column: number, ms: number) => {
      times[name] ??= [];
      times[name][column] = ms;
    };
    const stores: ObjectStore[] = [];
    for (const [column, count] of [10_000, 1_000_000].entries()) {
      const name = `scale ${count}`;
      await fill(name, count);
      const began = performance.now();
      const store = await under.open(name);
      note('open', column, performance.now() - began);
      const report = await store.whenReconciled();
      expect(report).toMatchObject({ objects: count, missingCount: 0, unknownCount: 0 });
      note('looked through', column, performance.now() - began);
      stores.push(store);
    }
    for (const [name, request] of Object.entries(pages)) {
      // In turns, so that what else the machine does meets both.
      const took: number[][] = [[], []];
      for (let round = 0; round < 31; round += 1) {
        for (const [column, store] of stores.entries()) {
          const start = performance.now();
          store.list({ bucket: 'b', maxKeys: 1000, ...request });
          took[column].push(performance.now() - start);
        }
      }
      for (const column of [0, 1]) note(name, column, took[column].sort((one, other) => one - other)[15]);
    }
    for (const [name, [few, many]] of Object.entries(times)) {
      process.stdout.write(
        `${name}: ${few.toFixed(2)} ms, ${many.toFixed(2)} ms: ${(many / few).toFixed(2)} times\n`,
      );
    }
    for (const name of Object.keys(pages))
      expect(times[name][1], name).toBeLessThan(5 * Math.max(times[name][0], 1));
    expect(times.open[1]).toBeLessThan(5000);
  }, 600_000);
});
