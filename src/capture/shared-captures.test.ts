import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { FrameBatch } from '../packet/frame-batch.ts';
import { openCaptureFile } from './open-capture-file.ts';

interface Totals {
  frames: number;
  capturedBytes: number;
  originalBytes: number;
  cutOff: number;
}

/** Reads a whole file at once, one field at a time. */
function countSlowly(file: string): Totals {
  const content = readFileSync(file);
  const bytes = file.endsWith('.gz') ? gunzipSync(content) : content;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(0) === 0x0a0d0d0a ? countPcapng(view) : countPcap(view);
}

function countPcap(view: DataView): Totals {
  const isLittle = [0xd4c3b2a1, 0x4d3cb2a1].includes(view.getUint32(0));
  const totals = { frames: 0, capturedBytes: 0, originalBytes: 0, cutOff: 0 };
  let at = 24;
  while (at < view.byteLength) {
    if (at + 16 > view.byteLength) return { ...totals, cutOff: 1 };
    const captured = view.getUint32(at + 8, isLittle);
    if (at + 16 + captured > view.byteLength) return { ...totals, cutOff: 1 };
    totals.frames++;
    totals.capturedBytes += captured;
    totals.originalBytes += Math.max(captured, view.getUint32(at + 12, isLittle));
    at += 16 + captured;
  }
  return totals;
}

/** Of what these files hold: one section, Enhanced Packet Blocks. */
function countPcapng(view: DataView): Totals {
  const isLittle = view.getUint32(8) === 0x4d3c2b1a;
  const totals = { frames: 0, capturedBytes: 0, originalBytes: 0, cutOff: 0 };
  for (let at = 0; at < view.byteLength; at += view.getUint32(at + 4, isLittle)) {
    const type = view.getUint32(at, isLittle);
    if (at > 0 && ![1, 4, 5, 6].includes(type)) throw new Error(`block type ${type} in the test data`);
    if (type !== 6) continue;
    totals.frames++;
    totals.capturedBytes += view.getUint32(at + 20, isLittle);
    totals.originalBytes += view.getUint32(at + 24, isLittle);
  }
  return totals;
}

async function count(file: string): Promise<Totals> {
  const source = await openCaptureFile(file);
  const batch = new FrameBatch(100);
  const totals = { frames: 0, capturedBytes: 0, originalBytes: 0, cutOff: 0 };
  while (await source.next(batch)) {
    totals.frames += batch.count;
    for (let i = 0; i < batch.count; i++) {
      totals.capturedBytes += batch.capturedLength[i];
      totals.originalBytes += batch.originalLength[i];
    }
  }
  await source.close();
  return { ...totals, cutOff: source.counts.cutOff };
}

const captures = sharedData
  ? ['ipfixprobe', 'zeek'].flatMap((name) =>
      readdirSync(path.join(sharedData!, 'pcap', name))
        .filter((file) => /\.pcap/.test(file))
        .map((file) => ({ name: `${name}/${file}`, file: path.join(sharedData!, 'pcap', name, file) })),
    )
  : [];

describe.skipIf(!sharedData)('captures that nobody here made (skipped without the shared data)', () => {
  it.each(captures)('reads $name whole', async ({ file }) => {
    expect(await count(file)).toEqual(countSlowly(file));
  });

  it('finds the frames that the origin states', async () => {
    expect(captures).toHaveLength(36);
    const echo = captures.find(({ name }) => name.includes('echo-connections'))!;
    expect(await count(echo.file)).toMatchObject({ frames: 82_582, cutOff: 0 });
    const empty = captures.find(({ name }) => name.includes('empty'))!;
    expect(await count(empty.file)).toMatchObject({ frames: 0, cutOff: 0 });
  });
});
