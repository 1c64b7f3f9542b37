import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteReader } from './capture-bytes.ts';
import { StreamBytes } from './stream-bytes.ts';

const megabyte = 1024 * 1024;

async function readAll(reader: ByteReader, length = 64): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  const parts: Uint8Array[] = [];
  for (let n = await reader.read(target, 0, length); n > 0; n = await reader.read(target, 0, length)) {
    parts.push(target.slice(0, n));
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function piecesOf(count: number, length: number): Readable {
  return Readable.from(Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i)));
}

describe('StreamBytes', () => {
  it('gives the same bytes again and again, and once more after commit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 20 })),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(9),
        async (pieces, length, before) => {
          const whole = Uint8Array.from(Buffer.concat(pieces));
          const bytes = new StreamBytes(Readable.from(pieces));
          const first = bytes.open();
          for (let i = 0; i < before; i++) await first.read(new Uint8Array(length), 0, length);
          expect(await readAll(bytes.open(), length)).toEqual(whole);
          const last = bytes.open();
          bytes.commit();
          expect(await readAll(last, length)).toEqual(whole);
          expect(last.bytesRead).toBe(whole.length);
          expect(bytes.isKept()).toBe(false);
        },
      ),
    );
  });

  it('says when to stop before it no longer keeps the beginning', async () => {
    const bytes = new StreamBytes(piecesOf(40, megabyte));
    const reader = bytes.open();
    const target = new Uint8Array(megabyte);
    let reads = 0;
    for (; bytes.canReopen(); reads++) await reader.read(target, 0, target.length);
    expect(reads).toBe(17);
    expect(bytes.isKept()).toBe(true);
    for (; bytes.isKept(); reads++) await reader.read(target, 0, target.length);
    expect(reads).toBe(33);
    expect((await readAll(reader, megabyte)).length).toBe(7 * megabyte);
    expect(() => bytes.open()).toThrow('no longer kept');
  });

  it('lets a reader that was replaced wait without disturbing the next', async () => {
    const pipe = new PassThrough();
    const bytes = new StreamBytes(pipe);
    const old = bytes.open();
    pipe.write(Uint8Array.of(1));
    await old.read(new Uint8Array(9), 0, 9);
    const waiting = old.read(new Uint8Array(9), 0, 9);
    const reader = bytes.open();
    bytes.commit();
    pipe.end(Uint8Array.of(2));
    expect(await waiting).toBe(1);
    expect(await readAll(reader)).toEqual(Uint8Array.of(1, 2));
  });

  it('fails every reader with the error of the stream', async () => {
    const pipe = new PassThrough();
    const bytes = new StreamBytes(pipe);
    const first = bytes.open().read(new Uint8Array(9), 0, 9);
    pipe.destroy(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await expect(bytes.open().read(new Uint8Array(9), 0, 9)).rejects.toThrow('gone');
  });

  it('ends a pending read when it is closed', async () => {
    const bytes = new StreamBytes(new PassThrough());
    const pending = bytes.open().read(new Uint8Array(9), 0, 9);
    await bytes.close();
    expect(await pending).toBe(0);
  });
});
