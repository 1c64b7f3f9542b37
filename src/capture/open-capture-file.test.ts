import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePcap, writePcapng } from '../../test/capture-file-writer.ts';
import { ConfigError } from '../fault/index.ts';
import { FrameBatch } from '../packet/frame-batch.ts';
import type { FrameSource } from './frame-source.ts';
import { openCaptureFile } from './open-capture-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const frames = Array.from({ length: 50_000 }, (_, i) => ({
  bytes: new Uint8Array(100 + (i % 50)).fill(i),
  timeMs: i,
}));
const capture = writePcap(frames);

function fileOf(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** Counts the frames, and checks that each holds the byte that its number says. */
async function countFrames(source: FrameSource): Promise<number> {
  const batch = new FrameBatch();
  let count = 0;
  while (await source.next(batch)) {
    for (let i = 0; i < batch.count; i++, count++) {
      if (batch.bytes[batch.offset[i] + batch.capturedLength[i] - 1] !== (count & 255)) return -1;
    }
  }
  return count;
}

describe('openCaptureFile', () => {
  it('reads a file over many chunks, tells how far it is, and starts over', async () => {
    const file = fileOf('capture.bin', capture);
    const source = await openCaptureFile(file);
    expect(source.name).toBe(file);
    await source.next(new FrameBatch(10));
    expect(source.canRewind()).toBe(true);
    expect(await source.rewind()).toBe(true);
    expect(source.counts.frames).toBe(0);
    expect(await countFrames(source)).toBe(frames.length);
    expect(source.progress).toEqual({ bytesRead: capture.length, totalBytes: capture.length });
    expect(await source.rewind()).toBe(true);
    source.commit();
    expect(source.canRewind()).toBe(false);
    expect(await source.rewind()).toBe(false);
    expect(await countFrames(source)).toBe(frames.length);
    await source.close();
    await source.close();
    expect(await source.next(new FrameBatch())).toBe(false);
  });

  it('reads the same through small buffers', async () => {
    const source = await openCaptureFile(fileOf('small.pcap', capture), { chunkBytes: 1000 });
    expect(await countFrames(source)).toBe(frames.length);
    await source.close();
  });

  it('closes while a read is under way', async () => {
    const source = await openCaptureFile(fileOf('closing.pcap', capture));
    const batch = new FrameBatch(1);
    const pending = source.next(batch);
    await source.close();
    expect(await pending).toBe(false);
  });

  const wrong = [
    {
      name: 'an empty file',
      path: fileOf('empty', new Uint8Array(0)),
      code: 'CaptureFileInvalid',
      says: 'nothing at all',
    },
    {
      name: 'a text',
      path: fileOf('text.pcap', Buffer.from('tcp')),
      code: 'CaptureFileInvalid',
      says: '74 63 70',
    },
    {
      name: 'a missing file',
      path: path.join(folder, 'none'),
      code: 'CaptureFileUnreadable',
      says: 'no such file',
    },
    { name: 'a directory', path: folder, code: 'CaptureFileUnreadable', says: 'a directory' },
    { name: 'a device', path: '/dev/null', code: 'CaptureFileUnreadable', says: 'a device' },
    { name: 'an impossible path', path: 'a\0b', code: 'CaptureFileUnreadable', says: 'null bytes' },
  ];
  it.each(wrong)('refuses $name', async ({ path: file, code, says }) => {
    const error = await openCaptureFile(file).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
  });
});

describe('a pipe', () => {
  function makePipe(name: string): string {
    const pipe = path.join(folder, name);
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]);
    return pipe;
  }

  it('delivers each frame as soon as it is whole', async () => {
    const pipe = makePipe('prompt');
    const writer = createWriteStream(pipe);
    const source = await openCaptureFile(pipe);
    const batch = new FrameBatch();
    const written = writePcapng([{ bytes: Uint8Array.of(1) }, { bytes: Uint8Array.of(2) }]);
    const first = source.next(batch);
    writer.write(written.subarray(0, written.length - 10));
    expect(await first).toBe(true);
    expect(batch.count).toBe(1);
    const second = source.next(batch);
    writer.end(written.subarray(written.length - 10));
    expect(await second).toBe(true);
    expect(batch.bytes[batch.offset[0]]).toBe(2);
    expect(await source.next(batch)).toBe(false);
    expect(source.progress).toEqual({ bytesRead: written.length, totalBytes: undefined });
    await source.close();
  });

  it('starts over with what it kept', async () => {
    const pipe = makePipe('rewound');
    const writer = createWriteStream(pipe);
    const source = await openCaptureFile(pipe);
    writer.end(capture);
    const batch = new FrameBatch();
    await source.next(batch);
    await source.next(batch);
    expect(source.canRewind()).toBe(true);
    expect(await source.rewind()).toBe(true);
    source.commit();
    expect(await countFrames(source)).toBe(frames.length);
    expect(source.counts.frames).toBe(frames.length);
    await source.close();
  });

  it('may be committed before its first frame', async () => {
    const pipe = makePipe('committed');
    const writer = createWriteStream(pipe);
    const source = await openCaptureFile(pipe);
    source.commit();
    writer.end(capture);
    expect(await countFrames(source)).toBe(frames.length);
    await source.close();
  });

  it('ends a pending next when it is closed', async () => {
    const pipe = makePipe('closed');
    const writer = createWriteStream(pipe);
    const source = await openCaptureFile(pipe);
    const pending = source.next(new FrameBatch());
    await new Promise((resolve) => writer.write(capture.subarray(0, 30), resolve));
    await source.close();
    expect(await pending).toBe(false);
    writer.destroy();
    await once(writer, 'close');
  });
});
