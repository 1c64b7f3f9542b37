import { describe, expect, it } from 'vitest';
import { segmentsToMerge } from './compaction.ts';
import { hourMs } from './hour-runs.ts';
import type { Segment } from './segment.ts';

const hour = 500_000;
const endMs = (hour + 1) * hourMs;

function segment(rows: number, over: Partial<Segment> = {}): Segment {
  return {
    number: 1,
    group: 1,
    hour,
    rows,
    messageBytes: rows * 100,
    fileBytes: rows * 15,
    firstMs: hour * hourMs,
    lastMs: endMs - 1,
    minId: 1,
    maxId: rows,
    columnFormats: [1],
    textFormats: [],
    isPlain: false,
    columns: ['timestamp'],
    writtenMs: endMs,
    cutsApplied: 0,
    ...over,
  };
}

const growing = endMs + 60_000;
const settled = endMs + 700_000;
const cases: [
  name: string,
  sizes: readonly Segment[],
  nowMs: number,
  merged: readonly number[] | undefined,
][] = [
  ['one', [segment(10)], settled, undefined],
  ['two while the hour grows', [segment(10), segment(10)], growing, undefined],
  ['two when it has settled', [segment(20), segment(10)], settled, [10, 20]],
  ['two of different hours', [segment(10), segment(10, { hour: hour + 1 })], settled + hourMs, undefined],
  ['two of different groups', [segment(10), segment(10, { group: 2 })], settled, undefined],
  ['a late one to a settled hour', [segment(10), segment(10, { writtenMs: settled })], settled, undefined],
  ['small ones beside a full one', [segment(9e6), segment(10), segment(20)], settled, [10, 20]],
  ['a late one beside a full one', [segment(9e6), segment(10)], settled, undefined],
  ['more than one can hold', [segment(3e6), segment(2e6), segment(1e6)], settled, [1e6, 2e6]],
  [
    'enough of a size while the hour grows',
    [...Array.from({ length: 8 }, () => segment(5000)), segment(900_000)],
    growing,
    Array.from({ length: 8 }, () => 5000),
  ],
  [
    'enough, but of different sizes, while the hour grows',
    [2000, 9000, 40_000, 150_000, 600_000, 2_500_000].map((rows) => segment(rows)),
    growing,
    undefined,
  ],
];

describe('segments of an hour', () => {
  it.each(cases)('%s', (_, segments, nowMs, merged) => {
    expect(segmentsToMerge(segments, nowMs)?.map(({ rows }) => rows)).toEqual(merged);
  });
});
