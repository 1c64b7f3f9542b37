import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bytesOf, ObjectsUnderTest, putText, textOf, tree } from '../../test/open-objects.ts';
import type { PutRequest } from './shapes.ts';

const under = new ObjectsUnderTest();

async function newStore(name: string) {
  const store = await under.open(name);
  await store.makeBucket('b');
  return store;
}

const refusal = (code: string, status: number) => ({ name: 'ServiceError', code, status });

describe('keys', () => {
  it.each<[what: string, key: string, file: string | RegExp]>([
    ['plain', 'AWSLogs/1/vpcflowlogs/x.log.gz', 'AWSLogs/1/vpcflowlogs/x.log.gz'],
    ['folder marker', 'photos/', 'photos/%'],
    ['leading slash', '/a', '%/a'],
    ['many slashes', '///', '%/%/%/%'],
    ['a way out', '../../../../etc/passwd', '%2E%2E/%2E%2E/%2E%2E/%2E%2E/etc/passwd'],
    ['our own folder', '.headgate/staging/x', '.headgate/staging/x'],
    ['control bytes', '\0\r\n\x1b', '%00%0D%0A%1B'],
    ['percents', '%/%%/%41', '%25/%25%25/%2541'],
    ['1,024 bytes in one segment', 'k'.repeat(1024), /^k{100}%~[0-9a-f]{64}$/],
    ['1,024 slashes', '/'.repeat(1024), /^(%\/){1024}%$/],
    ['1,024 bytes in 512 segments', '\x01/'.repeat(512), /^(%01\/){512}%$/],
    ['unicode', '日本/\u{1f600}/e\u0301/é', '日本/\u{1f600}/e\u0301/é'],
    ['what XML has no way to say', '\ufffe\uffff', '\ufffe\uffff'],
  ])('%s', async (what, key, file) => {
    const store = await newStore(`key ${what.replaceAll(/\W/g, '')}`);
    await putText(store, 'b', key, 'bytes');
    expect(await textOf(store, 'b', key)).toBe('bytes');
    expect(store.list({ bucket: 'b', maxKeys: 10 }).entries.map((entry) => entry.key)).toEqual([key]);
    const folder = under.path(`key ${what.replaceAll(/\W/g, '')}`, 's3', 'b');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    expect(files).toHaveLength(1);
    if (typeof file === 'string') expect(files[0]).toBe(file);
    else expect(files[0]).toMatch(file);
    expect((await store.whenReconciled()).unknownCount).toBe(0);
    expect(await store.remove('b', key)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
    expect(store.head('b', key)).toBeUndefined();
  });

  it.each([
    ['1,025 bytes', 'k'.repeat(1025), refusal('KeyTooLongError', 400)],
    ['half a character', 'a\ud800', refusal('InvalidURI', 400)],
    ['none', '', refusal('InvalidURI', 400)],
  ])('refuses %s', async (_what, key, expected) => {
    const store = await newStore('refused keys');
    await expect(putText(store, 'b', key, '')).rejects.toMatchObject(expected);
    await expect(store.createUpload({ bucket: 'b', key, initiator: '' })).rejects.toMatchObject(expected);
    await expect(store.remove('b', key.repeat(3))).rejects.toMatchObject({ name: 'ServiceError' });
    expect(store.head('b', key.repeat(3))).toBeUndefined();
    expect(store.upload('b', key.repeat(3), '0'.repeat(32))).toBeUndefined();
    await under.close(store);
  });

  const nested = ['a', 'a/b', 'a/b/c', 'a/', 'a//', 'a%', 'a/%'];
  it.each([
    ['shortest first', nested, nested],
    ['longest first', [...nested].reverse(), nested],
    ['shortest first, and gone last', nested, [...nested].reverse()],
    ['longest first, and gone first', [...nested].reverse(), [...nested].reverse()],
    [
      'mixed',
      ['a/b', 'a', 'a/b/c', 'a//', 'a/', 'a/%', 'a%'],
      ['a/b/c', 'a', 'a/', 'a%', 'a//', 'a/b', 'a/%'],
    ],
  ])('prefixes of one another, %s', async (what, order, removal) => {
    const store = await newStore(`nested ${what}`);
    const left = new Set<string>();
    const look = async () => {
      const expected = [...left].sort();
      expect(store.list({ bucket: 'b', maxKeys: 100 }).entries.map(({ key }) => key)).toEqual(expected);
      for (const key of expected) expect(await textOf(store, 'b', key)).toBe(`second of ${key}`);
    };
    for (const key of order) await putText(store, 'b', key, `first of ${key}`);
    for (const key of order) {
      await putText(store, 'b', key, `second of ${key}`);
      left.add(key);
    }
    await look();
    expect(tree(under.path(`nested ${what}`, 's3', 'b'))).toHaveLength(nested.length);
    for (const key of removal) {
      await store.remove('b', key);
      left.delete(key);
      await look();
    }
    expect(readdirSync(under.path(`nested ${what}`, 's3', 'b'))).toEqual([]);
  });
});

describe('put', () => {
  const text = 'The quick brown fox jumps over the lazy dog';
  const md5 = createHash('md5').update(text).digest('base64');
  const body = [Buffer.from(text)];

  it('keeps what it was told beside the bytes', async () => {
    const store = await newStore('description');
    const described = {
      headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' },
      metadata: { ['__proto__']: 'x', constructor: 'ö', a: '' },
      tags: { k: 'v' },
    };
    const put = await store.put({ bucket: 'b', key: 'k', body, ...described, storageClass: 'STANDARD_IA' });
    const expected = {
      key: 'k',
      ...described,
      size: text.length,
      etag: '9e107d9d372bb6826bd81d3542a419d6',
      lastModifiedMs: under.nowMs,
      storageClass: 'STANDARD_IA',
    };
    expect(put).toMatchObject(expected);
    expect(store.head('b', 'k')).toEqual(put);
    await store.setTags('b', 'k', { other: 'tag' });
    expect(store.head('b', 'k')).toEqual({ ...put, tags: { other: 'tag' } });
    await expect(store.setTags('b', 'none', {})).rejects.toMatchObject(refusal('NoSuchKey', 404));
    await under.close(store);
    const again = await under.open('description');
    expect(again.head('b', 'k')).toEqual({ ...put, tags: { other: 'tag' } });
    expect(await textOf(again, 'b', 'k')).toBe(text);
  });

  it.each<[what: string, request: Partial<PutRequest>, expected: object]>([
    ['the MD5', { md5 }, { etag: '9e107d9d372bb6826bd81d3542a419d6' }],
    ['another MD5', { md5: createHash('md5').digest('base64') }, refusal('BadDigest', 400)],
    ['no MD5', { md5: 'bm8=' }, refusal('InvalidDigest', 400)],
    ['the size', { size: 43 }, { size: 43 }],
    ['a size that is not reached', { size: 44 }, refusal('IncompleteBody', 400)],
    ['a size that is passed', { size: 42 }, refusal('IncompleteBody', 400)],
    ...(
      [
        ['CRC32', 'QU+jOQ=='],
        ['CRC32C', 'ImIEBA=='],
        ['SHA1', 'L9ThxnotKPzthJ7hu3bnORuT6xI='],
        ['SHA256', '16j7swfXgJRpypq8sAguT41WUeRtPNt2LQLQvzfJ5ZI='],
      ] as const
    ).flatMap(([algorithm, value]): [string, Partial<PutRequest>, object][] => [
      [algorithm, { checksum: { algorithm } }, { checksum: { algorithm, value, type: 'FULL_OBJECT' } }],
      [`the ${algorithm}`, { checksum: { algorithm, value } }, { checksum: { value } }],
      [
        `another ${algorithm}`,
        { checksum: { algorithm, value: 'AAAAAA==' } },
        {
          ...refusal('BadDigest', 400),
          message: `The ${algorithm} you specified did not match the calculated checksum.`,
        },
      ],
    ]),
  ])('checks %s', async (_what, request, expected) => {
    const store = await newStore('checked');
    const put = store.put({ bucket: 'b', key: 'k', body, ...request });
    if ('code' in expected) await expect(put).rejects.toMatchObject(expected);
    else expect(await put).toMatchObject(expected);
    await store.remove('b', 'k');
    expect(tree(under.path('checked', 's3', '.headgate'))).toEqual(['staging', 'uploads']);
    await under.close(store);
  });

  it('a body that breaks leaves the old object, and nothing else', async () => {
    const store = await newStore('broken');
    await putText(store, 'b', 'k', 'old');
    async function* broken() {
      yield Buffer.alloc(300_000);
      await turn();
      throw new Error('the client has gone');
    }
    await expect(store.put({ bucket: 'b', key: 'k', body: broken() })).rejects.toThrow('the client has gone');
    expect(await textOf(store, 'b', 'k')).toBe('old');
    expect(tree(under.path('broken', 's3', '.headgate'))).toEqual(['staging', 'uploads']);
  });

  it('pieces of any size come back as one', async () => {
    const store = await newStore('pieces');
    const sizes = [1, 65_535, 1, 0, 65_536, 700_000, 3, 20_000, 50_000];
    const whole = Buffer.alloc(
      sizes.reduce((sum, size) => sum + size),
      'abcdefghijk',
    );
    const ends = sizes.map((_size, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size));
    const pieces = sizes.map((size, index) => whole.subarray(ends[index] - size, ends[index]));
    const entry = await store.put({ bucket: 'b', key: 'k', body: pieces });
    expect(entry.etag).toBe(createHash('md5').update(whole).digest('hex'));
    expect(whole.equals(await bytesOf(await store.read('b', entry)))).toBe(true);
    const part = await store.read('b', entry, { first: 65_530, last: 800_000 });
    expect(whole.subarray(65_530, 800_001).equals(await bytesOf(part))).toBe(true);
    expect((await bytesOf(await store.read('b', entry, { first: 1, last: 2 ** 40 }))).length).toBe(
      whole.length - 1,
    );
  });

  it.each([
    ['none there', undefined, { ifNoneMatch: '*' }, undefined],
    ['none there, but one is', 'old', { ifNoneMatch: '*' }, refusal('PreconditionFailed', 412)],
    ['that one', 'old', { ifMatch: '149603e6c03516362a8da23f624db945' }, undefined],
    ['any', 'old', { ifMatch: '*' }, undefined],
    ['another', 'old', { ifMatch: 'x' }, refusal('PreconditionFailed', 412)],
    ['one, but none is', undefined, { ifMatch: '*' }, refusal('NoSuchKey', 404)],
  ] as const)('only where there is %s', async (_what, before, conditions, expected) => {
    const store = await newStore('conditions');
    if (before) await putText(store, 'b', 'k', before);
    const put = store.put({ bucket: 'b', key: 'k', body: [Buffer.from('new')], conditions });
    if (expected) await expect(put).rejects.toMatchObject(expected);
    else await put;
    expect(await textOf(store, 'b', 'k')).toBe(expected ? before : 'new');
    await store.remove('b', 'k');
    await under.close(store);
  });

  it('of many that want to be the first, one is', async () => {
    const store = await newStore('first');
    const puts = Array.from({ length: 20 }, (_, index) =>
      store.put({
        bucket: 'b',
        key: 'k',
        body: [Buffer.from(String(index))],
        conditions: { ifNoneMatch: '*' },
      }),
    );
    const outcomes = await Promise.allSettled(puts);
    const [taken] = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await textOf(store, 'b', 'k')).toBe(String(taken));
  });

  it('removes only the one that was meant', async () => {
    const store = await newStore('removal');
    const { etag } = await putText(store, 'b', 'k', 'x');
    const failed = refusal('PreconditionFailed', 412);
    await expect(store.remove('b', 'k', { ifMatch: 'other' })).rejects.toMatchObject(failed);
    expect(await store.remove('b', 'k', { ifMatch: etag })).toBe(true);
    expect(await store.remove('b', 'k')).toBe(false);
  });
});

describe('at the same time', () => {
  it('an object is always whole, and the last one wins', async () => {
    const store = await newStore('races');
    const contents = Array.from({ length: 40 }, (_, index) =>
      `${index} `.repeat(1 + ((index * 7919) % 60_000)),
    );
    const keys = ['k', 'k/x', 'k/x/y'];
    let isOver = false;
    const readers = keys.map(async (key) => {
      for (let reads = 0; ; reads += 1) {
        if (isOver) return reads;
        const entry = store.head('b', key);
        if (entry) {
          const bytes = await bytesOf(await store.read('b', entry));
          expect(createHash('md5').update(bytes).digest('hex')).toBe(entry.etag);
        } else await turn();
      }
    });
    const writers = keys.flatMap((key) => [
      ...contents.map((content) => putText(store, 'b', key, content)),
      ...contents.slice(0, 10).map(() => turn().then(() => store.remove('b', key))),
    ]);
    await Promise.all(writers);
    for (const key of keys) await putText(store, 'b', key, `last of ${key}`);
    isOver = true;
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(5);
    for (const key of keys) expect(await textOf(store, 'b', key)).toBe(`last of ${key}`);
    expect(tree(under.path('races', 's3', 'b'))).toEqual(['k%', 'k/x%', 'k/x/y']);
    expect(tree(under.path('races', 's3', '.headgate'))).toEqual(['staging', 'uploads']);
  });

  it('a reader keeps the version that it has begun', async () => {
    const store = await newStore('reader');
    const old = 'old '.repeat(100_000);
    await putText(store, 'b', 'k', old);
    const entry = store.head('b', 'k')!;
    const body = await store.read('b', entry);
    const iterator = body[Symbol.asyncIterator]();
    const first = await iterator.next();
    await putText(store, 'b', 'k', 'new');
    await store.remove('b', 'k');
    const rest = await bytesOf({ [Symbol.asyncIterator]: () => iterator });
    expect(Buffer.concat([first.value, rest]).toString()).toBe(old);
    await expect(store.read('b', entry)).rejects.toMatchObject(refusal('NoSuchKey', 404));
    await putText(store, 'b', 'k', 'newer');
    await expect(store.read('b', entry)).rejects.toMatchObject(refusal('InternalError', 500));
  });

  it('files are closed when readers stop before the end, or before the beginning', async () => {
    const store = await newStore('stopped');
    const entry = await putText(store, 'b', 'k', 'x'.repeat(200_000));
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 20; round += 1) {
      for await (const _piece of await store.read('b', entry)) break;
      await (await store.read('b', entry))[Symbol.asyncIterator]().return?.();
      await bytesOf(await store.read('b', entry));
    }
    expect(open()).toBeLessThan(before + 5);
  });
});

describe('copy', () => {
  it.each([
    ['as it is', {}, 'CRC32'],
    ['with the same checksum', { checksum: { algorithm: 'CRC32' } }, 'CRC32'],
    ['with another checksum', { checksum: { algorithm: 'SHA256' } }, 'SHA256'],
  ] as const)('%s', async (what, request, algorithm) => {
    const store = await newStore(`copy ${what}`);
    const body = [Buffer.from('bytes')];
    const entry = await store.put({
      bucket: 'b',
      key: 'k',
      body,
      checksum: { algorithm: 'CRC32' },
      tags: { a: 'b' },
    });
    await store.makeBucket('c');
    const copied = await store.copy({ source: { bucket: 'b', entry }, bucket: 'c', key: 'd/e', ...request });
    expect(copied).toMatchObject({ key: 'd/e', size: 5, etag: entry.etag, checksum: { algorithm } });
    expect(copied.tags).toBeUndefined();
    await store.remove('b', 'k');
    expect(await textOf(store, 'c', 'd/e')).toBe('bytes');
    const onto = await store.copy({
      source: { bucket: 'c', entry: copied },
      bucket: 'c',
      key: 'd/e',
      metadata: { a: 'b' },
    });
    expect(onto.metadata).toEqual({ a: 'b' });
    expect(await textOf(store, 'c', 'd/e')).toBe('bytes');
  });
});

describe('what somebody has laid into the folder', () => {
  it('symbolic links are never followed, for writing nor for reading', async () => {
    const store = await newStore('links');
    const outside = under.path('outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'secret'), 'secret');
    const bucket = under.path('links', 's3', 'b');
    await putText(store, 'b', 'away/secret', 'secret');
    await store.remove('b', 'away/secret');
    symlinkSync(outside, path.join(bucket, 'away'));
    symlinkSync('nowhere', path.join(bucket, 'dangling'));
    for (const key of ['away/secret', 'away/new', 'away/deep/new', 'dangling/x']) {
      await expect(putText(store, 'b', key, 'x')).rejects.toMatchObject(refusal('AccessDenied', 403));
    }
    // The link itself gives way to an object of its name.
    symlinkSync(path.join(outside, 'secret'), path.join(bucket, 'file'));
    await putText(store, 'b', 'file', 'object');
    expect(await textOf(store, 'b', 'file')).toBe('object');
    const entry = await putText(store, 'b', 'later/x', 'inside');
    await store.remove('b', 'nothing');
    const moved = under.path('moved');
    mkdirSync(moved);
    writeFileSync(path.join(moved, 'x'), 'secret');
    renameSync(path.join(bucket, 'later'), path.join(bucket, 'aside'));
    symlinkSync(moved, path.join(bucket, 'later'));
    await expect(store.read('b', entry)).rejects.toMatchObject(refusal('InternalError', 500));
    await store.remove('b', 'later/x');
    expect(readdirSync(outside)).toEqual(['secret']);
    expect(readFileSync(path.join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(readdirSync(moved)).toEqual(['x']);
    expect(await store.adopt('b')).toEqual({ adopted: 1, bytes: 6 });
    expect(store.list({ bucket: 'b', maxKeys: 10 }).entries.map(({ key }) => key)).toEqual([
      'aside/x',
      'file',
    ]);
  });
});

describe('buckets', () => {
  it('are there, and go when they are empty', async () => {
    const store = await under.open('buckets');
    await expect(putText(store, 'b', 'k', '')).rejects.toMatchObject(refusal('NoSuchBucket', 404));
    await expect(store.makeBucket('../x')).rejects.toMatchObject(refusal('NoSuchBucket', 404));
    await store.makeBucket('b');
    await store.makeBucket('b');
    await store.makeBucket('b.c');
    await putText(store, 'b.c', 'k', '');
    await store.createUpload({ bucket: 'b', key: 'k', initiator: 'arn' });
    let goOn: () => void = () => undefined;
    const isRemoved = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow() {
      yield Buffer.from('slow');
      await isRemoved;
    }
    const put = store.put({ bucket: 'b', key: 'k', body: slow() });
    await turn();
    await store.removeBucket('b');
    goOn();
    await expect(put).rejects.toMatchObject(refusal('NoSuchBucket', 404));
    expect(store.head('b', 'k')).toBeUndefined();
    await store.makeBucket('b');
    await putText(store, 'b', 'k', '');
    await expect(store.removeBucket('b')).rejects.toMatchObject(refusal('BucketNotEmpty', 409));
    await store.remove('b', 'k');
    const byHand = under.path('buckets', 's3', 'b', 'by hand');
    writeFileSync(byHand, '');
    await expect(store.removeBucket('b')).rejects.toMatchObject(refusal('BucketNotEmpty', 409));
    expect(readFileSync(byHand, 'utf8')).toBe('');
    await store.adopt('b');
    await store.remove('b', 'by hand');
    await store.removeBucket('b');
    expect(readdirSync(under.path('buckets', 's3')).sort()).toEqual(['.headgate', 'b.c']);
    await store.makeBucket('b');
    expect(store.listUploads('b', { most: 10 }).uploads).toEqual([]);
    expect(store.list({ bucket: 'b', maxKeys: 10 }).entries).toEqual([]);
    expect(store.list({ bucket: 'b.c', maxKeys: 10 }).entries).toHaveLength(1);
  });

  it('are not those that had their name before: bodies that were on their way come to nothing', async () => {
    const store = await newStore('made again');
    async function* slow() {
      yield Buffer.from('meant for the bucket that was');
      await store.removeBucket('b');
      await store.makeBucket('b');
    }
    const put = store.put({ bucket: 'b', key: 'k', body: slow() });
    await expect(put).rejects.toMatchObject(refusal('NoSuchBucket', 404));
    expect(store.head('b', 'k')).toBeUndefined();
    await putText(store, 'b', 'k', 'for this one');
    expect(await textOf(store, 'b', 'k')).toBe('for this one');
  });
});
