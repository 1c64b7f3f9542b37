import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ServiceApi } from '../src/api/index.ts';
import type { Caller, Permission } from '../src/iam/index.ts';
import { ApiServer, type ServerOptions } from '../src/server/index.ts';
import { PageTokens } from '../src/wire/index.ts';

export const accountId = '123456789012';
export const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
export const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const somebody: Caller = {
  kind: 'user',
  accountId,
  arn: `arn:aws:iam::${accountId}:user/somebody`,
  userId: 'AIDACKCEVSQ6C2EXAMPLE',
  userName: 'somebody',
};

/** A server of given actions, with one access key, that lets its owner do all but some. */
export class ServedActions {
  readonly server: ApiServer;
  readonly reports: string[];
  readonly permissions: Permission[];

  private constructor(server: ApiServer, reports: string[], permissions: Permission[]) {
    this.server = server;
    this.reports = reports;
    this.permissions = permissions;
  }

  static async open(
    apis: readonly ServiceApi[],
    { denied = [], ...options }: Partial<ServerOptions> & { readonly denied?: readonly string[] } = {},
  ): Promise<ServedActions> {
    const reports: string[] = [];
    const permissions: Permission[] = [];
    const server = await ApiServer.listen({
      address: '127.0.0.1',
      port: 0,
      hosts: [],
      apis,
      credentials: {
        find: (id) =>
          id === accessKeyId ? { secret: secretAccessKey, caller: somebody } : { failure: 'unknown' },
      },
      authorizer: {
        decide: (permission) => {
          permissions.push(permission);
          return denied.includes(permission.action)
            ? { isAllowed: false, reason: 'implicit-deny', decidedBy: 'identity' }
            : { isAllowed: true, reason: 'allowed', decidedBy: 'identity' };
        },
      },
      tokens: new PageTokens(Buffer.from('key')),
      metrics: () => '',
      health: () => ({ status: 'ok' }),
      report: (text) => reports.push(text),
      ...options,
    });
    return new ServedActions(server, reports, permissions);
  }

  /** Signs and sends. */
  async send(request: SentRequest): Promise<Received> {
    return sent(this.server.url, await signedRequest(this.server.url, request));
  }

  /** Sends as it is. */
  raw(request: SentRequest): Promise<Received> {
    return sent(this.server.url, request);
  }

  /** Writes bytes to a connection; what came until its end, or until so much has come that `isEnough`. */
  bytes(text: string | Uint8Array, isEnough: (received: string) => boolean = () => false): Promise<string> {
    return new Promise((resolve) => {
      let received = '';
      const socket = connect(this.server.port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
      socket.on('data', (piece) => {
        received += piece.toString('latin1');
        if (isEnough(received)) socket.destroy();
      });
    });
  }
}

export interface SentRequest {
  readonly method?: string;
  readonly path?: string;
  readonly service?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** EC2 query and query. */
export function form(service: string, parameters: Readonly<Record<string, string>>): SentRequest {
  return {
    service,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams(parameters).toString(),
  };
}

/** JSON 1.1, as Logs speaks it. */
export function logsRequest(operation: string, input: unknown): SentRequest {
  return {
    service: 'logs',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  };
}

export async function signedRequest(
  url: string,
  { method = 'POST', path = '/', service = 'ec2', headers = {}, body = '' }: SentRequest,
): Promise<SentRequest> {
  const signer = new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const { host, hostname } = new URL(url);
  const signed = await signer.sign({
    method,
    protocol: 'http:',
    hostname,
    path,
    headers: { host, ...headers },
    body,
  });
  return { method, path, service, headers: signed.headers, body };
}

/** The path of a URL that is good for a minute. */
export async function presignedPath(
  url: string,
  service: string,
  query: Record<string, string>,
): Promise<string> {
  const signer = new SignatureV4({
    service,
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const { host, hostname } = new URL(url);
  const request = { method: 'GET', protocol: 'http:', hostname, path: '/', query, headers: { host } };
  const signed = await signer.presign(request, { expiresIn: 60 });
  return `/?${new URLSearchParams(signed.query as Record<string, string>)}`;
}

function sent(
  url: string,
  { method = 'POST', path = '/', headers = {}, body = '' }: SentRequest,
): Promise<Received> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      new URL(url),
      { method, path, headers, rejectUnauthorized: false, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0 } = response;
          resolve({ status: statusCode, headers: response.headers, body: Buffer.concat(pieces).toString() });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The hash that the signer is made with. */
export class Sha256 {
  readonly #parts: Uint8Array[] = [];
  readonly #key: Uint8Array | undefined;

  constructor(key?: unknown) {
    this.#key = key === undefined ? undefined : Buffer.from(key as Uint8Array);
  }

  update(part: unknown): void {
    this.#parts.push(Buffer.from(part as Uint8Array));
  }

  digest(): Promise<Uint8Array> {
    const hash = this.#key ? createHmac('sha256', this.#key) : createHash('sha256');
    for (const part of this.#parts) hash.update(part);
    return Promise.resolve(hash.digest());
  }

  reset(): void {
    this.#parts.length = 0;
  }
}
