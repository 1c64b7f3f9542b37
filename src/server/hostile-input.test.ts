import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { form, logsRequest, type SentRequest, ServedActions, signedRequest } from '../../test/api-server.ts';
import type { ServiceApi } from '../api/index.ts';
import { ApiServer } from './api-server.ts';

let release: () => void = () => undefined;
const mebibyte = 1024 * 1024;

const apis: readonly ServiceApi[] = [
  {
    service: 'ec2',
    actions: {
      DescribeVpcs: { run: () => ({ Vpcs: [] }) },
      DescribeSubnets: {
        run: () =>
          new Promise((resolve) => {
            release = () => resolve({ Subnets: [] });
          }),
      },
      DescribeInstances: { run: () => ({ NextToken: 'x'.repeat(8 * mebibyte) }) },
    },
  },
  { service: 'logs', actions: { DescribeLogGroups: { run: () => ({ logGroups: [] }) } } },
];

let served: ServedActions;

afterEach(() => served.server.close());

const ec2 = (action: string) => form('ec2', { Action: action, Version: '2016-11-15' });
const isAlive = async () => expect((await served.send(ec2('DescribeVpcs'))).status).toBe(200);

function rawText({ method = 'POST', path: target = '/', headers = {}, body = '' }: SentRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}content-length: ${body.length}\r\n\r\n${body}`;
}

function opened(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(served.server.port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
}

const ended = (socket: Socket) =>
  new Promise<string>((resolve) => {
    let received = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      received += piece.toString('latin1');
    });
    socket.on('close', () => resolve(received));
  });

describe('garbage', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    ['TLS', Buffer.from('160301020001000001fc0303', 'hex'), /^HTTP\/1\.1 400/],
    ['too long headers', `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      /400/,
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /400/,
    ],
    [
      'a chunk that is none',
      'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /400|403/,
    ],
  ])('%s', async (_name, text, answer) => {
    served = await ServedActions.open(apis);
    expect(await served.bytes(text, (got) => got.includes('\r\n\r\n'))).toMatch(answer);
    await isAlive();
  });

  it('random requests are answered, whatever they are', async () => {
    served = await ServedActions.open(apis);
    const name = fc.constantFrom('x-amz-target', 'content-type', 'smithy-protocol', 'accept', 'x-amz-date');
    const value = fc.string({
      unit: fc.constantFrom(...'Logs_20140328.DescribeLogGroups/application-json;ä '),
      maxLength: 30,
    });
    const action = fc.constantFrom('DescribeVpcs', '', '%', 'x'.repeat(300));
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc.tuple(action, fc.string()).map(([one, rest]) => Buffer.from(`Action=${one}&${rest}`)),
    );
    const requests = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD'),
      path: fc.constantFrom('/', '/service/x/operation/y', '/%ff?%', '/?Action=DescribeVpcs'),
      service: fc.constantFrom('ec2', 'logs', 'iam', 'nothing'),
      headers: fc.dictionary(
        name,
        value.map((text) => text.trim().replace(/[^\x20-\x7e]/g, '?')),
      ),
      body,
    });
    await fc.assert(
      fc.asyncProperty(requests, fc.boolean(), async (request, isSigned) => {
        const answer = isSigned
          ? await served.send(request).catch(() => undefined)
          : await served.raw(request);
        if (answer) expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    expect(served.reports).toEqual([]);
    await isAlive();
  });
});

describe('slow and rude clients', () => {
  it('a body that stalls is given up; one that trickles is not', async () => {
    served = await ServedActions.open(apis, { limits: { stallMs: 200 } });
    const text = rawText(await signedRequest(served.server.url, ec2('DescribeVpcs')));
    const [stalling, trickling] = [await opened(), await opened()];
    const stalled = ended(stalling);
    stalling.write(text.slice(0, -5));
    const trickled = ended(trickling);
    trickling.write(text.slice(0, -10));
    for (const letter of text.slice(-10)) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      trickling.write(letter);
    }
    expect(await stalled).toMatch(/^HTTP\/1\.1 408[\s\S]*RequestTimeout/);
    await new Promise((resolve) => setTimeout(resolve, 50));
    trickling.destroy();
    expect(await trickled).toMatch(/^HTTP\/1\.1 200/);
  });

  it('who goes in the middle leaves nothing behind', async () => {
    served = await ServedActions.open(apis);
    const text = rawText(await signedRequest(served.server.url, ec2('DescribeVpcs')));
    for (let at = 20; at < text.length; at += 60) {
      const socket = await opened();
      socket.write(text.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
    }
    await isAlive();
    await expect
      .poll(async () => (await served.raw({ method: 'GET', path: '/metrics' })).body)
      .toMatch(
        /headgate_api_connections 1\n[\s\S]*headgate_api_requests_running 0\n[\s\S]*headgate_api_held_bytes 0\n/,
      );
    expect(served.reports).toEqual([]);
  });

  it('who does not read his answer is sent away', async () => {
    served = await ServedActions.open(apis, { limits: { stallMs: 200 } });
    const text = rawText(await signedRequest(served.server.url, ec2('DescribeInstances')));
    const socket = await opened();
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(text);
    await expect
      .poll(async () => (await served.raw({ method: 'GET', path: '/metrics' })).body, { timeout: 5000 })
      .toMatch(/headgate_api_requests_total\{[^}]*DescribeInstances[\s\S]*headgate_api_requests_running 0\n/);
    socket.destroy();
  });

  it('bodies of one address leave room for others', async () => {
    served = await ServedActions.open(apis, { limits: { heldBytesOfAddress: mebibyte } });
    const request = { ...ec2('DescribeVpcs'), body: `Action=DescribeVpcs&x=${'y'.repeat(1.5 * mebibyte)}` };
    expect(await served.send(request)).toMatchObject({
      status: 503,
      body: expect.stringContaining('<Code>RequestLimitExceeded</Code>'),
    });
    const logs = { ...logsRequest('DescribeLogGroups', {}), body: ' '.repeat(1.5 * mebibyte) };
    expect(await served.send(logs)).toMatchObject({
      status: 400,
      body: expect.stringContaining('ThrottlingException'),
    });
    await isAlive();
  });

  it('answers of one address leave room for others', async () => {
    served = await ServedActions.open(apis, { limits: { heldBytesOfAddress: mebibyte } });
    expect(await served.send(ec2('DescribeInstances'))).toMatchObject({
      status: 503,
      body: expect.stringContaining('<Code>RequestLimitExceeded</Code>'),
    });
    await isAlive();
  });

  it('too many requests at a time are told to come later', async () => {
    served = await ServedActions.open(apis, { limits: { requestsOfAddress: 1 } });
    const running = served.send(ec2('DescribeSubnets'));
    await expect.poll(async () => (await served.send(ec2('DescribeVpcs'))).status).toBe(503);
    release();
    expect((await running).status).toBe(200);
    await isAlive();
  });

  it('bodies that trickle keep nobody out', async () => {
    served = await ServedActions.open(apis, { limits: { requestsOfAddress: 2 } });
    const text = rawText(await signedRequest(served.server.url, ec2('DescribeVpcs')));
    const sockets = await Promise.all([opened(), opened()]);
    const ends = sockets.map(ended);
    for (const socket of sockets) socket.write(text.slice(0, -2));
    await expect
      .poll(async () => (await served.send(ec2('DescribeVpcs'))).status, { timeout: 5000 })
      .toBe(200);
    await Promise.race(ends);
    for (const socket of sockets) socket.destroy();
  });

  it('one access key leaves room for others', async () => {
    served = await ServedActions.open(apis, { limits: { requestsOfKey: 1 } });
    const running = served.send(ec2('DescribeSubnets'));
    await expect
      .poll(async () => (await served.send(logsRequest('DescribeLogGroups', {}))).body)
      .toContain('ThrottlingException');
    release();
    expect((await running).status).toBe(200);
  });

  it('idle connections give way to new ones', async () => {
    served = await ServedActions.open(apis, { limits: { connections: 20 } });
    const idle = await Promise.all(Array.from({ length: 20 }, () => opened()));
    const closed = idle.map((socket) => ended(socket));
    await isAlive();
    await Promise.race(closed);
    for (const socket of idle) socket.destroy();
  });
});

describe('close', () => {
  it('answers what was asked, and takes no more', async () => {
    served = await ServedActions.open(apis);
    const running = served.send(ec2('DescribeSubnets'));
    await expect.poll(() => served.permissions.length).toBe(1);
    const closed = served.server.close();
    await expect(opened()).rejects.toThrow();
    release();
    expect(await running).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await closed;
  });

  it('does not wait for who has asked for nothing', async () => {
    served = await ServedActions.open(apis);
    const closed = ended(await opened());
    await isAlive();
    const beganMs = Date.now();
    await served.server.close();
    await closed;
    expect(Date.now() - beganMs).toBeLessThan(2000);
  });

  it('waits no longer than it should', async () => {
    served = await ServedActions.open(apis, { limits: { closeMs: 100 } });
    const running = served.send(ec2('DescribeSubnets'));
    await expect.poll(() => served.permissions.length).toBe(1);
    await Promise.all([served.server.close(), expect(running).rejects.toThrow()]);
  });
});

describe('listen', () => {
  it('says what is wrong', async () => {
    served = await ServedActions.open(apis);
    const { port } = served.server;
    await expect(ServedActions.open(apis, { port })).rejects.toMatchObject({ code: 'CannotListen' });
    await expect(ServedActions.open(apis, { address: '0.0.0.0' })).rejects.toMatchObject({
      code: 'UnsafeListen',
    });
    await expect(ServedActions.open(apis, { tls: { cert: 'x', key: 'y' } })).rejects.toMatchObject({
      code: 'BadCertificate',
    });
    expect(ApiServer.name).toBe('ApiServer');
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('TLS (needs openssl)', () => {
  it('is served, and told to policies', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'headgate-tls-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
    execFileSync(
      'openssl',
      [
        ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost'.split(
          ' ',
        ),
        ...['-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    served = await ServedActions.open(apis, { tls: { cert: readFileSync(cert), key: readFileSync(key) } });
    rmSync(folder, { recursive: true });
    expect(served.server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    await isAlive();
    expect(served.permissions[0].keys['aws:SecureTransport']).toBe('true');
    await served.bytes('GET / HTTP/1.1\r\n\r\n');
    await isAlive();
  });
});
