import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type WrittenFrame, writePcap } from '../capture-file-writer.ts';
import { ethernet, udpPacket } from '../frames.ts';
import { isLong } from '../runs.ts';
import { records, smallPcap } from './captures.ts';
import { type Ended, headgate, linesOf, type Running, Scratch, start } from './headgate.ts';

const scratch = new Scratch();
const lines = `${records.join('\n')}\n`;
const old = ['--start', '2000-01-01'];

describe('headgate logs, query and status of a store', () => {
  let folder: string;
  const run = (...args: readonly string[]): Promise<Ended> => headgate(folder, args);
  beforeAll(async () => {
    folder = scratch.folder({
      'a.pcap': smallPcap,
      text: '2026-05-24T10:00:00Z one\n2026-05-24T10:00:01Z two\n',
    });
    const { stderr, code } = await headgate(folder, ['capture', 'a.pcap', '--store', '--output', 'objects']);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(0);
    await headgate(folder, ['import', 'text', '--log-group', '/app/x']);
  });

  it('lists groups', async () => {
    const { stdout } = await run('logs');
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/^GROUP +STREAMS +EVENTS +BYTES +ON DISK +RETENTION +FIRST EVENT +LAST EVENT$/),
      expect.stringMatching(/^\/app\/x +1 +2 +\d.* for ever +2026-05-24 10:00:00 +2026-05-24 10:00:01$/),
      expect.stringMatching(/^vpc-flow-logs +2 +8 +\d.* for ever +2023-11-14 22:14:00 +2023-11-14 22:15:02$/),
    ]);
    const json = JSON.parse((await run('logs', '--output', 'json')).stdout);
    expect(json).toMatchObject([{ name: '/app/x', streams: 1, events: 2 }, { name: 'vpc-flow-logs' }]);
  });

  it('lists the streams of a capture, named as AWS names them', async () => {
    const { stdout } = await run('logs', 'vpc-flow-logs', '--output', 'csv');
    const names = linesOf(stdout).map((line) => line.split(',')[0].trim());
    expect(names).toEqual(['name', 'eni-2c67e739ed915026f-all', 'eni-7742c503f8b577f37-all']);
  });

  it('answers a query, with the hour before the last event when no time is said', async () => {
    const { stdout, stderr, code } = await run('query', 'stats count(*) as n by srcAddr | sort srcAddr');
    expect(linesOf(stdout).map((line) => line.split(/ +/).join(' '))).toEqual([
      'srcAddr n',
      '10.0.1.5 2',
      '10.0.1.9 4',
      '192.0.2.53 2',
    ]);
    expect(stderr).toContain(
      'vpc-flow-logs: the hour before the last event, 2023-11-14 21:15:02 to 2023-11-14 22:15:02',
    );
    expect(code).toBe(0);
  });

  it('gives the records back as they were', async () => {
    const { stdout } = await run('query', 'fields @message | sort @timestamp', ...old, '--output', 'json');
    const messages = (JSON.parse(stdout) as { '@message': string }[]).map((row) => row['@message']);
    expect(messages.toSorted()).toEqual(records.toSorted());
  });

  it('asks several groups, by name and by its beginning', async () => {
    for (const groups of [
      ['--log-group', '*'],
      ['--log-group', '/app/*', '--log-group', 'vpc-flow-logs'],
    ]) {
      const { stdout, stderr } = await run('query', 'stats count(*) as n', ...groups, ...old);
      expect(linesOf(stdout)[1].trim()).toBe('10');
      expect(stderr).toContain('in 2 log groups');
    }
    const source = await run('query', 'SOURCE logGroups(namePrefix: ["/app"]) | stats count(*) as n', ...old);
    expect(linesOf(source.stdout)[1].trim()).toBe('2');
  });

  it('prints events, filtered and not', async () => {
    const all = await run('logs', 'tail', '/app/x', '--since', '9999d');
    expect(linesOf(all.stdout)).toEqual([
      '2026-05-24T10:00:00.000Z text 2026-05-24T10:00:00Z one',
      '2026-05-24T10:00:01.000Z text 2026-05-24T10:00:01Z two',
    ]);
    const some = await run(
      'logs',
      'tail',
      '/app/x',
      '--since',
      '9999d',
      '--filter-pattern',
      'two',
      '--output',
      'json',
    );
    expect(JSON.parse(some.stdout)).toMatchObject({
      logStreamName: 'text',
      message: '2026-05-24T10:00:01Z two',
    });
    const none = await run('logs', 'tail', '/app/x', '--since', '1s');
    expect(none).toMatchObject({ code: 0, stdout: '' });
  });

  it('tells what is in the store', async () => {
    const { stdout } = await run('status');
    expect(stdout).toContain('no other process');
    const status = JSON.parse((await run('status', '--output', 'json')).stdout);
    expect(status.recentRows + status.segmentRows).toBe(10);
    expect(status.peakMemoryBytes).toBeGreaterThan(10_000_000);
  });

  it.each([
    { name: 'a group', args: ['logs', 'none'], says: 'The specified log group does not exist.' },
    {
      name: 'a group to tail',
      args: ['logs', 'tail', 'none'],
      says: 'The specified log group does not exist.',
    },
    {
      name: 'a group to ask',
      args: ['query', 'limit 1', '--log-group', 'none'],
      says: "Log group 'none' does not exist",
    },
    {
      name: 'a pattern',
      args: ['logs', 'tail', '/app/x', '--filter-pattern', '{ $.a = '],
      says: '--filter-pattern: ',
    },
    {
      name: 'a duration',
      args: ['logs', 'tail', '/app/x', '--since', 'noon'],
      says: '--since: found "noon"',
    },
    { name: 'tail alone', args: ['logs', 'tail'], says: 'expected nothing, GROUP or tail GROUP' },
    {
      name: 'an option of tail',
      args: ['logs', '--follow'],
      says: '--follow is for headgate logs tail GROUP',
    },
    {
      name: 'a group and SOURCE',
      args: ['query', 'SOURCE "x" | limit 1', '--log-group', 'x'],
      says: 'with SOURCE',
    },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(...args);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

const now = (src: string, srcPort = 1): WrittenFrame => ({
  timeMs: Date.now(),
  bytes: ethernet({ payload: udpPacket({ src, dst: '192.0.2.53', srcPort, dstPort: 53 }) }),
});
const continued = (frames: readonly WrittenFrame[]): Uint8Array => writePcap(frames).subarray(24);

/** A capture of a pipe, that owns the data folder until its input ends. */
async function startCapture(folder: string, src = '10.0.1.5'): Promise<Running> {
  const running = start(folder, ['capture', '-', '--store', '--window', '1']);
  await running.write(writePcap([now(src)]));
  await running.waitFor(`${src} `);
  return running;
}

async function end(running: Running): Promise<Ended> {
  running.child.stdin?.end();
  const ended = await running.ended;
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  expect(ended.code).toBe(0);
  return ended;
}

describe.concurrent('a data folder that a capture owns', { timeout: 120_000 }, () => {
  it('answers queries, imports, and shows who has it, through the capture', async () => {
    const folder = scratch.folder({ a: lines });
    const capture = await startCapture(folder);
    const socket = statSync(path.join(folder, 'headgate-data/headgate.sock'));
    expect(socket.isSocket()).toBe(true);
    expect(socket.mode & 0o777).toBe(0o600);
    const counted = await headgate(folder, ['query', 'stats count(*) as n by srcAddr', '--start', '1h']);
    expect(linesOf(counted.stdout)[1]).toMatch(/^10\.0\.1\.5 +[12]$/);
    const imported = await headgate(folder, ['import', 'a', '--log-group', 'g']);
    expect(imported.stdout).toContain('8 events of 1 file imported into g; 8 of them flow log records');
    const again = await headgate(folder, ['import', 'a', '--log-group', 'g']);
    expect(again.stdout).toContain('imported before');
    const all = await headgate(folder, ['query', 'stats count(*) as n', '--log-group', 'g', ...old]);
    expect(linesOf(all.stdout)[1].trim()).toBe('8');
    const wrong = await headgate(folder, ['query', 'stats nonsense(', '--log-group', 'g']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    const groups = await headgate(folder, ['logs']);
    expect(linesOf(groups.stdout).map((line) => line.split(' ')[0])).toEqual(['GROUP', 'g', 'vpc-flow-logs']);
    const status = await headgate(folder, ['status']);
    expect(status.stdout).toMatch(new RegExp(`headgate capture \\(process ${capture.child.pid}, since 20`));
    await end(capture);
    expect(existsSync(path.join(folder, 'headgate-data/headgate.sock'))).toBe(false);
    expect((await headgate(folder, ['status'])).stdout).toContain('no other process');
  });

  it('shows new records to who follows', async () => {
    const folder = scratch.folder();
    const capture = await startCapture(folder);
    const tail = start(folder, [
      'logs',
      'tail',
      'vpc-flow-logs',
      '--follow',
      '--filter-pattern',
      '"10.0.1.7"',
    ]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await capture.write(continued([now('10.0.1.6'), now('10.0.1.7')]));
    await tail.waitFor(' 10.0.1.7 ');
    expect(tail.stdout).not.toContain('10.0.1.6');
    tail.child.kill('SIGINT');
    expect((await tail.ended).code).toBe(130);
    await end(capture);
  });

  it('is not needed to follow what other commands bring, before a capture and after it', async () => {
    const folder = scratch.folder({ a: `${records[0]}\n`, b: `${records[1]}\n` });
    const bring = (file: string): Promise<Ended> =>
      headgate(folder, ['import', file, '--log-group', 'vpc-flow-logs']);
    await bring('a');
    const tail = start(folder, ['logs', 'tail', 'vpc-flow-logs', '--follow', '--since', '9999d']);
    await tail.waitFor(records[0]);
    await end(await startCapture(folder, '10.0.1.77'));
    await tail.waitFor(' 10.0.1.77 ');
    await bring('b');
    await tail.waitFor(records[1]);
    tail.child.kill('SIGINT');
    const { stdout } = await tail.ended;
    expect(stdout.split(records[0])).toHaveLength(2);
    expect(stdout.split(records[1])).toHaveLength(2);
  });

  // 300,000 lines: `npm run test:long` imports them.
  it.skipIf(!isLong)(
    'is lent by an import that runs when the capture begins, and goes on when that ends',
    async () => {
      const many = Array.from({ length: 300_000 }, (_, i) =>
        records[0].replace(' 40000 ', ` ${1024 + (i % 60_000)} `),
      );
      const folder = scratch.folder({ big: `${many.join('\n')}\n` });
      const loading = start(folder, ['import', 'big', '--log-group', 'g']);
      while (!existsSync(path.join(folder, 'headgate-data/store/owner')) && loading.child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await end(await startCapture(folder));
      const { stdout: said, stderr } = await loading.ended;
      expect(said, stderr).toMatch(/^300,000 events of 1 file imported into g[;\n]/);
      const { stdout } = await headgate(folder, ['query', 'stats count(*) as n', '--log-group', 'g', ...old]);
      expect(linesOf(stdout)[1]).toBe('300000');
    },
  );

  it('shows where a query is wrong that only the store can tell', async () => {
    const folder = scratch.folder();
    const capture = await startCapture(folder);
    const { code, stderr } = await headgate(folder, ['query', 'stats count(*) as n | stats sum(bytes)']);
    expect(linesOf(stderr).slice(-4)).toEqual([
      'headgate query: after stats, bytes is not there any more',
      '  stats count(*) as n | stats sum(bytes)',
      '                                  ^^^^^',
      'found "bytes", expected n',
    ]);
    expect(code).toBe(2);
    await end(capture);
  });

  it('is refused to a second capture, which names the first', async () => {
    const folder = scratch.folder({ 'a.pcap': smallPcap });
    const capture = await startCapture(folder);
    const second = await headgate(folder, ['capture', 'a.pcap', '--store']);
    expect(second.stderr).toContain(
      `headgate-data belongs to headgate capture (process ${capture.child.pid}, since `,
    );
    expect(second).toMatchObject({ code: 2, stdout: '' });
    const printed = await headgate(folder, ['capture', 'a.pcap']);
    expect(linesOf(printed.stdout)).toEqual(records);
    await end(capture);
  });

  it('is free again when its owner was killed', async () => {
    const folder = scratch.folder();
    const capture = await startCapture(folder);
    const stored = (): Promise<Ended> => headgate(folder, ['query', 'stats count(*) as n', '--start', '1h']);
    // Each look is a process: one after the other without a rest, they take the processor from who stores.
    while (linesOf((await stored()).stdout)[1] !== '1')
      await new Promise((resolve) => setTimeout(resolve, 250));
    capture.child.kill('SIGKILL');
    await capture.ended;
    expect(existsSync(path.join(folder, 'headgate-data/headgate.sock'))).toBe(true);
    expect(linesOf((await stored()).stdout)).toEqual(['n', '1']);
    await end(await startCapture(folder));
  });

  it('has a path of any length', async () => {
    const folder = path.join(scratch.folder(), 'x'.repeat(120));
    mkdirSync(folder);
    const capture = await startCapture(folder);
    const { stdout } = await headgate(folder, ['status']);
    expect(stdout).toContain('headgate capture');
    await end(capture);
  });

  it('stays closed to other users', async () => {
    const folder = scratch.folder();
    mkdirSync(path.join(folder, 'headgate-data/store'), { recursive: true });
    writeFileSync(path.join(folder, 'headgate-data/headgate.sock'), '');
    chmodSync(path.join(folder, 'headgate-data/headgate.sock'), 0o644);
    // What is no socket was never an owner's.
    expect((await headgate(folder, ['status'])).code).toBe(0);
  });
});
