import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { NamedPipe } from '../../test/named-pipe.ts';
import { folderOf } from '../../test/network-folder.ts';
import { OutputStream } from './output-stream.ts';

/** More than a pipe holds. */
const large = 300_000;

/** Reads until all is there. */
async function drain(pipe: NamedPipe, out: OutputStream): Promise<string> {
  let text = '';
  while (out.pendingBytes > 0) {
    text += pipe.read();
    await setImmediate();
  }
  return text + pipe.read();
}

describe('OutputStream', () => {
  it('writes in order, text as UTF-8 and bytes as they are', async () => {
    const file = path.join(folderOf({}), 'out');
    const fd = openSync(file, 'w');
    const out = new OutputStream(fd);
    for (let i = 0; i < 100; i++) void out.write(i % 2 === 0 ? `${i}…\n` : Buffer.from(`${i}\n`));
    await out.flush();
    closeSync(fd);
    expect(readFileSync(file, 'utf8')).toBe(
      Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? `${i}…\n` : `${i}\n`)).join(''),
    );
  });

  it.each([
    { name: 'waits for a full pipe', nonBlocking: false },
    { name: 'tries again where the pipe is non-blocking', nonBlocking: true },
  ])('$name, and tells what is pending', async ({ nonBlocking }) => {
    const pipe = new NamedPipe({ nonBlocking });
    const out = new OutputStream(pipe.writeFd);
    const written = [out.write('a'.repeat(large)), out.write('b'.repeat(10))];
    expect(out.pendingBytes).toBe(large + 10);
    expect(await drain(pipe, out)).toBe('a'.repeat(large) + 'b'.repeat(10));
    await Promise.all(written);
    expect(out.pendingBytes).toBe(0);
    expect(out.isClosed).toBe(false);
  });

  it('drops what comes after the reader has gone, and says so', async () => {
    const pipe = new NamedPipe();
    const out = new OutputStream(pipe.writeFd);
    await out.write('heard\n');
    expect(pipe.read()).toBe('heard\n');
    pipe.closeReader();
    await out.write('unheard\n');
    expect(out.isClosed).toBe(true);
    await out.write('never tried\n');
    expect(out.pendingBytes).toBe(0);
  });

  it('stops waiting when the reader goes while the pipe is full', async () => {
    const pipe = new NamedPipe();
    const out = new OutputStream(pipe.writeFd);
    const written = out.write('a'.repeat(large));
    while (pipe.read() === '') await setImmediate();
    pipe.closeReader();
    await written;
    expect(out.isClosed).toBe(true);
    expect(out.pendingBytes).toBe(0);
  });

  it('tells the writer of other failures, and goes on with what comes after', async () => {
    const file = path.join(folderOf({ out: '' }), 'out');
    const fd = openSync(file, 'r');
    const out = new OutputStream(fd);
    const written = [out.write('one'), out.write('two')];
    for (const one of written) await expect(one).rejects.toThrow('EBADF');
    await out.flush();
    closeSync(fd);
    expect(out.pendingBytes).toBe(0);
  });
});
