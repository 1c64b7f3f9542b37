import { createHash, createHmac } from 'node:crypto';

/** Where requests go, and who signs them. */
export interface Signer {
  readonly port: number;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ApiRequest {
  readonly service: 'ec2' | 'logs';
  readonly operation: string;
  /** Members of JSON for Logs, parameters of the query for EC2. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** SigV4 in headers, good for five minutes. */
export function sign(signer: Signer, request: ApiRequest): SignedRequest {
  const { port, region, accessKeyId, secretAccessKey } = signer;
  const { service } = request;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const date = time.slice(0, 8);
  const body = bodyOf(request);
  const headers: Record<string, string> = {
    ...headersOf(request),
    host: `127.0.0.1:${port}`,
    'x-amz-date': time,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = ['POST', '/', '', lines, names.join(';'), sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const claim = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { headers: { ...headers, authorization: `AWS4-HMAC-SHA256 ${claim}` }, body };
}

/** As it goes over a connection that is kept. */
export function bytesOf({ headers, body }: SignedRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST / HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Signs, sends, and gives the text of the answer. */
export async function call(signer: Signer, request: ApiRequest): Promise<string> {
  const { headers, body } = sign(signer, request);
  const answer = await fetch(`http://127.0.0.1:${signer.port}/`, { method: 'POST', headers, body });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${request.operation}: ${answer.status} ${text}`);
  return text;
}

function headersOf({ service, operation }: ApiRequest): Readonly<Record<string, string>> {
  return service === 'logs'
    ? { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` }
    : { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
}

function bodyOf({ service, operation, input }: ApiRequest): string {
  if (service === 'logs') return JSON.stringify(input);
  const parameters = Object.entries(input).map(([name, value]): [string, string] => [name, String(value)]);
  return new URLSearchParams([['Action', operation], ['Version', '2016-11-15'], ...parameters]).toString();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
