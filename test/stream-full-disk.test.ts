import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { at, OpenedStreams } from './open-streams.ts';
import { isLong } from './runs.ts';

const disk = mkdtempSync(path.join(tmpdir(), 'headgate-stream-full-'));
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]).status === 0;
const kilobytes = 100;

let opened: OpenedStreams;
beforeAll(async () => {
  opened = await OpenedStreams.open({ folder: path.join(disk, 'firehose') });
});
afterEach(() => opened.clear());
afterAll(async () => {
  await opened.close();
  if (canMount) spawnSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

const record = (n: number) => Buffer.from(`${n};`.padEnd(kilobytes * 1024, '.'));
const put = (n: number) =>
  opened.streams.putRecords(at('flows'), [record(n)], { source: 'fl-1', sequence: 's', number: [n, 0] });
/** What is remembered of the disk is over. */
const lookAgain = () => sleep(110);
const numbers = async () =>
  (await opened.contents()).flatMap((text) => text.match(/[0-9]+(?=;)/g) ?? []).map(Number);
const refused = { code: 'ServiceUnavailableException', message: 'Slow down.' };

// A disk of a fixed size needs the right to mount one: without it these are reported as skipped.
describe.runIf(canMount)('delivery streams on a disk that is full', () => {
  it.skipIf(!isLong)('stop taking records while there is room to deliver those that they have', async () => {
    await opened.toBucket('flows', { BucketARN: 'arn:aws:s3:::later' });
    let n = 0;
    const full = async () => {
      for (; n < 100; n++) {
        if (n % 5 === 0) await lookAgain();
        await put(n);
      }
    };
    await expect(full()).rejects.toMatchObject(refused);
    expect(n).toBeGreaterThan(30);
    await opened.pass(60);
    expect(opened.status('flows').lastError?.code).toBe('S3.NoSuchBucket');
    await opened.toBucketOf('flows', 'flows');
    for (let i = 0; i < 10; i++) await opened.pass(60);
    expect((await numbers()).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    await lookAgain();
    await put(n);
  });

  it('deliver when others have left it again, each record once', async () => {
    await opened.toBucket('flows');
    await put(0);
    const other = path.join(disk, 'other');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(other, Buffer.alloc(bavail * bsize));
    // Remembered as a disk with room: what is written is refused by the disk itself.
    await expect(put(1)).rejects.toMatchObject(refused);
    await lookAgain();
    await expect(put(1)).rejects.toMatchObject(refused);
    await opened.pass(60);
    expect(opened.status('flows').lastError).toMatchObject({
      code: 'UnknownError',
      message: expect.stringContaining('ENOSPC'),
    });
    expect(await numbers()).toEqual([]);
    unlinkSync(other);
    await lookAgain();
    await put(1);
    for (let i = 0; i < 3; i++) await opened.pass(60);
    expect((await numbers()).sort()).toEqual([0, 1]);
    expect(
      readdirSync(path.join(disk, 'firehose', '123456789012', 'us-east-1', 'flows.stream')),
    ).toHaveLength(1);
  });
});
