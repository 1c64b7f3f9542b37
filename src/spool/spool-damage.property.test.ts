import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { beganMs, firstWindow, flow, named, openSpool, rowsOf, viewOf } from '../../test/open-spool.ts';
import { runs } from '../../test/runs.ts';
import { type FlowRows, float64, rowFloat64s, rowWords, word } from '../flow/index.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-spool-damage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
/** Small, so that its reserve is. */
const maxBytes = 2 ** 20;

/** A spool of three segments, each of three pieces; the packets of a row are its number, so that each is known. */
async function madeSpool(): Promise<string> {
  const folder = path.join(root, 'made');
  const { spool } = await openSpool(folder, { maxBytes });
  let number = 1;
  for (const window of [firstWindow, firstWindow + 1, firstWindow + 2]) {
    for (let piece = 0; piece < 3; piece++) {
      const rows = Array.from({ length: 5 }, (_, i) => flow(i % 3, window, number++));
      await spool.takeFlows(testRows(rows));
    }
    await spool.closeWindows([{ window, covered: [0, 1, 2] }], window + 1);
  }
  await spool.close();
  return folder;
}

/** Every word of every row is as it was written, but for those that go by numbers. */
function expectWhole({ words, floats, count }: FlowRows, window: number): void {
  for (let i = 0; i < count; i++) {
    const row = words.slice(i * rowWords, (i + 1) * rowWords);
    row[word.interface] = 0;
    row[word.cause] = 0;
    const written = testRows([flow(0, window, floats[i * rowFloat64s + float64.packets])]);
    expect([...row]).toEqual([...written.words]);
  }
}

type Damage =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'bytes'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'noise'; readonly bytes: Uint8Array };

const parts = 100_000;
/** Anywhere: not rather at the ends. */
const at = fc.noBias(fc.nat(parts - 1)).map((part) => part / parts);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('bytes' as const), at, bytes }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('noise' as const), bytes }) },
);

function damaged(whole: Buffer, what: Damage): Buffer {
  if (what.kind === 'noise') return Buffer.from(what.bytes);
  const place = Math.floor(what.at * whole.length);
  if (what.kind === 'cut') return whole.subarray(0, place);
  const copy = Buffer.from(whole);
  copy.set(what.bytes.subarray(0, copy.length - place), place);
  return copy;
}

describe('a spool with a damaged file', () => {
  it('gives what is whole, once, and counts the rest', async () => {
    const folder = await madeSpool();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 }), damage, async (place, what) => {
        const copy = path.join(root, String(folders++));
        cpSync(folder, copy, { recursive: true });
        const names = readdirSync(path.join(copy, 'segments')).sort();
        const file = path.join(copy, 'segments', names[place]);
        const whole = readFileSync(file);
        const broken = damaged(whole, what);
        writeFileSync(file, broken);
        const opened = await openSpool(copy, {
          view: viewOf(['eni-2', 'eni-9', 'eni-1']),
          maxBytes,
          clock: () => beganMs,
        });
        const { spool, view, reports } = opened;
        expect([spool.first, spool.next]).toEqual([1, 4]);
        for (const segment of [0, 1, 2]) {
          const { losses } = await spool.read(segment + 1);
          const rows = await rowsOf(opened, segment + 1);
          const all = Array.from({ length: 15 }, (_, i) => segment * 15 + i + 1);
          const got = rows.map(([, , , packets]) => packets);
          expect(new Set(got).size).toBe(got.length);
          expect(got.filter((packets) => !all.includes(packets))).toEqual([]);
          for (const [id, , window, packets] of rows) {
            const index = ((packets - segment * 15 - 1) % 5) % 3;
            expect([id, window]).toEqual([`eni-${index + 1}`, firstWindow + segment]);
          }
          for await (const piece of (await spool.read(segment + 1)).pieces())
            expectWhole(piece, firstWindow + segment);
          if (segment !== place || broken.equals(whole)) {
            expect([got, losses]).toEqual([all, []]);
            continue;
          }
          const told = named(losses, view);
          expect(told.every(({ window }) => window === firstWindow + place)).toBe(true);
          if (got.length < 15) expect(reports.length).toBeGreaterThan(0);
          if (got.length < 15) expect(told.length).toBeGreaterThan(0);
          if (got.length < 15 && told.every(({ isUnknown }) => !isUnknown)) {
            expect(told.reduce((sum, { flows }) => sum + flows, got.length)).toBe(15);
          }
          expect(told.every(({ reason }) => reason === 'spool-failed')).toBe(true);
        }
        await spool.close();
        rmSync(copy, { recursive: true });
      }),
      { numRuns: runs(12, 1000) },
    );
  });
});
