import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { newRunFolder, openRun, Recipient, refused } from '../../test/open-run.ts';
import { beganMs, flow } from '../../test/open-spool.ts';

const first = Math.ceil(beganMs / 3_600_000) * 60;

it('counts what may be there twice before it is sent again: a crash forgets none of it', async () => {
  const folder = newRunFolder();
  const copy = newRunFolder();
  onTestFinished(() => {
    for (const one of [folder, copy]) rmSync(one, { recursive: true, force: true });
  });
  mkdirSync(path.join(folder, 'flow-logs'));
  const recipient = new Recipient();
  recipient.answer = () => refused({ isAmbiguous: true });
  const killed = await openRun(folder, recipient.records(false));
  const times = { firstMs: first * 60_000, lastMs: first * 60_000 + 1000 };
  await killed.spool.takeFlows(testRows([flow(0, first, 1, times)]));
  await killed.spool.closeWindows([{ window: first, covered: [] }], first + 1);
  await vi.waitFor(() => expect(recipient.batches.length).toBeGreaterThan(4), { interval: 1 });
  const sent = recipient.batches.length;
  cpSync(folder, copy, { recursive: true });
  killed.run.abandon();
  await killed.spool.close();
  recipient.answer = () => ({ kind: 'delivered' });
  const again = await openRun(copy, recipient.records(false));
  await vi.waitFor(() => expect(again.run.report().delivery.waitingSegments).toBe(0));
  expect(again.run.report().delivery.ambiguous).toBeGreaterThanOrEqual(sent);
  await again.end();
});
