import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  accessKeyId,
  accountId,
  form,
  logsRequest,
  presignedPath,
  type SentRequest,
  ServedActions,
  signedRequest,
} from '../../test/api-server.ts';
import type { Call, ServiceApi } from '../api/index.ts';
import { QueryError, ServiceError } from '../fault/index.ts';
import { ServerCounters } from './server-counters.ts';

const calls: Call[] = [];

/** Actions that do little, of services that there are. */
const apis: readonly ServiceApi[] = [
  {
    service: 'ec2',
    actions: {
      DescribeVpcs: {
        run: (_input, call) => {
          calls.push(call);
          return { Vpcs: [{ VpcId: 'vpc-1' }] };
        },
      },
      CreateVpc: {
        targets: () => [
          { resource: 'arn:aws:ec2:eu-west-1:123456789012:vpc/*', keys: { 'ec2:VpcID': 'vpc-1' } },
          { resource: '*', action: 'iam:PassRole', account: '210987654321', resourcePolicy: '{}' },
        ],
        run: () => ({ Vpc: { VpcId: 'vpc-1' } }),
      },
      DeleteTags: { targets: () => [], run: () => ({}) },
    },
  },
  {
    service: 'logs',
    actions: {
      DescribeLogGroups: { run: () => ({ logGroups: [{ logGroupName: 'group' }] }) },
      PutLogEvents: {
        run: (input: { readonly logEvents: readonly unknown[] }) => ({
          nextSequenceToken: String(input.logEvents.length),
        }),
      },
      StartQuery: {
        run: () => {
          throw new QueryError('unexpected symbol', { start: 3, end: 5 });
        },
      },
      GetQueryResults: {
        run: () => {
          throw new TypeError('something is not a function');
        },
      },
      DeleteLogGroup: {
        run: () => {
          throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
        },
      },
      StartLiveTail: {
        run: (input: { readonly logGroupIdentifiers: readonly string[] }, call) => {
          calls.push(call);
          return input.logGroupIdentifiers.includes('none') ? noSessions() : sessions();
        },
      },
    },
  },
  {
    service: 'sts',
    actions: { GetCallerIdentity: { isOpen: true, run: () => ({ Account: accountId }) } },
  },
  { service: 'iam', actions: { ListUsers: { run: () => ({ Users: [], IsTruncated: false }) } } },
];

let tailsEnded = 0;

async function* sessions(): AsyncGenerator<Record<string, unknown>> {
  try {
    yield { sessionStart: { sessionId: 'session' } };
    await new Promise(() => undefined);
  } finally {
    tailsEnded += 1;
  }
}

// biome-ignore lint/correctness/useYield: it fails before it has anything
async function* noSessions(): AsyncGenerator<Record<string, unknown>> {
  throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
}

let served: ServedActions;

afterEach(async () => {
  await served.server.close();
  calls.length = 0;
});

const describeVpcs = form('ec2', { Action: 'DescribeVpcs', Version: '2016-11-15' });

describe('requests', () => {
  it('are answered in their protocols, with their ids', async () => {
    served = await ServedActions.open(apis);
    const ec2 = await served.send(describeVpcs);
    expect(ec2).toMatchObject({ status: 200, body: expect.stringContaining('<vpcId>vpc-1</vpcId>') });
    expect(ec2.body).toContain(`<requestId>${calls[0].requestId}</requestId>`);
    const logs = await served.send(logsRequest('DescribeLogGroups', {}));
    expect(JSON.parse(logs.body)).toEqual({ logGroups: [{ logGroupName: 'group' }] });
    expect(logs.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    const sts = await served.send(form('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15' }));
    expect(sts.body).toContain(`<Account>${accountId}</Account>`);
  });

  it('tell actions who calls, and from where', async () => {
    served = await ServedActions.open(apis, { clock: () => Date.now() });
    await served.send({ ...describeVpcs, headers: { ...describeVpcs.headers, 'user-agent': 'test/1' } });
    expect(calls[0]).toMatchObject({
      service: 'ec2',
      action: 'DescribeVpcs',
      place: { accountId, region: 'eu-west-1' },
      caller: { userName: 'somebody' },
    });
    expect(served.permissions).toEqual([
      {
        caller: calls[0].caller,
        action: 'ec2:DescribeVpcs',
        resource: '*',
        keys: {
          'aws:SourceIp': '127.0.0.1',
          'aws:SecureTransport': 'false',
          'aws:CurrentTime': expect.stringMatching(/^\d{4}-.*Z$/),
          'aws:EpochTime': expect.stringMatching(/^\d+$/),
          'aws:RequestedRegion': 'eu-west-1',
          'aws:UserAgent': 'test/1',
        },
      },
    ]);
  });

  it('ask for every target', async () => {
    served = await ServedActions.open(apis);
    await served.send(form('ec2', { Action: 'CreateVpc', Version: '2016-11-15' }));
    expect(
      served.permissions.map(({ action, resource, resourceAccount }) => [action, resource, resourceAccount]),
    ).toEqual([
      ['ec2:CreateVpc', 'arn:aws:ec2:eu-west-1:123456789012:vpc/*', undefined],
      ['iam:PassRole', '*', '210987654321'],
    ]);
    expect(served.permissions[0].keys).toMatchObject({
      'ec2:VpcID': 'vpc-1',
      'aws:RequestedRegion': 'eu-west-1',
    });
    expect(served.permissions[1].resourcePolicy).toBe('{}');
  });

  it('ask for everything where an action names nothing, and for nothing where it is open', async () => {
    served = await ServedActions.open(apis);
    await served.send(form('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15' }));
    expect(served.permissions).toEqual([]);
    await served.send(
      form('ec2', { Action: 'DeleteTags', Version: '2016-11-15', 'ResourceId.1': 'vpc-0123456789abcdef0' }),
    );
    expect(served.permissions.map(({ action, resource }) => [action, resource])).toEqual([
      ['ec2:DeleteTags', '*'],
    ]);
  });

  it('come with an absolute URL, over HTTP/1.0, pipelined', async () => {
    served = await ServedActions.open(apis);
    const { url } = served.server;
    const signed = await signedRequest(url, describeVpcs);
    expect(await served.raw({ ...signed, path: `${url}/` })).toMatchObject({ status: 200 });
    expect(await served.raw({ ...signed, path: 'http://evil.example/' })).toMatchObject({ status: 400 });
    expect(await served.bytes('GET /healthz HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK/);
    const upgrade =
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    expect(await served.bytes(upgrade, (got) => got.includes('ok'))).toMatch(/^HTTP\/1\.1 200 OK/);
    const text = rawText(signed);
    const answers = await served.bytes(
      text.repeat(20),
      (got) => got.split('</DescribeVpcsResponse>').length > 20,
    );
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(20);
  });

  it('may be presigned URLs', async () => {
    served = await ServedActions.open(apis);
    const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
    const path = await presignedPath(served.server.url, 'sts', query);
    expect(await served.raw({ method: 'GET', path })).toMatchObject({
      status: 200,
      body: expect.stringContaining(`<Account>${accountId}</Account>`),
    });
    expect(await served.raw({ method: 'GET', path: `${path}&x=1` })).toMatchObject({
      status: 403,
      body: expect.stringContaining('SignatureDoesNotMatch'),
    });
  });

  it('may be compressed', async () => {
    served = await ServedActions.open(apis);
    const logEvents = Array.from({ length: 1000 }, (_, at) => ({ timestamp: at, message: 'm' }));
    const request = logsRequest('PutLogEvents', { logGroupName: 'g', logStreamName: 's', logEvents });
    const headers = { ...request.headers, 'content-encoding': 'gzip' };
    const body = gzipSync(String(request.body));
    expect((await served.send({ ...request, headers, body })).body).toBe('{"nextSequenceToken":"1000"}');
    expect((await served.send({ ...request, headers, body: body.subarray(0, -9) })).body).toContain(
      'MalformedHttpRequestException',
    );
  });
});

function rawText({ method = 'POST', path = '/', headers = {}, body = '' }: SentRequest): string {
  const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

describe('refusals', () => {
  const rows: readonly {
    readonly name: string;
    readonly request: SentRequest;
    readonly status: number;
    readonly parts: readonly string[];
    readonly denied?: readonly string[];
  }[] = [
    {
      name: 'EC2: not allowed',
      request: describeVpcs,
      denied: ['ec2:DescribeVpcs'],
      status: 403,
      parts: [
        '<Code>UnauthorizedOperation</Code>',
        `You are not authorized to perform this operation. User: arn:aws:iam::${accountId}:user/somebody is not ` +
          'authorized to perform: ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action',
      ],
    },
    {
      name: 'IAM: not allowed',
      request: form('iam', { Action: 'ListUsers', Version: '2010-05-08' }),
      denied: ['iam:ListUsers'],
      status: 403,
      parts: [
        '<Code>AccessDenied</Code>',
        'is not authorized to perform: iam:ListUsers on resource: * because',
      ],
    },
    {
      name: 'Logs: not allowed',
      request: logsRequest('DescribeLogGroups', {}),
      denied: ['logs:DescribeLogGroups'],
      status: 400,
      parts: ['AccessDeniedException', 'is not authorized to perform: logs:DescribeLogGroups'],
    },
    {
      name: 'DryRun of who may',
      request: form('ec2', { Action: 'CreateVpc', Version: '2016-11-15', DryRun: 'true' }),
      status: 412,
      parts: ['<Code>DryRunOperation</Code>', 'Request would have succeeded, but DryRun flag is set.'],
    },
    {
      name: 'DryRun of who may not',
      request: form('ec2', { Action: 'CreateVpc', Version: '2016-11-15', DryRun: 'true' }),
      denied: ['iam:PassRole'],
      status: 403,
      parts: ['<Code>UnauthorizedOperation</Code>', 'iam:PassRole'],
    },
    {
      name: 'a query that cannot be read',
      request: logsRequest('StartQuery', { startTime: 0, endTime: 1, queryString: 'x', logGroupName: 'g' }),
      status: 400,
      parts: [
        'MalformedQueryException',
        '"queryCompileError":{"location":{"startCharOffset":3,"endCharOffset":5},"message":"unexpected symbol"}',
      ],
    },
    {
      name: 'a service error',
      request: logsRequest('DeleteLogGroup', { logGroupName: 'g' }),
      status: 400,
      parts: ['ResourceNotFoundException', 'The specified log group does not exist.'],
    },
    {
      name: 'an action that there is not',
      request: form('ec2', { Action: 'MakeCoffee', Version: '2016-11-15' }),
      status: 400,
      parts: ['<Code>InvalidAction</Code>', 'The action MakeCoffee is not valid for this web service.'],
    },
    {
      name: 'another service than the one that it was signed for',
      request: { ...logsRequest('DescribeLogGroups', {}), service: 'ec2' },
      status: 400,
      parts: ['InvalidSignatureException', "Credential should be scoped to correct service: 'logs'. "],
    },
    {
      name: 'JSON that is none',
      request: logsRequest('DescribeLogGroups', '{"limit":'),
      status: 400,
      parts: ['SerializationException'],
    },
    {
      name: 'text that is no UTF-8',
      request: { ...logsRequest('DescribeLogGroups', {}), body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) },
      status: 400,
      parts: ['SerializationException'],
    },
    {
      name: 'a body of a million brackets',
      request: logsRequest('DescribeLogGroups', '['.repeat(1_000_000)),
      status: 400,
      parts: ['SerializationException'],
    },
    {
      name: 'EC2: a body that is too large',
      request: { ...describeVpcs, body: 'x'.repeat(2_100_000) },
      status: 413,
      parts: ['<Code>RequestEntityTooLarge</Code>'],
    },
    {
      name: 'Logs: a body that is too large when decompressed',
      request: {
        ...logsRequest('PutLogEvents', {}),
        headers: { ...logsRequest('PutLogEvents', {}).headers, 'content-encoding': 'gzip' },
        body: gzipSync(Buffer.alloc(9 * 1024 * 1024)),
      },
      status: 413,
      parts: ['RequestEntityTooLargeException'],
    },
    {
      name: 'a compression that there is not',
      request: { ...describeVpcs, headers: { ...describeVpcs.headers, 'content-encoding': 'br' } },
      status: 400,
      parts: ['MalformedHttpRequestException', 'br'],
    },
  ];

  it.each(rows)('$name', async ({ request, status, parts, denied = [] }) => {
    served = await ServedActions.open(apis, { denied });
    const answer = await served.send(request);
    expect(answer.status).toBe(status);
    for (const part of parts) expect(unescaped(answer.body)).toContain(part);
  });

  it('unsigned, unknown key, altered', async () => {
    served = await ServedActions.open(apis);
    const signed = await signedRequest(served.server.url, describeVpcs);
    const { authorization: _, ...unsigned } = signed.headers ?? {};
    expect(await served.raw({ ...signed, headers: unsigned })).toMatchObject({
      status: 403,
      body: expect.stringContaining('MissingAuthenticationToken'),
    });
    expect(await served.raw(logsRequest('DescribeLogGroups', {}))).toMatchObject({
      status: 400,
      body: expect.stringContaining('MissingAuthenticationTokenException'),
    });
    expect(await served.raw({ ...signed, body: `${signed.body}&x=1` })).toMatchObject({
      status: 401,
      body: expect.stringContaining('AuthFailure'),
    });
    const authorization = signed.headers?.authorization.replace(accessKeyId, 'AKIDOTHER') ?? '';
    expect(await served.raw({ ...signed, headers: { ...signed.headers, authorization } })).toMatchObject({
      status: 401,
      body: expect.stringContaining('AWS was not able to validate the provided access credentials'),
    });
    const metrics = await served.raw({ method: 'GET', path: '/metrics' });
    expect(metrics.body).toContain('headgate_api_signature_failures_total{code="AuthFailure"} 2');
  });

  it('our own faults are told with the request, and no more', async () => {
    served = await ServedActions.open(apis);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => served.send(logsRequest('GetQueryResults', { queryId: 'secret-id' }))),
    );
    const requestId = answers[0].headers['x-amzn-requestid'];
    expect(answers[0]).toMatchObject({ status: 500, body: expect.stringContaining('InternalFailure') });
    expect(answers[0].body).toContain(requestId);
    expect(answers[0].body).not.toContain('something is not a function');
    expect(served.reports).toHaveLength(10);
    expect(served.reports.join('\n')).toContain(requestId);
    expect(served.reports[0]).toContain('TypeError: something is not a function\n');
    expect(served.reports.join('\n')).not.toContain('secret-id');
  });
});

function unescaped(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&apos;', "'").replaceAll('&quot;', '"');
}

describe('hosts', () => {
  it.each([
    ['evil.example', 403],
    ['gate.example', 401],
    ['stream-localhost:1', 401],
  ])('%s', async (host, status) => {
    served = await ServedActions.open(apis, { hosts: ['gate.example'] });
    const signed = await signedRequest(served.server.url, describeVpcs);
    const answer = await served.raw({ ...signed, headers: { ...signed.headers, host } });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toContain('--host evil.example');
  });

  it('metrics are told to no page from elsewhere', async () => {
    served = await ServedActions.open(apis);
    const answer = await served.raw({ method: 'GET', path: '/metrics', headers: { host: 'evil.example' } });
    expect(answer.status).toBe(403);
  });

  it('two at once are refused', async () => {
    served = await ServedActions.open(apis);
    const text = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n';
    expect(await served.bytes(text, (got) => got.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe('what needs no signature', () => {
  it('/healthz says whether all is well', async () => {
    let status = 'ok';
    served = await ServedActions.open(apis, { health: () => ({ status }) });
    const ask = () => served.raw({ method: 'GET', path: '/healthz' });
    expect(await ask()).toMatchObject({ status: 200, body: '{"status":"ok"}\n' });
    status = 'store failed';
    expect(await ask()).toMatchObject({ status: 503, body: '{"status":"store failed"}\n' });
  });

  it("/metrics has the server's own counts and the others", async () => {
    const counters = new ServerCounters();
    served = await ServedActions.open(apis, { metrics: () => 'other 1\n', counters });
    await served.send(describeVpcs);
    const { body, headers } = await served.raw({ method: 'GET', path: '/metrics?x=1' });
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('headgate_api_requests_total{service="ec2",action="DescribeVpcs",status="200"} 1');
    expect(body).toContain('headgate_api_request_seconds_count{service="ec2"} 1');
    expect(body).toMatch(/other 1\n$/);
    for (const line of body.split('\n').slice(0, -1)) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) \S+ .+|[a-z_]+(?:\{[^}]*\})? [\d.e-]+)$/);
    }
  });

  it.each([
    ['http://localhost:4650', 204],
    ['https://127.0.0.1', 204],
    ['http://evil.example', 403],
    ['null', 403],
  ])('a preflight from %s', async (origin, status) => {
    served = await ServedActions.open(apis);
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-amz-date',
    };
    const answer = await served.raw({ method: 'OPTIONS', headers });
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBe(status === 204 ? origin : undefined);
    const signed = await signedRequest(served.server.url, describeVpcs);
    const asked = await served.raw({ ...signed, headers: { ...signed.headers, origin } });
    expect(asked.headers['access-control-allow-origin']).toBe(status === 204 ? origin : undefined);
  });
});

describe('event streams', () => {
  it('that fail before they begin are errors like others', async () => {
    served = await ServedActions.open(apis);
    expect(await served.send(logsRequest('StartLiveTail', { logGroupIdentifiers: ['none'] }))).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: expect.stringContaining('ResourceNotFoundException'),
    });
  });

  it('end when the client goes, and when the server closes', async () => {
    served = await ServedActions.open(apis);
    tailsEnded = 0;
    const request = logsRequest('StartLiveTail', { logGroupIdentifiers: ['group'] });
    const text = rawText(await signedRequest(served.server.url, request));
    const hasBegun = (got: string) => got.includes('sessionStart') || got.includes('session"');
    const first = await served.bytes(text, hasBegun);
    expect(first).toContain('application/vnd.amazon.eventstream');
    expect(first).toContain('initial-response');
    await expect.poll(() => tailsEnded + Number(calls[0].signal.aborted)).toBeGreaterThan(0);

    const socket = connect(served.server.port, '127.0.0.1', () => socket.write(text));
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    await new Promise<void>((resolve) =>
      socket.on('data', (piece) => hasBegun(piece.toString()) && resolve()),
    );
    const beganMs = Date.now();
    await served.server.close();
    await ended;
    expect(Date.now() - beganMs).toBeLessThan(2000);
  });
});
