import { createHash, createHmac } from 'node:crypto';
import type { Signer } from './signed-request.ts';

export interface ObjectRequest {
  readonly method: 'GET' | 'PUT';
  /** Encoded, with a query in the order of its names. */
  readonly target: string;
  readonly body?: Buffer;
}

/** SigV4 in headers, good for five minutes, of the body as well. */
export function signObject(signer: Signer, request: ObjectRequest): Readonly<Record<string, string>> {
  const { port, region, accessKeyId, secretAccessKey } = signer;
  const { method, target, body = '' } = request;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers = {
    host: `127.0.0.1:${port}`,
    'x-amz-content-sha256': sha256(body),
    'x-amz-date': time,
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const [path, query = ''] = target.split('?');
  const canonical = [method, path, query, ...lines, '', names, headers['x-amz-content-sha256']].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const claim = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${claim}` };
}

/** As it goes over a connection that is kept. */
export function objectBytes(signer: Signer, request: ObjectRequest): Buffer {
  const { method, target, body } = request;
  const headers = Object.entries(signObject(signer, request)).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = method === 'PUT' ? `content-length: ${body?.length ?? 0}\r\n` : '';
  const head = `${method} ${target} HTTP/1.1\r\n${headers.join('')}${length}\r\n`;
  return Buffer.concat([Buffer.from(head), ...(body ? [body] : [])]);
}

/** Signs, sends, and gives the text of the answer. */
export async function callObjects(signer: Signer, request: ObjectRequest): Promise<string> {
  const { method, target, body } = request;
  const { host, ...headers } = signObject(signer, request);
  const answer = await fetch(`http://${host}${target}`, {
    method,
    headers,
    ...(body && { body: new Uint8Array(body) }),
  });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${method} ${target}: ${answer.status} ${text}`);
  return text;
}

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
