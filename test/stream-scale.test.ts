import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenedStreams } from './open-streams.ts';
import { isLong } from './runs.ts';

const many = 1000;

let opened: OpenedStreams;
beforeAll(async () => {
  if (isLong) opened = await OpenedStreams.open();
});
afterAll(() => opened?.close(), 120_000);

const descriptors = () => readdirSync('/proc/self/fd').length;

it.skipIf(!isLong)(
  `${many} streams that are due at once deliver all that they have, few at a time`,
  async () => {
    const names = Array.from({ length: many }, (_, i) => `s${i}`);
    for (let i = 0; i < many; i += 100) {
      await Promise.all(names.slice(i, i + 100).map((name) => opened.toBucket(name, { Prefix: `${name}/` })));
    }
    await Promise.all(names.map((name) => opened.put(name, name)));
    const before = descriptors();
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, descriptors());
    }, 5);
    await opened.pass(60);
    clearInterval(watching);
    const statuses = opened.streams.status();
    expect(statuses.filter(({ deliveredRecords }) => deliveredRecords === 1)).toHaveLength(many);
    expect(most - before).toBeLessThan(200);
    await opened.reopen();
    expect(opened.streams.status()).toHaveLength(many);
  },
  120_000,
);
