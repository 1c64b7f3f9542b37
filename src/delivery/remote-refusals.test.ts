import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { buildRecords, defaultLogFormat } from '../record/index.ts';
import type { Batch, DeliveryOutcome, ObjectFile, Refusal } from './destination.ts';
import type { DestinationRule } from './destination-rules.ts';
import { RemoteBucket } from './remote-bucket.ts';
import { checkRemoteBucket, checkRemoteStream } from './remote-checks.ts';
import { RemoteClients } from './remote-clients.ts';
import { RemoteLogGroup } from './remote-log-group.ts';
import { RemoteStream } from './remote-stream.ts';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** What JSON protocols call the action. */
  readonly action: string;
}

type Answer = (request: Received, response: ServerResponse) => void;

/** A server that does what a test tells it to. */
class ToldServer {
  readonly received: Received[] = [];
  url = '';
  answers: Answer[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(): Promise<ToldServer> {
    const server = createServer();
    const told = new ToldServer(server);
    server.on('request', (request, response) => void told.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    told.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return told;
  }

  /** The last answer is given again and again. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const { method = '', url = '', headers } = request;
    const action = String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const received = { method, url, headers, body: Buffer.concat(pieces), action };
    this.received.push(received);
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(received, response);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const answers =
  (status: number, body: string | object = '', headers: Record<string, string> = {}): Answer =>
  (_, response) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, headers).end(text);
  };
/** As each protocol says it. */
const fails =
  (status: number, code: string): Answer =>
  (request, response) => {
    const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said so</Message></Error>`;
    const json = JSON.stringify({ __type: code, message: 'said so' });
    response.writeHead(status).end(request.action === '' ? xml : json);
  };
const resets: Answer = (_, response) => void response.socket?.destroy();
const hangs: Answer = () => undefined;

const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
const interfaces = [0, 1].map((i) => ({ id: `eni-${i}`, addresses: [`10.0.1.1${i}`] }));
view.load(testNetwork({ interfaces }));

/** A batch of so many records, at two interfaces in turn, each later than the one before. */
function batchOf(count: number, segment = 1): Batch {
  const rows = testRows(
    Array.from({ length: count }, (_, i) => ({ srcPort: i % 65_536, interfaceIndex: i % 2, packets: 1 + i })),
  );
  const id = { flowLogId: 'fl-1', spoolId: 's', segment, piece: 0 };
  return { id, records: buildRecords(rows, view, defaultLogFormat) };
}

let server: ToldServer;
let clients: RemoteClients;
let folder: string;
let file: ObjectFile;
const reports: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-remote-'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'));
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL']) vi.stubEnv(name, undefined);
  const bytes = Buffer.alloc(100_000, 'object ');
  writeFileSync(path.join(folder, 'object'), bytes);
  file = { key: 'a/AWSLogs/x +ü.log.gz', file: path.join(folder, 'object'), bytes: bytes.length, records: 7 };
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  server = await ToldServer.listen();
  clients = new RemoteClients({ connect: 300, idle: 300, whole: 400 });
  reports.length = 0;
});
afterEach(async () => {
  await clients.close();
  server.close();
});

const placeOf = (rule: Partial<DestinationRule> = {}) => ({
  region: 'eu-central-1',
  rule: { match: '*', endpoint: server.url, forcePathStyle: true, ...rule },
});
const bucket = (rule?: Partial<DestinationRule>) =>
  new RemoteBucket(clients, placeOf(rule), 'arn:aws:s3:::corp/a');
const stream = () =>
  new RemoteStream(clients, placeOf(), 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/s');
const group = () =>
  new RemoteLogGroup({
    clients,
    place: placeOf(),
    groupName: 'corp/flows',
    flowLog: { trafficType: 'ALL' },
    report: (line) => reports.push(line),
  });

/** What an outcome says, but for the detail. */
function said(outcome: DeliveryOutcome): string {
  if (outcome.kind === 'delivered') return 'delivered';
  expect(outcome.retryable).toBe(true);
  return outcome.isAmbiguous ? `${outcome.message}, perhaps taken` : outcome.message;
}

describe('what a destination outside refuses', () => {
  const cases: [string, Answer, string, string][] = [
    ['throttling', fails(503, 'SlowDown'), 'Rate limited', 'Rate limited'],
    ['throttling by its code', fails(400, 'ThrottlingException'), 'Rate limited', 'Rate limited'],
    ['503 without a word', answers(503), 'Rate limited', 'Rate limited'],
    ['429', answers(429), 'Rate limited', 'Rate limited'],
    ['no permission', fails(400, 'AccessDeniedException'), 'Access error', 'Access error'],
    ['403 without a word', answers(403), 'Access error', 'Access error'],
    ['expired credentials', fails(400, 'ExpiredTokenException'), 'Access error', 'Access error'],
    ['an unknown key', fails(400, 'UnrecognizedClientException'), 'Access error', 'Access error'],
    ['500', answers(500), 'Unknown error', 'Unknown error, perhaps taken'],
    ['no answer, but a reset', resets, 'Unknown error', 'Unknown error, perhaps taken'],
    ['no answer', hangs, 'Unknown error', 'Unknown error, perhaps taken'],
    ['something else', fails(400, 'InvalidArgumentException'), 'Unknown error', 'Unknown error'],
  ];
  it.each(cases)('%s', async (_, answer, ofBuckets, ofStreams) => {
    server.answers = [answer];
    const [put, delivered] = await Promise.all([bucket().put(file), stream().deliver(batchOf(2))]);
    expect(said(put)).toBe(ofBuckets);
    expect(said(delivered)).toBe(ofStreams);
  });

  it('in one line, however much the server says', async () => {
    const message = `first\nsecond\u001b[31m ${'x'.repeat(10_000)}`;
    server.answers = [answers(400, { __type: 'InvalidArgumentException', message })];
    const { detail } = (await stream().deliver(batchOf(1))) as Refusal;
    expect(detail).toMatch(/^delivery stream s: InvalidArgumentException: first second \[31m x+…$/);
    expect(detail.length).toBeLessThan(600);
  });

  it('no connection, which takes nothing', async () => {
    server.close();
    expect(said(await stream().deliver(batchOf(1)))).toBe('Unknown error');
    expect(await stream().deliver(batchOf(1))).toMatchObject({
      detail: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('a success that cannot be read, which may be one', async () => {
    server.answers = [answers(200, 'not JSON', { 'content-type': 'application/x-amz-json-1.1' })];
    expect(said(await stream().deliver(batchOf(1)))).toBe('Unknown error, perhaps taken');
  });

  it.each([200, 400, 500])(
    'an answer of status %d without an end, of which little is read',
    async (status) => {
      let poured = 0;
      const closed: Promise<void>[] = [];
      server.answers = [
        (_, response) => {
          const piece = Buffer.alloc(65_536, ' ');
          const more = () => {
            while (!response.destroyed && poured < 2 ** 28) {
              poured += piece.length;
              if (!response.write(piece)) return;
            }
          };
          closed.push(new Promise((resolve) => response.on('close', resolve)));
          response.writeHead(status).on('drain', more);
          more();
        },
      ];
      const patient = new RemoteClients({ connect: 5000, idle: 5000, whole: 5000 });
      const place = placeOf();
      const arn = 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/s';
      const [put, delivered] = await Promise.all([
        new RemoteBucket(patient, place, 'arn:aws:s3:::corp/a').put(file),
        new RemoteStream(patient, place, arn).deliver(batchOf(2)),
      ]);
      expect([said(put), said(delivered)].filter((each) => !each.startsWith('Unknown error'))).toEqual([]);
      expect(poured).toBeLessThan(2 ** 24);
      await Promise.all(closed);
      await patient.close();
    },
  );

  it('one try for each delivery: the run waits in between', async () => {
    server.answers = [answers(500)];
    await bucket().put(file);
    expect(server.received).toHaveLength(1);
  });

  it('no credentials', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    const refusal = await stream().deliver(batchOf(1));
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    expect(said(refusal)).toBe('Access error');
    expect(server.received).toEqual([]);
    server.answers = [answers(200, { FailedPutCount: 0, RequestResponses: [] })];
    expect(said(await stream().deliver(batchOf(1)))).toBe('delivered');
  });

  it('a file that cannot be read', async () => {
    server.answers = [answers(200)];
    expect(said(await bucket().put({ ...file, file: path.join(folder, 'none') }))).toBe('Unknown error');
  });
});

describe('a bucket outside', () => {
  it('gets the object, its type and its ACL', async () => {
    server.answers = [answers(200)];
    expect(said(await bucket({ checksums: 'WHEN_REQUIRED' }).put(file))).toBe('delivered');
    const [{ method, url, headers, body }] = server.received;
    expect(`${method} ${url}`).toBe('PUT /corp/a/AWSLogs/x%20%2B%C3%BC.log.gz?x-id=PutObject');
    expect(headers).toMatchObject({
      'content-length': '100000',
      'content-type': 'application/octet-stream',
      'x-amz-acl': 'bucket-owner-full-control',
    });
    expect(headers).not.toHaveProperty('x-amz-trailer');
    expect(body.equals(Buffer.alloc(100_000, 'object '))).toBe(true);
  });

  it('gets a checksum after the body, unless its rule says no', async () => {
    server.answers = [answers(200)];
    await bucket().put(file);
    expect(server.received[0].headers).toMatchObject({
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': '100000',
    });
  });

  it('is signed for with the rule’s profile, as its file says at that moment', async () => {
    server.answers = [fails(403, 'InvalidAccessKeyId')];
    const write = (id: string) =>
      writeFileSync(
        path.join(folder, 'credentials'),
        `[corp]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`,
      );
    const key = () => /Credential=([^/]+)/.exec(server.received.at(-1)?.headers.authorization ?? '')?.[1];
    write('AKIDOLD');
    const corp = bucket({ profile: 'corp' });
    expect(said(await corp.put(file))).toBe('Access error');
    expect(key()).toBe('AKIDOLD');
    write('AKIDNEW');
    server.answers = [answers(200)];
    expect(said(await corp.put(file))).toBe('delivered');
    expect(key()).toBe('AKIDNEW');
  });

  it('disturbs nobody else’s request when its credentials are refused', async () => {
    const [slow, refusedOne] = [bucket(), bucket()];
    let answer: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      server.answers = [
        (_, response) => {
          answer = () => response.writeHead(200).end();
          resolve();
        },
        fails(403, 'AccessDenied'),
      ];
    });
    const first = slow.put(file);
    await begun;
    expect(said(await refusedOne.put(file))).toBe('Access error');
    answer();
    expect(said(await first)).toBe('delivered');
  });

  it('heals a clock that is wrong', async () => {
    const theirs = new Date(Date.now() + 3_600_000);
    server.answers = [
      (_, response) => {
        const body = '<Error><Code>RequestTimeTooSkewed</Code><Message>skewed</Message></Error>';
        response.writeHead(403, { date: theirs.toUTCString() }).end(body);
      },
      answers(200),
    ];
    const destination = bucket();
    expect(said(await destination.put(file))).toBe('Access error');
    expect(said(await destination.put(file))).toBe('delivered');
    const signed = String(server.received[1].headers['x-amz-date']);
    expect(signed.slice(0, 11)).toBe(theirs.toISOString().replaceAll(/[-:]/g, '').slice(0, 11));
  });
});

describe('a delivery stream outside', () => {
  const entries = ({ body }: Received): string[] =>
    JSON.parse(body.toString()).Records.map(({ Data }: { Data: string }) =>
      Buffer.from(Data, 'base64').toString(),
    );
  const taken = (count: number) => ({
    FailedPutCount: 0,
    RequestResponses: Array.from({ length: count }, (_, i) => ({ RecordId: `${i}` })),
  });

  it('gets 500 records at a time, each as JSON', async () => {
    server.answers = [answers(200, taken(500))];
    expect(said(await stream().deliver(batchOf(1200)))).toBe('delivered');
    expect(server.received.map((request) => entries(request).length)).toEqual([500, 500, 200]);
    const [first] = entries(server.received[0]);
    expect(first).toMatch(/^\{"message":"2 \S+ eni-0 .* ACCEPT OK"\}$/);
  });

  it('gets what it did not take again, and nothing else', async () => {
    const partly = {
      FailedPutCount: 2,
      RequestResponses: Array.from({ length: 500 }, (_, i) =>
        i === 3 || i === 499 ? { ErrorCode: 'ServiceUnavailableException' } : { RecordId: `${i}` },
      ),
    };
    server.answers = [answers(200, taken(500)), answers(200, partly), resets, answers(200, taken(2))];
    const destination = stream();
    const batch = batchOf(1200);
    expect(said(await destination.deliver(batch))).toBe('Rate limited');
    expect(said(await destination.deliver(batch))).toBe('Unknown error, perhaps taken');
    expect(said(await destination.deliver(batch))).toBe('delivered');
    const sent = server.received.map(entries);
    expect(sent.map(({ length }) => length)).toEqual([500, 500, 2, 2, 200]);
    expect(sent[2]).toEqual([sent[1][3], sent[1][499]]);
    expect(sent[3]).toEqual(sent[2]);
    await destination.deliver(batchOf(3, 2));
    expect(entries(server.received.at(-1)!)).toHaveLength(3);
  });
});

describe('a log group outside', () => {
  const actions = () => server.received.map(({ action }) => action);

  it('comes to be with its streams', async () => {
    const missing = fails(400, 'ResourceNotFoundException');
    server.answers = [
      missing,
      answers(200, {}),
      answers(200, {}),
      answers(200, {}),
      missing,
      fails(400, 'ResourceAlreadyExistsException'),
      answers(200, {}),
    ];
    expect(said(await group().deliver(batchOf(4)))).toBe('delivered');
    const once = ['PutLogEvents', 'CreateLogGroup', 'CreateLogStream', 'PutLogEvents'];
    expect(actions()).toEqual([...once, ...once]);
    const puts = server.received.filter(({ action }) => action === 'PutLogEvents');
    const bodies = puts.map(({ body }) => JSON.parse(body.toString()));
    expect(
      bodies.map(({ logGroupName, logStreamName, logEvents }) => [
        logGroupName,
        logStreamName,
        logEvents.length,
      ]),
    ).toEqual(['eni-0-all', 'eni-0-all', 'eni-1-all', 'eni-1-all'].map((name) => ['corp/flows', name, 2]));
    expect(bodies[0].logEvents[0]).toEqual({
      timestamp: 1418530010_000,
      message: expect.stringMatching(/^2 \S+ eni-0 .* 1418530010 1418530070 ACCEPT OK$/),
    });
  });

  it('says what it does not keep', async () => {
    server.answers = [answers(200, { rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } })];
    await group().deliver(batchOf(2));
    expect(reports).toHaveLength(2);
    expect(reports[0]).toBe(
      'log group corp/flows does not keep 1 of 1 records: they are too old, or of the future',
    );
  });

  it('goes on where it was refused', async () => {
    server.answers = [answers(200, {}), fails(400, 'ThrottlingException'), answers(200, {})];
    const destination = group();
    const batch = batchOf(2);
    expect(said(await destination.deliver(batch))).toBe('Rate limited');
    expect(said(await destination.deliver(batch))).toBe('delivered');
    const streams = server.received.map(({ body }) => JSON.parse(body.toString()).logStreamName);
    expect(streams).toEqual(['eni-0-all', 'eni-1-all', 'eni-1-all']);
  });
});

describe('creation checks', () => {
  const begun = answers(
    200,
    '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
  );
  const done = answers(204);
  const cases: [string, Answer[], string | undefined, number][] = [
    ['a bucket that takes uploads', [answers(200), begun, done], undefined, 3],
    ['one that may not be listed', [answers(403), begun, done], undefined, 3],
    [
      'one whose uploads may not be given up',
      [answers(200), begun, fails(403, 'AccessDenied')],
      undefined,
      3,
    ],
    ['one that may not be written', [answers(200), fails(403, 'AccessDenied')], 'denied', 2],
    ['one that is not there', [answers(404)], 'missing', 1],
    ['one that nobody says is not there', [answers(403), fails(404, 'NoSuchBucket')], 'missing', 2],
    ['one elsewhere', [answers(301)], 'undeliverable', 1],
    ['a server without uploads', [answers(200), fails(501, 'NotImplemented')], undefined, 2],
    ['a key that is no key', [answers(200), fails(400, 'KMS.NotFoundException')], 'undeliverable', 2],
    ['a server that is gone', [resets], 'undeliverable', 1],
    ['a server that hangs', [hangs], 'undeliverable', 1],
  ];
  it.each(cases)('%s', async (_, told, expected, requests) => {
    server.answers = told;
    const found = await checkRemoteBucket(clients, placeOf(), 'arn:aws:s3:::corp/a', (line) =>
      reports.push(line),
    );
    expect(found?.fault).toBe(expected);
    expect(server.received).toHaveLength(requests);
    if (found) expect(found.detail).toMatch(/^bucket corp: (?!Error: )./);
    expect(found?.detail ?? '').not.toContain('UnknownError');
  });

  const description = (DeliveryStreamType: string) =>
    answers(200, { DeliveryStreamDescription: { DeliveryStreamType } });
  it.each([
    ['a stream', description('DirectPut'), undefined],
    ['a stream with another source', description('KinesisStreamAsSource'), 'undeliverable'],
    ['no stream', fails(400, 'ResourceNotFoundException'), 'missing'],
    ['a stream that may not be described', fails(400, 'AccessDeniedException'), 'denied'],
    ['a server that fails', answers(500), 'undeliverable'],
  ])('%s', async (_, answer, expected) => {
    server.answers = [answer];
    const arn = 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/s';
    expect((await checkRemoteStream(clients, placeOf(), arn))?.fault).toBe(expected);
  });
});
