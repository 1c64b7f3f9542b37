import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { at, type HttpPart, OpenedStreams, s3Part } from '../../test/open-streams.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Answerer = (request: Received & { readonly id: string }, response: ServerResponse) => void;

let opened: OpenedStreams;
let server: Server;
let url: string;
const received: Received[] = [];
/** Of the next requests; good ones after the last. */
let answers: Answerer[] = [];

const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json') => {
  response
    .writeHead(status, { 'content-type': type })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
};
const good: Answerer = ({ id }, response) =>
  json(response, 200, { requestId: id, timestamp: opened.account.nowMs });

beforeAll(async () => {
  opened = await OpenedStreams.open({ httpTimeoutMs: 30_000 });
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method, url: target, headers } = request;
    received.push({ method, url: target, headers, body });
    const id = String(headers['x-amz-firehose-request-id']);
    (answers.shift() ?? good)({ method, url: target, headers, body, id }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in?token=x`;
});
afterEach(() => {
  received.length = 0;
  answers = [];
  return opened.clear();
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await opened.close();
});

const put = (...records: readonly (string | Uint8Array)[]) => opened.put('flows', ...records);
const toEndpoint = (part: HttpPart = {}, accessKey?: string) =>
  opened.toEndpoint('flows', url, part, accessKey);
const dataOf = ({ body }: Received) =>
  JSON.parse(body.toString()).records.map(({ data }: { data: string }) =>
    Buffer.from(data, 'base64').toString(),
  );
const idsOf = () => received.map(({ headers }) => headers['x-amz-firehose-request-id']);
const lastError = () => opened.status('flows').lastError;

describe('an HTTP endpoint', () => {
  it('is sent what AWS sends', async () => {
    await toEndpoint(
      { RequestConfiguration: { CommonAttributes: [{ AttributeName: 'stage', AttributeValue: 'é\n' }] } },
      'secret',
    );
    await put('a', 'bc', '');
    await opened.pass(60);
    const [{ method, url: target, headers, body }] = received;
    expect([method, target]).toEqual(['POST', '/in?token=x']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-amz-firehose-protocol-version': '1.0',
      'x-amz-firehose-source-arn': 'arn:aws:firehose:us-east-1:123456789012:deliverystream/flows',
      'x-amz-firehose-access-key': 'secret',
      'x-amz-firehose-common-attributes': '{"commonAttributes":{"stage":"\\u00e9\\n"}}',
    });
    expect(headers['content-encoding']).toBeUndefined();
    expect(JSON.parse(body.toString())).toEqual({
      requestId: idsOf()[0],
      timestamp: opened.account.nowMs,
      records: [{ data: 'YQ==' }, { data: 'YmM=' }, { data: '' }],
    });
    expect(opened.status('flows')).toMatchObject({
      deliveredRecords: 3,
      failedRecords: 0,
      bufferedRecords: 0,
    });
    expect(opened.keys()).toEqual([]);
  });

  it('gets it compressed where that is asked for', async () => {
    await toEndpoint({ RequestConfiguration: { ContentEncoding: 'GZIP' } });
    await put('a');
    await opened.pass(60);
    expect(received[0].headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-length': String(received[0].body.length),
    });
    expect(JSON.parse(gunzipSync(received[0].body).toString()).records).toEqual([{ data: 'YQ==' }]);
  });

  it('gets what is processed, in requests no larger than the buffer', async () => {
    await toEndpoint({ ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Decompression' }] } });
    const big = (letter: string) => Buffer.alloc(600 * 1024, letter);
    await put(gzipSync(big('a')), gzipSync(big('b')), gzipSync('c'), 'no gzip');
    await opened.pass(60);
    expect(received.map(dataOf)).toEqual([[String(big('a'))], [String(big('b')), 'c']]);
    expect(new Set(idsOf()).size).toBe(2);
    expect(opened.keys()).toEqual([expect.stringMatching(/^decompression-failed\/2026\/03\/01\/12\//)]);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 4, failedRecords: 1 });
  });

  it.each<[string, Answerer, string, string]>([
    ['another status', (_, response) => json(response, 500, 'broken'), 'DestinationException', '500: broken'],
    [
      'a status of success that is not 200',
      ({ id }, response) => json(response, 201, { requestId: id, timestamp: opened.account.nowMs }),
      'DestinationException',
      '201: ',
    ],
    [
      'a redirect',
      (_, response) => response.writeHead(307, { location: url }).end(),
      'DestinationException',
      '307: ',
    ],
    [
      'another request id',
      (_, response) => json(response, 200, { requestId: 'x', timestamp: opened.account.nowMs }),
      'InvalidResponseFromDestination',
      'requestId',
    ],
    [
      'no timestamp',
      ({ id }, response) => json(response, 200, { requestId: id }),
      'InvalidResponseFromDestination',
      'timestamp',
    ],
    [
      'an old timestamp',
      ({ id }, response) => json(response, 200, { requestId: id, timestamp: opened.account.nowMs - 180_001 }),
      'InvalidResponseFromDestination',
      '3 minutes',
    ],
    [
      'no JSON',
      (_, response) => json(response, 200, 'thanks'),
      'InvalidResponseFromDestination',
      'valid JSON',
    ],
    ['null', (_, response) => json(response, 200, 'null'), 'InvalidResponseFromDestination', 'requestId'],
    [
      'another type',
      ({ id }, response) =>
        json(response, 200, { requestId: id, timestamp: opened.account.nowMs }, 'text/plain'),
      'InvalidResponseFromDestination',
      'Content-Type',
    ],
    [
      'too much',
      (_, response) => json(response, 200, ' '.repeat(1024 * 1024 + 1)),
      'ResponseTooLarge',
      'too large',
    ],
    ['nothing', () => undefined, 'RequestTimeout', 'timed out'],
    [
      'half an answer',
      (_, response) => void response.writeHead(200).write('{', () => response.destroy()),
      'ConnectionReset',
      '',
    ],
    ['a closed connection', (_, response) => response.destroy(), 'ConnectionReset', ''],
  ])('that answers with %s is sent the same again', async (_, answer, code, sentence) => {
    if (code === 'RequestTimeout') await opened.reopen({ httpTimeoutMs: 100 });
    await toEndpoint();
    answers = [answer];
    await put('a', 'b');
    await opened.pass(60);
    expect(lastError()).toMatchObject({
      code: `HttpEndpoint.${code}`,
      message: expect.stringContaining(sentence),
    });
    await opened.pass(1);
    expect(received.map(dataOf)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(new Set(idsOf()).size).toBe(1);
    expect(opened.status('flows')).toMatchObject({
      deliveredRecords: 2,
      failedRecords: 0,
      lastError: undefined,
    });
    const [refused, taken] = opened.reports.slice(-2);
    expect(refused).toContain(`delivery stream flows is not delivered: HttpEndpoint.${code}: `);
    expect(taken).toBe('delivery stream flows is delivered again');
  });

  it('that is not there is tried again', async () => {
    await opened.toEndpoint('flows', 'http://127.0.0.1:1/');
    await put('a');
    await opened.pass(60);
    expect(lastError()).toMatchObject({ code: 'HttpEndpoint.ConnectionFailed' });
  });

  it('has its records in the backup when the retries are over, and the next ones are sent', async () => {
    await toEndpoint({ RetryOptions: { DurationInSeconds: 3 } });
    const broken: Answerer = (_, response) => json(response, 503, { errorMessage: 'full' });
    await put(Buffer.alloc(1024 * 1024, 'a'));
    await put('b');
    answers = Array(50).fill(broken);
    await opened.pass(60);
    let attempts = 1;
    for (; opened.keys().length === 0 && attempts < 20; attempts++) await opened.pass(2);
    const [line] = await opened.contents('flows', 'http-endpoint-failed/2026/03/01/12/flows-1-');
    expect(JSON.parse(line)).toEqual({
      attemptsMade: attempts,
      arrivalTimestamp: Date.UTC(2026, 2, 1, 12),
      errorCode: 'HttpEndpoint.DestinationException',
      errorMessage:
        'The following response was received from the endpoint destination. 503: {"errorMessage":"full"}',
      attemptEndingTimestamp: opened.account.nowMs,
      rawData: Buffer.alloc(1024 * 1024, 'a').toString('base64'),
    });
    expect(new Set(idsOf().slice(0, attempts)).size).toBe(1);
    answers = [];
    received.length = 0;
    await opened.pass(60);
    expect(received.map(dataOf)).toEqual([['b']]);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 2, failedRecords: 1 });
  });

  it('that finds a request too large is not sent it again', async () => {
    await toEndpoint();
    answers = [(_, response) => json(response, 413, {})];
    await put('a');
    await opened.pass(60);
    expect(received).toHaveLength(1);
    expect(opened.keys()).toEqual([expect.stringMatching(/^http-endpoint-failed\//)]);
  });

  it('and the bucket have all of it where that is asked for', async () => {
    await toEndpoint({ S3BackupMode: 'AllData', S3DestinationDescription: s3Part({ Prefix: 'all/' }) });
    await put('a', 'b');
    await opened.pass(60);
    expect(received.map(dataOf)).toEqual([['a', 'b']]);
    expect(await opened.contents('flows', 'all/')).toEqual(['ab']);
  });

  it('is not sent again, after a restart, what it has taken', async () => {
    await toEndpoint({ BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 } });
    const big = (letter: string) => Buffer.alloc(900 * 1024, letter);
    answers = [good, (_, response) => json(response, 500, {})];
    await opened.streams.putRecords(at('flows'), [big('a'), big('b')]);
    await opened.pass(60);
    expect(received.map((each) => dataOf(each)[0][0])).toEqual(['a', 'b']);
    await opened.reopen();
    await opened.pass(0);
    expect(received.map((each) => dataOf(each)[0][0])).toEqual(['a', 'b', 'b']);
    expect(idsOf()[2]).toBe(idsOf()[1]);
    expect(opened.status('flows').bufferedRecords).toBe(0);
  });

  it('that hangs is let go when the process ends', async () => {
    await opened.reopen({ httpTimeoutMs: 180_000 });
    await toEndpoint();
    let isAsked: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    answers = [() => isAsked()];
    await put('a');
    const passing = opened.pass(60);
    await asked;
    await opened.reopen();
    await passing;
    await opened.pass(0);
    expect(received.map(dataOf)).toEqual([['a'], ['a']]);
    expect(new Set(idsOf()).size).toBe(1);
  });
});
