import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesOf, ObjectsUnderTest, putText, textOf, tree } from '../../test/open-objects.ts';
import { checksumOf } from './content-digests.ts';
import type { ObjectStore } from './object-store.ts';
import type { ChecksumAlgorithm, CompleteRequest, Upload, UploadRequest } from './shapes.ts';

const under = new ObjectsUnderTest();
const mebi = 1024 ** 2;
const first = Buffer.alloc(5 * mebi, 'first ');
const second = Buffer.alloc(5 * mebi + 1, 'second ');
const last = Buffer.from('last');
const refusal = (code: string, status = 400) => ({ name: 'ServiceError', code, status });

async function newStore(name: string) {
  const store = await under.open(name);
  await store.makeBucket('b');
  return store;
}

const begin = (store: ObjectStore, request: Partial<UploadRequest> = {}) =>
  store.createUpload({ bucket: 'b', key: 'k', initiator: 'arn:aws:iam::1:root', ...request });

async function putParts(store: ObjectStore, upload: Upload, bodies: readonly Buffer[]) {
  const { bucket, key, uploadId } = upload;
  const parts = [];
  for (const [index, body] of bodies.entries()) {
    const part = await store.putPart({ bucket, key, uploadId, partNumber: index + 1, body: [body] });
    parts.push({
      partNumber: index + 1,
      etag: part.etag,
      ...(part.checksum && { checksum: part.checksum.value }),
    });
  }
  return parts;
}

const whole = Buffer.concat([first, second, last]);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();
const checksum = (algorithm: ChecksumAlgorithm, bytes: Uint8Array) => {
  const running = checksumOf(algorithm);
  running.update(bytes);
  return running.base64();
};

describe('a multipart upload', () => {
  it('becomes an object of its parts, in one file', async () => {
    const store = await newStore('whole');
    const upload = await begin(store, { tags: { a: 'b' }, headers: { 'content-type': 'x/y' } });
    await putParts(store, upload, [Buffer.from('replaced')]);
    const parts = await putParts(store, upload, [first, second, last]);
    expect(store.head('b', 'k')).toBeUndefined();
    expect(store.upload('b', 'k', upload.uploadId)).toEqual(upload);
    expect(store.upload('b', 'other', upload.uploadId)).toBeUndefined();
    const { bucket, key, uploadId } = upload;
    const entry = await store.completeUpload({ bucket, key, uploadId, parts, size: whole.length });
    expect(entry).toMatchObject({
      size: whole.length,
      etag: `${createHash('md5')
        .update(Buffer.concat([first, second, last].map(md5)))
        .digest('hex')}-3`,
      partSizes: [first.length, second.length, last.length],
      tags: { a: 'b' },
      headers: { 'content-type': 'x/y' },
    });
    expect(store.head('b', 'k')).toEqual(entry);
    expect(whole.equals(await bytesOf(await store.read('b', entry)))).toBe(true);
    expect(tree(under.path('whole', 's3', 'b'))).toEqual(['k']);
    expect(tree(under.path('whole', 's3', '.headgate'))).toEqual(['staging', 'uploads']);
    // A client that has lost the answer asks again.
    const again = { bucket, key, uploadId, parts };
    expect(await store.completeUpload(again)).toMatchObject({ etag: entry.etag, size: entry.size });
    await expect(store.completeUpload({ ...again, parts: parts.slice(1) })).rejects.toMatchObject(
      refusal('NoSuchUpload', 404),
    );
    await expect(store.abortUpload('b', 'k', uploadId)).rejects.toMatchObject(refusal('NoSuchUpload', 404));
    const copied = await store.copy({ source: { bucket: 'b', entry }, bucket: 'b', key: 'copy' });
    expect(copied.etag).toBe(md5(whole).toString('hex'));
  });

  it.each<[ChecksumAlgorithm, 'FULL_OBJECT' | 'COMPOSITE' | undefined, Buffer[]]>([
    ['CRC32', undefined, [first, last]],
    ['CRC32', 'FULL_OBJECT', [first, last]],
    ['CRC32C', 'COMPOSITE', [last]],
    ['CRC32C', 'FULL_OBJECT', [last]],
    ['CRC64NVME', undefined, [last]],
    ['SHA1', undefined, [last]],
    ['SHA256', 'COMPOSITE', [last]],
  ])('with %s, %s', async (algorithm, type, bodies) => {
    const store = await newStore('checksums');
    const upload = await begin(store, { checksum: { algorithm, ...(type && { type }) } });
    const parts = await putParts(store, upload, bodies);
    const raw = bodies.map((body) => Buffer.from(checksum(algorithm, body), 'base64'));
    const composite = {
      value: `${checksum(algorithm, Buffer.concat(raw))}-${bodies.length}`,
      type: 'COMPOSITE',
    };
    const full = { value: checksum(algorithm, Buffer.concat(bodies)), type: 'FULL_OBJECT' };
    const isFull = type === 'FULL_OBJECT' || algorithm === 'CRC64NVME';
    const { bucket, key, uploadId } = upload;
    const request = { bucket, key, uploadId, parts };
    await expect(store.completeUpload({ ...request, checksum: 'AAAAAA==' })).rejects.toMatchObject(
      refusal('BadDigest'),
    );
    const expected = { algorithm, ...(isFull ? full : composite) };
    const entry = await store.completeUpload({ ...request, checksum: expected.value });
    expect(entry.checksum).toEqual(expected);
    await under.close(store);
  });

  it.each([
    ['CRC64NVME', 'COMPOSITE'],
    ['SHA256', 'FULL_OBJECT'],
    ['SHA1', 'FULL_OBJECT'],
  ] as const)('has no %s that is %s', async (algorithm, type) => {
    const store = await newStore('no checksums');
    await expect(begin(store, { checksum: { algorithm, type } })).rejects.toMatchObject(
      refusal('InvalidRequest'),
    );
    await under.close(store);
  });

  it('refuses what is no upload, no part, or not in order, and goes on', async () => {
    const store = await newStore('refusals');
    const upload = await begin(store);
    const parts = await putParts(store, upload, [first, last, second]);
    const { bucket, key, uploadId } = upload;
    const complete = (request: Partial<CompleteRequest>) =>
      store.completeUpload({ bucket, key, uploadId, parts, ...request });
    await putText(store, 'b', 'k', 'old');
    const cases: [Partial<CompleteRequest>, object][] = [
      [{ uploadId: '0'.repeat(32) }, refusal('NoSuchUpload', 404)],
      [{ uploadId: '../../../../../../../../../../etc' }, refusal('NoSuchUpload', 404)],
      [{ key: 'other' }, refusal('NoSuchUpload', 404)],
      [{ parts: [] }, refusal('InvalidPart')],
      [{ parts: [parts[0], { partNumber: 4, etag: parts[0].etag }] }, refusal('InvalidPart')],
      [{ parts: [{ ...parts[0], etag: parts[1].etag }] }, refusal('InvalidPart')],
      [{ parts: [parts[2], parts[0]] }, refusal('InvalidPartOrder')],
      [{ parts: [parts[0], parts[0]] }, refusal('InvalidPartOrder')],
      [{ parts }, refusal('EntityTooSmall')],
      [{ parts: [parts[0], parts[2]], size: 1 }, refusal('InvalidRequest')],
      [{ parts: [parts[0], parts[2]], conditions: { ifNoneMatch: '*' } }, refusal('PreconditionFailed', 412)],
    ];
    for (const [request, expected] of cases) await expect(complete(request)).rejects.toMatchObject(expected);
    expect(await textOf(store, 'b', 'k')).toBe('old');
    for (const partNumber of [0, 10_001, 1.5, Number.NaN]) {
      const put = store.putPart({ bucket, key, uploadId, partNumber, body: [last] });
      await expect(put).rejects.toMatchObject(refusal('InvalidArgument'));
    }
    const entry = await complete({ parts: [parts[0], { ...parts[2], etag: `"${parts[2].etag}"` }] });
    expect(Buffer.concat([first, second]).equals(await bytesOf(await store.read('b', entry)))).toBe(true);
  });

  it('wants the checksums of composite ones, and those it was begun with', async () => {
    const store = await newStore('composite');
    const upload = await begin(store, { checksum: { algorithm: 'CRC32' } });
    const { bucket, key, uploadId } = upload;
    const other = {
      bucket,
      key,
      uploadId,
      partNumber: 1,
      body: [last],
      checksum: { algorithm: 'SHA256' as const },
    };
    await expect(store.putPart(other)).rejects.toMatchObject({
      ...refusal('InvalidRequest'),
      message: 'Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha256',
    });
    const [{ partNumber, etag }] = await putParts(store, upload, [last]);
    const parts = [{ partNumber, etag }];
    await expect(store.completeUpload({ bucket, key, uploadId, parts })).rejects.toMatchObject({
      ...refusal('InvalidRequest'),
      message:
        'The upload was created using a crc32 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.',
    });
  });

  it('of complete and abort at the same time, one wins', async () => {
    const store = await newStore('abort');
    for (let round = 0; round < 10; round += 1) {
      const upload = await begin(store);
      const { bucket, key, uploadId } = upload;
      const parts = await putParts(store, upload, [Buffer.from(String(round))]);
      const late = store.putPart({ bucket, key, uploadId, partNumber: 2, body: [last] });
      const outcomes = await Promise.allSettled(
        round % 2
          ? [store.completeUpload({ bucket, key, uploadId, parts }), store.abortUpload(bucket, key, uploadId)]
          : [
              store.abortUpload(bucket, key, uploadId),
              store.completeUpload({ bucket, key, uploadId, parts }),
            ],
      );
      await late.catch((error) => expect(error).toMatchObject(refusal('NoSuchUpload', 404)));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const isObject = outcomes[round % 2 ? 0 : 1].status === 'fulfilled';
      expect(await textOf(store, 'b', 'k')).toBe(isObject ? String(round) : undefined);
      await store.remove('b', 'k');
      expect(store.listUploads('b', { most: 1 }).uploads).toEqual([]);
    }
    await under.close(store);
    await under.close(await under.open('abort'));
    expect(readdirSync(under.path('abort', 's3', '.headgate', 'uploads'))).toEqual([]);
  });

  it('is still there after a restart, without the parts that were never whole', async () => {
    const store = await newStore('restart');
    const upload = await begin(store);
    const parts = await putParts(store, upload, [first, last]);
    await under.close(store);
    const again = await under.open('restart');
    const { bucket, key, uploadId } = upload;
    expect(again.listParts(upload, 0, 10).parts.map(({ partNumber }) => partNumber)).toEqual([1, 2]);
    const entry = await again.completeUpload({ bucket, key, uploadId, parts });
    expect(entry.size).toBe(first.length + last.length);
    await under.close(again);
    const third = await under.open('restart');
    expect((await third.completeUpload({ bucket, key, uploadId, parts })).etag).toBe(entry.etag);
    under.nowMs += 2 * 86_400_000;
    await third.sweep([]);
    await expect(third.completeUpload({ bucket, key, uploadId, parts })).rejects.toMatchObject(
      refusal('NoSuchUpload', 404),
    );
    expect(existsSync(under.path('restart', 's3', '.headgate', 'uploads', uploadId))).toBe(false);
  });
});

describe('lists', () => {
  it('parts come page by page', async () => {
    const store = await newStore('parts');
    const upload = await begin(store);
    await putParts(store, upload, [last, last, last]);
    await begin(store);
    const page = (after: number, most: number) => {
      const { parts, isTruncated } = store.listParts(upload, after, most);
      return [parts.map(({ partNumber }) => partNumber), isTruncated];
    };
    expect([page(0, 2), page(2, 2), page(1, 2), page(3, 2), page(0, 0), page(10_000, 5)]).toEqual([
      [[1, 2], true],
      [[3], false],
      [[2, 3], false],
      [[], false],
      [[], false],
      [[], false],
    ]);
  });

  it('uploads come by their keys, then as they were begun, with prefixes as one', async () => {
    const store = await newStore('uploads');
    const names = new Map<string, string>();
    for (const key of ['b', 'a/x', 'a', 'b', 'a/y', 'c/z', 'b']) {
      const { uploadId } = await begin(store, { key });
      names.set(uploadId, `${key} ${names.size}`);
    }
    const pages = (request: Partial<Parameters<ObjectStore['listUploads']>[1]>) => {
      const all: string[][] = [];
      for (let after = request.after; ; ) {
        const page = store.listUploads('b', { most: 2, ...request, ...(after && { after }) });
        all.push([...page.uploads.map(({ uploadId }) => names.get(uploadId)!), ...page.commonPrefixes]);
        expect(page.isTruncated).toBe(page.next !== undefined);
        if (!page.next) return all;
        after = page.next;
      }
    };
    expect(pages({})).toEqual([['a 2', 'a/x 1'], ['a/y 4', 'b 0'], ['b 3', 'b 6'], ['c/z 5']]);
    expect(pages({ delimiter: '/' })).toEqual([
      ['a 2', 'a/'],
      ['b 0', 'b 3'],
      ['b 6', 'c/'],
    ]);
    expect(pages({ prefix: 'a/' })).toEqual([['a/x 1', 'a/y 4']]);
    expect(pages({ after: { key: 'a/x' } })).toEqual([['a/y 4', 'b 0'], ['b 3', 'b 6'], ['c/z 5']]);
  });
});
