import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;

beforeAll(async () => {
  account = await S3Account.open();
  Bucket = await account.newBucket();
});

afterAll(() => account.close());

const partBytes = 5 * 1024 * 1024;
const first = Buffer.alloc(partBytes, 'first part ');
const second = Buffer.from('second part');
const md5 = (...bytes: Uint8Array[]) => createHash('md5').update(Buffer.concat(bytes)).digest();

const begin = async (Key: string, more: object = {}) => {
  const { UploadId } = await account.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
};
type Begun = Awaited<ReturnType<typeof begin>>;
const part = (upload: Begun, PartNumber: number, Body: Uint8Array, more: object = {}) =>
  account.client.send(new UploadPartCommand({ ...upload, PartNumber, Body, ...more }));
const complete = (
  upload: Begun,
  Parts: { PartNumber: number; ETag: string | undefined }[],
  more: object = {},
) =>
  account.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...more }));
const abort = (upload: Begun) => account.client.send(new AbortMultipartUploadCommand(upload));

describe('multipart uploads', () => {
  it('become an object', async () => {
    const upload = await begin('parts/ü whole', { ContentType: 'text/plain', Metadata: { a: '1' } });
    const one = await part(upload, 1, first);
    const two = await part(upload, 7, second);
    const { Parts, IsTruncated, NextPartNumberMarker } = await account.client.send(
      new ListPartsCommand({ ...upload, MaxParts: 1 }),
    );
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: partBytes, ETag: one.ETag }]);
    expect([IsTruncated, NextPartNumberMarker]).toEqual([true, '1']);
    const etag = `"${md5(md5(first), md5(second)).toString('hex')}-2"`;
    const completed = await complete(upload, [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 7, ETag: two.ETag },
    ]);
    expect(completed).toMatchObject({ Bucket, Key: upload.Key, ETag: etag });
    const again = await complete(upload, [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 7, ETag: two.ETag },
    ]);
    expect(again.ETag).toBe(etag);
    const head = await account.client.send(new HeadObjectCommand({ Bucket, Key: upload.Key, PartNumber: 2 }));
    expect(head).toMatchObject({
      ETag: etag,
      PartsCount: 2,
      ContentLength: second.length,
      ContentType: 'text/plain',
      Metadata: { a: '1' },
    });
    expect(await account.text(Bucket, upload.Key, { PartNumber: 2 })).toBe('second part');
    expect(await account.text(Bucket, upload.Key, { Range: `bytes=${partBytes - 1}-${partBytes + 5}` })).toBe(
      `${first.toString('latin1').at(-1)}second`,
    );
    const { ObjectParts } = await account.client.send(
      new GetObjectAttributesCommand({ Bucket, Key: upload.Key, ObjectAttributes: ['ObjectParts'] }),
    );
    expect(ObjectParts?.TotalPartsCount).toBe(2);
  });

  it.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA256', 'COMPOSITE'],
  ] as const)('with %s, %s', async (ChecksumAlgorithm, ChecksumType) => {
    const upload = await begin(`sum-${ChecksumAlgorithm}`, { ChecksumAlgorithm });
    const one = await part(upload, 1, first, { ChecksumAlgorithm });
    const two = await part(upload, 2, second, { ChecksumAlgorithm });
    const sum = `Checksum${ChecksumAlgorithm}` as const;
    const Parts = [one, two].map((each, index) => ({
      PartNumber: index + 1,
      ETag: each.ETag,
      [sum]: each[sum],
    }));
    const completed = await complete(upload, Parts);
    expect(completed).toMatchObject({ ChecksumType });
    expect(completed[sum]).toMatch(ChecksumType === 'COMPOSITE' ? /-2$/ : /=$/);
    const head = await account.client.send(
      new HeadObjectCommand({ Bucket, Key: upload.Key, ChecksumMode: 'ENABLED' }),
    );
    expect(head[sum]).toBe(completed[sum]);
  });

  it('copy their parts', async () => {
    await account.put(Bucket, 'source', first);
    const upload = await begin('copied');
    const CopySource = `${Bucket}/source`;
    const copy = (PartNumber: number, CopySourceRange?: string) =>
      account.client.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource,
          ...(CopySourceRange !== undefined && { CopySourceRange }),
        }),
      );
    const { CopyPartResult: one } = await copy(1);
    const { CopyPartResult: two } = await copy(2, 'bytes=6-9');
    expect((await refusal(copy(3, `bytes=0-${partBytes}`))).code).toBe('InvalidArgument');
    expect((await refusal(copy(3, 'bytes=0-'))).code).toBe('InvalidArgument');
    await complete(upload, [
      { PartNumber: 1, ETag: one?.ETag },
      { PartNumber: 2, ETag: two?.ETag },
    ]);
    expect(await account.text(Bucket, 'copied', { Range: 'bytes=-4' })).toBe('part');
  });

  it.each([
    ['a part that is not there', [{ PartNumber: 3, ETag: '"x"' }], 'InvalidPart'],
    ['a part that is another', [{ PartNumber: 1, ETag: '"x"' }], 'InvalidPart'],
    ['no parts', [], 'MalformedXML'],
  ])('do not end with %s', async (_name, Parts, code) => {
    const upload = await begin('never');
    await part(upload, 1, second);
    expect((await refusal(complete(upload, Parts))).code).toBe(code);
    await abort(upload);
  });

  it('do not end with parts in another order, nor with small ones before the last', async () => {
    const upload = await begin('never');
    const [one, two] = [await part(upload, 1, second), await part(upload, 2, second)];
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.ETag },
    ];
    expect((await refusal(complete(upload, parts.toReversed()))).code).toBe('InvalidPartOrder');
    expect((await refusal(complete(upload, parts))).code).toBe('EntityTooSmall');
    await abort(upload);
  });

  it('that are over', async () => {
    const upload = await begin('over');
    await abort(upload);
    const refused = { code: 'NoSuchUpload', status: 404 };
    expect(await refusal(part(upload, 1, second))).toMatchObject(refused);
    expect(await refusal(abort(upload))).toMatchObject(refused);
    expect(await refusal(account.client.send(new ListPartsCommand(upload)))).toMatchObject(refused);
  });

  it.each([
    ['a long one', 'x'.repeat(5000)],
    ['a path', '../../../etc/passwd'],
    ['bytes that divide', 'a\0b'],
  ])('under names that are none: %s', async (_name, UploadId) => {
    const upload = { Bucket, Key: 'none', UploadId };
    const refused = { code: 'NoSuchUpload', status: 404 };
    const Parts = [{ PartNumber: 1, ETag: '"x"' }];
    expect(await refusal(part(upload, 1, second))).toMatchObject(refused);
    expect(await refusal(complete(upload, Parts))).toMatchObject(refused);
    expect(await refusal(abort(upload))).toMatchObject(refused);
    expect(await refusal(account.client.send(new ListPartsCommand(upload)))).toMatchObject(refused);
    const list = new ListMultipartUploadsCommand({ Bucket, KeyMarker: UploadId, UploadIdMarker: UploadId });
    expect((await account.client.send(list)).IsTruncated).toBe(false);
  });

  it.each([0, 10_001])('have no part %d', async (PartNumber) => {
    const upload = await begin('numbers');
    expect((await refusal(part(upload, PartNumber, second))).code).toBe('InvalidArgument');
    await abort(upload);
  });

  it('are listed', async () => {
    const uploads = [
      await begin('list/a'),
      await begin('list/a'),
      await begin('list/b/c'),
      await begin('list/d'),
    ];
    const list = (more: object) =>
      account.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'list/', ...more }));
    const seen: string[] = [];
    let markers = {};
    for (let pages = 0; pages < 9; pages += 1) {
      const page = await list({ MaxUploads: 1, ...markers });
      seen.push(...(page.Uploads ?? []).map(({ Key, UploadId }) => `${Key} ${UploadId}`));
      if (!page.IsTruncated) break;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(seen).toEqual(uploads.map(({ Key, UploadId }) => `${Key} ${UploadId}`));
    const grouped = await list({ Delimiter: '/' });
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'list/b/' }]);
    expect(grouped.Uploads?.map(({ Key }) => Key)).toEqual(['list/a', 'list/a', 'list/d']);
    for (const upload of uploads) await abort(upload);
  });

  it('of streams whose length nobody knows', async () => {
    const Body = new PassThrough();
    const upload = new Upload({ client: account.client, params: { Bucket, Key: 'streamed', Body } });
    const done = upload.done();
    for (const each of [first, first, second]) Body.write(each);
    Body.end();
    await done;
    const { ContentLength } = await account.client.send(new HeadObjectCommand({ Bucket, Key: 'streamed' }));
    expect(ContentLength).toBe(2 * partBytes + second.length);
    expect(await account.text(Bucket, 'streamed', { Range: 'bytes=-11' })).toBe('second part');
  });
});
