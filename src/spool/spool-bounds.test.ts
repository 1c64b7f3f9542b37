import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { beganMs, firstWindow, flow, minuteMs, named, openSpool, rowsOf } from '../../test/open-spool.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-spool-bounds-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => path.join(root, String(folders++));

/** Some 128 kB. */
const manyRows = (window: number, interfaceIndex = 0) =>
  testRows(Array.from({ length: 1000 }, (_, i) => flow(interfaceIndex, window, 2, { srcPort: i })));

describe('a spool with little room', () => {
  it('drops the rows of the oldest segments, which stay as losses', async () => {
    const folder = newFolder();
    const opened = await openSpool(folder, { maxBytes: 300_000 });
    const { spool, view } = opened;
    for (const i of [0, 1, 2, 3]) {
      const window = firstWindow + i;
      await spool.takeFlows(manyRows(window, i % 2));
      await spool.closeWindows([{ window, covered: [0, 1, 2] }], window + 1);
    }
    expect(spool.status).toMatchObject({ segments: 4, droppedSegments: 2 });
    expect(spool.status.bytes).toBeLessThan(300_000);
    const lost = (i: number) => ({
      id: `eni-${(i % 2) + 1}`,
      window: firstWindow + i,
      reason: 'spool-full',
      flows: 1000,
      packets: 2000,
    });
    for (const i of [0, 1]) {
      const segment = await spool.read(i + 1);
      expect(segment).toMatchObject({
        before: firstWindow + i + 1,
        windows: [{ window: firstWindow + i, covered: [0, 1, 2] }],
      });
      expect(named(segment.losses, view)).toEqual([lost(i)]);
      expect(await rowsOf(opened, i + 1)).toEqual([]);
      expect((await rowsOf(opened, i + 3)).length).toBe(1000);
    }
    expect(named(opened.losses, view)).toEqual([lost(0), lost(1)]);
    expect(opened.reports).toHaveLength(2);
    await spool.close();

    const again = await openSpool(folder, { maxBytes: 300_000 });
    expect(named(again.losses, again.view)).toEqual([lost(0), lost(1)]);
    expect(named((await again.spool.read(2)).losses, again.view)).toEqual([lost(1)]);
    expect(again.spool.status).toMatchObject({ segments: 4, droppedSegments: 0 });
    await again.spool.close();
  });

  it('lets who has begun to read go on, and tells others what they come too late for', async () => {
    const { spool } = await openSpool(newFolder(), { maxBytes: 200_000 });
    await spool.takeFlows(manyRows(firstWindow));
    await spool.closeWindows([], firstWindow + 1);
    const [segment, late] = [await spool.read(1), await spool.read(1)];
    const pieces = segment.pieces()[Symbol.asyncIterator]();
    expect((await pieces.next()).value.count).toBe(1000);
    await spool.takeFlows(manyRows(firstWindow + 1));
    expect(spool.status.droppedSegments).toBe(1);
    expect([await pieces.next(), segment.losses]).toMatchObject([{ done: true }, []]);
    const lost = [{ reason: 'spool-full', flows: 1000 }];
    for (let i = 0; i < 2; i++) {
      for await (const rows of late.pieces()) expect(rows.count).toBe(-1);
      expect(late.losses).toMatchObject(lost);
    }
    expect((await spool.read(1)).losses).toMatchObject(lost);
    await spool.close();
  });

  it('loses what the open segment has no room for, and never the open segment', async () => {
    const opened = await openSpool(newFolder(), { maxBytes: 200_000 });
    const { spool, view } = opened;
    for (const index of [0, 1, 2]) await spool.takeFlows(manyRows(firstWindow, index));
    await spool.closeWindows([], firstWindow + 1);
    expect((await rowsOf(opened, 1)).length).toBe(1000);
    const lost = { window: firstWindow, reason: 'spool-full', flows: 1000, packets: 2000 };
    const expected = [
      { id: 'eni-2', ...lost },
      { id: 'eni-3', ...lost },
    ];
    expect(named((await spool.read(1)).losses, view)).toEqual(expected);
    expect(named(opened.losses, view)).toEqual(expected);
    expect(opened.reports).toHaveLength(1);
    await spool.close();
  });

  it('drops rows that are too old', async () => {
    const now = { ms: beganMs };
    const opened = await openSpool(newFolder(), { clock: () => now.ms, maxAgeMs: 2 * minuteMs });
    const { spool } = opened;
    for (const i of [0, 1, 2, 3]) {
      await spool.takeFlows(manyRows(firstWindow + i));
      await spool.closeWindows([], firstWindow + i + 1);
      now.ms += minuteMs;
    }
    expect(spool.status).toMatchObject({ segments: 4, oldestMs: beganMs, droppedSegments: 1 });
    expect(opened.losses).toMatchObject([{ window: firstWindow, reason: 'spool-full', flows: 1000 }]);
    await spool.close();
  });

  it('keeps no more losses than the reserve is large', async () => {
    const folder = newFolder();
    const maxBytes = 1_100_000;
    const opened = await openSpool(folder, { maxBytes, maxAgeMs: -1 });
    const { spool } = opened;
    const reserve = statSync(path.join(folder, 'reserve'));
    expect([reserve.size, reserve.blocks * 512 >= reserve.size]).toEqual([Math.floor(maxBytes / 16), true]);
    // A thousand windows, each with a loss of its own.
    const rows = testRows(Array.from({ length: 1000 }, (_, i) => flow(0, firstWindow + i, 1)));
    for (let i = 0; i < 6; i++) {
      await spool.takeFlows(rows);
      await spool.closeWindows([], firstWindow + 1000 + i);
    }
    const bytes = readdirSync(path.join(folder, 'segments'))
      .map((name) => statSync(path.join(folder, 'segments', name)).size)
      .reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(reserve.size);
    expect([spool.first, spool.next, spool.status.droppedSegments]).toEqual([5, 7, 6]);
    expect(spool.status.bytes).toBe(bytes);
    expect(opened.reports.filter((line) => line.includes('found no room'))).toHaveLength(4);
    expect(await spool.read(1)).toMatchObject({ before: 0, windows: [], losses: [] });
    await spool.close();
  });
});
