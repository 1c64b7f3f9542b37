import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;

beforeAll(async () => {
  account = await S3Account.open();
  Bucket = await account.newBucket();
});

afterAll(() => account.close());

const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  account.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
const head = (Key: string, more: object = {}) =>
  account.client.send(new HeadObjectCommand({ Bucket, Key, ...more }));
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('keys', () => {
  it.each([
    'plain',
    'a/b/c',
    'a//b',
    '/leading',
    'trailing/',
    './dot',
    'a/../b',
    '..',
    'spaces  and+plus',
    '%41%2F',
    'ü/流/😀',
    '?query=1&b#c',
    'quotes\'"<>&',
    'c:\\windows',
    'x'.repeat(1024),
    `long/${'y'.repeat(250)}/z`,
  ])('%s', async (Key) => {
    await account.put(Bucket, Key, `of ${Key}`);
    expect(await account.text(Bucket, Key)).toBe(`of ${Key}`);
    expect((await head(Key)).ETag).toBe(`"${md5(`of ${Key}`)}"`);
    await account.client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await refusal(get(Key))).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  it('not longer than 1,024 bytes', async () => {
    expect(await refusal(account.put(Bucket, 'ü'.repeat(513), 'x'))).toMatchObject({
      code: 'KeyTooLongError',
      status: 400,
      message: 'Your key is too long',
    });
  });
});

describe('bodies', () => {
  const large = Buffer.alloc(300_000, 'flow log record\n');
  const bodies: readonly (readonly [string, () => Parameters<S3Account['put']>[2], object, string])[] = [
    ['nothing', () => '', {}, ''],
    ['a text', () => 'text ü', {}, 'text ü'],
    ['a buffer', () => large, {}, large.toString()],
    [
      'a stream',
      () => Readable.from([large.subarray(0, 70_005), large.subarray(70_005)]),
      { ContentLength: large.length },
      large.toString(),
    ],
    ['a checksum of another kind', () => 'text', { ChecksumAlgorithm: 'SHA256' }, 'text'],
    ['CRC64NVME', () => 'text', { ChecksumAlgorithm: 'CRC64NVME' }, 'text'],
  ];
  it.each(bodies)('%s', async (_name, body, more, expected) => {
    const { ETag } = await account.put(Bucket, 'body', body(), more);
    expect(ETag).toBe(`"${md5(expected)}"`);
    const got = await get('body');
    expect(got.ContentLength).toBe(Buffer.byteLength(expected));
    expect(await got.Body?.transformToString()).toBe(expected);
  });

  it('with what is said of them', async () => {
    const said = {
      CacheControl: 'max-age=5',
      ContentDisposition: 'attachment; filename="a.txt"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      ContentType: 'text/plain',
      Expires: new Date('2027-01-01T00:00:00Z'),
      Metadata: { one: '1', 'two-words': 'a b' },
      WebsiteRedirectLocation: '/elsewhere',
    };
    await account.put(Bucket, 'said', 'x', { ...said, Tagging: 'a=b&c=d' });
    expect(await head('said')).toMatchObject({
      ...said,
      AcceptRanges: 'bytes',
      ContentLength: 1,
      ServerSideEncryption: 'AES256',
      LastModified: expect.any(Date),
    });
    expect((await get('said')).TagCount).toBe(2);
    const overridden = await get('said', {
      ResponseContentType: 'text/css',
      ResponseCacheControl: 'no-cache',
      ResponseContentDisposition: 'inline',
      ResponseContentLanguage: 'fr',
    });
    expect(overridden).toMatchObject({
      ContentType: 'text/css',
      CacheControl: 'no-cache',
      ContentDisposition: 'inline',
      ContentLanguage: 'fr',
    });
  });

  const refused: readonly (readonly [string, object, string, number])[] = [
    ['a checksum that is another', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest', 400],
    ['a checksum that is none', { ChecksumSHA256: 'abc' }, 'InvalidRequest', 400],
    ['an MD5 that is another', { ContentMD5: 'CY9rzUYh03PK3k6DJie09g==' }, 'BadDigest', 400],
    ['an MD5 that is none', { ContentMD5: 'abc' }, 'InvalidDigest', 400],
    ['metadata of more than 2 KB', { Metadata: { a: 'x'.repeat(2048) } }, 'MetadataTooLarge', 400],
    ['a class that is none', { StorageClass: 'GLASS' }, 'InvalidStorageClass', 400],
    ['an ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported', 400],
    ['an ACL that is none', { ACL: 'mine' }, 'InvalidArgument', 400],
    ['eleven tags', { Tagging: 'a&b&c&d&e&f&g&h&i&j&k' }, 'BadRequest', 400],
    ['where it must not be', { IfNoneMatch: '*' }, 'PreconditionFailed', 412],
    ['in the place of another', { IfMatch: '"x"' }, 'PreconditionFailed', 412],
    ['another owner', { ExpectedBucketOwner: '999999999999' }, 'AccessDenied', 403],
    ['a retention', { ObjectLockLegalHoldStatus: 'ON' }, 'InvalidRequest', 400],
  ];
  it.each(refused)('not with %s', async (_name, more, code, status) => {
    await account.put(Bucket, 'there', 'before');
    expect(await refusal(account.put(Bucket, 'there', 'text', more))).toMatchObject({ code, status });
    expect(await account.text(Bucket, 'there')).toBe('before');
  });

  it.skipIf(isRemote).each([
    ['aws:kms', { ServerSideEncryption: 'aws:kms' }],
    ['keys of the customer', { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'k'.repeat(32) }],
  ])('not encrypted with %s', async (_name, more) => {
    expect(await refusal(account.put(Bucket, 'secret', 'x', more))).toMatchObject({
      code: 'NotImplemented',
      status: 501,
    });
  });

  it('bucket-owner-full-control is taken', async () => {
    await account.put(Bucket, 'owned', 'x', { ACL: 'bucket-owner-full-control' });
    const { Grants, Owner } = await account.client.send(new GetObjectAclCommand({ Bucket, Key: 'owned' }));
    expect(Grants).toEqual([
      { Grantee: { Type: 'CanonicalUser', ID: Owner?.ID }, Permission: 'FULL_CONTROL' },
    ]);
    const own = new PutObjectAclCommand({ Bucket, Key: 'owned', ACL: 'bucket-owner-full-control' });
    await account.client.send(own);
    const other = new PutObjectAclCommand({ Bucket, Key: 'owned', ACL: 'public-read' });
    expect((await refusal(account.client.send(other))).code).toBe('AccessControlListNotSupported');
  });
});

describe('reading', () => {
  beforeAll(() => account.put(Bucket, 'read', '0123456789'));

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-', '89', 'bytes 8-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ])('%s', async (Range, text, ContentRange) => {
    const got = await get('read', { Range });
    expect(got).toMatchObject({
      ContentRange,
      ContentLength: text.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await got.Body?.transformToString()).toBe(text);
    expect(await head('read', { Range })).toMatchObject({ ContentRange, ContentLength: text.length });
  });

  it('beyond the end', async () => {
    expect(await refusal(get('read', { Range: 'bytes=10-' }))).toEqual({
      code: 'InvalidRange',
      status: 416,
      message: 'The requested range is not satisfiable',
    });
  });

  it('several ranges are the whole', async () => {
    const got = await get('read', { Range: 'bytes=0-1,4-5' });
    expect(got.$metadata.httpStatusCode).toBe(200);
    expect(await got.Body?.transformToString()).toBe('0123456789');
  });

  it('conditions', async () => {
    const { ETag, LastModified = new Date() } = await head('read');
    const later = new Date(LastModified.getTime() + 60_000);
    const earlier = new Date(LastModified.getTime() - 60_000);
    const statusOf = (more: Partial<GetObjectCommandInput>) =>
      get('read', more).then(
        async ({ Body, $metadata }) => {
          await Body?.transformToString();
          return $metadata.httpStatusCode;
        },
        (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
      );
    expect(await statusOf({ IfMatch: ETag })).toBe(200);
    expect(await statusOf({ IfMatch: '"x"' })).toBe(412);
    expect(await statusOf({ IfNoneMatch: ETag })).toBe(304);
    expect(await statusOf({ IfNoneMatch: '"x"' })).toBe(200);
    expect(await statusOf({ IfModifiedSince: LastModified })).toBe(304);
    expect(await statusOf({ IfModifiedSince: earlier })).toBe(200);
    expect(await statusOf({ IfUnmodifiedSince: later })).toBe(200);
    expect(await statusOf({ IfUnmodifiedSince: earlier })).toBe(412);
  });

  it('what is not there', async () => {
    expect(await refusal(get('nowhere'))).toEqual({
      code: 'NoSuchKey',
      status: 404,
      message: 'The specified key does not exist.',
    });
    expect((await refusal(head('nowhere'))).status).toBe(404);
    const elsewhere = new GetObjectCommand({ Bucket: account.served.name('none'), Key: 'a' });
    expect(await refusal(account.client.send(elsewhere))).toEqual({
      code: 'NoSuchBucket',
      status: 404,
      message: 'The specified bucket does not exist',
    });
    expect(await refusal(get('read', { VersionId: 'abc' }))).toMatchObject({ code: 'InvalidArgument' });
  });

  it('GetObjectAttributes', async () => {
    const wanted = ['ETag', 'Checksum', 'ObjectSize', 'StorageClass', 'ObjectParts'] as const;
    const attributes = await account.client.send(
      new GetObjectAttributesCommand({ Bucket, Key: 'read', ObjectAttributes: [...wanted] }),
    );
    expect(attributes).toMatchObject({
      ETag: md5('0123456789'),
      ObjectSize: 10,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumType: 'FULL_OBJECT', ChecksumCRC32: expect.any(String) },
    });
    expect(attributes.ObjectParts).toBeUndefined();
  });
});

describe('copies', () => {
  const copy = (Key: string, CopySource: string, more: object = {}) =>
    account.client.send(new CopyObjectCommand({ Bucket, Key, CopySource, ...more }));

  beforeAll(() =>
    account.put(Bucket, 'from/ü +.txt', 'text', {
      ContentType: 'text/plain',
      Metadata: { a: '1' },
      Tagging: 'k=v',
    }),
  );
  const source = () => `${Bucket}/${encodeURIComponent('from/ü +.txt')}`;
  const tags = async (Key: string) =>
    (await account.client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;

  it('with what is said of it', async () => {
    const { CopyObjectResult } = await copy('to', source());
    expect(CopyObjectResult).toMatchObject({ ETag: `"${md5('text')}"`, LastModified: expect.any(Date) });
    expect(await head('to')).toMatchObject({ ContentType: 'text/plain', Metadata: { a: '1' } });
    expect(await tags('to')).toEqual([{ Key: 'k', Value: 'v' }]);
    expect(await account.text(Bucket, 'to')).toBe('text');
  });

  it('with something else', async () => {
    await copy('to', `/${source()}`, {
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ContentType: 'text/css',
      Metadata: { b: '2' },
      Tagging: 'x=y',
    });
    expect(await head('to')).toMatchObject({ ContentType: 'text/css', Metadata: { b: '2' } });
    expect(await tags('to')).toEqual([{ Key: 'x', Value: 'y' }]);
  });

  it('from another bucket', async () => {
    const other = await account.newBucket();
    await account.put(other, 'far', 'away');
    await copy('near', `${other}/far`);
    expect(await account.text(Bucket, 'near')).toBe('away');
  });

  it('onto itself only with something else', async () => {
    await account.put(Bucket, 'self', 'x');
    expect(await refusal(copy('self', `${Bucket}/self`))).toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/^This copy request is illegal because it is trying to copy/),
    });
    await copy('self', `${Bucket}/self`, { MetadataDirective: 'REPLACE', Metadata: { new: 'one' } });
    expect((await head('self')).Metadata).toEqual({ new: 'one' });
  });

  it.each([
    ['without a key', () => Bucket, {}, 'InvalidArgument'],
    ['of nothing', () => `${Bucket}/nothing`, {}, 'NoSuchKey'],
    ['from nowhere', () => `${account.served.name('none')}/a`, {}, 'NoSuchBucket'],
    ['of another one', source, { CopySourceIfMatch: '"x"' }, 'PreconditionFailed'],
    ['of a known one', source, { CopySourceIfNoneMatch: `"${md5('text')}"` }, 'PreconditionFailed'],
  ])('not %s', async (_name, from, more, code) => {
    expect((await refusal(copy('to', from(), more))).code).toBe(code);
  });
});

describe('deleting', () => {
  it('what is not there is deleted', async () => {
    const { $metadata } = await account.client.send(new DeleteObjectCommand({ Bucket, Key: 'never' }));
    expect($metadata.httpStatusCode).toBe(204);
  });

  it('many at once', async () => {
    for (const key of ['one', 'two', 'three']) await account.put(Bucket, `many/${key}`, key);
    const { Deleted, Errors } = await account.client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: 'many/one' },
            { Key: 'many/never' },
            { Key: 'many/two', VersionId: 'abc' },
            { Key: 'many/<three>' },
          ],
        },
      }),
    );
    expect(Deleted).toEqual([{ Key: 'many/one' }, { Key: 'many/never' }, { Key: 'many/<three>' }]);
    expect(Errors).toEqual([
      { Key: 'many/two', VersionId: 'abc', Code: 'InvalidArgument', Message: 'Invalid version id specified' },
    ]);
    const quiet = await account.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: [{ Key: 'many/two' }] } }),
    );
    expect(quiet).not.toHaveProperty('Deleted');
    expect(await refusal(get('many/two'))).toMatchObject({ code: 'NoSuchKey' });
    expect(await account.text(Bucket, 'many/three')).toBe('three');
  });

  it('none, or more than 1,000, are no request', async () => {
    const many = Array.from({ length: 1001 }, (_, at) => ({ Key: `${at}` }));
    for (const Objects of [[], many]) {
      const asked = account.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
      expect(await refusal(asked)).toMatchObject({ code: 'MalformedXML', status: 400 });
    }
  });
});

describe('tagging', () => {
  const Key = 'tagged';
  const tags = async () => (await account.client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
  const put = (TagSet: { Key: string; Value: string }[], key = Key) =>
    account.client.send(new PutObjectTaggingCommand({ Bucket, Key: key, Tagging: { TagSet } }));

  it('is put, got and deleted', async () => {
    await account.put(Bucket, Key, 'x', { Tagging: 'old=1' });
    await put([{ Key: 'new', Value: 'a b' }]);
    expect(await tags()).toEqual([{ Key: 'new', Value: 'a b' }]);
    await account.client.send(new DeleteObjectTaggingCommand({ Bucket, Key }));
    expect(await tags()).toEqual([]);
  });

  it.each([
    ['the same key twice', [1, 2].map((each) => ({ Key: 'a', Value: `${each}` })), 'InvalidTag'],
    ['signs', [{ Key: 'a{}', Value: '' }], 'InvalidTag'],
    ['AWS’s own', [{ Key: 'aws:a', Value: '' }], 'InvalidTag'],
    ['eleven', Array.from({ length: 11 }, (_, at) => ({ Key: `${at}`, Value: '' })), 'BadRequest'],
  ])('not with %s', async (_name, TagSet, code) => {
    expect((await refusal(put(TagSet))).code).toBe(code);
  });

  it('not of what is not there', async () => {
    expect((await refusal(put([], 'nowhere'))).code).toBe('NoSuchKey');
  });
});

describe('archived objects', () => {
  it.skipIf(isRemote)('are out of reach until they are restored', async () => {
    const Key = 'cold';
    await account.put(Bucket, Key, 'ice', { StorageClass: 'DEEP_ARCHIVE' });
    expect((await head(Key)).StorageClass).toBe('DEEP_ARCHIVE');
    expect(await refusal(get(Key))).toEqual({
      code: 'InvalidObjectState',
      status: 403,
      message: "The operation is not valid for the object's storage class",
    });
    const restore = (Days: number) =>
      account.client.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest: { Days } }));
    expect((await refusal(restore(0))).code).toBe('InvalidArgument');
    expect((await restore(1)).$metadata.httpStatusCode).toBe(202);
    await expect.poll(() => account.text(Bucket, Key).catch(() => 'not yet')).toBe('ice');
    expect((await head(Key)).Restore).toMatch(/^ongoing-request="false", expiry-date="\w{3}, .* GMT"$/);
    expect((await restore(2)).$metadata.httpStatusCode).toBe(200);
  });

  it('what is not archived is not restored', async () => {
    await account.put(Bucket, 'warm', 'x');
    const restore = new RestoreObjectCommand({ Bucket, Key: 'warm', RestoreRequest: { Days: 1 } });
    expect(await refusal(account.client.send(restore))).toEqual({
      code: 'InvalidObjectState',
      status: 403,
      message: "Restore is not allowed for the object's current storage class",
    });
  });
});
