import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type WrittenFrame, writePcap } from '../capture-file-writer.ts';
import { ethernet, udpPacket } from '../frames.ts';
import { handshake, lookups, manyFlows, records, smallPcap } from './captures.ts';
import { headgate, linesOf, mainProgram, Running, Scratch, start, statsOf } from './headgate.ts';

const scratch = new Scratch();
const noFault = { frames: 0, packets: 0 };
const printed = ['--format', '$' + '{srcaddr} $' + '{packets}'];

/** What follows in a pcap file that has begun. */
const continued = (frames: readonly WrittenFrame[]): Uint8Array => writePcap(frames).subarray(24);
const now = (src: string): WrittenFrame => ({
  timeMs: Date.now(),
  bytes: ethernet({ payload: udpPacket({ src, dst: '192.0.2.53', srcPort: 1, dstPort: 53 }) }),
});

describe.concurrent('standard input', () => {
  it.each([
    { name: 'a pipe', input: smallPcap },
    { name: 'a pipe of gzip', input: gzipSync(smallPcap) },
  ])('$name', async ({ input }) => {
    const { code, stdout } = await headgate(scratch.folder(), ['capture', '-'], input);
    expect(linesOf(stdout)).toEqual(records);
    expect(code).toBe(0);
  });

  it('together with a file, by packet time', async () => {
    const folder = scratch.folder({ 'a.pcap': writePcap(handshake) });
    const { stdout } = await headgate(folder, ['capture', 'a.pcap', '-'], writePcap(lookups));
    expect(linesOf(stdout)).toEqual(records);
  });

  it('that is no capture', async () => {
    const { code, stderr } = await headgate(scratch.folder(), ['capture', '-'], Buffer.from('hello\n'));
    expect(stderr).toContain('-: not a capture: begins with 68 65 6c 6c');
    expect(code).toBe(2);
  });

  it.each([
    { name: 'private addresses', src: '10.0.1.5' },
    { name: 'public addresses only', src: '198.51.100.7' },
  ])('of current packets: a window is printed while the pipe is open ($name)', async ({ src }) => {
    const running = start(scratch.folder(), ['capture', '-', '--window', '1', '--stats', 'json', ...printed]);
    await running.write(writePcap([now(src)]));
    await running.waitFor(`${src} `);
    await running.write(continued([now(src)]));
    running.child.stdin?.end();
    const ended = await running.ended;
    expect(statsOf(ended)).toMatchObject({ frames: { captured: 2 }, unaccounted: noFault });
    expect(ended.code).toBe(0);
  });
});

describe.concurrent('a stop', () => {
  it.each([{ signal: 'SIGINT' }, { signal: 'SIGTERM' }] as const)(
    'by $signal ends an endless pipe, with its sums',
    async ({ signal }) => {
      const running = start(scratch.folder(), ['capture', '-', '--stats', 'json', '--window', '1']);
      await running.write(writePcap([]));
      let isOver = false;
      void running.ended.then(() => {
        isOver = true;
      });
      for (let second = 0; !isOver; second++) {
        await Promise.race([running.write(continued(manyFlows(500, second))), running.ended]);
        if (running.stdout !== '' && !running.child.killed) running.child.kill(signal);
        await setImmediate();
      }
      const ended = await running.ended;
      expect(ended.code).toBe(0);
      const stats = statsOf(ended);
      expect(stats.unaccounted).toEqual(noFault);
      expect(stats.frames.captured).toBeGreaterThan(0);
      expect(linesOf(ended.stdout)).toHaveLength(stats.records.records);
    },
  );

  it.each([
    { name: 'nothing has come', input: new Uint8Array(0) },
    { name: 'only the header has come', input: writePcap([]) },
    { name: 'no address is private so far', input: writePcap([now('198.51.100.7')]) },
  ])('is heard while the pipe is idle and $name', async ({ input }) => {
    const running = start(scratch.folder(), ['capture', '-', '--stats', 'json']);
    await running.write(input);
    await running.listensToSignals();
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(statsOf(ended).unaccounted).toEqual(noFault);
  });

  it('is heard while a named pipe is idle', async () => {
    const folder = scratch.folder();
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const running = start(folder, ['capture', 'fifo', '--stats', 'json', ...printed]);
    const writer = new Running('sh', ['-c', 'exec cat > fifo'], folder);
    await writer.write(smallPcap);
    await writer.write(continued(manyFlows(1, 7200)));
    await running.waitFor('10.0.1.5 2\n');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    writer.child.stdin?.end();
    await writer.ended;
    expect(statsOf(ended)).toMatchObject({ frames: { captured: 7 }, unaccounted: noFault });
  });

  it('is heard at a named pipe that nobody has opened to write', async () => {
    const folder = scratch.folder();
    execFileSync('mkfifo', [path.join(folder, 'fifo')]);
    const running = start(folder, ['capture', 'fifo', '--stats', 'json', ...printed]);
    // It says nothing before the first frame; soon it waits for a writer.
    await running.listensToSignals();
    await new Promise((resolve) => setTimeout(resolve, 500));
    running.child.kill('SIGTERM');
    expect(statsOf(await running.ended)).toMatchObject({ frames: { captured: 0 }, unaccounted: noFault });
  });
});

describe.concurrent('a closed pipe', () => {
  it('ends quietly, when nobody reads the records any more', async () => {
    const folder = scratch.folder({ 'many.pcap': writePcap(manyFlows(40_000)) });
    const running = start(folder, ['capture', 'many.pcap']);
    await running.waitFor('ACCEPT OK\n');
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('ends an endless pipe too', async () => {
    const running = start(scratch.folder(), ['capture', '-', '--window', '1']);
    await running.write(writePcap([]));
    let isOver = false;
    void running.ended.then(() => {
      isOver = true;
    });
    for (let second = 0; !isOver; second++) {
      await Promise.race([running.write(continued(manyFlows(500, second))), running.ended]);
      if (running.stdout !== '') running.child.stdout?.destroy();
      await setImmediate();
    }
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('is no failure of the other commands', async () => {
    const running = new Running(
      'sh',
      ['-c', '"$0" "$1" fields --output json | head -n 1', process.execPath, mainProgram],
      scratch.folder(),
    );
    expect(await running.ended).toMatchObject({ code: 0, stdout: '[\n', stderr: '' });
  });
});

const fullDevice = spawnSync('sh', ['-c', ': > /dev/full']).status === 0;
describe.skipIf(!fullDevice).concurrent('a full disk (skipped without /dev/full)', () => {
  const shell = (line: string) =>
    new Running('sh', ['-c', line, process.execPath, mainProgram], scratch.folder({ 'a.pcap': smallPcap }))
      .ended;

  it('under the records is an error in a sentence', async () => {
    const { code, stderr } = await shell('"$0" "$1" capture a.pcap > /dev/full');
    const lines = linesOf(stderr);
    expect(lines.at(-1)).toBe('standard output: ENOSPC: no space left on device, write');
    expect(lines.at(-2)).toMatch(/^packets {2}.* NOT WRITTEN$/);
    expect(code).toBe(1);
  });

  it('under what is told ends no capture', async () => {
    const { code, stdout } = await shell('"$0" "$1" capture a.pcap 2> /dev/full');
    expect(linesOf(stdout)).toEqual(records);
    expect(code).toBe(0);
  });
});

/** `script` of util-linux runs a command on a terminal of its own. */
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
describe.skipIf(!hasScript).concurrent('on a terminal (skipped without script of util-linux)', () => {
  async function onTerminal(files: Readonly<Record<string, Uint8Array>>, words: string): Promise<string[]> {
    const command = `'${process.execPath}' '${mainProgram}' ${words}`;
    const { ended, child } = new Running('script', ['-qec', command, '/dev/null'], scratch.folder(files));
    child.stdin?.end();
    return linesOf((await ended).stdout.replaceAll('\r\n', '\n'));
  }

  it('a file shows at most 20 records of a window, and how many more there are', async () => {
    const lines = await onTerminal({ 'many.pcap': writePcap(manyFlows(1234)) }, 'capture many.pcap');
    expect(lines[0]).toMatch(/^no rules given: every flow is ACCEPT; /);
    expect(lines.slice(1, 21).every((line) => line.endsWith('ACCEPT OK'))).toBe(true);
    expect(lines[21]).toBe('… 1,214 more (--output - prints all, --output DIR writes files)');
    expect(lines[22]).toMatch(/^frames {3}1,234 captured = 1,234 observed/);
  });

  it('--output - shows all of them', async () => {
    const lines = await onTerminal(
      { 'many.pcap': writePcap(manyFlows(100)) },
      'capture many.pcap --output -',
    );
    expect(lines.filter((line) => line.endsWith('ACCEPT OK'))).toHaveLength(100);
  });

  it('--output DIR names the file that holds the others', async () => {
    const lines = await onTerminal(
      { 'many.pcap': writePcap(manyFlows(30)) },
      'capture many.pcap --output out',
    );
    expect(lines[21]).toMatch(/^… 10 more in out\/AWSLogs\/.*\.log\.gz$/);
  });
});
