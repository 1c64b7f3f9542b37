import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isLong } from '../runs.ts';
import { records } from './captures.ts';
import { type Ended, headgate, linesOf, Scratch, start } from './headgate.ts';

const scratch = new Scratch();
const lines = `${records.join('\n')}\n`;
const importInto = (folder: string, group: string, ...args: readonly string[]): Promise<Ended> =>
  headgate(folder, ['import', '--log-group', group, ...args]);

/** Of a group, all time. */
async function countOf(folder: string, group: string): Promise<string> {
  const all = ['--log-group', group, '--start', '2000-01-01', '--output', 'csv'];
  const { stdout } = await headgate(folder, ['query', 'stats count(*) as n', ...all]);
  return linesOf(stdout)[1]?.trim();
}

// What an import means is tested where it is done: npm test looks at the program, npm run test:long at all of it.
describe.concurrent('headgate import', () => {
  it('adds nothing when it is run again, whatever the file is called', async () => {
    const folder = scratch.folder({ 'a.log': lines, 'copy.log': lines });
    const first = await importInto(folder, 'g', 'a.log');
    expect(first).toMatchObject({
      code: 0,
      stdout: '8 events of 1 file imported into g; 8 of them flow log records\n',
    });
    for (const file of ['a.log', 'copy.log']) {
      expect((await importInto(folder, 'g', file)).stdout).toBe(
        'nothing to import into g: 1 file passed over, imported before\n',
      );
    }
    expect(await countOf(folder, 'g')).toBe('8');
  });

  it.skipIf(!isLong)('keeps identical lines of different files', async () => {
    const folder = scratch.folder({ a: lines, b: `${records[0]}\n` });
    await importInto(folder, 'g', 'a', 'b');
    expect(await countOf(folder, 'g')).toBe('9');
  });

  it.skipIf(!isLong)('imports the same file into two groups', async () => {
    const folder = scratch.folder({ a: lines });
    await importInto(folder, 'g', 'a');
    await importInto(folder, 'h', 'a');
    expect(await countOf(folder, '*')).toBe('16');
  });

  it('imports a folder, standard input and a stream of its own name', async () => {
    const folder = scratch.folder({ a: lines });
    mkdirSync(path.join(folder, 'in'));
    writeFileSync(path.join(folder, 'in/x.gz'), gzipSync(`${records[0]}\n`));
    writeFileSync(path.join(folder, 'in/y:1'), `${records[1]}\n`);
    await importInto(folder, 'g', 'in');
    const piped = ['import', '-', '--log-group', 'g', '--log-stream', 'mine'];
    const input = Buffer.from(`${records[2]}\n`);
    expect((await headgate(folder, piped, input)).stdout).toMatch(/^1 events of 1 file imported/);
    expect((await headgate(folder, piped, input)).stdout).toMatch(/imported before/);
    const { stdout } = await headgate(folder, ['logs', 'g', '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { name: 'mine', events: 1 },
      { name: 'x', events: 1 },
      { name: 'y_1', events: 1 },
    ]);
  });

  it.skipIf(!isLong)('imports what CloudWatch told of several streams into those', async () => {
    const events = ['a', 'b', 'a'].map((logStreamName, i) => ({
      logStreamName,
      timestamp: 1e12 + i,
      message: `m${i}`,
    }));
    const folder = scratch.folder({ f: JSON.stringify({ events }) });
    await importInto(folder, 'g', 'f');
    expect((await importInto(folder, 'g', 'f')).stdout).toMatch(/imported before/);
    const { stdout } = await headgate(folder, ['logs', 'g', '--output', 'csv']);
    expect(linesOf(stdout).map((line) => line.split(',').slice(0, 2).join(' ').trim())).toEqual([
      'name events',
      'a 2',
      'b 1',
    ]);
  });

  it.skipIf(!isLong)('imports the other files when one is damaged, and ends with 1', async () => {
    const folder = scratch.folder({ 'a.gz': gzipSync(lines).subarray(0, 60), b: lines });
    const { code, stdout, stderr } = await importInto(folder, 'g', 'a.gz', 'b');
    expect(stderr).toContain('a.gz: damaged gzip data');
    expect(stdout).toContain('1 file not read to the end');
    expect(code).toBe(1);
    expect(await countOf(folder, 'g')).toBe('8');
  });

  it('keeps the folder to itself', async () => {
    const folder = scratch.folder({ a: lines });
    await importInto(folder, 'g', 'a');
    expect(readdirSync(path.join(folder, 'headgate-data')).filter((name) => name.endsWith('.sock'))).toEqual(
      [],
    );
    const data = statSync(path.join(folder, 'headgate-data/store'));
    expect(data.isDirectory()).toBe(true);
  });

  it.each([
    { name: 'no file', args: ['--log-group', 'g'], says: 'headgate import: expected a file or a folder' },
    { name: 'no group', args: ['a'], says: '--log-group: expected the log group to import into' },
    {
      name: 'a file that is not there',
      args: ['none', '--log-group', 'g'],
      says: 'cannot read none: no such file',
    },
    { name: 'a name that no group can have', args: ['a', '--log-group', 'g*'], says: 'logGroupName' },
    { name: 'a format', args: ['a', '--log-group', 'g', '--format', 'x'], says: 'outside of' },
  ])('refuses $name', async ({ args, says }) => {
    const { code, stdout, stderr } = await headgate(scratch.folder({ a: lines }), ['import', ...args]);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

// 300,000 lines: `npm run test:long` imports them.
describe.skipIf(!isLong)('headgate import that is interrupted', { timeout: 120_000 }, () => {
  it('goes on from where it stopped', async () => {
    const many = Array.from({ length: 400_000 }, (_, i) =>
      records[0].replace(' 40000 ', ` ${1024 + (i % 60_000)} `),
    );
    const folder = scratch.folder({ big: `${many.join('\n')}\n` });
    const running = start(folder, ['import', 'big', '--log-group', 'g']);
    // The journal grows with the first commits.
    await growth(path.join(folder, 'headgate-data/store/journal'), 20_000);
    running.child.kill('SIGKILL');
    await running.ended;
    const { code, stdout } = await importInto(folder, 'g', 'big');
    expect(code).toBe(0);
    expect(stdout).toMatch(/ events were there already/);
    expect(await countOf(folder, 'g')).toBe('400000');
  });
});

/** Fulfilled when the files of a folder have so many bytes. */
async function growth(folder: string, bytes: number): Promise<void> {
  const sizeOf = (name: string): number =>
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  for (;;) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    if (names.reduce((sum, name) => sum + sizeOf(name), 0) >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
