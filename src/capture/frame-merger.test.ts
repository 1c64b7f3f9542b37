import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../../test/capture-file-writer.ts';
import { CaptureFile } from './capture-file.ts';
import { FrameMerger } from './frame-merger.ts';
import { StreamBytes } from './stream-bytes.ts';

/** A source whose frames carry its number and theirs. */
function sourceOf(seconds: readonly number[], source: number): CaptureFile {
  const frames = seconds.map((second, i) => ({
    bytes: Uint8Array.of(source, i >> 8, i),
    timeMs: second * 1000,
  }));
  return new CaptureFile(`${source}`, new StreamBytes(Readable.from([writePcap(frames)])), 100);
}

interface Merged {
  source: number;
  index: number;
  second: number;
}

async function merge(files: readonly (readonly number[])[]): Promise<{ frames: Merged[]; runs: number }> {
  const merger = new FrameMerger(files.map(sourceOf));
  const frames: Merged[] = [];
  let runs = 0;
  for (let run = await merger.next(); run; run = await merger.next()) {
    runs++;
    const { bytes, offset, timeMs } = run.batch;
    for (let i = run.from; i < run.to; i++) {
      const [source, high, low] = bytes.subarray(offset[i], offset[i] + 3);
      frames.push({ source, index: (high << 8) | low, second: timeMs[i] / 1000 });
    }
  }
  expect(await merger.next()).toBeUndefined();
  return { frames, runs };
}

/** Takes, frame by frame, the first of the heads with the least time. */
function mergeSlowly(files: readonly (readonly number[])[]): Merged[] {
  const queues = files.map((seconds, source) => seconds.map((second, index) => ({ source, index, second })));
  const merged: Merged[] = [];
  for (;;) {
    const heads = queues.flatMap((queue) => queue.slice(0, 1));
    if (heads.length === 0) return merged;
    const least = Math.min(...heads.map((head) => head.second));
    const next = heads.find((head) => head.second === least)!;
    merged.push(queues[next.source].shift()!);
  }
}

describe('FrameMerger', () => {
  it('merges by time as the slow way does', async () => {
    const file = fc.array(fc.nat(20), { maxLength: 30 });
    const sorted = file.map((seconds) => seconds.toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(sorted, file), { maxLength: 5 }), async (files) => {
        expect((await merge(files)).frames).toEqual(mergeSlowly(files));
      }),
    );
  });

  it('gives whole batches of a single source', async () => {
    const seconds = Array.from({ length: 20_000 }, (_, i) => i);
    const frames = seconds.map((second) => ({ bytes: new Uint8Array(1), timeMs: second * 1000 }));
    const merger = new FrameMerger([
      new CaptureFile('one', new StreamBytes(Readable.from([writePcap(frames)]))),
    ]);
    const lengths: number[] = [];
    for (let run = await merger.next(); run; run = await merger.next()) lengths.push(run.to - run.from);
    expect(lengths).toEqual([8192, 8192, 3616]);
  });

  it('gives runs that are as long as they can be', async () => {
    const { runs } = await merge([
      [1, 2, 3, 7],
      [4, 5, 6],
    ]);
    expect(runs).toBe(3);
  });

  it('gives nothing of nothing', async () => {
    expect((await merge([])).frames).toEqual([]);
    expect((await merge([[], []])).frames).toEqual([]);
  });
});
