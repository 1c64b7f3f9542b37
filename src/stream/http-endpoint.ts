import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

export interface EndpointRequest {
  readonly url: string;
  readonly accessKey: string | undefined;
  readonly streamArn: string;
  /** The same on every repeat. */
  readonly requestId: string;
  readonly isCompressed: boolean;
  readonly commonAttributes: Readonly<Record<string, string>>;
  readonly records: readonly Uint8Array[];
  /** Until the whole answer is there: AWS waits for three minutes. */
  readonly timeoutMs: number;
  /** Ends the request when nobody wants its answer. */
  readonly signal: AbortSignal;
  readonly clock: () => number;
}

/** `code` as Firehose's error logs have it. */
export type EndpointOutcome =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      /** The same will never be taken. */
      readonly isPermanent: boolean;
    };

const mostAnswerBytes = 1024 * 1024;
/** Between the endpoint's clock and ours. */
const mostSkewMs = 3 * 60_000;
/** Of an answer that is shown to a person. */
const longestShown = 1024;

/**
 * Posts records as "HTTP endpoint delivery request and response specifications" of the Firehose developer guide has it.
 * Redirects are not followed. Does not throw for what an endpoint or a network does.
 */
export async function postRecords(request: EndpointRequest): Promise<EndpointOutcome> {
  const { requestId, timeoutMs, signal, clock } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await answerTo(request, AbortSignal.any([timeout, signal]));
    return outcomeOf(answer, requestId, clock());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (timeout.aborted)
      return refused('RequestTimeout', 'The request timed out before a response was received.');
    return failureOf(error);
  }
}

/** What came, as far as it is read. */
interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly isTooLarge: boolean;
}

async function answerTo(request: EndpointRequest, signal: AbortSignal): Promise<Answer> {
  const { url, records, isCompressed } = request;
  const pieces = bodyOf(request);
  const compressed = isCompressed ? await gzipped(pieces) : undefined;
  const length = compressed?.length ?? lengthOf(records, request);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(request), 'Content-Length': length };
    const sent = send(url, { method: 'POST', headers, signal, agent: false }, (response) => {
      // What an endpoint that has answered did not read is not sent to it either.
      read(response)
        .then(resolve, reject)
        .finally(() => sent.destroy());
    });
    sent.on('error', reject);
    Readable.from(compressed ? [compressed] : pieces).pipe(sent);
  });
}

async function gzipped(pieces: Iterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Readable.from(pieces).pipe(createGzip()).toArray());
}

function headersOf(request: EndpointRequest): Record<string, string> {
  const { accessKey, streamArn, requestId, isCompressed, commonAttributes } = request;
  return {
    'Content-Type': 'application/json',
    'X-Amz-Firehose-Protocol-Version': '1.0',
    'X-Amz-Firehose-Request-Id': requestId,
    'X-Amz-Firehose-Source-Arn': streamArn,
    ...(accessKey !== undefined && { 'X-Amz-Firehose-Access-Key': accessKey }),
    ...(Object.keys(commonAttributes).length > 0 && {
      'X-Amz-Firehose-Common-Attributes': asciiJson({ commonAttributes }),
    }),
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  };
}

/** Headers have no other characters. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const recordBegin = '{"data":"';
const recordEnd = '"}';
const bodyEnd = ']}';
/** Characters that are sent in one piece: records may be many and small. */
const pieceLength = 65_536;

function bodyBegin({ requestId, clock }: EndpointRequest): string {
  return `{"requestId":"${requestId}","timestamp":${Math.floor(clock())},"records":[`;
}

function* bodyOf(request: EndpointRequest): Generator<Buffer, void, undefined> {
  let text = bodyBegin(request);
  for (const [index, record] of request.records.entries()) {
    const data = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('base64');
    text += `${index === 0 ? '' : ','}${recordBegin}${data}${recordEnd}`;
    if (text.length < pieceLength) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  yield Buffer.from(text + bodyEnd, 'latin1');
}

function lengthOf(records: readonly Uint8Array[], request: EndpointRequest): number {
  const framing = recordBegin.length + recordEnd.length;
  const data = records.reduce((sum, { length }) => sum + framing + 4 * Math.ceil(length / 3), 0);
  return bodyBegin(request).length + data + Math.max(0, records.length - 1) + bodyEnd.length;
}

async function read(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    bytes += piece.length;
    if (bytes > mostAnswerBytes) break;
    pieces.push(piece);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(pieces),
    isTooLarge: bytes > mostAnswerBytes,
  };
}

function outcomeOf(
  { status, contentType, body, isTooLarge }: Answer,
  requestId: string,
  nowMs: number,
): EndpointOutcome {
  if (isTooLarge) return refused('ResponseTooLarge', 'The response received from the endpoint is too large.');
  const shown = `${status}: ${body.toString('utf8', 0, longestShown)}`;
  if (status !== 200) {
    const message = `The following response was received from the endpoint destination. ${shown}`;
    return refused('DestinationException', message, status === 413);
  }
  const fault = answerFault(contentType, body, requestId, nowMs);
  if (fault === undefined) return { kind: 'taken' };
  return refused(
    'InvalidResponseFromDestination',
    `The response received from the specified endpoint is invalid. Reason: ${fault}. Raw response received: ${shown}`,
  );
}

/** What is wrong with an answer of status 200. */
function answerFault(
  contentType: string,
  body: Buffer,
  requestId: string,
  nowMs: number,
): string | undefined {
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) return 'its Content-Type is not application/json';
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `response for request ${requestId} is not recognized as valid JSON`;
  }
  const { requestId: answered, timestamp } = (answer ?? {}) as { requestId?: unknown; timestamp?: unknown };
  if (answered !== requestId) return `its requestId is not ${requestId}`;
  if (typeof timestamp !== 'number') return 'it has no timestamp';
  if (Math.abs(timestamp - nowMs) > mostSkewMs) return 'its timestamp is more than 3 minutes away';
  return undefined;
}

function failureOf(error: Error): EndpointOutcome {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/.test(code) || error.message === 'aborted') {
    return refused('ConnectionReset', `Unable to maintain connection with the endpoint: ${error.message}`);
  }
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return refused(
      'SSLHandshakeFailure',
      `Unable to complete an SSL handshake with the endpoint: ${error.message}`,
    );
  }
  return refused(
    'ConnectionFailed',
    `Unable to connect to the destination endpoint: ${error.message || code}`,
  );
}

function refused(code: string, message: string, isPermanent = false): EndpointOutcome {
  return { kind: 'refused', code: `HttpEndpoint.${code}`, message, isPermanent };
}
