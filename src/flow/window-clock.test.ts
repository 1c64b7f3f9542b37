import { describe, expect, it } from 'vitest';
import { WindowClock } from './window-clock.ts';

/** The windows (of 60 s) that the clock has open after each packet of these windows. */
function openAfter(windows: readonly number[]): number[] {
  const clock = new WindowClock(60);
  return windows.map((window) => {
    const timeMs = window * 60_000 + 1;
    if (!clock.holds(timeMs) && clock.shouldMoveTo(clock.windowOf(timeMs))) clock.moveTo(window);
    return clock.current;
  });
}

const absurd = 30_000_000;

describe('WindowClock', () => {
  it.each([
    { name: 'the first packet opens its window', packets: [7], open: [7] },
    { name: 'the second packet of the next window opens it', packets: [7, 8, 8], open: [7, 7, 8] },
    { name: 'windows of one packet each follow one behind', packets: [7, 8, 9, 10], open: [7, 7, 9, 9] },
    { name: 'one packet ahead moves nothing', packets: [7, absurd, 7, 7], open: [7, 7, 7, 7] },
    { name: 'one packet of the past moves nothing', packets: [7, 0, 7, 7], open: [7, 7, 7, 7] },
    {
      name: 'two absurd packets in different places move nothing',
      packets: [7, absurd, 3, 7],
      open: [7, 7, 7, 7],
    },
    { name: 'two in one place are believed', packets: [7, 9, 9], open: [7, 7, 9] },
    {
      name: 'an absurd first packet holds for one packet more',
      packets: [absurd, 7, 7, 7],
      open: [absurd, absurd, 7, 7],
    },
    {
      name: 'a first packet of the past holds for one packet more',
      packets: [0, 7, 7, 7],
      open: [0, 0, 7, 7],
    },
    {
      name: 'reordering at a boundary moves on with the second packet behind it',
      packets: [7, 8, 7, 8, 7, 8],
      open: [7, 7, 7, 8, 8, 8],
    },
    {
      name: 'a straggler does not move the clock back',
      packets: [7, 8, 8, 7, 8, 8],
      open: [7, 7, 8, 8, 8, 8],
    },
    { name: 'a gap is passed at once', packets: [7, 7, 70, 70], open: [7, 7, 7, 70] },
  ])('$name', ({ packets, open }) => {
    expect(openAfter(packets)).toEqual(open);
  });

  it.each([
    { name: 'aligned to the clock', timeMs: 119_999.9, window: 1 },
    { name: 'the first millisecond is inside', timeMs: 120_000, window: 2 },
    { name: 'before the epoch', timeMs: -1, window: 0 },
    { name: 'after 2106', timeMs: 0xffffffff * 1000 + 999, window: 71_582_788 },
    { name: 'beyond any clock', timeMs: Number.MAX_VALUE, window: 0x7fffffff },
  ])('knows the window of a time: $name', ({ timeMs, window }) => {
    expect(new WindowClock(60).windowOf(timeMs)).toBe(window);
  });

  it.each([
    { name: 'an ordinary one stays', timeMs: 1234.5, nearest: 1234.5 },
    { name: 'one before the epoch', timeMs: -0.5, nearest: 0 },
    { name: 'none at all', timeMs: Number.NaN, nearest: 0 },
    { name: 'one behind the last window', timeMs: Number.POSITIVE_INFINITY, nearest: 2 ** 31 * 60_000 - 1 },
  ])('knows the nearest time that has a window: $name', ({ timeMs, nearest }) => {
    const clock = new WindowClock(60);
    expect(clock.nearestTime(timeMs)).toBe(nearest);
    expect(clock.windowOf(nearest)).toBe(clock.windowOf(timeMs));
  });

  it('holds exactly its window', () => {
    const clock = new WindowClock(10);
    expect(clock.holds(0)).toBe(false);
    clock.moveTo(3);
    expect([29_999.999, 30_000, 39_999.999, 40_000].map((timeMs) => clock.holds(timeMs))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('WindowClock after what stood alone', () => {
  it('is not moved by two absurd packets with another between them', () => {
    const clock = new WindowClock(60);
    clock.moveTo(100);
    expect(clock.shouldMoveTo(9_000_000)).toBe(false);
    clock.stay();
    expect(clock.shouldMoveTo(9_000_000)).toBe(false);
    expect(clock.shouldMoveTo(9_000_000)).toBe(true);
  });

  it.each([
    { name: 'keeps windows closed that are just behind', back: 95, closedBefore: 100 },
    { name: 'takes a time over an hour ahead for wrong', back: 39, closedBefore: 39 },
  ])('$name', ({ back, closedBefore }) => {
    const clock = new WindowClock(60);
    clock.moveTo(100);
    clock.closedBefore = 100;
    clock.moveTo(back);
    expect(clock.closedBefore).toBe(closedBefore);
  });

  it('begins anew when the clock on the wall was set back', () => {
    const clock = new WindowClock(60);
    clock.moveTo(100);
    clock.closedBefore = 100;
    clock.restartAt(98);
    expect([clock.current, clock.closedBefore]).toEqual([98, 0]);
  });
});
