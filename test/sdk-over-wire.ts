import { Readable } from 'node:stream';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as firehose from '@aws-sdk/client-firehose';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import type { ServiceError } from '../src/fault/index.ts';
import {
  decodeInput,
  encodeError,
  encodeOutput,
  eventStreamType,
  type Routed,
  route,
  type WireRequest,
  type WireResponse,
} from '../src/wire/index.ts';

/** What an SDK's request handler is given, of which the rest does not matter here. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The server's side of one call: what it read, and what it answers. */
export class WireEnd {
  routed: Routed | undefined;
  input: unknown;
  /** What answers instead of `answer`. */
  stream: ((routed: Routed) => Readable) | undefined;
  answer: { readonly output: unknown } | { readonly error: ServiceError } = { output: {} };
  readonly #signingName: string;

  constructor(signingName: string) {
    this.#signingName = signingName;
  }

  readonly handle = async (request: SdkRequest) => {
    const body =
      typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? Buffer.alloc(0));
    const wired: WireRequest = {
      method: request.method,
      url: `${request.path}${queryOf(request)}`,
      headers: Object.entries(request.headers),
      body,
    };
    this.routed = route(wired, this.#signingName);
    this.input = decodeInput(this.routed, body);
    if (this.stream) {
      const answered = this.stream(this.routed);
      return { response: { statusCode: 200, headers: { 'content-type': eventStreamType }, body: answered } };
    }
    const { status, headers, body: answered } = this.#encoded(this.routed);
    return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(answered)]) } };
  };

  #encoded(routed: Routed): WireResponse {
    if ('error' in this.answer) return encodeError(routed, this.answer.error, 'request-1');
    return encodeOutput(routed, this.answer.output, 'request-1');
  }
}

/** As the SDK's own handlers write it. */
function queryOf({ query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]) : [value as string | null];
    return values.map((each) => (each === null ? name : `${name}=${encodeURIComponent(each)}`));
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

interface SdkClient {
  send(command: unknown): Promise<Record<string, unknown>>;
}

type Constructor<Made> = new (options: object) => Made;

const packages: Readonly<Record<string, { readonly client: string; readonly exports: object }>> = {
  ec2: { client: 'EC2Client', exports: ec2 },
  logs: { client: 'CloudWatchLogsClient', exports: logs },
  iam: { client: 'IAMClient', exports: iam },
  sts: { client: 'STSClient', exports: sts },
  cloudwatch: { client: 'CloudWatchClient', exports: cloudwatch },
  firehose: { client: 'FirehoseClient', exports: firehose },
  s3: { client: 'S3Client', exports: s3 },
};

/** A client of the SDK whose requests end in our codecs. */
export function sdkOverWire(service: string, signingName: string, options: object = {}) {
  const { client, exports } = packages[service];
  const named = exports as Readonly<Record<string, Constructor<SdkClient>>>;
  const end = new WireEnd(signingName);
  const sdk = new named[client]({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: { handle: end.handle },
    maxAttempts: 1,
    ...options,
  });
  return {
    end,
    /** Whether the client has it: its release may be another than the models'. */
    has: (operation: string): boolean => `${operation}Command` in named,
    call: (operation: string, input: unknown): Promise<Record<string, unknown>> =>
      sdk.send(new named[`${operation}Command`](input as object)),
  };
}
