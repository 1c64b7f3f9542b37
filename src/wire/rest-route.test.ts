import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import { decodeInput } from './decode.ts';
import { route } from './route.ts';
import { headerTable } from './sigv4-request.ts';

const noBody = new Uint8Array();

/** `GET /bucket/key`, as S3 has it. */
function routed(
  line: string,
  { bucket, headers = {} }: { readonly bucket?: string; readonly headers?: Record<string, string> } = {},
): string {
  const [method, url] = line.split(' ');
  try {
    const found = route({ method, url, headers: Object.entries(headers), body: noBody }, 's3', bucket);
    const { Bucket, Key } = found.rest?.labels ?? {};
    return [`${found.service.name}:${found.operation.name}`, Bucket, Key && JSON.stringify(Key)]
      .filter(Boolean)
      .join(' ');
  } catch (error) {
    if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const notAllowed = 'MethodNotAllowed: The specified method is not allowed against this resource.';
const badUri = "InvalidURI: Couldn't parse the specified URI.";

describe('requests of S3', () => {
  it.each([
    ['GET /', 's3:ListBuckets'],
    ['GET /?x-id=ListBuckets', 's3:ListBuckets'],
    ['GET /bucket', 's3:ListObjects bucket'],
    ['GET /bucket/', 's3:ListObjects bucket'],
    ['GET /bucket?list-type=2&prefix=a', 's3:ListObjectsV2 bucket'],
    ['GET /bucket?versions', 's3:ListObjectVersions bucket'],
    ['GET /bucket?uploads', 's3:ListMultipartUploads bucket'],
    ['GET /bucket?location=', 's3:GetBucketLocation bucket'],
    ['GET /bucket?analytics', 's3:ListBucketAnalyticsConfigurations bucket'],
    ['GET /bucket?analytics&id=1', 's3:GetBucketAnalyticsConfiguration bucket'],
    ['GET /bucket?lifecycle', 's3:GetBucketLifecycleConfiguration bucket'],
    ['HEAD /bucket', 's3:HeadBucket bucket'],
    ['PUT /bucket', 's3:CreateBucket bucket'],
    ['DELETE /bucket', 's3:DeleteBucket bucket'],
    ['DELETE /bucket?policy', 's3:DeleteBucketPolicy bucket'],
    ['POST /bucket?delete', 's3:DeleteObjects bucket'],
    ['GET /bucket/key', 's3:GetObject bucket "key"'],
    ['GET /bucket/key?partNumber=1&versionId=null', 's3:GetObject bucket "key"'],
    ['GET /bucket/key?uploadId=u', 's3:ListParts bucket "key"'],
    ['GET /bucket/key?acl', 's3:GetObjectAcl bucket "key"'],
    ['GET /bucket/key?attributes', 's3:GetObjectAttributes bucket "key"'],
    ['HEAD /bucket/key', 's3:HeadObject bucket "key"'],
    ['PUT /bucket/key', 's3:PutObject bucket "key"'],
    ['PUT /bucket/key?partNumber=1&uploadId=u', 's3:UploadPart bucket "key"'],
    ['PUT /bucket/key?tagging', 's3:PutObjectTagging bucket "key"'],
    ['POST /bucket/key?uploads', 's3:CreateMultipartUpload bucket "key"'],
    ['POST /bucket/key?uploadId=u', 's3:CompleteMultipartUpload bucket "key"'],
    ['POST /bucket/key?restore&versionId=1', 's3:RestoreObject bucket "key"'],
    ['DELETE /bucket/key', 's3:DeleteObject bucket "key"'],
    ['DELETE /bucket/key?uploadId=u', 's3:AbortMultipartUpload bucket "key"'],
    ['DELETE /bucket/key?tagging', 's3:DeleteObjectTagging bucket "key"'],
  ])('%s: %s', (line, operation) => {
    expect(routed(line)).toBe(operation);
  });

  it('copy when a header names a source', () => {
    const headers = { 'X-Amz-Copy-Source': '/other/key' };
    expect(routed('PUT /bucket/key', { headers })).toBe('s3:CopyObject bucket "key"');
    expect(routed('PUT /bucket/key?partNumber=1&uploadId=u', { headers })).toBe(
      's3:UploadPartCopy bucket "key"',
    );
    expect(routed('PUT /bucket', { headers })).toBe('s3:CreateBucket bucket');
  });

  it.each([
    ['GET /bucket//', '"/"'],
    ['GET /bucket//a', '"/a"'],
    ['GET /bucket/a//b/', '"a//b/"'],
    ['GET /bucket/../a/./b/..', '"../a/./b/.."'],
    ['GET /bucket/a+b%2Bc%20d', '"a+b+c d"'],
    ['GET /bucket/a%2Fb%2f%25', '"a/b/%"'],
    ['GET /bucket/%E2%82%AC', '"\u20ac"'],
    ['GET /bucket/%3Facl', '"?acl"'],
    ['GET /bucket/a%0Ab%0D', '"a\\nb\\r"'],
    ['GET /bucket/a?prefix=b/c?d', '"a"'],
  ])('%s has the key %s', (line, key) => {
    expect(routed(line)).toBe(`s3:GetObject bucket ${key}`);
  });

  it("are S3's whatever else they look like", () => {
    const path = '/service/GraniteServiceVersion20100801/operation/ListMetrics';
    const headers = { 'x-amz-target': 'Logs_20140328.DescribeLogGroups', 'smithy-protocol': 'rpc-v2-cbor' };
    expect(routed(`PUT ${path}`, { headers })).toBe(
      's3:PutObject service "GraniteServiceVersion20100801/operation/ListMetrics"',
    );
  });

  it.each([
    ['GET /', 's3:ListObjects my.bucket'],
    ['GET /?list-type=2', 's3:ListObjectsV2 my.bucket'],
    ['PUT /', 's3:CreateBucket my.bucket'],
    ['GET /a/b', 's3:GetObject my.bucket "a/b"'],
    ['GET //a', 's3:GetObject my.bucket "/a"'],
    ['GET /v20180820/tags/x', 's3:GetObject my.bucket "v20180820/tags/x"'],
  ])('%s where the host names the bucket: %s', (line, operation) => {
    expect(routed(line, { bucket: 'my.bucket' })).toBe(operation);
  });

  it.each([
    ['PATCH /bucket/key', notAllowed],
    ['POST /bucket/key', notAllowed],
    ['POST /bucket', notAllowed],
    ['DELETE /', notAllowed],
    ['PUT /bucket?location', notAllowed],
    ['DELETE /bucket?versioning', notAllowed],
    ['GET /bucket/key?lifecycle', notAllowed],
    ['GET /?acl', notAllowed],
    ['DELETE /bucket?metadataTable', 'NotImplemented: Headgate does not support DELETE with ?metadataTable.'],
    ['DELETE /bucket/key?annotation', 'NotImplemented: Headgate does not support DELETE with ?annotation.'],
    ['GET /bucket?session', 'NotImplemented: Headgate does not support GET with ?session.'],
    ['POST /bucket/key?select&select-type=2', 'NotImplemented: Headgate does not support POST with ?select.'],
    ['PUT /bucket/key?renameObject', 'NotImplemented: Headgate does not support PUT with ?renameObject.'],
    ['DELETE /bucket?analytics', "InvalidRequest: Missing required parameter for this request: 'id'"],
    [
      'PUT /bucket/key?uploadId=u',
      "InvalidRequest: Missing required parameter for this request: 'partNumber'",
    ],
    ['GET /bucket?acl&policy', 'InvalidArgument: Conflicting query string parameters: acl, policy'],
    [
      'DELETE /bucket/key?uploadId=u&tagging',
      'InvalidArgument: Conflicting query string parameters: tagging, uploadId',
    ],
    ['GET //', badUri],
    ['GET //key', badUri],
    ['GET /bucket/%', badUri],
    ['GET /bucket/%zz', badUri],
    ['GET /bucket/%C3', badUri],
    ['GET /%C3', badUri],
    ['GET *', badUri],
  ])('%s: %s', (line, fault) => {
    expect(routed(line)).toBe(fault);
  });

  it('of S3 Control have its path and an account', () => {
    const headers = { 'x-amz-account-id': '123456789012' };
    const arn = 'arn%3Aaws%3As3%3A%3A%3Abucket';
    expect(routed(`GET /v20180820/tags/${arn}`, { headers })).toBe('s3control:ListTagsForResource');
    expect(routed('PUT /v20180820/configuration/publicAccessBlock', { headers })).toBe(
      's3control:PutPublicAccessBlock',
    );
    expect(routed('GET /v20180820/other', { headers })).toBe(badUri);
    expect(routed('GET /v20180820/other')).toBe('s3:GetObject v20180820 "other"');
  });
});

describe('inputs of S3', () => {
  function input(line: string, headers: Record<string, string> = {}): unknown {
    const [method, url] = line.split(' ');
    const found = route({ method, url, headers: Object.entries(headers), body: noBody }, 's3');
    return decodeInput(found, noBody);
  }

  it.each([
    ['GET /b?prefix=a%2Bb+c&max-keys=7', {}, { Bucket: 'b', Prefix: 'a+b c', MaxKeys: 7 }],
    ['GET /b?prefix=&max-keys=', {}, { Bucket: 'b', Prefix: '' }],
    [
      'HEAD /b/k',
      { 'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' },
      { IfModifiedSince: new Date('1994-11-06T08:49:37Z') },
    ],
    [
      'HEAD /b/k',
      { 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' },
      { IfModifiedSince: new Date('1994-11-06T08:49:37Z') },
    ],
    [
      'HEAD /b/k',
      { 'if-modified-since': 'Sun Nov  6 08:49:37 1994' },
      { IfModifiedSince: new Date('1994-11-06T08:49:37Z') },
    ],
    ['HEAD /b/k', { 'if-modified-since': 'yesterday' }, { Key: 'k' }],
    [
      'POST /b/k?uploads',
      { 'X-Amz-Meta-A-b': ' one  two ', 'x-amz-meta-': 'none' },
      { Metadata: { 'a-b': 'one  two' } },
    ],
    [
      'GET /b/k?attributes',
      { 'x-amz-object-attributes': 'ETag, ObjectSize' },
      { ObjectAttributes: ['ETag', 'ObjectSize'] },
    ],
    ['POST /b/k?uploads', { 'content-encoding': 'aws-chunked' }, { Key: 'k' }],
    ['POST /b/k?uploads', { 'content-encoding': 'gzip, aws-chunked' }, { ContentEncoding: 'gzip' }],
    ['GET /b/k?x-amz-checksum-mode=ENABLED&X-Amz-Signature=0', {}, { ChecksumMode: 'ENABLED' }],
  ])('%s %o', (line, headers, value) => {
    expect(input(line, headers as Record<string, string>)).toMatchObject(value);
  });

  it('without a signature in it the query is no header', () => {
    expect(input('GET /b/k?x-amz-checksum-mode=ENABLED')).toEqual({ Bucket: 'b', Key: 'k' });
  });

  it.each([
    ['GET /b?max-keys=x', 'max-keys'],
    ['GET /b?max-keys=99999999999', 'max-keys'],
    ['PUT /b/k?partNumber=1.5&uploadId=u', 'partNumber'],
  ])('%s is refused', (line, name) => {
    expect(() => input(line)).toThrow(
      expect.objectContaining({
        code: 'InvalidArgument',
        message: `Provided ${name} not an integer or within integer range`,
      }),
    );
  });
});

it('bytes of values stay, also those that are spaces elsewhere', () => {
  const value = Buffer.from('voil\u00e0', 'utf8').toString('latin1');
  const headers = [['x-amz-meta-a', ` \t${value}\t `]] as const;
  const { rest } = route({ method: 'PUT', url: '/bucket/key', headers, body: noBody }, 's3');
  const table = new Map([['x-amz-meta-a', value]]);
  expect(rest?.headers).toEqual(table);
  expect(headerTable(headers)).toEqual(table);
});
