import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { at, OpenedStreams } from '../../test/open-streams.ts';
import { isLong } from '../../test/runs.ts';
import { deliveryStreams } from './kinds.ts';
import { writeParcel } from './parcel-file.ts';

let opened: OpenedStreams;
let server: Server;
let url: string;
const sockets = new Set<Socket>();
/** What the server does with a connection. */
let answer: (socket: Socket) => void = () => undefined;

beforeAll(async () => {
  opened = await OpenedStreams.open({ httpTimeoutMs: 30_000 });
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume();
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => opened.clear());
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await opened.close();
});

const put = (...records: readonly (string | Uint8Array)[]) => opened.put('flows', ...records);
const extraction = {
  Enabled: true,
  Processors: [
    { Type: 'Decompression' as const },
    {
      Type: 'CloudWatchLogProcessing' as const,
      Parameters: [{ ParameterName: 'DataMessageExtraction' as const, ParameterValue: 'true' }],
    },
  ],
};

describe('an endpoint that means no good', () => {
  /** Writes until nobody reads, and says how much that was. */
  const pour = (head: string, piece: string) => (socket: Socket) => {
    socket.write(head);
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };

  it.each<[string, (socket: Socket) => void, string]>([
    ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), 'ConnectionFailed'],
    [
      'has headers without an end',
      pour('HTTP/1.1 200 OK\r\n', `x: ${'y'.repeat(1000)}\r\n`),
      'ConnectionFailed',
    ],
    [
      'has a body without an end',
      pour('HTTP/1.1 500 Broken\r\n\r\n', 'z'.repeat(65_536)),
      'ResponseTooLarge',
    ],
    [
      'sends a byte now and then',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const timer = setInterval(() => socket.write('x'), 20);
        socket.on('close', () => clearInterval(timer));
      },
      'RequestTimeout',
    ],
    [
      'only says that it goes on',
      (socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      },
      'RequestTimeout',
    ],
    [
      'has a length that is none',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}'),
      'ConnectionFailed',
    ],
  ])('and %s holds up nothing, and is asked again', async (_, does, code) => {
    answer = does;
    if (code === 'RequestTimeout') await opened.reopen({ httpTimeoutMs: 100 });
    await opened.toEndpoint('flows', url);
    await put('a');
    await opened.pass(60);
    expect(opened.status('flows').lastError?.code).toBe(`HttpEndpoint.${code}`);
    expect(opened.status('flows').bufferedRecords).toBe(1);
    await new Promise(setImmediate);
    expect(
      [...sockets].filter((socket) => !socket.destroyed && socket.readyState === 'open').length,
    ).toBeLessThanOrEqual(1);
  });

  it('is told of in one line, without what a terminal would do', async () => {
    const body = 'no\r\nheadgate: all is well\u001b[2J\u009b1m';
    answer = (socket) =>
      socket.end(`HTTP/1.1 500 Broken\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    await opened.toEndpoint('flows', url);
    await put('a');
    await opened.pass(60);
    expect(opened.reports).toHaveLength(1);
    expect(opened.reports[0]).toMatch(/^\P{Cc}+$/u);
    expect(opened.reports[0]).toContain('no headgate: all is well');
  });
});

describe('records that mean no good', () => {
  it.skipIf(!isLong)(
    'as they hold hundreds of thousands of messages, are tried with their endpoint',
    async () => {
      const events = Array.from({ length: 200_000 }, () => ({ message: '' }));
      answer = (socket) => socket.end('HTTP/1.1 413 Large\r\ncontent-length: 0\r\n\r\n');
      await opened.toEndpoint('flows', url, { ProcessingConfiguration: extraction });
      await put(gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents: events })));
      await opened.pass(60);
      const [failed = ''] = await opened.contents('flows', 'http-endpoint-failed/');

      expect(failed.split('\n')).toHaveLength(200_001);
    },
  );

  it.each<[string, Uint8Array]>([
    ['deep nesting', Buffer.from(`${'['.repeat(100_000)}`)],
    ['a prototype', Buffer.from('{"__proto__":{"messageType":"DATA_MESSAGE","logEvents":[]}}')],
    ['events that are none', Buffer.from('{"messageType":"DATA_MESSAGE","logEvents":[null]}')],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['nothing', Buffer.alloc(0)],
  ])('as their JSON has %s, are among the failed', async (_, text) => {
    await opened.toBucket('flows', { ProcessingConfiguration: extraction });
    await put(gzipSync(text));
    await opened.pass(60);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 1, failedRecords: 1 });
    expect(opened.keys()).toEqual([expect.stringMatching(/^processing-failed\//)]);
  });
});

describe('records that are a thousand times as long when they are decompressed', () => {
  const zeros = gzipSync(Buffer.alloc(100_000));
  const processing = { Enabled: true, Processors: [{ Type: 'Decompression' as const }] };

  it('become an object of bounded size; the others are under the error prefix, as they came', async () => {
    await opened.reopen({ mostObjectBytes: 350_000 });
    await opened.toBucket('flows', { ProcessingConfiguration: processing });
    await put(zeros, zeros, zeros, zeros, gzipSync('small'), zeros);
    await opened.pass(60);
    expect((await opened.contents('flows', '2026/')).map((text) => text.length)).toEqual([300_005]);
    const [failed = ''] = await opened.contents('flows', 'decompression-failed/');
    const lines = failed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const expected = { errorCode: 'Decompression.ObjectTooLarge', rawData: zeros.toString('base64') };
    expect(lines).toEqual([expect.objectContaining(expected), expect.objectContaining(expected)]);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 6, failedRecords: 2 });
  });

  it('are in the backup as they came where an endpoint takes none', async () => {
    await opened.reopen({ mostObjectBytes: 150_000 });
    answer = (socket) => socket.end('HTTP/1.1 413 Large\r\ncontent-length: 0\r\n\r\n');
    await opened.toEndpoint('flows', url, { ProcessingConfiguration: processing });
    await put(zeros, zeros);
    await opened.pass(60);
    const [failed = ''] = await opened.contents('flows', 'http-endpoint-failed/');
    const sizes = failed
      .trim()
      .split('\n')
      .map((line) => Buffer.from(JSON.parse(line).rawData, 'base64').length);
    expect(sizes).toEqual([100_000, zeros.length]);
  });
});

describe('a stream', () => {
  it('that is deleted twice, the first time still, is not gone before that', async () => {
    let end: () => void = () => undefined;
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    let begun: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slowly = async () => {
      begun();
      await ending;
      return { kind: 'taken' } as const;
    };
    await opened.reopen({ bucketTarget: () => ({ put: slowly }) });
    await opened.toBucket('flows');
    await put('old');
    const passing = opened.pass(60);
    await beginning;
    const removing = [opened.streams.remove(at('flows')), opened.streams.remove(at('flows'))];
    await Promise.race([...removing, new Promise((resolve) => setTimeout(resolve, 30))]);
    const { place, name } = at('flows');
    expect(opened.account.resources.get(deliveryStreams, place, name)?.DeliveryStreamStatus).toBe('DELETING');
    end();
    await Promise.all([...removing, passing]);
    expect(opened.account.resources.get(deliveryStreams, place, name)).toBeUndefined();
  });

  it('that is deleted by many at once frees its room once', async () => {
    await opened.reopen({ bounds: { streamBytes: 2000, totalBytes: 2000 } });
    await opened.toBucket('other');
    await opened.toBucket('flows');
    await put('a'.repeat(1000));
    await Promise.allSettled([0, 1, 2].map(() => opened.streams.remove(at('flows'))));
    await opened.put('other', 'a'.repeat(1000));
    await expect(opened.put('other', 'a'.repeat(1000))).rejects.toMatchObject({
      code: 'ServiceUnavailableException',
    });
  });
});

describe('a parcel', () => {
  it('that could not be written leaves its room to others', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'headgate-parcel-'));
    const file = path.join(folder, 'x.main');
    async function* pieces() {
      yield Buffer.alloc(2 ** 20);
      throw new Error('no space left');
    }
    await expect(writeParcel(file, pieces(), false)).rejects.toThrow('no space left');
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
