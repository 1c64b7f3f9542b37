import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Acknowledged } from './acknowledged.ts';
import { CommitQueue } from './commit-queue.ts';
import { Journal } from './journal.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-queue-'));
const acknowledged = new Acknowledged(path.join(folder, 'acknowledged'));
afterAll(() => {
  acknowledged.close();
  rmSync(folder, { recursive: true, force: true });
});

let number = 0;
const good = () => Journal.planned(folder, ++number);
/** In a folder that is not there. */
const bad = () => Journal.planned(path.join(folder, 'absent'), ++number);
const frame = (sequence: number) => ({ sequence, firstId: sequence, payload: new Uint8Array(10) });
const nothing = () => undefined;

describe('a queue of commits', () => {
  it('gives each journal its own answer', async () => {
    const queue = new CommitQueue(acknowledged);
    const [first, second] = [good(), bad()];
    const applied: number[] = [];
    const add = (journal: Journal, sequence: number) =>
      queue.add(journal, frame(sequence), () => applied.push(sequence));
    const all = await Promise.allSettled([add(first, 1), add(first, 2), add(second, 3), add(second, 4)]);
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(applied).toEqual([1, 2]);
    expect(acknowledged.sequence).toBe(2);
    expect(queue).toMatchObject({ bytes: 0, isFinal: false });
    await expect(queue.add(first, frame(3), nothing)).rejects.toBe(queue.failure);
    queue.resume();
    await queue.add(first, frame(3), nothing);
    await first.close();
  });

  it('does not hang when a commit cannot take effect, and takes no other', async () => {
    const queue = new CommitQueue(acknowledged);
    const journal = good();
    const fail = () => {
      throw new TypeError('a bug');
    };
    const all = [nothing, fail, nothing].map((apply, i) => queue.add(journal, frame(i + 1), apply));
    const statuses = (await Promise.allSettled(all)).map(({ status }) => status);
    expect(statuses).toEqual(['fulfilled', 'rejected', 'rejected']);
    await queue.idle();
    expect(queue.isFinal).toBe(true);
    await journal.close();
  });
});
