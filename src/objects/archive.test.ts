import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ObjectsUnderTest, putText, textOf, tree } from '../../test/open-objects.ts';
import { lastArchiveFolder } from './archive-place.ts';
import type { BucketResource } from './kinds.ts';

const under = new ObjectsUnderTest();
const dayMs = 86_400_000;
const refusal = (code: string, status: number) => ({ name: 'ServiceError', code, status });

const bucketWith = (...lifecycle: NonNullable<BucketResource['lifecycle']>): BucketResource => ({
  Name: 'b',
  ownerAccountId: '123456789012',
  BucketRegion: 'us-east-1',
  CreationDate: '2026-11-21T00:00:00Z',
  lifecycle,
});
const none = { expired: 0, transitioned: 0, abortedUploads: 0, endedRestores: 0, failed: 0 };

async function newStore(name: string) {
  const store = await under.open(name);
  await store.makeBucket('b');
  return store;
}

describe('the archive', () => {
  it('takes objects that are put into its classes, and gives them back for days', async () => {
    const store = await newStore('put');
    const body = [Buffer.from('cold')];
    await putText(store, 'b', 'k/x', 'warm');
    await store.put({ bucket: 'b', key: 'k/x', body, storageClass: 'GLACIER' });
    expect([tree(under.path('put', 's3', 'b')), tree(under.path('put', 'archive', 'b'))]).toEqual([
      [],
      ['k/x'],
    ]);
    await expect(textOf(store, 'b', 'k/x')).rejects.toMatchObject(refusal('InvalidObjectState', 403));
    const begunMs = under.nowMs;
    expect(await store.restore('b', 'k/x', 2)).toBe('begun');
    await expect(store.restore('b', 'k/x', 2)).rejects.toMatchObject(
      refusal('RestoreAlreadyInProgress', 409),
    );
    await expect(textOf(store, 'b', 'k/x')).rejects.toMatchObject(refusal('InvalidObjectState', 403));
    const readyMs = begunMs + 60_000;
    expect(store.head('b', 'k/x')?.restore).toEqual({
      readyMs,
      expiresMs: Date.parse('2026-11-24T00:00:00Z'),
    });
    under.nowMs = readyMs;
    expect(await textOf(store, 'b', 'k/x')).toBe('cold');
    under.nowMs += dayMs;
    expect(await store.restore('b', 'k/x', 2)).toBe('extended');
    const expiresMs = Date.parse('2026-11-25T00:00:00Z');
    expect(store.head('b', 'k/x')?.restore).toEqual({ readyMs, expiresMs });
    under.nowMs = expiresMs;
    await expect(textOf(store, 'b', 'k/x')).rejects.toMatchObject(refusal('InvalidObjectState', 403));
    expect(store.head('b', 'k/x')?.restore).toBeUndefined();
    expect(await store.sweep([bucketWith()])).toEqual({ ...none, endedRestores: 1 });
    expect(await store.sweep([bucketWith()])).toEqual(none);
    await putText(store, 'b', 'k/x', 'warm again');
    expect([tree(under.path('put', 's3', 'b')), tree(under.path('put', 'archive', 'b'))]).toEqual([
      ['k/x'],
      [],
    ]);
    await expect(store.restore('b', 'k/x', 1)).rejects.toMatchObject(refusal('InvalidObjectState', 403));
    await expect(store.restore('b', 'none', 1)).rejects.toMatchObject(refusal('NoSuchKey', 404));
  });

  it('gets what lifecycle rules send there, unchanged but for its class', async () => {
    const store = await newStore('moved');
    const metadata = { a: 'b' };
    const large = 'cold'.repeat(50_000);
    const before = await store.put({ bucket: 'b', key: 'logs/a', body: [Buffer.from(large)], metadata });
    await putText(store, 'b', 'logs', large);
    await putText(store, 'b', 'logs/small', 'small');
    const rule = {
      Status: 'Enabled',
      Filter: { Prefix: 'logs' },
      Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
    } as const;
    const bucket = bucketWith({ ...rule, Transitions: [...rule.Transitions] });
    expect(await store.sweep([bucket])).toEqual(none);
    under.nowMs += 2 * dayMs;
    expect(await store.sweep([bucket])).toEqual({ ...none, transitioned: 2 });
    expect(await store.sweep([bucket])).toEqual(none);
    const after = store.head('b', 'logs/a');
    expect(after).toMatchObject({
      etag: before.etag,
      lastModifiedMs: before.lastModifiedMs,
      metadata,
      storageClass: 'GLACIER',
    });
    expect([tree(under.path('moved', 's3', 'b')), tree(under.path('moved', 'archive', 'b'))]).toEqual([
      ['logs/small'],
      ['logs%', 'logs/a'],
    ]);
    await store.restore('b', 'logs/a', 1);
    under.nowMs += 60_000;
    expect(await textOf(store, 'b', 'logs/a')).toBe(large);
    const deeper = {
      Status: 'Enabled',
      Filter: {},
      Transitions: [{ Days: 1, StorageClass: 'DEEP_ARCHIVE' }],
    } as const;
    const deep = bucketWith({ ...deeper, Transitions: [...deeper.Transitions] });
    expect(await store.sweep([deep])).toEqual({ ...none, transitioned: 2 });
    expect(store.head('b', 'logs')?.storageClass).toBe('DEEP_ARCHIVE');
    expect((await store.whenReconciled()).unknownCount).toBe(0);
    await under.close(store);
    const again = await under.open('moved');
    expect(await again.whenReconciled()).toMatchObject({ objects: 3, missingCount: 0, unknownCount: 0 });
  });

  it('expires objects and uploads', async () => {
    const store = await newStore('expired');
    await Promise.all(
      Array.from({ length: 150 }, (_, index) => putText(store, 'b', `${index % 3}/${index}`, '')),
    );
    const upload = await store.createUpload({ bucket: 'b', key: '1/u', initiator: '' });
    await store.createUpload({ bucket: 'b', key: '2/u', initiator: '' });
    await store.putPart({ ...upload, checksum: undefined as never, partNumber: 1, body: [Buffer.from('x')] });
    under.nowMs += 2 * dayMs;
    const bucket = bucketWith({
      Status: 'Enabled',
      Filter: { Prefix: '1/' },
      Expiration: { Days: 1 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    });
    expect(await store.sweep([bucket, { ...bucket, Name: 'none' }])).toEqual({
      ...none,
      expired: 50,
      abortedUploads: 1,
    });
    expect(store.list({ bucket: 'b', maxKeys: 1000 }).entries).toHaveLength(100);
    expect(store.listUploads('b', { most: 10 }).uploads.map(({ key }) => key)).toEqual(['2/u']);
  });

  it('needs a folder of its own, and tells where it was', async () => {
    const folder = under.path('apart', 's3');
    for (const archiveFolder of [folder, path.join(folder, 'b'), under.path('apart')]) {
      await expect(under.open('apart', { archiveFolder })).rejects.toMatchObject({ code: 'ArchiveFolder' });
    }
    mkdirSync(folder, { recursive: true });
    symlinkSync(folder, under.path('led-back'));
    const archiveFolder = under.path('led-back');
    await expect(under.open('apart', { archiveFolder })).rejects.toMatchObject({ code: 'ArchiveFolder' });
    const indexFolder = under.path('apart', 'index');
    expect(await lastArchiveFolder(indexFolder)).toBeUndefined();
    for (const elsewhere of [under.path('elsewhere'), under.path('s3-elsewhere')]) {
      await under.close(await under.open('apart', { archiveFolder: elsewhere }));
      expect(await lastArchiveFolder(indexFolder)).toBe(realpathSync(elsewhere));
    }
  });

  it('tags that are given while a sweep is under way count', async () => {
    const store = await newStore('tagged meanwhile');
    const large = Buffer.alloc(4 * 1024 ** 2);
    const tags = { keep: 'no' };
    for (let index = 0; index < 60; index += 1) {
      await store.put({ bucket: 'b', key: `old/${100 + index}`, body: [Buffer.from('x')], tags });
    }
    await store.put({ bucket: 'b', key: 'cold', body: [large], tags });
    under.nowMs += 2 * dayMs;
    const bucket = bucketWith(
      {
        Status: 'Enabled',
        Filter: { And: { Prefix: 'old/', Tags: [{ Key: 'keep', Value: 'no' }] } },
        Expiration: { Days: 1 },
      },
      { Status: 'Enabled', Filter: { Prefix: 'c' }, Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] },
    );
    const sweep = store.sweep([bucket]);
    await store.setTags('b', 'old/159', { keep: 'yes' });
    await store.setTags('b', 'cold', { keep: 'yes' });
    expect(await sweep).toEqual({ ...none, expired: 59, transitioned: 1 });
    expect(store.head('b', 'old/159')?.tags).toEqual({ keep: 'yes' });
    expect(store.head('b', 'cold')).toMatchObject({ storageClass: 'GLACIER', tags: { keep: 'yes' } });
  });

  it('lets the folder keep multipart uploads of its classes', async () => {
    const store = await newStore('upload');
    const upload = await store.createUpload({
      bucket: 'b',
      key: 'k',
      initiator: '',
      storageClass: 'DEEP_ARCHIVE',
    });
    const { bucket, key, uploadId } = upload;
    const { etag } = await store.putPart({ bucket, key, uploadId, partNumber: 1, body: [Buffer.from('x')] });
    await store.completeUpload({ bucket, key, uploadId, parts: [{ partNumber: 1, etag }] });
    expect(tree(under.path('upload', 'archive', 'b'))).toEqual(['k']);
    await store.remove('b', 'k');
    expect(tree(under.path('upload', 'archive', 'b'))).toEqual([]);
  });
});
