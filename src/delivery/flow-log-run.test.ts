import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import {
  newRunFolder,
  type OpenedRun,
  openRun,
  Recipient,
  refused,
  runResource,
  runView,
} from '../../test/open-run.ts';
import { beganMs, flow, openSpool } from '../../test/open-spool.ts';
import { defaultLogFormat, headerLine } from '../record/index.ts';
import type { FlowLogRunOptions } from './flow-log-run.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function newFolder(): string {
  const folder = newRunFolder();
  mkdirSync(path.join(folder, 'flow-logs'));
  folders.push(folder);
  return folder;
}

/** What a crash leaves: nothing of what is done later. */
function crashed(folder: string): string {
  const copy = newFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

/** A whole hour. */
const first = Math.ceil(beganMs / 3_600_000) * 60;
const timeOf = (window: number) => ({ firstMs: window * 60_000, lastMs: window * 60_000 + 5000 });

/** A window with a flow of this port and as many packets. */
async function pass({ spool }: Pick<OpenedRun, 'spool'>, window: number, ...ports: number[]): Promise<void> {
  await spool.takeFlows(
    testRows(
      ports.map((srcPort) => flow(0, window, srcPort, { srcPort, bytes: srcPort, ...timeOf(window) })),
    ),
  );
  await spool.closeWindows([{ window, covered: [] }], window + 1);
}

const delivered = ({ run }: OpenedRun): Promise<void> =>
  vi.waitFor(() => expect(run.report().delivery).toMatchObject({ waiting: 0, waitingSegments: 0 }), {
    timeout: 20_000,
    interval: 1,
  });
const portsOf = (lines: readonly string[]): number[] => lines.map((line) => Number(line.split(' ')[5]));
const records = (recipient: Recipient, more: Partial<FlowLogRunOptions> = {}, remembers = true) => {
  return (folder: string) => openRun(folder, recipient.records(remembers), more);
};

describe('a flow log whose destination takes records', () => {
  it('delivers windows in order, with numbers that grow', async () => {
    const recipient = new Recipient();
    const opened = await records(recipient)(newFolder());
    for (const i of [0, 1, 2]) await pass(opened, first + i, 1 + i, 11 + i);
    await delivered(opened);
    expect(portsOf(recipient.lines)).toEqual([1, 11, 2, 12, 3, 13]);
    expect(recipient.batches.map(({ segment, piece }) => [segment, piece])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(opened.run.neededFrom).toBe(4);
    expect(opened.run.report().delivery).toMatchObject({ delivered: 6, undelivered: 0, behindSeconds: 0 });
    await opened.end();
  });

  it.each([true, false])(
    'goes on where it stopped when it is closed in the middle (a destination that remembers: %s)',
    async (remembers) => {
      const folder = newFolder();
      const recipient = new Recipient();
      const begin = records(recipient, {}, remembers);
      const opened = await begin(folder);
      await pass(opened, first, 1);
      await delivered(opened);
      recipient.answer = refused;
      await pass(opened, first + 1, 2);
      await pass(opened, first + 2, 3);
      await vi.waitFor(() => expect(opened.run.health.status).toBe('FAILED'));
      expect(opened.run.report().delivery).toMatchObject({ waiting: 1, waitingSegments: 2 });
      await opened.end();
      recipient.answer = () => ({ kind: 'delivered' });
      const again = await begin(folder);
      await delivered(again);
      expect(portsOf(recipient.lines)).toEqual([1, 2, 3]);
      expect(again.run.health).toEqual({ status: 'SUCCESS' });
      await again.end();
    },
  );

  it.each([
    { remembers: true, lines: [1, 2], ambiguous: 0 },
    { remembers: false, lines: [1, 2, 2], ambiguous: 1 },
  ])('sends again what a crash left without an answer: $ambiguous doubtful', async (row) => {
    const { remembers, lines, ambiguous } = row;
    const folder = newFolder();
    const recipient = new Recipient();
    const opened = await records(recipient, {}, remembers)(folder);
    await pass(opened, first, 1);
    await delivered(opened);
    let copy = '';
    // The batch is there, and before anybody hears of it the program is gone.
    recipient.answer = () => {
      copy ||= crashed(folder);
      return { kind: 'delivered' };
    };
    await pass(opened, first + 1, 2);
    await delivered(opened);
    await opened.end();
    const again = await records(recipient, {}, remembers)(copy);
    await delivered(again);
    const status = recipient.lines.filter((line) => line.endsWith('SKIPDATA'));
    expect(portsOf(recipient.lines.filter((line) => !status.includes(line)))).toEqual(lines);
    expect(again.run.report().delivery.ambiguous).toBe(ambiguous);
    await again.end();
  });

  it('counts what is sent again although it may be there', async () => {
    const recipient = new Recipient();
    const opened = await records(recipient, {}, false)(newFolder());
    let answers = 0;
    recipient.answer = () => (answers++ < 2 ? refused({ isAmbiguous: true }) : { kind: 'delivered' });
    await pass(opened, first, 1);
    await delivered(opened);
    expect(recipient.lines).toHaveLength(3);
    expect(opened.run.report().delivery).toMatchObject({ delivered: 1, ambiguous: 2 });
    await opened.end();
  });

  it('passes over what is refused for good, and says so', async () => {
    const recipient = new Recipient();
    const opened = await records(recipient)(newFolder());
    recipient.answer = () => refused({ retryable: false });
    await pass(opened, first, 1, 2);
    await delivered(opened);
    expect(opened.run.report().delivery).toMatchObject({ delivered: 0, undelivered: 2 });
    expect(opened.notices.at(-1)).toMatch(/: 2 records are refused for good: why$/);
    recipient.answer = () => ({ kind: 'delivered' });
    await pass(opened, first + 1, 3);
    await delivered(opened);
    expect(portsOf(recipient.lines)).toEqual([3]);
    await opened.end();
  });

  it('takes what a destination throws for a refusal', async () => {
    const recipient = new Recipient();
    const opened = await records(recipient)(newFolder());
    let isTorn = true;
    recipient.answer = () => {
      if (isTorn) throw new Error('torn');
      return { kind: 'delivered' };
    };
    await pass(opened, first, 1);
    await vi.waitFor(() => expect(opened.notices).toHaveLength(1));
    expect(opened.notices[0]).toMatch(/is not delivered: Unknown error \(torn\)$/);
    isTorn = false;
    await delivered(opened);
    expect(opened.notices).toHaveLength(2);
    await opened.end();
  });

  it('tries at once when something changed, also while it is being refused', async () => {
    const recipient = new Recipient();
    const opened = await records(recipient, { retryMs: { first: 1e9, longest: 1e9 } })(newFolder());
    let tries = 0;
    recipient.answer = () => {
      tries++;
      if (tries === 1) opened.run.retryNow();
      return tries < 3 ? refused() : { kind: 'delivered' };
    };
    await pass(opened, first, 1);
    await vi.waitFor(() => expect(tries).toBe(2));
    opened.run.retryNow();
    await delivered(opened);
    await opened.end();
  });

  it('ends in time although its destination hangs, and begins there again', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    let answer = (_: { kind: 'delivered' }): void => undefined;
    recipient.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const opened = await records(recipient, { endMs: 20 })(folder);
    await pass(opened, first, 1);
    await pass(opened, first + 1, 2);
    await vi.waitFor(() => expect(opened.run.report().delivery.waiting).toBe(1));
    await opened.end();
    // It comes too late for this run.
    answer({ kind: 'delivered' });
    recipient.answer = () => ({ kind: 'delivered' });
    const again = await records(recipient)(folder);
    await delivered(again);
    expect(portsOf(recipient.lines)).toEqual([1, 2]);
    await again.end();
  });

  it('delivers what was sealed before it was deleted, and leaves nothing', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    const opened = await records(recipient, {
      resource: runResource({ MaxAggregationInterval: 600 }),
    })(folder);
    await pass(opened, first, 1);
    const ended = opened.run.endDeleted();
    await pass(opened, first + 1, 2);
    await ended;
    expect(portsOf(recipient.lines)).toEqual([1]);
    expect(recipient.forgotten).toBe(1);
    expect(readdirSync(path.join(folder, 'flow-logs'))).toEqual([]);
    expect(opened.run.neededFrom).toBe(Number.POSITIVE_INFINITY);
    await opened.end();
  });

  it.each([true, false])(
    'sends nothing twice because it cannot be kept (remembers: %s)',
    async (remembers) => {
      const folder = newFolder();
      const recipient = new Recipient();
      const opened = await records(recipient, {}, remembers)(folder);
      await pass(opened, first, 1);
      await delivered(opened);
      const { FlowLogId } = runResource();
      const blocked = path.join(folder, 'flow-logs', `${FlowLogId}.json.new`);
      mkdirSync(blocked);
      recipient.answer = () => {
        mkdirSync(blocked, { recursive: true });
        return { kind: 'delivered' };
      };
      for (const i of [1, 2, 3]) await pass(opened, first + i, 1 + i);
      await vi.waitFor(() => expect(opened.run.report().detail).toMatch('EISDIR'), { interval: 1 });
      await vi.waitFor(
        () => {
          rmSync(blocked, { recursive: true, force: true });
          expect(opened.run.report().delivery.waitingSegments).toBe(0);
        },
        { interval: 5, timeout: 5000 },
      );
      expect(opened.run.health).toEqual({ status: 'SUCCESS' });
      expect(portsOf(recipient.lines)).toEqual([1, 2, 3, 4]);
      const { delivery, takenPackets, records: sums } = opened.run.report();
      expect(delivery).toMatchObject({ delivered: 4, ambiguous: 0 });
      expect([takenPackets, sums.recordedPackets, sums.records]).toEqual([10, 10, 4]);
      rmSync(path.join(folder, 'flow-logs'), { recursive: true });
      recipient.answer = () => ({ kind: 'delivered' });
      await pass(opened, first + 4, 5);
      await delivered(opened);
      expect(portsOf(recipient.lines)).toEqual([1, 2, 3, 4, 5]);
      await opened.end();
    },
  );

  it('holds nothing for a deleted flow log whose destination never answers', async () => {
    const recipient = new Recipient();
    recipient.answer = () => new Promise(() => undefined);
    const opened = await records(recipient, { deletedMs: 20, endMs: 20 })(newFolder());
    await pass(opened, first, 1);
    await opened.run.endDeleted();
    expect(opened.notices.at(-1)).toMatch(/: it is deleted: 1 segments and 1 records .*are given up$/);
    await opened.end();
  });

  it('gives up what a deleted flow log cannot deliver in time', async () => {
    const recipient = new Recipient();
    recipient.answer = refused;
    const opened = await records(recipient, { deletedMs: 20 })(newFolder());
    await pass(opened, first, 1);
    await opened.run.endDeleted();
    expect(opened.notices.at(-1)).toMatch(/: it is deleted: 1 segments are given up$/);
    await opened.end();
  });
});

describe('a flow log with an interval of ten minutes', () => {
  const merging = { resource: runResource({ MaxAggregationInterval: 600 }) };
  const sumsOf = (lines: readonly string[]) => lines.map((line) => line.split(' ').slice(5).join(' '));

  it.each(['closed', 'killed'] as const)('merges over restarts: %s', async (how) => {
    const unbroken = new Recipient();
    const broken = new Recipient();
    let folder = newFolder();
    const whole = await records(unbroken, merging)(newFolder());
    let opened = await records(broken, merging)(folder);
    for (let i = 0; i < 13; i++) {
      await pass(whole, first + i, 7, i + 100);
      await pass(opened, first + i, 7, i + 100);
      await delivered(opened);
      if (i % 6 !== 4) continue;
      if (how === 'killed') folder = crashed(folder);
      await opened.end();
      opened = await records(broken, merging)(folder);
    }
    await delivered(whole);
    await delivered(opened);
    const flows = broken.lines.filter((line) => line.endsWith(' OK'));
    expect(sumsOf(flows)).toEqual(sumsOf(unbroken.lines));
    expect(flows).toHaveLength(11);
    expect(opened.run.report()).toMatchObject({ heldPackets: 3 * 7 + 110 + 111 + 112 });
    await opened.end();
    await whole.end();
  });

  it('delivers what is over when nothing comes any more, once', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    const opened = await records(recipient, { ...merging, idleMs: 5 })(folder);
    await pass(opened, first, 7);
    await pass(opened, first + 1, 7);
    await vi.waitFor(() => expect(portsOf(recipient.lines)).toEqual([7]));
    await pass(opened, first + 2, 8);
    await vi.waitFor(() => expect(portsOf(recipient.lines)).toEqual([7, 8]));
    await opened.end();
    const again = await records(recipient, { ...merging, idleMs: 5 })(folder);
    await pass(again, first + 10, 9);
    await vi.waitFor(() => expect(portsOf(recipient.lines)).toEqual([7, 8, 9]));
    await again.end();
  });
});

describe('a flow log whose segments are dropped before they are delivered', () => {
  const interval = {
    resource: runResource({ MaxAggregationInterval: 600 }),
    retryMs: { first: 1e9, longest: 1e9 },
  };
  /** Rows beyond what the spool has room for: older segments are dropped. */
  const overflow = async (opened: OpenedRun, window: number): Promise<void> => {
    const rows = testRows(Array.from({ length: 8192 }, () => flow(1, window, 1, timeOf(window))));
    for (let i = 0; i < 5; i++) await opened.spool.takeFlows(rows);
    await opened.spool.closeWindows([{ window, covered: [] }], window + 1);
  };
  const statusOf = (recipient: Recipient, status: string, eni: string) =>
    recipient.lines.filter((line) => line.endsWith(` ${status}`) && line.includes(` ${eni} `));

  it.each([true, false])(
    'tells of flows that waited for the end of their interval (remembers: %s)',
    async (remembers) => {
      const recipient = new Recipient();
      const open = records(recipient, interval, remembers);
      let folder = newFolder();
      const opened = await open(folder);
      for (let i = 0; i < 4; i++) await pass(opened, first + i, 1 + i);
      await vi.waitFor(() => expect(opened.run.report().delivery.waitingSegments).toBe(0));
      // Here they would still be in memory; a program that begins anew has to read them again.
      await overflow(opened, first + 4);
      folder = crashed(folder);
      await opened.end();
      const again = await open(folder);
      for (let i = 5; i < 10; i++) await pass(again, first + i, 1 + i);
      await delivered(again);
      expect(statusOf(recipient, 'SKIPDATA', 'eni-0')).toHaveLength(1);
      expect(portsOf(statusOf(recipient, 'OK', 'eni-0'))).toEqual([6, 7, 8, 9, 10]);
      await again.end();
    },
  );

  it('tells of flows beside those that came early, and were delivered before they were dropped', async () => {
    const recipient = new Recipient();
    const open = records(recipient, { retryMs: interval.retryMs });
    let folder = newFolder();
    const opened = await open(folder);
    const early = flow(0, first + 1, 1, { srcPort: 1, ...timeOf(first + 1) });
    await opened.spool.takeFlows(testRows([early]));
    await opened.spool.closeWindows([{ window: first, covered: [] }], first + 1);
    await delivered(opened);
    recipient.answer = refused;
    await pass(opened, first + 1, 2);
    await overflow(opened, first + 2);
    folder = crashed(folder);
    await opened.end();
    recipient.answer = () => ({ kind: 'delivered' });
    const again = await open(folder);
    await delivered(again);
    expect(portsOf(statusOf(recipient, 'OK', 'eni-0'))).toEqual([1]);
    expect(statusOf(recipient, 'SKIPDATA', 'eni-0')).toHaveLength(1);
    await again.end();
  });

  it('tells of flows that were refused, and may have been taken, until they were dropped', async () => {
    const recipient = new Recipient();
    recipient.answer = () => refused({ isAmbiguous: true, isThere: false });
    const open = records(recipient, interval, false);
    let folder = newFolder();
    const opened = await open(folder);
    for (let i = 0; i < 10; i++) await pass(opened, first + i, 1 + i);
    await vi.waitFor(() => expect(opened.run.health.status).toBe('FAILED'));
    await overflow(opened, first + 10);
    folder = crashed(folder);
    await opened.end();
    recipient.answer = () => ({ kind: 'delivered' });
    const again = await open(folder);
    await delivered(again);
    expect(statusOf(recipient, 'SKIPDATA', 'eni-0')).toHaveLength(1);
    await again.end();
  });
});

it('a flow log begins where it was made, although a crash came before anything was kept of it', async () => {
  const recipient = new Recipient();
  const folder = newFolder();
  const CreationTime = new Date(beganMs).toISOString();
  const open = records(recipient, { resource: runResource({ CreationTime }) });
  let nowMs = beganMs - 1000;
  const { spool } = await openSpool(folder, { view: runView(), clock: () => nowMs });
  await pass({ spool }, first, 1);
  nowMs = beganMs + 1000;
  for (const i of [1, 2]) await pass({ spool }, first + i, 1 + i);
  await spool.close();
  const opened = await open(folder);
  await delivered(opened);
  expect(portsOf(recipient.lines)).toEqual([2, 3]);
  await opened.end();
});

describe('a flow log whose destination takes objects', () => {
  const toBucket = (recipient: Recipient, more: Partial<FlowLogRunOptions> = {}) => {
    return (folder: string) => openRun(folder, recipient.bucket(), more);
  };
  const stampOf = (key: string) => /_(\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz$/.exec(key)?.[1].slice(9, 13);

  it.each([
    ['plain-text', '1.gz'],
    ['parquet', '1.lines'],
    ['parquet', '1.parquet'],
  ] as const)('begins a %s file again that could not be made: %s', async (FileFormat, name) => {
    const folder = newFolder();
    const recipient = new Recipient();
    const resource = runResource({ DestinationOptions: { FileFormat } });
    const files = path.join(folder, 'flow-logs', resource.FlowLogId);
    const opened = await toBucket(recipient, { resource })(folder);
    const isEmpty = () =>
      vi.waitFor(() => expect(readdirSync(files)).toEqual([]), { interval: 1, timeout: 5000 });
    for (let i = 0; i < 5; i++) await pass(opened, first + i, 1 + i);
    await delivered(opened);
    await isEmpty();
    mkdirSync(path.join(files, name));
    for (let i = 5; i < 10; i++) await pass(opened, first + i, 1 + i);
    await delivered(opened);
    expect(opened.notices.filter((line) => line.includes('EEXIST'))).toHaveLength(1);
    expect(opened.run.health).toEqual({ status: 'SUCCESS' });
    const { delivery, records: sums } = opened.run.report();
    expect([recipient.puts, delivery.delivered, sums.records]).toEqual([2, 10, 10]);
    await isEmpty();
    await opened.end();
  });

  it('puts an object for each five minutes', async () => {
    const recipient = new Recipient();
    const opened = await toBucket(recipient)(newFolder());
    for (let i = 0; i < 12; i++) await pass(opened, first + i, i + 1);
    await vi.waitFor(() => expect(recipient.objects.size).toBe(2));
    expect([...recipient.objects.keys()].map(stampOf)).toEqual(['2300', '2305']);
    const [key] = recipient.objects.keys();
    expect(key).toMatch(
      /^all\/AWSLogs\/123456789012\/vpcflowlogs\/us-east-1\/2023\/11\/14\/123456789012_vpcflowlogs_us-east-1_fl-0+1_20231114T2300Z_/,
    );
    const text = gunzipSync(recipient.objects.get(key)!).toString();
    expect(text.split('\n')[0]).toBe(headerLine(defaultLogFormat));
    expect(portsOf(recipient.objectLines)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await vi.waitFor(() =>
      expect(opened.run.report().delivery).toMatchObject({ waiting: 2, waitingSegments: 2, delivered: 10 }),
    );
    await opened.end();
    expect([...recipient.objects.keys()].map(stampOf)).toEqual(['2300', '2305', '2310']);
  });

  it('sorts late records into the five minutes in which they end', async () => {
    const recipient = new Recipient();
    const opened = await toBucket(recipient)(newFolder());
    const late = Array.from({ length: 20 }, (_, i) =>
      flow(0, first, 1, { srcPort: i, ...timeOf(first - i * 5) }),
    );
    await opened.spool.takeFlows(testRows(late));
    await opened.spool.closeWindows([], Number.POSITIVE_INFINITY);
    await delivered(opened);
    expect(recipient.objects.size).toBe(20);
    expect(new Set([...recipient.objects.keys()].map(stampOf)).size).toBe(20);
    expect(portsOf(recipient.objectLines).sort((a, b) => a - b)).toEqual(late.map(({ srcPort }) => srcPort));
    await opened.end();
  });

  it('makes the same objects again after a crash, before and after they were taken', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    await (await toBucket(recipient)(folder)).end();
    const { spool } = await openSpool(folder, { view: runView(), maxBytes: 2 ** 22 });
    for (let i = 0; i < 5; i++) await pass({ spool }, first + i, i + 1);
    await spool.close();
    const sealed = crashed(folder);
    let put = '';
    recipient.answer = () => {
      put ||= crashed(folder);
      return { kind: 'delivered' };
    };
    const once = await toBucket(recipient)(folder);
    await delivered(once);
    await once.end();
    const objects = new Map(recipient.objects);
    expect(portsOf(recipient.objectLines)).toEqual([1, 2, 3, 4, 5]);
    for (const copy of [put, sealed]) {
      const again = await toBucket(recipient)(copy);
      await delivered(again);
      await again.end();
      expect(recipient.objects).toEqual(objects);
    }
    expect(recipient.puts).toBe(3);
  });

  it('keeps what is refused over a restart, and puts it then; later windows wait in the spool', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    recipient.answer = refused;
    const opened = await toBucket(recipient)(folder);
    for (let i = 0; i < 11; i++) await pass(opened, first + i, i + 1);
    await vi.waitFor(() => expect(opened.run.health.status).toBe('FAILED'));
    expect(opened.run.report().delivery).toMatchObject({ waiting: 5, waitingSegments: 6 });
    await opened.end();
    expect(readdirSync(path.join(folder, 'flow-logs', 'fl-00000000000000001'))).toEqual(['0.gz']);
    recipient.answer = () => ({ kind: 'delivered' });
    const again = await toBucket(recipient)(folder);
    await vi.waitFor(() => expect(recipient.objects.size).toBe(2));
    await again.end();
    expect(portsOf(recipient.objectLines)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(readdirSync(path.join(folder, 'flow-logs', 'fl-00000000000000001'))).toEqual([]);
  });

  it('has objects of the same five minutes under names of their own', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    for (let i = 0; i < 3; i++) {
      const opened = await toBucket(recipient, { resource: runResource({ MaxAggregationInterval: 600 }) })(
        folder,
      );
      await pass(opened, first + i, i + 1);
      await opened.spool.closeWindows([], Number.POSITIVE_INFINITY);
      await delivered(opened);
      await opened.end();
    }
    expect([...recipient.objects.keys()].map(stampOf)).toEqual(['2300', '2300', '2300']);
    expect(portsOf(recipient.objectLines)).toEqual([1, 2, 3]);
  });

  it('writes Parquet', async () => {
    const recipient = new Recipient();
    const opened = await toBucket(recipient, {
      resource: runResource({
        DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: true, PerHourPartition: true },
      }),
    })(newFolder());
    for (let i = 0; i < 5; i++) await pass(opened, first + i, i + 1, i + 11);
    await delivered(opened);
    await opened.end();
    const [[key, bytes]] = recipient.objects;
    expect(key).toMatch(
      /^all\/AWSLogs\/aws-account-id=123456789012\/.*\/hour=23\/.*_[0-9a-f]{8}\.log\.parquet$/,
    );
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const rows = await parquetReadObjects({
      file,
      compressors: { GZIP: (input: Uint8Array) => gunzipSync(input) },
    });
    expect(rows.map(({ srcport, packets }) => [srcport, packets])).toEqual(
      [1, 11, 2, 12, 3, 13, 4, 14, 5, 15].map((port) => [port, BigInt(port)]),
    );
  });

  it('says which records went with a file that somebody removed', async () => {
    const folder = newFolder();
    const recipient = new Recipient();
    recipient.answer = refused;
    const opened = await toBucket(recipient)(folder);
    for (let i = 0; i < 5; i++) await pass(opened, first + i, i + 1);
    await vi.waitFor(() => expect(opened.run.health.status).toBe('FAILED'));
    await opened.end();
    rmSync(path.join(folder, 'flow-logs', 'fl-00000000000000001', '0.gz'));
    const again = await toBucket(recipient)(folder);
    await delivered(again);
    expect(again.run.report().delivery).toMatchObject({ undelivered: 5 });
    expect(again.notices[0]).toMatch(/: 5 records are lost: the file of object all\/AWSLogs\/.* is gone$/);
    await again.end();
  });
});
