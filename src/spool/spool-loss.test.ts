import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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
} from '../../test/open-spool.ts';
import { isLong } from '../../test/runs.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-spool-loss-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => path.join(root, String(folders++));
const idIn = (folder: string): string => JSON.parse(readFileSync(path.join(folder, 'spool.json'), 'utf8')).id;

const pass = async ({ spool }: OpenedSpool, window: number): Promise<void> => {
  await spool.takeFlows(testRows([flow(0, window, 1)]));
  await spool.closeWindows([{ window, covered: [0, 1] }], window + 1);
};

describe('a spool whose small files are damaged', () => {
  const damages = [
    '',
    'null',
    '[]',
    '{"number":7}',
    '{"number":-1,"beganMs":1,"counters":null}',
    '{',
    undefined,
  ];

  it.each(damages)('gives no number twice under one name: open.json is %j', async (text) => {
    for (const releases of isLong ? [true, false] : [damages.indexOf(text) % 2 === 0]) {
      const folder = newFolder();
      const first = await openSpool(folder);
      await pass(first, firstWindow);
      await pass(first, firstWindow + 1);
      if (releases) await first.spool.release(3);
      await first.spool.close();
      const file = path.join(folder, 'open.json');
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      const counters = () => new Map([['eni-1', 5]]);
      const again = await openSpool(folder, { deviceCounters: counters });
      expect(again.spool.id === first.spool.id).toBe(!releases);
      if (!releases) expect(again.spool.next).toBeGreaterThanOrEqual(3);
      expect(idIn(folder)).toBe(again.spool.id);
      await again.spool.close();
    }
  });

  it.each(['null', '{"interfaces":[1]}', '{"interfaces":[[0]]}', '{"interfaces":[[0,null]]}', '{'])(
    'opens with a watched.json of %s',
    async (text) => {
      const folder = newFolder();
      const first = await openSpool(folder);
      await pass(first, firstWindow);
      const copy = newFolder();
      cpSync(folder, copy, { recursive: true });
      await first.spool.close();
      writeFileSync(path.join(copy, 'watched.json'), text);
      const again = await openSpool(copy);
      expect((await rowsOf(again, 1)).length).toBe(1);
      await again.spool.close();
    },
  );

  it('misses the last segments too', async () => {
    const folder = newFolder();
    const first = await openSpool(folder);
    for (const i of [0, 1, 2]) await pass(first, firstWindow + i);
    await first.spool.close();
    for (const number of [2, 3]) rmSync(path.join(folder, 'segments', `00000000000${number}`));
    const again = await openSpool(folder);
    expect([again.spool.first, again.spool.next]).toEqual([1, 4]);
    expect(named((await again.spool.read(2)).losses, again.view)).toMatchObject([{ id: 'eni-1' }, {}]);
    await again.spool.read(3);
    expect(again.reports).toEqual([2, 3].map((number) => `segment ${number} of the spool is gone`));
    await again.spool.close();
  });

  it('tells unknown losses of a segment that somebody removed, in this run and in the next', async () => {
    const folder = newFolder();
    const first = await openSpool(folder);
    for (const i of [0, 1, 2]) await pass(first, firstWindow + i);
    rmSync(path.join(folder, 'segments', '000000000002'));
    const lost = ['eni-1', 'eni-2'].map((id) => ({
      id,
      window: firstWindow + 1,
      reason: 'spool-failed',
      flows: 0,
      packets: 0,
      isUnknown: true,
    }));
    for (let i = 0; i < 2; i++) {
      const { losses } = await first.spool.read(2);
      expect(named(losses, first.view)).toEqual(lost);
    }
    expect(named(first.losses, first.view)).toEqual(lost);
    expect(first.reports).toEqual(['segment 2 of the spool is gone']);
    await first.spool.close();
    const again = await openSpool(folder);
    expect(named((await again.spool.read(2)).losses, again.view)).toEqual(lost);
    await again.spool.close();
  });
});

describe('a spool without room', () => {
  it('opens on a disk that is full, and goes on when it is not', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    const files = ['spool.json.new', 'open.json.new', 'watched.json.new', 'reserve'];
    for (const name of files) symlinkSync('/dev/full', path.join(folder, name));
    const opened = await openSpool(folder);
    const { spool, reports } = opened;
    expect(reports.join()).toContain('ENOSPC');
    symlinkSync('/dev/full', path.join(folder, 'segments', '000000000001'));
    await spool.takeFlows(testRows([flow(0, firstWindow, 3)]));
    rmSync(path.join(folder, 'segments', '000000000001'));
    for (const name of files) rmSync(path.join(folder, name));
    await spool.closeWindows([{ window: firstWindow, covered: [0, 1] }], firstWindow + 1);
    expect(named(opened.losses, opened.view)).toMatchObject([
      { id: 'eni-1', reason: 'spool-full', flows: 1, packets: 3 },
    ]);
    await pass(opened, firstWindow + 1);
    expect(idIn(folder)).toBe(spool.id);
    await spool.close();
    const again = await openSpool(folder);
    expect([again.spool.id, again.spool.next]).toEqual([spool.id, 3]);
    expect(named((await again.spool.read(1)).losses, again.view)).toMatchObject([{ flows: 1, packets: 3 }]);
    expect((await rowsOf(again, 2)).length).toBe(1);
    await again.spool.close();
  });

  it('makes its folder again, and opens where it can make none', async () => {
    const folder = newFolder();
    writeFileSync(folder, '');
    const opened = await openSpool(folder);
    await pass(opened, firstWindow);
    expect(opened.losses).toMatchObject([{ flows: 1 }]);
    rmSync(folder);
    await pass(opened, firstWindow + 1);
    expect((await rowsOf(opened, 2)).length).toBe(1);
    rmSync(folder, { recursive: true });
    await pass(opened, firstWindow + 2);
    expect((await rowsOf(opened, 3)).length).toBe(1);
    await opened.spool.close();
  });

  it('holds losses in memory until there is room, and no more than some', async () => {
    const folder = newFolder();
    const opened = await openSpool(folder);
    const { spool } = opened;
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    for (let i = 0; i < 70; i++) await pass(opened, firstWindow + i);
    expect([spool.first, spool.next, spool.status.segments]).toEqual([7, 71, 64]);
    const losses = async (number: number) => (await spool.read(number)).losses;
    expect([await losses(6), (await losses(7)).length, (await losses(70)).length]).toEqual([[], 1, 1]);
    rmSync(folder);
    await pass(opened, firstWindow + 70);
    expect(readdirSync(path.join(folder, 'segments'))).toHaveLength(65);
    expect([(await losses(7)).length, (await losses(71)).length]).toEqual([1, 0]);
    await spool.close();
    const again = await openSpool(folder);
    expect((await again.spool.read(7)).losses).toMatchObject([{ window: firstWindow + 6, flows: 1 }]);
    await again.spool.close();
  });

  it.runIf(isLong)('keeps more losses of a window than a call has room for', async () => {
    const folder = newFolder();
    const opened = await openSpool(folder);
    const many = Array.from({ length: 300_000 }, (_, i) => ({
      interfaceIndex: i % 3,
      window: firstWindow + (i % 7),
      reason: 'kernel-dropped' as const,
      flows: 0,
      packets: 1,
    }));
    await opened.spool.takeLosses(many);
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    await opened.spool.close();
    rmSync(path.join(copy, 'open.json'));
    const again = await openSpool(copy);
    expect((await again.spool.read(1)).losses.length).toBeGreaterThanOrEqual(many.length);
    await again.spool.close();
  });
});

describe('a spool after crash upon crash', () => {
  it('tells once what was cut off', async () => {
    const now = { ms: beganMs };
    let folder = newFolder();
    let opened = await openSpool(folder, { clock: () => now.ms });
    now.ms += minuteMs;
    await pass(opened, firstWindow);
    const crash = async (): Promise<void> => {
      const copy = newFolder();
      cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
      await opened.spool.close();
      folder = copy;
      opened = await openSpool(folder, { clock: () => now.ms });
    };
    await crash();
    const { next } = opened.spool;
    const told = named(opened.losses, opened.view);
    expect(told).toMatchObject([
      { id: 'eni-1', window: firstWindow + 1, reason: 'crashed' },
      { id: 'eni-2', window: firstWindow + 1, reason: 'crashed' },
    ]);
    await crash();
    await crash();
    expect([opened.spool.next, named(opened.losses, opened.view)]).toEqual([next, told]);
    await opened.spool.close();
  });

  it('tells once what a crash between sealing and writing the state leaves', async () => {
    const now = { ms: beganMs + minuteMs };
    const folder = newFolder();
    const first = await openSpool(folder, { clock: () => now.ms });
    await pass(first, firstWindow);
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true, preserveTimestamps: true });
    await first.spool.close();
    const state = readFileSync(path.join(copy, 'open.json'));
    const second = await openSpool(copy, { clock: () => now.ms });
    const { next } = second.spool;
    await second.spool.close();
    // The segment with the losses is there, and the state is still that of the first run.
    writeFileSync(path.join(copy, 'open.json'), state);
    const third = await openSpool(copy, { clock: () => now.ms });
    expect([third.spool.next, third.losses.length]).toEqual([next, 2]);
    await third.spool.close();
  });
});

it('opens a spool of which every file is empty', async () => {
  const folder = newFolder();
  const first = await openSpool(folder);
  await pass(first, firstWindow);
  await pass(first, firstWindow + 1);
  await first.spool.close();
  for (const name of [
    'open.json',
    'watched.json',
    'spool.json',
    'segments/000000000001',
    'segments/000000000002',
  ])
    truncateSync(path.join(folder, name));
  const again = await openSpool(folder);
  expect(again.spool.id).not.toBe(first.spool.id);
  await pass(again, firstWindow + 2);
  expect((await rowsOf(again, again.spool.next - 1)).length).toBe(1);
  expect(existsSync(path.join(folder, 'segments'))).toBe(true);
  await again.spool.close();
});
