import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../src/objects/index.ts';
import { bytesOf, ObjectsUnderTest } from './open-objects.ts';
import { runs } from './runs.ts';

const under = new ObjectsUnderTest();
const child = path.resolve(import.meta.dirname, 'objects-kill-child.mjs');
const moments = runs(2, 25);

/** What a key may be: what was acknowledged last, or what was under way. Names of versions; empty for none. */
type Possible = Map<string, { sure: string; begun?: string }>;

/** Lets a process change objects for a while, kills it, and learns what it was told. */
async function killedAfter(folder: string, round: number, waitMs: number, possible: Possible): Promise<void> {
  const running = spawn(process.execPath, [child, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(running, 'exit');
  const reports: string[] = [];
  createInterface({ input: running.stdout }).on('line', (line) => {
    const [word, rest = ''] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    if (line === 'open') setTimeout(() => running.kill('SIGKILL'), waitMs);
    else if (word === 'begin') {
      const [key, version] = JSON.parse(rest) as [string, string];
      possible.set(key, { sure: possible.get(key)?.sure ?? '', begun: version });
    } else if (word === 'end') {
      const key = JSON.parse(rest) as string;
      possible.set(key, { sure: possible.get(key)?.begun ?? '' });
    } else reports.push(line);
  });
  const [code, signal] = await exited;
  expect({ code, signal, reports }).toEqual({ code: null, signal: 'SIGKILL', reports: [] });
}

/** The object's version as its bytes say, which must be those of its ETag. */
async function versionOf(store: ObjectStore, key: string): Promise<string> {
  if (store.head('b', key)?.storageClass === 'GLACIER') await store.restore('b', key, 1);
  const entry = store.head('b', key);
  if (!entry) return '';
  const bytes = await bytesOf(await store.read('b', entry));
  const md5 = createHash('md5').update(bytes).digest();
  const ofPart = `${createHash('md5').update(md5).digest('hex')}-1`;
  expect([key, entry.etag]).toEqual([key, entry.etag.endsWith('-1') ? ofPart : md5.toString('hex')]);
  return bytes.toString('latin1', 0, bytes.indexOf(' '));
}

describe('a process that changes objects and is killed', () => {
  it(`leaves each as it was or as it was to be, whole, ${moments} times`, async () => {
    const folder = under.path('killed');
    const possible: Possible = new Map();
    const seen = new Set<string>();
    for (let round = 0; round < moments; round += 1) {
      await killedAfter(folder, round, 5 + ((round * 37) % 120), possible);
      const store = await under.open('killed', { restoreDelayMs: 0 });
      const report = await store.whenReconciled();
      expect(report).toMatchObject({ isDone: true, missingCount: 0, unknownCount: 0 });
      for (const root of ['s3', 'archive']) {
        expect(readdirSync(path.join(folder, root, '.headgate', 'staging'))).toEqual([]);
      }
      for (const [key, { sure, begun }] of possible) {
        const version = await versionOf(store, key);
        expect([sure, begun ?? sure], key).toContain(version);
        possible.set(key, { sure: version });
        seen.add(version);
      }
      await under.close(store);
    }
    expect(seen.size).toBeGreaterThan(moments);
  });
});
