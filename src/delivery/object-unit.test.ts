import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPlace, runResource } from '../../test/open-run.ts';
import { isLong } from '../../test/runs.ts';
import type { FlowLogResource } from '../flowlog/index.ts';
import { runnableFlowLog } from '../flowlog/index.ts';
import { defaultLogFormat, type FlowRecords, headerLine, parseLines } from '../record/index.ts';
import { ObjectUnit } from './object-unit.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-unit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const unitOf = (more: Partial<FlowLogResource> = {}) =>
  new ObjectUnit({
    folder,
    flowLog: runnableFlowLog(runResource(more))!,
    place: runPlace,
    prefix: '',
    spoolId: 'spool',
    segment: 1,
    firstBatch: 7,
    inTurn: (work) => work(),
  });

/** A default record for each time, in Unix seconds. */
function recordsAt(ends: readonly number[]): FlowRecords {
  const lines = ends.map(
    (end, i) => `2 1 eni-1 10.0.0.1 10.0.0.2 ${i % 65_536} 22 6 20 4249 ${end} ${end} ACCEPT OK`,
  );
  const none = new Float64Array(ends.length);
  return {
    ...parseLines(lines.join('\n'), defaultLogFormat),
    interfaceIds: ends.map(() => 'eni-1'),
    endSeconds: Float64Array.from(ends),
    packets: none,
    bytes: none,
  };
}

const linesOf = (name: string): string[] =>
  gunzipSync(readFileSync(path.join(folder, name)))
    .toString()
    .split('\n')
    .slice(0, -1);

describe('ObjectUnit', () => {
  it('writes each five minutes into an object, with the header first', async () => {
    const unit = unitOf();
    await unit.write(recordsAt([300, 600]));
    await unit.write(recordsAt([301]));
    const objects = await unit.finish(5);
    expect(objects.map(({ name, records, sinceMs }) => [name, records, sinceMs])).toEqual([
      ['7.gz', 2, 5],
      ['8.gz', 1, 5],
    ]);
    for (const { name, records, bytes } of objects) {
      expect(linesOf(name)[0]).toBe(headerLine(defaultLogFormat));
      expect(linesOf(name)).toHaveLength(records + 1);
      expect(readFileSync(path.join(folder, name))).toHaveLength(bytes);
    }
  });

  it.runIf(isLong)('makes no more objects than it may when times are all over the place', async () => {
    const unit = unitOf();
    const ends = Array.from({ length: 5000 }, (_, i) => i * 300);
    await unit.write(recordsAt(ends));
    const objects = await unit.finish(0);
    expect(objects).toHaveLength(4096);
    expect(objects.reduce((sum, { records }) => sum + records, 0)).toBe(5000);
    expect(new Set(objects.map(({ key }) => key)).size).toBe(4096);
  });

  it('leaves nothing when it is discarded', async () => {
    const unit = unitOf();
    await unit.write(recordsAt(Array.from({ length: 20 }, (_, i) => i * 300)));
    await unit.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['plain-text', 'parquet'] as const)('tells that %s cannot be written', async (FileFormat) => {
    writeFileSync(path.join(folder, FileFormat === 'parquet' ? '7.parquet' : '7.gz'), 'somebody else');
    const unit = unitOf({ DestinationOptions: { FileFormat } });
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await unit.write(recordsAt(new Array(1000).fill(300)));
      await unit.finish(0);
    })();
    await expect(writing).rejects.toThrow('EEXIST');
    await unit.discard();
  });

  it.runIf(isLong)('begins another object after 75 MB of text', async () => {
    const unit = unitOf();
    const records = recordsAt(new Array(100_000).fill(300));
    for (let i = 0; i < 15; i++) await unit.write(records);
    const objects = await unit.finish(0);
    expect(objects.reduce((sum, one) => sum + one.records, 0)).toBe(1_500_000);
    expect(objects.length).toBe(2);
    const texts = objects.map(({ name }) => gunzipSync(readFileSync(path.join(folder, name))).length);
    expect(texts[0]).toBeLessThanOrEqual(75_000_000);
    expect(texts[0]).toBeGreaterThan(73_000_000);
  });
});
