import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Loss } from '../src/flow/index.ts';
import { testRows } from './flow-rows.ts';
import { firstWindow, flow, type OpenedSpool, openSpool, rowsOf } from './open-spool.ts';

const disk = mkdtempSync(path.join(tmpdir(), 'headgate-spool-full-'));
const diskBytes = 4 * 1024 * 1024;
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (canMount) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** Some 512 KiB. */
const rowsPerSegment = 4096;
const rowsOfWindow = (window: number) =>
  testRows(Array.from({ length: rowsPerSegment }, (_, i) => flow(i % 3, window, 1, { srcPort: i })));

async function fill({ spool }: OpenedSpool, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    await spool.takeFlows(rowsOfWindow(firstWindow + i));
    await spool.closeWindows([{ window: firstWindow + i, covered: [0, 1, 2] }], firstWindow + i + 1);
  }
}

async function count(opened: OpenedSpool): Promise<{ rows: number; lost: number }> {
  let rows = 0;
  let lost = 0;
  for (let number = opened.spool.first; number < opened.spool.next; number++) {
    lost += sum((await opened.spool.read(number)).losses);
    rows += (await rowsOf(opened, number)).length;
  }
  return { rows, lost };
}

const sum = (losses: readonly Loss[]): number => losses.reduce((flows, loss) => flows + loss.flows, 0);

// A disk of a fixed size needs the right to mount one: without it these are reported as skipped.
describe.runIf(canMount)('a spool on a disk that is full', () => {
  it('gives up the oldest rows, and accounts for each', async () => {
    const folder = path.join(disk, 'oldest');
    const opened = await openSpool(folder, { maxBytes: 2 ** 20 * 16 });
    await fill(opened, 0, 12);
    expect(await count(opened)).toEqual({
      rows: expect.any(Number),
      lost: expect.any(Number),
    });
    const { rows, lost } = await count(opened);
    expect(rows + lost).toBe(12 * rowsPerSegment);
    expect(rows).toBeGreaterThan(3 * rowsPerSegment);
    expect(sum(opened.losses)).toBe(lost);
    expect(opened.spool.status.droppedSegments).toBe(lost / rowsPerSegment);
    await opened.spool.close();
    const again = await openSpool(folder, { maxBytes: 2 ** 20 * 16 });
    expect(await count(again)).toEqual({ rows, lost });
    await again.spool.close();
    rmSync(folder, { recursive: true });
  });

  it('goes on when others take all the room, with losses written from the reserve, which is filled again', async () => {
    const folder = path.join(disk, 'others');
    const opened = await openSpool(folder, { maxBytes: 2 ** 20 * 16 });
    await fill(opened, 0, 2);
    const other = path.join(disk, 'other');
    writeFileSync(other, new Uint8Array(freeBytes()));
    expect(freeBytes()).toBe(0);
    await fill(opened, 2, 6);
    const { rows, lost } = await count(opened);
    expect(rows + lost).toBe(6 * rowsPerSegment);
    expect(sum(opened.losses)).toBe(lost);
    expect(lost).toBeGreaterThan(3 * rowsPerSegment);
    rmSync(other);
    await fill(opened, 6, 7);
    expect((await rowsOf(opened, opened.spool.next - 1)).length).toBe(rowsPerSegment);
    expect(statSync(path.join(folder, 'reserve')).size).toBe(2 ** 20);
    await opened.spool.close();
    const again = await openSpool(folder, { maxBytes: 2 ** 20 * 16 });
    expect(await count(again)).toEqual({ rows: rows + rowsPerSegment, lost });
    await again.spool.close();
    rmSync(folder, { recursive: true });
  });

  it('never refuses, without any reserve either', async () => {
    const folder = path.join(disk, 'none');
    const other = path.join(disk, 'other');
    writeFileSync(other, new Uint8Array(freeBytes() - 24 * 1024));
    const opened = await openSpool(folder, { maxBytes: 2 ** 20 * 16 });
    await fill(opened, 0, 5);
    const { rows, lost } = await count(opened);
    expect([rows, lost]).toEqual([0, 5 * rowsPerSegment]);
    expect(sum(opened.losses)).toBe(lost);
    await opened.spool.close();
    rmSync(other);
    rmSync(folder, { recursive: true });
  });
});

const freeBytes = (): number => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};
