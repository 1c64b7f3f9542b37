import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ObjectStore } from '../src/objects/index.ts';
import { putText, textOf } from './open-objects.ts';

const top = mkdtempSync(path.join(tmpdir(), 'headgate-full-'));
const disk = path.join(top, 'disk');
mkdirSync(disk);
const mebi = 1024 ** 2;

const mount = (options: string) =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status === 0;
// Only root may: others see that it was skipped.
const canMount = mount('size=4m');
afterAll(() => {
  if (canMount) spawnSync('umount', ['-l', disk]);
  rmSync(top, { recursive: true, force: true });
});

const lines: string[] = [];
const open = (index: string) =>
  ObjectStore.open({
    folder: path.join(disk, 's3'),
    indexFolder: index,
    archiveFolder: path.join(disk, 'archive'),
    restoreDelayMs: 0,
    report: (line) => lines.push(line),
  });
const refused = { name: 'ServiceError', code: 'ServiceUnavailable', status: 503 };

describe.runIf(canMount)('a disk that is full', () => {
  it('refuses what does not fit, keeps what it has, and goes on when there is room', async () => {
    const store = await open(path.join(top, 'index'));
    await store.makeBucket('b');
    await putText(store, 'b', 'kept', 'old');
    await putText(store, 'b', 'large', 'x'.repeat(2 * mebi));
    const { uploadId } = await store.createUpload({ bucket: 'b', key: 'u', initiator: '' });
    const part = { bucket: 'b', key: 'u', uploadId, partNumber: 1 };
    const { etag } = await store.putPart({ ...part, body: [Buffer.from('part')] });
    const much = Buffer.alloc(3 * mebi);
    await expect(store.put({ bucket: 'b', key: 'kept', body: [much] })).rejects.toMatchObject(refused);
    await expect(store.putPart({ ...part, body: [much] })).rejects.toMatchObject(refused);
    await expect(
      store.copy({ source: { bucket: 'b', entry: store.head('b', 'large')! }, bucket: 'b', key: 'copy' }),
    ).rejects.toMatchObject(refused);
    expect(await textOf(store, 'b', 'kept')).toBe('old');
    expect(readdirSync(path.join(disk, 's3', '.headgate', 'staging'))).toEqual([]);
    expect(lines.splice(0)).toEqual([expect.stringMatching(/^The disk refuses what S3 asks of it: ENOSPC/)]);
    await store.remove('b', 'large');
    await store.put({ bucket: 'b', key: 'kept', body: [much] });
    expect(store.head('b', 'kept')?.size).toBe(much.length);
    await store.completeUpload({ bucket: 'b', key: 'u', uploadId, parts: [{ partNumber: 1, etag }] });
    expect(await textOf(store, 'b', 'u')).toBe('part');
    await store.close();
  });

  it('of the index refuses changes alike, without a trace of them', async () => {
    const again = await open(path.join(disk, 'index'));
    await again.makeBucket('c');
    const free = () => 'x'.repeat(500);
    const taken: string[] = [];
    let refusal: unknown;
    for (let index = 0; refusal === undefined && index < 5000; index += 1) {
      const metadata = { pad: free() };
      const key = `k${index}`;
      await again.put({ bucket: 'c', key, body: [], metadata }).then(
        () => taken.push(key),
        (error) => {
          refusal = error;
        },
      );
    }
    expect(refusal).toMatchObject(refused);
    expect(mount('remount,size=16m')).toBe(true);
    expect(again.list({ bucket: 'c', maxKeys: 5000 }).entries).toHaveLength(taken.length);
    await putText(again, 'c', 'after', 'room');
    await again.close();
    const third = await open(path.join(disk, 'index'));
    expect(await third.whenReconciled()).toMatchObject({ objects: taken.length + 1, missingCount: 0 });
    expect(await textOf(third, 'c', 'after')).toBe('room');
    await third.close();
  });
});
