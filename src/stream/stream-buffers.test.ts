import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isLong, runs } from '../../test/runs.ts';
import { IntakeRoom } from './intake-room.ts';
import type { RecordOrigin } from './shapes.ts';
import { sourceRecords } from './source-records.ts';
import { StreamBuffers } from './stream-buffers.ts';

const top = mkdtempSync(path.join(tmpdir(), 'headgate-buffers-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const reports: string[] = [];
let count = 0;
const newFolder = () => {
  count += 1;
  return path.join(top, `buffers-${count}`);
};
const openAt = (folder: string, room = new IntakeRoom(2 ** 30), closeAt = 1000) =>
  StreamBuffers.open({
    folder,
    room,
    closeAtBytes: () => closeAt,
    clock: () => 1000,
    report: (line) => reports.push(line),
  });
const textsOf = async (buffers: StreamBuffers): Promise<string[]> => {
  const texts: string[] = [];
  for (const buffer of [...buffers.closed, buffers.open]) {
    for await (const { data } of sourceRecords(buffer)) texts.push(Buffer.from(data).toString());
  }
  return texts;
};
const origin = (source: string, segment: number, piece = 0): RecordOrigin => ({
  source,
  sequence: 'spool',
  number: [segment, piece],
});
const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text));

describe('buffers on the disk', () => {
  it('hold what a list would, whatever is put, closed, delivered and opened again', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('put'),
          sizes: fc.array(fc.nat(600), { minLength: 1, maxLength: 4 }),
          source: fc.nat(2),
          segment: fc.nat(6),
          piece: fc.nat(2),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'reopen' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'close' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'deliver' } as const) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
        async (rounds) => {
          const folder = newFolder();
          const room = new IntakeRoom(2 ** 30);
          let buffers = await openAt(folder, room);
          const last = new Map<string, readonly [number, number]>();
          let waiting: string[] = [];
          let n = 0;
          for (const round of rounds) {
            // What is in one round is asked for at the same time.
            await Promise.all(
              round.map(async (each) => {
                if (each.kind === 'close') await buffers.close();
                if (!('sizes' in each)) return;
                const texts = each.sizes.map((size) => `${n++}`.padEnd(size, '.'));
                const source = `fl-${each.source}`;
                const [segment, piece] = last.get(source) ?? [-1, 0];
                const isNew = each.segment > segment || (each.segment === segment && each.piece > piece);
                if (isNew) {
                  last.set(source, [each.segment, each.piece]);
                  waiting.push(...texts);
                }
                await buffers.put(bytes(...texts), origin(source, each.segment, each.piece));
              }),
            );
            expect(await textsOf(buffers)).toEqual(waiting);
            if (round.some(({ kind }) => kind === 'deliver') && buffers.closed.length > 0) {
              waiting = waiting.slice(buffers.closed[0].records);
              await buffers.remove(buffers.closed[0]);
            }
            if (!round.some(({ kind }) => kind === 'reopen')) continue;
            const { closed, open } = buffers;
            await buffers.end();
            const used = room.used;
            buffers = await openAt(folder);
            expect({ closed: buffers.closed, open: buffers.open }).toEqual({ closed, open });
            room.add(-used);
            await buffers.end();
            buffers = await openAt(folder, room);
            expect(room.used).toBe(used);
          }
          await buffers.end();
        },
      ),
      { numRuns: runs(4, 150) },
    );
    expect(reports).toEqual([]);
  });

  it('lose nothing but what nobody was told of, wherever the last file is cut off, and take more behind it', async () => {
    const folder = newFolder();
    const written = await openAt(folder);
    const ends: number[] = [written.open.fileBytes];
    for (const [index, text] of ['one', 'two', 'three'].entries()) {
      await written.put(bytes(text), origin('fl-1', index));
      ends.push(written.open.fileBytes);
    }
    await written.end();
    const [name] = readdirSync(folder);
    const whole = path.join(folder, name);
    const all = readFileSync(whole);
    for (let length = ends[0]; length < all.length; length += isLong ? 1 : 47) {
      for (const tail of [
        Buffer.alloc(0),
        Buffer.alloc(64),
        Buffer.from('garbage that is longer than a head'),
      ]) {
        const cut = newFolder();
        await (await openAt(cut)).end();
        const file = path.join(cut, name);
        copyFileSync(whole, file);
        truncateSync(file, length);
        appendFileSync(file, tail);
        const buffers = await openAt(cut);
        const there = ends.filter((end) => end <= length).length - 1;
        expect(await textsOf(buffers)).toEqual(['one', 'two', 'three'].slice(0, there));
        await buffers.put(bytes('again'), origin('fl-1', there));
        await buffers.end();
        const again = await openAt(cut);
        expect((await textsOf(again)).at(-1)).toBe('again');
        await again.end();
        rmSync(cut, { recursive: true });
      }
    }
    expect(reports.every((line) => line.includes('were cut off'))).toBe(true);
  }, 300_000);

  it('without a head are put aside, and those before them go on', async () => {
    const folder = newFolder();
    const written = await openAt(folder);
    await written.put(bytes('one'), origin('fl-1', 0));
    await written.close();
    await written.end();
    truncateSync(path.join(folder, '000000000002.records'), 5);
    const buffers = await openAt(folder);
    expect(await textsOf(buffers)).toEqual(['one']);
    expect(buffers.open.number).toBe('000000000003');
    await buffers.put(bytes('again'), origin('fl-1', 0));
    expect(await textsOf(buffers)).toEqual(['one']);
    await buffers.end();
    expect(readdirSync(folder)).toContain('000000000002.records.damaged');
    expect(reports.at(-1)).toContain('kept as');
  });
});
