import {
  type _Object,
  type CommonPrefix,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;

/** In the order of their UTF-8, which is not that of their UTF-16. */
const keys = [
  'AWSLogs/1/a.log.gz',
  'AWSLogs/1/b.log.gz',
  'AWSLogs/2/c.log.gz',
  'a b+c',
  'a/b',
  'a0',
  'z',
  '\uffee',
  '😀',
];

beforeAll(async () => {
  account = await S3Account.open();
  Bucket = await account.newBucket();
  await Promise.all(keys.map((key) => account.put(Bucket, key, key)));
});

afterAll(() => account.close());

const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  account.client.send(new ListObjectsV2Command({ Bucket, ...more }));
const listed = ({ Contents = [] }: { Contents?: _Object[] | undefined }) => Contents.map(({ Key }) => Key);
const prefixes = ({ CommonPrefixes = [] }: { CommonPrefixes?: CommonPrefix[] | undefined }) =>
  CommonPrefixes.map(({ Prefix }) => Prefix);

describe('ListObjectsV2', () => {
  it('in the order of bytes', async () => {
    const page = await list();
    expect(listed(page)).toEqual(keys);
    expect(page).toMatchObject({ Name: Bucket, Prefix: '', MaxKeys: 1000, KeyCount: 9, IsTruncated: false });
    expect(page.Contents?.[0]).toEqual({
      Key: keys[0],
      Size: keys[0].length,
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      LastModified: expect.any(Date),
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: ['CRC32'],
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it.each<[string, Partial<ListObjectsV2CommandInput>, string[], string[]]>([
    ['a prefix', { Prefix: 'AWSLogs/1/' }, keys.slice(0, 2), []],
    ['a delimiter', { Delimiter: '/' }, ['a b+c', 'a0', 'z', '\uffee', '😀'], ['AWSLogs/', 'a/']],
    ['both', { Prefix: 'AWSLogs/', Delimiter: '/' }, [], ['AWSLogs/1/', 'AWSLogs/2/']],
    [
      'a long delimiter',
      { Delimiter: '.log' },
      keys.slice(3),
      ['AWSLogs/1/a.log', 'AWSLogs/1/b.log', 'AWSLogs/2/c.log'],
    ],
    ['after a key', { StartAfter: 'a0' }, keys.slice(6), []],
    ['after what is no key', { StartAfter: 'b' }, keys.slice(6), []],
    ['nothing', { Prefix: 'nothing' }, [], []],
    ['none of them', { MaxKeys: 0 }, [], []],
    ['a prefix longer than any key', { Prefix: 'x'.repeat(5000) }, [], []],
    ['a delimiter longer than any key', { Delimiter: '/'.repeat(5000) }, keys, []],
    ['after what is longer than any key', { StartAfter: `a0${'x'.repeat(5000)}` }, keys.slice(6), []],
    ['a prefix with a byte that divides', { Prefix: 'a\0' }, [], []],
  ])('%s', async (_name, more, expectedKeys, expectedPrefixes) => {
    const page = await list(more);
    expect(listed(page)).toEqual(expectedKeys);
    expect(prefixes(page)).toEqual(expectedPrefixes);
    expect(page.KeyCount).toBe(expectedKeys.length + expectedPrefixes.length);
    expect(page.IsTruncated).toBe(false);
  });

  it.each([1, 2, 3, 4])('in pages of %d', async (MaxKeys) => {
    for (const more of [{}, { Delimiter: '/' }]) {
      const whole = await list(more);
      const seen: (string | undefined)[] = [];
      let token: string | undefined;
      do {
        const page = await list({ ...more, MaxKeys, ...(token && { ContinuationToken: token }) });
        expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
        expect(page.ContinuationToken).toBe(token);
        seen.push(...prefixes(page), ...listed(page));
        token = page.NextContinuationToken;
        expect(page.IsTruncated).toBe(token !== undefined);
      } while (token !== undefined);
      expect(seen.toSorted()).toEqual([...prefixes(whole), ...listed(whole)].toSorted());
    }
  });

  it('as URLs write them', async () => {
    const page = await list({ Prefix: 'a ', EncodingType: 'url' });
    expect(listed(page)).toEqual(['a+b%2Bc']);
    expect(page).toMatchObject({ Prefix: 'a+', EncodingType: 'url' });
  });

  it('with their owner, when asked for', async () => {
    const page = await list({ Prefix: 'z', FetchOwner: true });
    expect(page.Contents?.[0].Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, Partial<ListObjectsV2CommandInput>]>([
    ['a token that is none', { ContinuationToken: 'abc' }],
    ['less than none', { MaxKeys: -1 }],
    ['another encoding', { EncodingType: 'base64' as 'url' }],
  ])('not with %s', async (_name, more) => {
    expect(await refusal(list(more))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});

describe('ListObjects', () => {
  const listV1 = (more: object) => account.client.send(new ListObjectsCommand({ Bucket, ...more }));

  it('goes on from keys', async () => {
    const first = await listV1({ MaxKeys: 4 });
    expect(listed(first)).toEqual(keys.slice(0, 4));
    expect(first.IsTruncated).toBe(true);
    expect(first.NextMarker).toBeUndefined();
    const second = await listV1({ Marker: keys[3] });
    expect(listed(second)).toEqual(keys.slice(4));
    expect(second).toMatchObject({ Marker: keys[3], IsTruncated: false });
    expect(second.Contents?.[0].Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  it('goes on from common prefixes', async () => {
    const first = await listV1({ Delimiter: '/', MaxKeys: 1 });
    expect(first).toMatchObject({ NextMarker: 'AWSLogs/', IsTruncated: true });
    const second = await listV1({ Delimiter: '/', Marker: first.NextMarker });
    expect(prefixes(second)).toEqual(['a/']);
  });
});

it('ListObjectVersions tells each object as its only version', async () => {
  const listVersions = (more: object) =>
    account.client.send(new ListObjectVersionsCommand({ Bucket, ...more }));
  const first = await listVersions({ MaxKeys: 7 });
  expect(first.Versions?.[0]).toMatchObject({ Key: keys[0], VersionId: 'null', IsLatest: true });
  expect(first).toMatchObject({ IsTruncated: true, NextKeyMarker: keys[6], NextVersionIdMarker: 'null' });
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
  const second = await listVersions({ KeyMarker, VersionIdMarker });
  expect(second.Versions?.map(({ Key }) => Key)).toEqual(keys.slice(7));
  expect((await refusal(listVersions({ VersionIdMarker: 'null' }))).code).toBe('InvalidArgument');
});
