import { describe, expect, it } from 'vitest';
import { frameHead, journalHeader, readFrames } from './journal-frame.ts';

/** A journal of three commits, 5 to 7. */
const frames = [5, 6, 7].map((sequence) => ({
  sequence,
  firstId: sequence * 100,
  payload: new Uint8Array(40).fill(sequence),
}));
const whole = Buffer.concat([journalHeader, ...frames.flatMap((frame) => [frameHead(frame), frame.payload])]);
const frameBytes = 64;
const behind = (count: number) => journalHeader.length + count * frameBytes;

function changed(at: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at] ^= 0x10;
  return bytes;
}

describe('a journal', () => {
  it('gives its commits back', () => {
    expect(readFrames(whole, 5)).toEqual({ frames, goodBytes: whole.length, isDamaged: false });
  });

  it('is good up to where it was cut, wherever that is', () => {
    for (let length = 0; length < whole.length; length++) {
      const read = readFrames(whole.subarray(0, length), 5);
      const count = Math.max(0, Math.floor((length - journalHeader.length) / frameBytes));
      expect(read.frames).toEqual(frames.slice(0, count));
      expect(read.goodBytes).toBe(length < journalHeader.length ? 0 : behind(count));
      expect(read.isDamaged).toBe(false);
    }
  });

  it('is good up to the bit that is wrong, and damaged when commits follow', () => {
    for (let at = 0; at < whole.length; at++) {
      const read = readFrames(changed(at), 5);
      const count = at < journalHeader.length ? 0 : Math.floor((at - journalHeader.length) / frameBytes);
      expect(read.frames, `bit of byte ${at}`).toEqual(frames.slice(0, count));
      expect(read.isDamaged, `bit of byte ${at}`).toBe(at < behind(2));
    }
  });

  it('is nothing where commits are missing before it', () => {
    expect(readFrames(whole, 4)).toMatchObject({ frames: [], goodBytes: behind(0), isDamaged: true });
  });
});
