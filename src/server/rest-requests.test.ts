import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  accessKeyId,
  type Received,
  type SentRequest,
  ServedActions,
  Sha256,
  secretAccessKey,
} from '../../test/api-server.ts';
import type { Action, ServiceApi } from '../api/index.ts';
import { ServiceError } from '../fault/index.ts';
import type { BodyStream } from '../wire/index.ts';

const inputs: Readonly<Record<string, unknown>>[] = [];
let isClosed = false;
let fromClient: { readonly bytes: number; readonly fault?: string } | undefined;
const mebibyte = 1024 * 1024;

async function* manyBytes(bytes: number): AsyncGenerator<Uint8Array> {
  try {
    for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 0x61);
  } finally {
    isClosed = true;
  }
}

async function* failing(atOnce: boolean): AsyncGenerator<Uint8Array> {
  if (!atOnce) yield Buffer.from('some');
  throw atOnce ? new ServiceError('NoSuchKey', 'The specified key does not exist.') : new TypeError('broken');
}

const answers: Readonly<Record<string, () => unknown>> = {
  small: () => ({ Body: Buffer.from('small'), ContentLength: 5, ETag: '"e"', Metadata: { Owner: 'größe' } }),
  large: () => ({ Body: manyBytes(64 * mebibyte), ContentLength: 64 * mebibyte }),
  missing: () => ({ Body: failing(true), ContentLength: 8 }),
  broken: () => ({ Body: failing(false), ContentLength: 8 }),
  short: () => ({ Body: manyBytes(3), ContentLength: 8 }),
  range: () => ({ Body: manyBytes(3), ContentLength: 3, ContentRange: 'bytes 0-2/8', httpStatus: 206 }),
  unchanged: () => ({ ETag: '"e"', httpStatus: 304 }),
};

async function count(body: BodyStream): Promise<number> {
  let bytes = 0;
  try {
    for await (const piece of body) bytes += piece.length;
  } catch (error) {
    fromClient = { bytes, fault: (error as ServiceError).code };
    throw error;
  }
  fromClient = { bytes };
  return bytes;
}

const actions: Record<string, Action<never>> = {
  PutObject: {
    targets: (input: { readonly Key: string }) => [{ resource: `arn:aws:s3:::bucket/${input.Key}` }],
    run: async ({ Body, ...input }: { readonly Body: BodyStream; readonly Key: string }) => {
      inputs.push(input);
      if (input.Key === 'refused')
        throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist');
      const bytes = await count(Body);
      return { ETag: `"${bytes}"`, VersionId: [...Body.trailers.values()].join() || 'none' };
    },
  },
  GetObject: {
    run: ({ Key }: { readonly Key: string }) =>
      answers[Key]?.() ?? { Body: Buffer.from(Key), ContentLength: 0 },
  },
  HeadObject: {
    run: ({ Key }: { readonly Key: string }) => {
      if (Key === 'none') throw new ServiceError('NoSuchKey', 'The specified key does not exist.');
      return { ContentLength: 12_345, LastModified: 0 };
    },
  },
  DeleteObject: { run: () => ({}) },
  DeleteObjects: {
    run: (input: Record<string, unknown>) => {
      inputs.push(input);
      return { Deleted: [] };
    },
  },
  ListObjectsV2: {
    run: (input: Record<string, unknown>) => {
      inputs.push(input);
      return { Name: input.Bucket, KeyCount: 0 };
    },
  },
};

const apis: readonly ServiceApi[] = [{ service: 's3', actions }];
let served: ServedActions;

beforeEach(async () => {
  inputs.length = 0;
  isClosed = false;
  fromClient = undefined;
  served = await ServedActions.open(apis, { hosts: ['gate.example'] });
});
afterEach(() => served.server.close());

/** Waits for nobody for long. */
async function beImpatient(): Promise<void> {
  await served.server.close();
  served = await ServedActions.open(apis, { limits: { stallMs: 300 } });
}

const signer = new SignatureV4({
  service: 's3',
  region: 'eu-west-1',
  credentials: { accessKeyId, secretAccessKey },
  sha256: Sha256,
  uriEscapePath: false,
});
const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');

/** To be sent as it is; `payload` instead of the hash of the body. */
async function signed({
  method = 'GET',
  path = '/bucket/key',
  headers = {},
  body = '',
  payload = sha256(body),
  at = new Date(),
}: SentRequest & { readonly payload?: string; readonly at?: Date }): Promise<
  Required<Omit<SentRequest, 'service'>>
> {
  const { host, hostname } = new URL(served.server.url);
  const [pathname, search = ''] = path.split('?');
  const wire = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(search)),
      headers: {
        host,
        'x-amz-content-sha256': payload,
        ...headers,
      },
      body,
    },
    { signingDate: at },
  );
  return { method, path, headers: wire.headers, body };
}

const send = async (request: Parameters<typeof signed>[0]): Promise<Received> =>
  served.raw(await signed(request));

/** The head of a request, and as much of its body as is given. */
function textOf({ method, path, headers }: Awaited<ReturnType<typeof signed>>, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

const codeOf = ({ body }: Received): string | undefined => /<Code>(\w+)<\/Code>/.exec(body)?.[1];

describe('answers', () => {
  it('have the headers of S3', async () => {
    const { status, headers, body } = await send({ path: '/bucket/small' });
    expect({ status, body }).toEqual({ status: 200, body: 'small' });
    expect(headers).toMatchObject({
      'content-length': '5',
      'content-type': 'binary/octet-stream',
      etag: '"e"',
      'x-amz-meta-owner': 'größe',
    });
    expect(headers['x-amz-request-id']).toBeTruthy();
    expect(headers['x-amz-id-2']).toBeTruthy();
  });

  it.each([
    { what: 'a range', path: '/bucket/range', status: 206, body: 'aaa', length: '3' },
    { what: 'what has not changed', path: '/bucket/unchanged', status: 304, body: '', length: undefined },
    { what: 'a deletion', method: 'DELETE', path: '/bucket/key', status: 204, body: '', length: undefined },
    { what: 'a head', method: 'HEAD', path: '/bucket/key', status: 200, body: '', length: '12345' },
  ])('$what', async ({ method = 'GET', path, status, body, length }) => {
    const found = await send({ method, path });
    expect(found).toMatchObject({ status, body });
    expect(found.headers['content-length']).toBe(length);
  });

  it('to HEAD have no body when they are errors', async () => {
    const { status, body } = await send({ method: 'HEAD', path: '/bucket/none' });
    expect({ status, body }).toEqual({ status: 404, body: '' });
  });

  it('are errors when the first byte fails', async () => {
    const found = await send({ path: '/bucket/missing' });
    expect([found.status, codeOf(found)]).toEqual([404, 'NoSuchKey']);
    expect(found.headers['content-type']).toBe('application/xml');
    expect(found.body).toContain(`<RequestId>${found.headers['x-amz-request-id']}</RequestId>`);
  });

  it.each(['broken', 'short'])('break off when they fail later: %s', async (key) => {
    await expect(send({ path: `/bucket/${key}` })).rejects.toThrow(/aborted|ECONNRESET|hang up/);
    expect(served.reports.join()).toMatch(/broken|8 bytes/);
  });

  it('are given up when the client goes', async () => {
    const { headers, path } = await signed({ path: '/bucket/large' });
    const request = httpRequest(new URL(served.server.url), { path, headers, agent: false }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'data');
    request.destroy();
    await expect.poll(() => isClosed).toBe(true);
    expect(served.reports).toEqual([]);
  });

  it('are given up when the client does not read', async () => {
    await beImpatient();
    const { headers, path } = await signed({ path: '/bucket/large' });
    const request = httpRequest(new URL(served.server.url), { path, headers, agent: false }).end();
    request.on('error', () => undefined);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    await expect.poll(() => isClosed, { timeout: 5000 }).toBe(true);
    request.destroy();
  });
});

describe('bodies', () => {
  it('stream in', async () => {
    const body = Buffer.alloc(3 * mebibyte, 0x62);
    const { status, headers } = await send({ method: 'PUT', path: '/bucket/key', body });
    expect([status, headers.etag]).toEqual([200, `"${3 * mebibyte}"`]);
    expect(inputs).toMatchObject([{ Bucket: 'bucket', Key: 'key', ContentLength: 3 * mebibyte }]);
    expect(served.permissions.map(({ resource }) => resource)).toEqual(['arn:aws:s3:::bucket/key']);
  });

  it('are not the ones that were signed', async () => {
    const request = await signed({ method: 'PUT', body: 'hello' });
    const found = await served.raw({ ...request, body: 'hallo' });
    expect([found.status, codeOf(found)]).toEqual([400, 'XAmzContentSHA256Mismatch']);
    expect(fromClient).toEqual({ bytes: 5, fault: 'XAmzContentSHA256Mismatch' });
  });

  it('are without a signature when they say so', async () => {
    const request = await signed({ method: 'PUT', body: 'hello', payload: 'UNSIGNED-PAYLOAD' });
    expect(await served.raw({ ...request, body: 'hallo' })).toMatchObject({ status: 200 });
  });

  it('have trailers', async () => {
    const body = '5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n';
    const headers = {
      'content-encoding': 'gzip,aws-chunked',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': '5',
    };
    const request = { method: 'PUT', headers, payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    const found = await send({ ...request, body });
    expect(found.headers).toMatchObject({ etag: '"5"', 'x-amz-version-id': 'NhCmhg==' });
    expect(inputs).toMatchObject([{ ContentEncoding: 'gzip', ContentLength: 5, ChecksumAlgorithm: 'CRC32' }]);
    expect(codeOf(await send({ ...request, body: body.replace('hello', 'hallo') }))).toBe('BadDigest');
  });

  it('that nobody compressed stay as they are', async () => {
    const body = gzipSync('hello');
    const headers = { 'content-encoding': 'gzip' };
    expect(await send({ method: 'PUT', headers, body })).toMatchObject({ status: 200 });
    expect(fromClient).toEqual({ bytes: body.length });
    expect(inputs).toMatchObject([{ ContentEncoding: 'gzip' }]);
  });

  it('must say how long they are', async () => {
    const request = await signed({ method: 'PUT', headers: { 'transfer-encoding': 'chunked' } });
    const found = await served.bytes(textOf(request, '0\r\n\r\n'), (text) => text.includes('</Error>'));
    expect(found).toMatch(/^HTTP\/1\.1 411 [\s\S]+<Code>MissingContentLength</);
  });

  it('that end with the connection come to nothing', async () => {
    const request = await signed({ method: 'PUT', headers: { 'content-length': '1000' } });
    const socket = connect(served.server.port, '127.0.0.1', () => socket.write(textOf(request, 'some')));
    await expect.poll(() => inputs.length).toBe(1);
    socket.destroy();
    await expect.poll(() => fromClient).toEqual({ bytes: 4, fault: 'IncompleteBody' });
    expect(served.reports).toEqual([]);
  });

  it('that do not come are not waited for', async () => {
    await beImpatient();
    const request = await signed({ method: 'PUT', headers: { 'content-length': '1000' } });
    const found = await served.bytes(textOf(request, 'some'));
    expect(found).toContain('<Code>RequestTimeout</Code>');
    expect(fromClient).toEqual({ bytes: 4, fault: 'RequestTimeout' });
  });

  it('of XML are bounded, and checked', async () => {
    const path = '/bucket?delete=';
    const large = `<Delete>${'x'.repeat(3 * mebibyte)}</Delete>`;
    expect(codeOf(await send({ method: 'POST', path, body: large }))).toBe('MaxMessageLengthExceeded');
    const body = '<Delete><Object><Key>a&#13;b</Key></Object></Delete>';
    const md5 = createHash('md5').update(body).digest('base64');
    const good = { method: 'POST', path, body, headers: { 'content-md5': md5 } };
    expect(await send(good)).toMatchObject({ status: 200 });
    expect(inputs).toMatchObject([{ Bucket: 'bucket', Delete: { Objects: [{ Key: 'a\rb' }] } }]);
    const bad = { 'content-md5': createHash('md5').digest('base64') };
    expect(codeOf(await send({ ...good, headers: bad }))).toBe('BadDigest');
    expect(codeOf(await send({ ...good, headers: { 'content-md5': 'x' } }))).toBe('InvalidDigest');
    expect(codeOf(await send({ ...good, headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } }))).toBe(
      'BadDigest',
    );
    expect(codeOf(await send({ method: 'POST', path, body: '<Delete>' }))).toBe('MalformedXML');
    expect(codeOf(await send({ method: 'POST', path, body: '<Delete/>' }))).toBe('MalformedXML');
  });
});

describe('errors before the body was read', () => {
  it('are seen by a client that sends much', async () => {
    const request = await signed({
      method: 'PUT',
      path: '/bucket/refused',
      body: Buffer.alloc(8 * mebibyte),
    });
    const found = await served.raw(request);
    expect([found.status, codeOf(found)]).toEqual([404, 'NoSuchBucket']);
    expect(found.headers.connection).toBe('close');
  });

  it('leave the connection as it was after little', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const refused = await signed({ method: 'PUT', path: '/bucket/refused', body: 'x'.repeat(50_000) });
    const small = await signed({ path: '/bucket/small' });
    const ports: (number | undefined)[] = [];
    for (const { method, path, headers, body } of [refused, small, refused, small]) {
      const request = httpRequest(new URL(served.server.url), { method, path, headers, agent }).end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      ports.push(request.socket?.localPort);
      expect(response.statusCode).toBe(path.endsWith('small') ? 200 : 404);
      await once(response.resume(), 'end');
    }
    expect(new Set(ports).size).toBe(1);
    agent.destroy();
  });

  it.each([
    { what: 'nobody has signed', request: {}, status: 403, code: 'AccessDenied' },
    {
      what: 'are signed as before Version 4',
      request: { headers: { authorization: `AWS ${accessKeyId}:c2lnbmF0dXJl` } },
      status: 400,
      code: 'InvalidRequest',
    },
    {
      what: 'have a URL that was signed as before Version 4',
      request: { path: `/bucket/key?AWSAccessKeyId=${accessKeyId}&Signature=x&Expires=1` },
      status: 400,
      code: 'InvalidRequest',
    },
  ])('tell that they $what', async ({ request, status, code }) => {
    const found = await served.raw({ method: 'GET', path: '/bucket/key', ...request });
    expect([found.status, codeOf(found)]).toEqual([status, code]);
    expect(found.headers['x-amz-request-id']).toBeTruthy();
  });

  it('tell of clocks', async () => {
    const at = new Date(Date.now() - 16 * 60_000);
    const found = await send({ path: '/bucket/small', at });
    expect([found.status, codeOf(found)]).toEqual([403, 'RequestTimeTooSkewed']);
    expect(found.body).toMatch(/<MaxAllowedSkewMilliseconds>900000<.*/);
    expect(await send({ path: '/bucket/small', at: new Date(at.getTime() + 2 * 60_000) })).toMatchObject({
      status: 200,
    });
  });

  it('tell what is not here', async () => {
    expect(codeOf(await send({ path: '/bucket?acl=' }))).toBe('NotImplemented');
    expect(codeOf(await send({ method: 'PATCH' }))).toBe('MethodNotAllowed');
    expect(codeOf(await send({ path: '/bucket/%FF' }))).toBe('InvalidURI');
  });

  it('tell who may not', async () => {
    await served.server.close();
    served = await ServedActions.open(apis, { denied: ['s3:GetObject'] });
    const found = await send({ path: '/bucket/small' });
    expect([found.status, codeOf(found)]).toEqual([403, 'AccessDenied']);
  });
});

describe('100-continue', () => {
  const headers = { expect: '100-continue', 'content-length': '5' };

  it('is told when the body is wanted', async () => {
    const request = await signed({ method: 'PUT', headers, payload: 'UNSIGNED-PAYLOAD' });
    const found = await new Promise<string>((resolve) => {
      let received = '';
      const socket = connect(served.server.port, '127.0.0.1', () => socket.write(textOf(request)));
      socket.on('data', (piece) => {
        received += piece.toString();
        if (received.endsWith('100 Continue\r\n\r\n')) socket.write('hello');
        if (received.includes('200 OK')) socket.destroy();
      });
      socket.on('close', () => resolve(received));
    });
    expect(found).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(found).not.toMatch(/connection: close/i);
    expect(fromClient).toEqual({ bytes: 5 });
  });

  it.each([
    { what: 'whose signature is bad', path: '/bucket/key', isAltered: true, status: 403 },
    { what: 'that is refused', path: '/bucket/refused', isAltered: false, status: 404 },
  ])('is not told to a client $what', async ({ path, isAltered, status }) => {
    const request = await signed({ method: 'PUT', path, headers, payload: 'UNSIGNED-PAYLOAD' });
    const altered = isAltered ? { ...request, path: '/bucket/other' } : request;
    const found = await served.bytes(textOf(altered));
    expect(found).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(found).toMatch(/connection: close/i);
    expect(fromClient).toBeUndefined();
  });
});

describe('URLs that are signed', () => {
  async function presigned(
    method: string,
    path: string,
    query: Record<string, string> = {},
  ): Promise<string> {
    const { host, hostname } = new URL(served.server.url);
    const wire = await signer.presign(
      {
        method,
        protocol: 'http:',
        hostname,
        path,
        query,
        headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      { expiresIn: 60 },
    );
    const pairs = Object.entries(wire.query as Record<string, string>);
    return `${path}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
  }

  it('get', async () => {
    const found = await served.raw({ method: 'GET', path: await presigned('GET', '/bucket/small') });
    expect(found).toMatchObject({ status: 200, body: 'small' });
  });

  it('put, with headers in the query', async () => {
    const path = await presigned('PUT', '/bucket/k', { 'x-amz-meta-a': 'b c', 'x-amz-acl': 'private' });
    const headers = { 'content-length': '5' };
    expect(await served.raw({ method: 'PUT', path, headers, body: 'hello' })).toMatchObject({ status: 200 });
    expect(inputs).toMatchObject([{ Key: 'k', Metadata: { a: 'b c' }, ACL: 'private' }]);
    const other = path.replace('private', 'public-read');
    expect(codeOf(await served.raw({ method: 'PUT', path: other, headers, body: 'hello' }))).toBe(
      'SignatureDoesNotMatch',
    );
  });
});

describe('where the bucket is', () => {
  it.each([
    { host: 'bucket.localhost', path: '/?list-type=2', bucket: 'bucket' },
    { host: 'my.dotted_bucket.s3.localhost:4650', path: '/?list-type=2', bucket: 'my.dotted_bucket' },
    { host: 'bucket.s3.eu-west-1.gate.example', path: '/?list-type=2', bucket: 'bucket' },
    { host: 's3.eu-west-1.gate.example', path: '/other?list-type=2', bucket: 'other' },
    { host: 'gate.example', path: '/other/?list-type=2', bucket: 'other' },
    { host: '127.0.0.1', path: '/metrics?list-type=2', bucket: 'metrics' },
  ])('$host $path', async ({ host, path, bucket }) => {
    const found = await send({ path, headers: { host } });
    expect(found).toMatchObject({ status: 200 });
    expect(inputs).toMatchObject([{ Bucket: bucket }]);
  });
});
