import { describe, expect, it } from 'vitest';
import { decodeFrames, encodeFrame } from './frames.ts';

async function framesOf(bytes: Buffer, pieceLength: number): Promise<string[]> {
  const pieces = (async function* () {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
  })();
  const frames: string[] = [];
  for await (const { kind, body } of decodeFrames(pieces)) frames.push(`${kind} ${body.toString()}`);
  return frames;
}

const bytes = Buffer.concat([
  encodeFrame('B', Buffer.from('{}')),
  encodeFrame('F', Buffer.alloc(0)),
  encodeFrame('L', Buffer.from('a\nb')),
]);

describe('frames', () => {
  it.each([1, 2, 5, 6, 7, 100])('come back from pieces of %d bytes', async (length) => {
    expect(await framesOf(bytes, length)).toEqual(['B {}', 'F ', 'L a\nb']);
  });

  it('are refused when they break off', async () => {
    await expect(framesOf(bytes.subarray(0, -1), 4)).rejects.toThrow('a frame breaks off');
  });

  it('are refused when they are too long', async () => {
    const long = Buffer.from([76, 255, 255, 255, 255]);
    await expect(framesOf(long, 5)).rejects.toThrow('a frame of 4294967295 bytes');
  });
});
