import { readdirSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeParquet } from '../../src/record/parquet.ts';
import { parseLines } from '../../src/record/parse-lines.ts';
import { sharedData } from '../shared-data.ts';
import { records, smallPcap, startSeconds } from './captures.ts';
import { type Ended, headgate, linesOf, Scratch, start } from './headgate.ts';

const scratch = new Scratch();
/** Stores that last as long as a command are made here. */
const temporary = scratch.folder();
process.env.TMPDIR = temporary;

const header =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const lines = `${records.join('\n')}\n`;
const rejected = records[0].replace('ACCEPT', 'REJECT');
const talkers = 'stats sum(bytes) as bytes, count(*) as n by srcAddr | sort bytes desc, srcAddr';
const query = (folder: string, text: string, ...args: readonly string[]): Promise<Ended> =>
  headgate(folder, ['query', text, ...args]);

/** What `talkers` answers about the eight records. */
const answer = [
  'srcAddr     bytes  n',
  '10.0.1.9      140  4',
  '10.0.1.5       80  2',
  '192.0.2.53     58  2',
];

describe.concurrent('headgate query FILE', () => {
  it.each<{ name: string; files: Record<string, string | Uint8Array>; args: string[] }>([
    { name: 'records', files: { f: lines }, args: ['f'] },
    { name: 'an object of S3', files: { 'f.log.gz': gzipSync(`${header}\n${lines}`) }, args: ['f.log.gz'] },
    {
      name: 'Parquet',
      files: { f: encodeParquet(parseLines(lines.trimEnd(), parseLines(header).format)) },
      args: ['f'],
    },
    {
      name: 'two files',
      files: { a: `${records.slice(0, 4).join('\n')}\n`, b: `${header}\n${records.slice(4).join('\n')}` },
      args: ['a', 'b'],
    },
    {
      name: 'an export',
      files: { '000000.gz': gzipSync(records.map((each) => `2023-11-14T22:14:00.000Z ${each}\n`).join('')) },
      args: ['000000.gz'],
    },
    {
      name: 'what the AWS CLI prints',
      files: {
        'f.json': JSON.stringify(
          {
            events: records.map((message, i) => ({
              logStreamName: `s-${i % 2}`,
              timestamp: startSeconds * 1000,
              message,
              ingestionTime: startSeconds * 1000,
              eventId: String(i),
            })),
          },
          undefined,
          4,
        ),
      },
      args: ['f.json'],
    },
  ])('answers from $name', async ({ files, args }) => {
    const { code, stdout, stderr } = await query(scratch.folder(files), talkers, ...args);
    expect(linesOf(stdout)).toEqual(answer);
    expect(stderr).toMatch(
      /^3 rows, 8 of 8 events matched, [0-9.]+ (?:B|KiB) scanned in 1 log group, [0-9.]+ s\n$/,
    );
    expect(code).toBe(0);
  });

  it('answers from standard input', async () => {
    const { stdout } = await headgate(scratch.folder(), ['query', talkers, '-'], Buffer.from(lines));
    expect(linesOf(stdout)).toEqual(answer);
  });

  it('answers from what headgate capture wrote, as text and as Parquet, of the time asked for', async () => {
    const folder = scratch.folder({ 'a.pcap': smallPcap });
    for (const format of ['plain-text', 'parquet']) {
      await headgate(folder, ['capture', 'a.pcap', '--output', format, '--file-format', format]);
      const whole = await query(folder, talkers, format);
      expect(linesOf(whole.stdout)).toEqual(answer);
      const minute = await query(folder, 'stats count(*) as n', format, '--start', String(startSeconds + 60));
      expect(linesOf(minute.stdout)).toEqual(['n', '2']);
      const dayBefore = await query(
        folder,
        'stats count(*) as n',
        format,
        '--end',
        String(startSeconds - 86_400),
      );
      expect(linesOf(dayBefore.stdout)).toEqual(['n', '0']);
      expect(dayBefore.stderr).toContain('1 folder or file is passed over: of another time');
    }
  });

  it('answers with the fields of another format', async () => {
    const folder = scratch.folder({ f: 'eni-1 ACCEPT 7\neni-1 REJECT 5\n' });
    const format = '$' + '{interface-id} $' + '{action} $' + '{packets}';
    const { stdout } = await query(
      folder,
      'filter action = "REJECT" | stats sum(packets)',
      'f',
      '--format',
      format,
    );
    expect(linesOf(stdout)).toEqual(['sum(packets)', '           5']);
  });

  it('answers about JSON and about any text', async () => {
    const folder = scratch.folder({
      'a.json': '{"level":"info","ms":1}\n{"level":"error","ms":12}\n',
      'b.log': '2026-05-24 10:00:00 ERROR disk full\n2026-05-24 10:00:01 INFO fine\n',
    });
    const json = await query(folder, 'filter level = "error" | stats max(ms) as ms', 'a.json');
    expect(linesOf(json.stdout)).toEqual(['ms', '12']);
    const text = await query(folder, 'fields @timestamp, @message | filter @message like /ERR/', 'b.log');
    expect(linesOf(text.stdout)[1]).toBe('2026-05-24 10:00:00.000  2026-05-24 10:00:00 ERROR disk full');
  });

  it('prints JSON and CSV', async () => {
    const folder = scratch.folder({ f: lines });
    const json = await query(folder, talkers, 'f', '--output', 'json', '--limit', '1');
    expect(JSON.parse(json.stdout)).toEqual([{ srcAddr: '10.0.1.9', bytes: '140', n: '4' }]);
    const csv = await query(folder, `${talkers} | limit 1`, 'f', '--output', 'csv', '--limit', '5');
    expect(csv.stdout).toBe('srcAddr,bytes,n\r\n10.0.1.9,140,4\r\n');
    const none = await query(folder, 'filter bytes > 1e9', 'f', '--output', 'json');
    expect(none.stdout).toBe('[]\n');
  });

  it('leaves the pointer out, and all files be', async () => {
    const folder = scratch.folder({ f: lines });
    const { stdout } = await query(folder, 'fields srcPort | sort srcPort | limit 2', 'f');
    expect(linesOf(stdout)).toEqual(
      ['srcPort', '22', '22'].map((text) => text.padStart(7)).map((t) => t.trimEnd()),
    );
    expect(readdirSync(folder)).toEqual(['f']);
  });

  it('keeps lines that are no records, and says so', async () => {
    const folder = scratch.folder({
      f: `${header}\n${lines}not a record\n${rejected.replace(' 22 ', ' 022 ')}\n`,
    });
    const { code, stdout, stderr } = await query(
      folder,
      'stats count(*) as n, count(action) as records',
      'f',
    );
    expect(linesOf(stdout)[1].trim()).toMatch(/^10 +/);
    expect(stderr).toMatch(/[12] (?:records? (?:is|are)|lines? (?:is|are)) kept as text/);
    expect(code).toBe(0);
  });

  it('answers from what can be read, names what cannot, and ends with 1', async () => {
    const folder = scratch.folder({ a: lines, 'b.gz': gzipSync(lines).subarray(0, 50) });
    const { code, stdout, stderr } = await query(folder, 'stats count(*) as n', 'a', 'b.gz');
    expect(linesOf(stdout)).toEqual(['n', '8']);
    expect(stderr).toContain('b.gz: damaged gzip data');
    expect(code).toBe(1);
  });

  it.each([
    { name: 'no query', args: [], says: 'headgate query: expected a query' },
    { name: 'a file that is not there', args: ['limit 1', 'none'], says: 'cannot read none: no such file' },
    { name: 'a capture', args: ['limit 1', 'a.pcap'], says: 'it is a capture of packets' },
    {
      name: 'a time',
      args: ['limit 1', 'f', '--start', 'noon'],
      says: '--start: found "noon", expected 30m',
    },
    {
      name: 'a limit',
      args: ['limit 1', 'f', '--limit', '0'],
      says: '--limit: found "0", expected 1 to 100000',
    },
    {
      name: 'an output',
      args: ['limit 1', 'f', '--output', 'xml'],
      says: '--output: found "xml", expected table, json or csv',
    },
    {
      name: 'a group for files',
      args: ['limit 1', 'f', '--log-group', 'g'],
      says: '--log-group names groups of the store',
    },
    { name: 'a format for the store', args: ['limit 1', '--format', 'x'], says: '--format is for files' },
    { name: 'a store that is not there', args: ['limit 1'], says: 'headgate-data holds no log store' },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await headgate(scratch.folder({ f: lines, 'a.pcap': smallPcap }), [
      'query',
      ...args,
    ]);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('shows where a query is wrong', async () => {
    const { code, stderr } = await query(scratch.folder({ f: lines }), 'filter srcAddr == 5', 'f');
    const [what, line, carets] = linesOf(stderr);
    expect(what).toMatch(/^headgate query: unexpected symbol found =/);
    expect(line).toBe('  filter srcAddr == 5');
    expect(carets).toMatch(/^ {18}\^$/);
    expect(code).toBe(2);
  });

  it.skipIf(!sharedData)('answers from the records of others', async () => {
    const folder = path.join(sharedData ?? '', 'records');
    const parquet = await query(
      scratch.folder(),
      'stats count(*) as n by logStatus | sort n desc',
      path.join(folder, 'flows.parquet'),
    );
    expect(linesOf(parquet.stdout)[1]).toMatch(/^NODATA +2$/);
    const json = await query(
      scratch.folder(),
      'stats count(*) as n by action | sort action',
      path.join(folder, 'opensearch-sample.json'),
    );
    expect(linesOf(json.stdout).length).toBeGreaterThan(1);
    expect(json.code).toBe(0);
  });
});

describe('headgate query FILE that is stopped', () => {
  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('by $signal leaves nothing behind', async ({ signal, code }) => {
    const running = start(scratch.folder(), ['query', 'stats count(*)', '-']);
    await running.write(Buffer.from(lines));
    await running.listensToSignals();
    while (readdirSync(temporary).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill(signal);
    running.child.stdin?.end(lines);
    expect((await running.ended).code).toBe(code);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
