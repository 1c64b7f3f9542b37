import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accessKeyId, ServedActions, Sha256, secretAccessKey } from '../../test/api-server.ts';
import { isLong, runs } from '../../test/runs.ts';
import type { Action } from '../api/index.ts';
import type { BodyStream } from '../wire/index.ts';

const mebibyte = 1024 * 1024;
const bytes = runs(32, 1024) * mebibyte;
const piece = Buffer.alloc(64 * 1024, 0x61);

function* pieces(): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= piece.length) yield piece;
}

let peakBytes = 0;
const measure = (): void => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
};

const actions: Record<string, Action<never>> = {
  PutObject: {
    run: async ({ Body }: { readonly Body: BodyStream }) => {
      let count = 0;
      for await (const part of Body) count += part.length;
      return { ETag: `"${count}"` };
    },
  },
  GetObject: { run: () => ({ Body: Readable.from(pieces()), ContentLength: bytes }) },
};

let served: ServedActions;
let timer: NodeJS.Timeout;

beforeEach(async () => {
  served = await ServedActions.open([{ service: 's3', actions }]);
  timer = setInterval(measure, 20);
});
afterEach(async () => {
  clearInterval(timer);
  await served.server.close();
});

const signer = new SignatureV4({
  service: 's3',
  region: 'eu-west-1',
  credentials: { accessKeyId, secretAccessKey },
  sha256: Sha256,
  uriEscapePath: false,
});

async function answered(method: string, payload: string, body: Iterable<Buffer>): Promise<IncomingMessage> {
  const { host, hostname } = new URL(served.server.url);
  const path = '/bucket/key';
  const request = { method, protocol: 'http:', hostname, path, body: '' };
  const { headers } = await signer.sign({ ...request, headers: { host, 'x-amz-content-sha256': payload } });
  const length = method === 'PUT' ? { 'content-length': bytes } : {};
  const sent = httpRequest(new URL(served.server.url), {
    method,
    path,
    headers: { ...headers, ...length },
    agent: false,
  });
  const response = once(sent, 'response');
  await pipeline(Readable.from(body), sent);
  return ((await response) as [IncomingMessage])[0];
}

/** Client and server are one process here: what both have at a time. */
async function grown(act: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  const idleBytes = process.memoryUsage().rss;
  peakBytes = idleBytes;
  await act();
  measure();
  return (peakBytes - idleBytes) / mebibyte;
}

it(`${bytes / mebibyte} MiB come in, and are the ones that were signed`, async () => {
  const hash = createHash('sha256');
  for (const part of pieces()) hash.update(part);
  const payload = hash.digest('hex');
  const mebibytes = await grown(async () => {
    const response = await answered('PUT', payload, pieces());
    expect([response.statusCode, response.headers.etag]).toEqual([200, `"${bytes}"`]);
    response.resume();
  });
  if (isLong) expect(mebibytes).toBeLessThan(64);
});

it(`${bytes / mebibyte} MiB go out, no faster than they are read`, async () => {
  const mebibytes = await grown(async () => {
    const response = await answered('GET', 'UNSIGNED-PAYLOAD', []);
    let count = 0;
    for await (const part of response) count += (part as Buffer).length;
    expect(count).toBe(bytes);
  });
  if (isLong) expect(mebibytes).toBeLessThan(64);
});
