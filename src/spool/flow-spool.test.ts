import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { firstWindow, flow, named, openSpool, rowsOf, viewOf } from '../../test/open-spool.ts';
import type { Loss } from '../flow/index.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-spool-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = (): string => path.join(root, String(folders++));

describe('FlowSpool', () => {
  it('gives what was taken, segment by segment, as often as it is asked', async () => {
    const opened = await openSpool(newFolder());
    const { spool } = opened;
    const told: number[] = [];
    spool.onSealed(() => told.push(spool.next));
    expect([spool.first, spool.next]).toEqual([1, 1]);
    await spool.takeFlows(testRows([flow(0, firstWindow, 10), flow(1, firstWindow, 20)]));
    await spool.takeFlows(testRows([flow(2, firstWindow, 30)]));
    const loss: Loss = {
      interfaceIndex: 1,
      window: firstWindow,
      reason: 'kernel-dropped',
      flows: 0,
      packets: 5,
    };
    await spool.takeLosses([loss]);
    await spool.closeWindows([{ window: firstWindow, covered: [0, 1, 2] }], firstWindow + 1);
    await spool.closeWindows([], firstWindow + 1);
    await spool.closeWindows([], Number.POSITIVE_INFINITY);
    expect(told).toEqual([2, 3]);
    for (let i = 0; i < 2; i++) {
      const segment = await spool.read(1);
      expect(segment).toMatchObject({
        number: 1,
        before: firstWindow + 1,
        windows: [{ window: firstWindow, covered: [0, 1, 2] }],
        losses: [loss],
      });
      expect(await rowsOf(opened, 1)).toEqual([
        ['eni-1', 'sg-1/ingress/default', firstWindow, 10],
        ['eni-2', 'sg-1/ingress/default', firstWindow, 20],
        ['eni-3', 'sg-1/ingress/default', firstWindow, 30],
      ]);
    }
    expect(await spool.read(2)).toMatchObject({ before: Number.POSITIVE_INFINITY, windows: [], losses: [] });
    await expect(spool.read(3)).rejects.toThrow('bug');
    expect(opened.losses).toEqual([loss]);
    await spool.release(2);
    expect([spool.first, spool.next]).toEqual([2, 3]);
    expect(await rowsOf(opened, 1)).toEqual([]);
    expect(readdirSync(path.join(root, '0', 'segments'))).toEqual(['000000000002']);
    await spool.close();
    expect(opened.reports).toEqual([]);
  });

  it('gives the segments of an earlier run by the names of interfaces and causes', async () => {
    const folder = newFolder();
    const before = await openSpool(folder, { view: viewOf(['eni-1', 'eni-2', 'eni-3'], ['a', 'b']) });
    await before.spool.takeFlows(
      testRows([
        flow(0, firstWindow, 1),
        flow(1, firstWindow, 2, { cause: 1 }),
        flow(2, firstWindow, 3, { cause: 1 }),
      ]),
    );
    await before.spool.takeLosses([
      { interfaceIndex: 2, window: firstWindow, reason: 'delivery-behind', flows: 4, packets: 5 },
    ]);
    await before.spool.closeWindows([{ window: firstWindow, covered: [2, 0] }], firstWindow + 1);
    const { id } = before.spool;
    await before.spool.close();

    // eni-2 is gone, eni-4 has its number.
    const after = await openSpool(folder, { view: viewOf(['eni-3', 'eni-4', 'eni-1'], ['c', 'b']) });
    expect([after.spool.id, after.spool.first, after.spool.next]).toEqual([id, 1, 2]);
    await after.spool.takeFlows(testRows([flow(1, firstWindow, 9)]));
    await after.spool.closeWindows([{ window: firstWindow, covered: [1] }], firstWindow + 1);
    const segment = await after.spool.read(1);
    expect(await rowsOf(after, 1)).toEqual([
      ['eni-1', 'a', firstWindow, 1],
      ['eni-2', 'b', firstWindow, 2],
      ['eni-3', 'b', firstWindow, 3],
    ]);
    expect(segment.windows).toEqual([{ window: firstWindow, covered: [0, 2] }]);
    const lost = { id: 'eni-3', window: firstWindow, reason: 'delivery-behind', flows: 4, packets: 5 };
    expect(named(segment.losses, after.view)).toEqual([lost]);
    expect(named(after.losses, after.view)).toEqual([lost]);
    expect(await rowsOf(after, 2)).toEqual([['eni-4', 'c', firstWindow, 9]]);
    after.view.addCauses(['d']);
    expect(after.view.causes[2]).toBe('d');
    await after.spool.close();
  });

  it('gives an interface one number, also when it comes back later', async () => {
    const folder = newFolder();
    const before = await openSpool(folder);
    await before.spool.takeFlows(testRows([flow(1, firstWindow, 1)]));
    await before.spool.closeWindows([{ window: firstWindow, covered: [1] }], firstWindow + 1);
    await before.spool.close();
    const after = await openSpool(folder, { view: viewOf([]) });
    const [{ covered }] = (await after.spool.read(1)).windows;
    after.view.addInterfaces([{ NetworkInterfaceId: 'eni-7' }, { NetworkInterfaceId: 'eni-2' }]);
    await after.spool.takeFlows(testRows([flow(1, firstWindow, 2), flow(0, firstWindow, 3)]));
    await after.spool.closeWindows([{ window: firstWindow, covered: [0, 1] }], firstWindow + 1);
    const segment = await after.spool.read(2);
    expect(segment.windows).toEqual([{ window: firstWindow, covered: [0, covered[0]] }]);
    expect((await rowsOf(after, 2)).map(([id]) => id)).toEqual(['eni-2', 'eni-7']);
    await after.spool.close();
  });
});
