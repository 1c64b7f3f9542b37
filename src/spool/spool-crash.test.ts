import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import {
  beganMs,
  firstWindow,
  flow,
  minuteMs,
  named,
  type OpenedSpool,
  openSpool,
  rowsOf,
  viewOf,
} from '../../test/open-spool.ts';
import { isLong } from '../../test/runs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-spool-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => path.join(root, String(folders++));

/** The folder as a crash would leave it now. */
function crashed(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

interface Crash {
  readonly name: string;
  readonly before: (opened: OpenedSpool, now: { ms: number }) => Promise<void>;
  readonly rows: number;
  /** Interfaces and windows, from the first on. */
  readonly lost: readonly string[];
  readonly atMost?: Readonly<Record<string, number>>;
  /** Counters then and now. */
  readonly counters?: readonly [Record<string, number>, Record<string, number>];
}

const closeFirst = async ({ spool }: OpenedSpool, covered: readonly number[] = [0, 1]): Promise<void> => {
  await spool.takeFlows(testRows([flow(0, firstWindow, 1)]));
  await spool.closeWindows([{ window: firstWindow, covered }], firstWindow + 1);
};

const crashes: readonly Crash[] = [
  { name: 'before anything was captured', before: async () => {}, rows: 0, lost: [] },
  {
    name: 'in the middle of a window: everything that is watched',
    before: async (opened, now) => {
      now.ms += minuteMs;
      await closeFirst(opened);
    },
    rows: 0,
    lost: ['eni-1 1', 'eni-2 1'],
  },
  {
    name: 'just after the end of a window that was not closed: that and the next',
    before: async (opened, now) => {
      now.ms += minuteMs;
      await closeFirst(opened);
      now.ms += minuteMs + 1000;
      vi.advanceTimersByTime(1000);
      const touched = path.join(opened.folder, 'open.json');
      await vi.waitFor(() => expect(statSync(touched).mtimeMs).toBe(now.ms), { interval: 5 });
    },
    rows: 0,
    lost: ['eni-1 1', 'eni-2 1', 'eni-1 2', 'eni-2 2'],
  },
  {
    name: 'when rows had been handed over: they are there, and what they belong to is not whole',
    before: async (opened, now) => {
      now.ms += minuteMs;
      await closeFirst(opened);
      await opened.spool.takeFlows(testRows([flow(2, firstWindow + 1, 5), flow(0, firstWindow + 1, 6)]));
    },
    rows: 2,
    lost: ['eni-1 1', 'eni-2 1', 'eni-3 1'],
  },
  {
    name: 'after the end of the capture',
    before: async (opened) => {
      await closeFirst(opened);
      await opened.spool.closeWindows([], Number.POSITIVE_INFINITY);
    },
    rows: 0,
    lost: [],
  },
  {
    name: 'with device counters: what they counted bounds it, where they have counted on',
    before: (opened) => closeFirst(opened, [0, 1, 2]),
    rows: 0,
    lost: ['eni-1 1', 'eni-2 1', 'eni-3 1'],
    counters: [
      { 'eni-1': 100, 'eni-2': 100 },
      { 'eni-1': 142, 'eni-2': 99, 'eni-3': 5 },
    ],
    atMost: { 'eni-1': 42 },
  },
];

describe('a spool after a crash', () => {
  it.each(crashes)('$name', async ({ before, rows, lost, counters, atMost }) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = newFolder();
    const now = { ms: beganMs };
    const devices = (of: Record<string, number> | undefined) => () => new Map(Object.entries(of ?? {}));
    const first = await openSpool(folder, { clock: () => now.ms, deviceCounters: devices(counters?.[0]) });
    await before(first, now);
    const copy = crashed(folder);
    const { next } = first.spool;
    // Interfaces have other numbers now.
    const again = await openSpool(copy, {
      view: viewOf(['eni-3', 'eni-2', 'eni-1']),
      clock: () => now.ms + 10 * minuteMs,
      deviceCounters: devices(counters?.[1]),
    });
    const { spool, view } = again;
    const hasTold = rows > 0 || lost.length > 0;
    expect(spool.next).toBe(hasTold ? next + 1 : next);
    if (hasTold) {
      const segment = await spool.read(next);
      const losses = named(segment.losses, view);
      expect(losses.map(({ id, window }) => `${id} ${window - firstWindow}`).sort()).toEqual(
        [...lost].sort(),
      );
      for (const { id, window, ...loss } of losses) {
        const most = atMost?.[id ?? ''];
        expect(loss).toEqual({
          reason: 'crashed',
          flows: 0,
          packets: 0,
          isUnknown: true,
          ...(most === undefined ? {} : { atMostPackets: most }),
        });
      }
      expect((await rowsOf(again, next)).length).toBe(rows);
      expect(segment.windows).toEqual([]);
      expect(named(again.losses, view)).toEqual(losses);
    }
    await spool.close();
    await first.spool.close();

    const orderly = await openSpool(copy);
    expect([orderly.spool.first, orderly.spool.next]).toEqual([again.spool.first, again.spool.next]);
    await orderly.spool.close();
    const whole = await openSpool(folder);
    expect(named(whole.losses, whole.view).filter(({ reason }) => reason === 'crashed')).toEqual([]);
    await whole.spool.close();
  });

  it('never gives a number twice, whatever was released', async () => {
    const folder = newFolder();
    const first = await openSpool(folder);
    await closeFirst(first, []);
    await first.spool.closeWindows([], firstWindow + 2);
    await first.spool.release(3);
    expect([first.spool.first, first.spool.next]).toEqual([3, 3]);
    const copies = [crashed(folder)];
    await first.spool.close();
    copies.push(folder);
    for (const copy of copies) {
      const again = await openSpool(copy);
      expect([again.spool.first, again.spool.next]).toEqual([3, 3]);
      await again.spool.closeWindows([], firstWindow + 3);
      expect(again.spool.next).toBe(4);
      await again.spool.close();
    }
  });

  it('between the sealing of a segment and the writing of the state tells nothing of what is sealed', async () => {
    const folder = newFolder();
    const now = { ms: beganMs + minuteMs };
    const first = await openSpool(folder, { clock: () => now.ms });
    await closeFirst(first);
    const state = readFileSync(path.join(folder, 'open.json'));
    now.ms += minuteMs;
    await first.spool.closeWindows([{ window: firstWindow + 1, covered: [0, 1] }], firstWindow + 2);
    const copy = crashed(folder);
    await first.spool.close();
    writeFileSync(path.join(copy, 'open.json'), state);
    utimesSync(path.join(copy, 'open.json'), now.ms / 1000, now.ms / 1000);
    const again = await openSpool(copy, { clock: () => now.ms });
    expect(again.losses.map(({ window }) => window - firstWindow)).toEqual([2, 2]);
    await again.spool.close();
  });

  it('keeps the rows of whole pieces when the last one is cut off anywhere', async () => {
    const folder = newFolder();
    const first = await openSpool(folder);
    await first.spool.takeFlows(testRows([flow(0, firstWindow, 1)]));
    const [name] = readdirSync(path.join(folder, 'segments'));
    const whole = statSync(path.join(folder, 'segments', name)).size;
    await first.spool.takeFlows(testRows([flow(1, firstWindow, 2)]));
    const { size } = statSync(path.join(folder, 'segments', name));
    const rare = isLong ? [0, 15, 16, whole, whole + 60, size - 127] : [];
    for (const end of [...rare, whole - 1, whole + 1, size - 1, size]) {
      const copy = crashed(folder);
      truncateSync(path.join(copy, 'segments', name), end);
      const again = await openSpool(copy);
      const rows = again.spool.next === 2 ? await rowsOf(again, 1) : [];
      const ids = end === size ? ['eni-1', 'eni-2'] : end >= whole ? ['eni-1'] : [];
      expect([end, rows.map(([id]) => id)]).toEqual([end, ids]);
      await again.spool.close();
    }
    await first.spool.close();
  });
});
