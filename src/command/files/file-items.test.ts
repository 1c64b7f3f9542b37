import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../test/shared-data.ts';
import { type LogFormat, parseHeader } from '../../record/index.ts';
import { type FileItems, fileItems } from './file-items.ts';
import type { InputFile } from './input-files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-items-'));
afterAll(() => rmSync(folder, { recursive: true }));
const modifiedMs = Date.UTC(2026, 0, 1);

function file(name: string, content: string | Uint8Array): InputFile {
  const at = path.join(folder, name);
  writeFileSync(at, content);
  return { name: at, path: at, bytes: Buffer.byteLength(content), modifiedMs };
}

async function read(from: InputFile, format?: LogFormat): Promise<FileItems[]> {
  const items: FileItems[] = [];
  const options = {
    onRead: () => undefined,
    signal: new AbortController().signal,
    onTooLong: () => undefined,
    readParquet: () => expect.unreachable(),
    ...(format ? { format } : {}),
  };
  for await (const some of fileItems(from, options)) items.push(some);
  return items;
}

const record = '2 123456789010 eni-1 10.0.0.1 10.0.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK';
const time = Date.UTC(2026, 4, 24, 10);

describe('fileItems', () => {
  it.each<{ name: string; file?: string; text: string; items: unknown[] }>([
    { name: 'nothing', text: '', items: [] },
    { name: 'records without a header', text: `${record}\n`, items: [{ kind: 'lines', lines: [record] }] },
    {
      name: 'a header',
      text: 'srcaddr dstaddr\n10.0.0.1 10.0.0.2\n',
      items: [{ kind: 'lines', lines: ['10.0.0.1 10.0.0.2'], format: parseHeader('srcaddr dstaddr') }],
    },
    {
      name: 'a header behind a byte order mark',
      text: '\ufeffsrcaddr dstaddr\n10.0.0.1 10.0.0.2\n',
      items: [{ kind: 'lines', lines: ['10.0.0.1 10.0.0.2'], format: parseHeader('srcaddr dstaddr') }],
    },
    {
      name: 'several files in one',
      text: 'srcaddr action\na b\naction srcaddr\nc d\ne f\n',
      items: [
        { kind: 'lines', lines: ['a b'], format: parseHeader('srcaddr action') },
        { kind: 'lines', lines: ['c d', 'e f'], format: parseHeader('action srcaddr') },
      ],
    },
    {
      name: 'an export by its name',
      file: '000000',
      text: '2026-05-24T10:00:00.000Z hello world\n2026-05-24T10:00:01.500Z \n',
      items: [
        {
          kind: 'events',
          events: [
            { timestamp: time, message: 'hello world' },
            { timestamp: time + 1500, message: '' },
          ],
        },
      ],
    },
    {
      name: 'an export of records',
      text: `2026-05-24T10:00:00.000Z ${record}\n`,
      items: [{ kind: 'events', events: [{ timestamp: time, message: record }] }],
    },
    {
      name: 'a log with times, and lines that go on',
      text: '2026-05-24 12:00:00,250+02:00 ERROR a\n  at b\n[2026-05-24T10:00:01Z] c\n',
      items: [
        {
          kind: 'events',
          events: [
            { timestamp: time + 250, message: '2026-05-24 12:00:00,250+02:00 ERROR a' },
            { timestamp: time + 250, message: '  at b' },
            { timestamp: time + 1000, message: '[2026-05-24T10:00:01Z] c' },
          ],
        },
      ],
    },
    {
      name: 'JSON lines',
      text: '{"time":"2026-05-24T10:00:00Z","a": 1}\n{"a": 2}\n{"ts":1779616802}\nnot JSON\n',
      items: [
        {
          kind: 'events',
          events: [
            { timestamp: time, message: '{"time":"2026-05-24T10:00:00Z","a": 1}' },
            { timestamp: time, message: '{"a": 2}' },
            { timestamp: time + 2000, message: '{"ts":1779616802}' },
            { timestamp: time + 2000, message: 'not JSON' },
          ],
        },
      ],
    },
    {
      name: 'a JSON object over several lines',
      text: '{\n  "a": 1\n}\n',
      items: [{ kind: 'events', events: [{ timestamp: modifiedMs, message: '{"a":1}' }] }],
    },
    {
      name: 'filter-log-events',
      text: JSON.stringify(
        {
          events: [
            { logStreamName: 's', timestamp: 5, message: record, ingestionTime: 6, eventId: '1' },
            { logStreamName: 't', timestamp: 7, message: 'b', ingestionTime: 6, eventId: '2' },
          ],
          searchedLogStreams: [],
        },
        undefined,
        4,
      ),
      items: [
        { kind: 'events', stream: 's', events: [{ timestamp: 5, message: record }] },
        { kind: 'events', stream: 't', events: [{ timestamp: 7, message: 'b' }] },
      ],
    },
    {
      name: 'get-log-events in one line',
      text: '{"events":[{"timestamp":5,"message":"a","ingestionTime":6}],"nextForwardToken":"f/1"}',
      items: [{ kind: 'events', events: [{ timestamp: 5, message: 'a' }] }],
    },
    {
      name: 'what a subscription delivers',
      text: '{"messageType":"DATA_MESSAGE","subscriptionFilters":["x"],"logEvents":[{"id":"1","timestamp":5,"message":"a"}]}',
      items: [{ kind: 'events', events: [{ timestamp: 5, message: 'a' }] }],
    },
    {
      name: 'records inside of JSON',
      text: JSON.stringify([{ body: record, '@timestamp': '2026-05-24T10:00:00Z' }, { body: 'x y' }]),
      items: [
        { kind: 'lines', lines: [record] },
        { kind: 'events', events: [{ timestamp: time, message: '{"body":"x y"}' }] },
      ],
    },
    { name: 'a word', text: 'version\n', items: [{ kind: 'lines', lines: ['version'] }] },
    {
      name: 'text that begins as JSON',
      text: '{not JSON}\n',
      items: [{ kind: 'events', events: [{ timestamp: modifiedMs, message: '{not JSON}' }] }],
    },
    { name: 'text in brackets', text: '[info] a\n', items: [{ kind: 'lines', lines: ['[info] a'] }] },
  ])('reads $name', async ({ file: name = 'file', text, items }) => {
    expect(await read(file(name, text))).toEqual(items);
    expect(await read(file(`${name}.gz`, gzipSync(text)))).toEqual(items);
  });

  it('reads several gzip files in one', async () => {
    const both = Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]);
    const lines = (await read(file('both.gz', both))).flatMap((some) =>
      some.kind === 'lines' ? some.lines : [],
    );
    expect(lines).toEqual(['a', 'b']);
  });

  it('gives lines without a header the format that was asked for', async () => {
    const format = parseHeader('srcaddr action');
    expect(await read(file('f', '10.0.0.1 ACCEPT\n'), format)).toEqual([
      { kind: 'lines', lines: ['10.0.0.1 ACCEPT'], format },
    ]);
  });

  it.each([
    { name: 'a capture', content: Buffer.from('d4c3b2a100000000', 'hex'), says: 'neither text nor Parquet' },
    { name: 'damaged gzip', content: gzipSync(record).fill(7, 20, 30), says: 'damaged gzip data' },
    {
      name: 'gzip that breaks off',
      content: gzipSync(record.repeat(99)).subarray(0, 60),
      says: 'damaged gzip data',
    },
    { name: 'JSON that breaks off', content: '[{"a":1},{"b"', says: 'the JSON breaks off' },
  ])('refuses $name', async ({ content, says }) => {
    const from = file('bad', content);
    await expect(read(from)).rejects.toThrow(`${from.name}: ${says}`);
  });

  it.skipIf(!sharedData)('reads records as OpenSearch keeps them', async () => {
    const at = path.join(sharedData ?? '', 'records/opensearch-sample.json');
    const items = await read({ name: at, path: at, bytes: 1, modifiedMs });
    const lines = items.flatMap((some) => (some.kind === 'lines' ? some.lines : []));
    expect(lines.length).toBeGreaterThan(5);
    expect(lines[0]).toMatch(/^2 111111111111 eni-0e250409d410e1290 162\.142\.125\.177 /);
  });
});
