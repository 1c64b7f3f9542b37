import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLong, runs } from '../../test/runs.ts';
import type { DeliveryError } from '../fault/index.ts';
import { type FlowLogOptions, makeFlowLog } from '../flowlog/index.ts';
import {
  defaultLogFormat,
  type FlowRecords,
  type LogFormat,
  parseHeader,
  parseLines,
  renderLines,
} from '../record/index.ts';
import { S3Tree, type S3TreeOptions } from './s3-tree.ts';

const identity = { accountId: '123456789012', region: 'us-east-1' };
const prefix = 'AWSLogs/123456789012/vpcflowlogs/us-east-1';
const flowLogOptions: FlowLogOptions = {
  trafficType: 'ALL',
  format: defaultLogFormat,
  maxAggregationInterval: 60,
  destination: 'test',
  fileFormat: 'plain-text',
  hiveCompatiblePartitions: false,
  perHourPartition: false,
};

let root: string;
let notices: string[];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'headgate-tree-'));
  notices = [];
});
afterEach(() => rmSync(root, { recursive: true }));

function treeOf(options: Partial<FlowLogOptions> = {}, bounds: Partial<S3TreeOptions> = {}): S3Tree {
  const flowLog = makeFlowLog({ ...flowLogOptions, ...options }, identity);
  return new S3Tree({
    root,
    flowLog,
    ...identity,
    minFreeFraction: 0,
    onNotice: (line) => notices.push(line),
    ...bounds,
  });
}

/** A default record for each time, in Unix seconds. */
function recordsAt(...ends: number[]): FlowRecords {
  const lines = ends.map(
    (end, i) => `2 1 eni-1 10.0.0.1 10.0.0.2 ${i} 22 6 20 4249 ${end} ${end} ACCEPT OK\n`,
  );
  return timed(defaultLogFormat, lines.join(''), ends);
}

function timed(format: LogFormat, text: string, ends: readonly number[]): FlowRecords {
  const none = new Float64Array(ends.length);
  return {
    ...parseLines(text, format),
    interfaceIds: ends.map(() => 'eni-1'),
    endSeconds: Float64Array.from(ends),
    packets: none,
    bytes: none,
  };
}

function filesBelow(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))).sort();
}

const textOf = (key: string) => gunzipSync(readFileSync(path.join(root, key))).toString();
const at = (iso: string) => Date.parse(iso) / 1000;

describe('S3Tree', () => {
  it('writes an object for each five minutes, named after its content', async () => {
    const early = recordsAt(at('2026-03-09T23:59:59Z'));
    const batch = recordsAt(
      at('2026-03-10T00:00:00Z'),
      at('2026-03-09T23:59:59Z'),
      at('2026-03-10T00:04:59Z'),
    );
    const objects = await treeOf().write(batch);
    const [first, second] = objects;
    expect(objects.map(({ records }) => records)).toEqual([1, 2]);
    expect(first.key).toMatch(
      /^AWSLogs\/123456789012\/vpcflowlogs\/us-east-1\/2026\/03\/09\/123456789012_vpcflowlogs_us-east-1_fl-[0-9a-f]{17}_20260309T2355Z_[0-9a-f]{8}\.log\.gz$/,
    );
    expect(second.key).toContain(`${prefix}/2026/03/10/123456789012_vpcflowlogs_us-east-1_fl-`);
    expect(second.key).toContain('_20260310T0000Z_');
    expect(textOf(first.key)).toBe(renderLines(early, { header: true }).replace(' 0 22 ', ' 1 22 '));
    for (const { key, path: file, bytes } of objects) {
      expect(file).toBe(path.join(root, key));
      expect(readFileSync(file)).toHaveLength(bytes);
      expect(key).toContain(createHash('sha256').update(textOf(key)).digest('hex').slice(0, 8));
    }
    expect(filesBelow(root)).toEqual(objects.map(({ key }) => key).sort());
  });

  it('writes the same names when a capture is repeated', async () => {
    const [first] = await treeOf().write(recordsAt(1_700_000_000));
    const [again] = await treeOf().write(recordsAt(1_700_000_000));
    expect(again).toEqual(first);
    expect(filesBelow(root)).toEqual([first.key]);
  });

  it('keeps records of two windows that are equal as text', async () => {
    const batch = timed(parseHeader('srcaddr'), '10.0.0.1\n', [1_700_000_000]);
    const run = async () => {
      const tree = treeOf({ format: batch.format });
      return [...(await tree.write(batch)), ...(await tree.write(batch))].map(({ key }) => key);
    };
    const keys = await run();
    expect(new Set(keys).size).toBe(2);
    expect(await run()).toEqual(keys);
    expect(filesBelow(root)).toEqual([...keys].sort());
  });

  it('writes Parquet under the hash of the text', async () => {
    const layout = { hiveCompatiblePartitions: true, perHourPartition: true } as const;
    const batch = recordsAt(at('2026-03-09T07:08:09Z'));
    const [text] = await treeOf(layout).write(batch);
    const [parquet] = await treeOf({ ...layout, fileFormat: 'parquet' }).write(batch);
    expect(parquet.key).toBe(text.key.replace('.log.gz', '.log.parquet'));
    expect(parquet.key).toContain('/year=2026/month=03/day=09/hour=07/');
    const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };
    const objects = await parquetReadObjects({
      file: Uint8Array.from(readFileSync(parquet.path)).buffer,
      compressors,
    });
    expect(objects).toMatchObject([{ srcaddr: '10.0.0.1', packets: 20n, log_status: 'OK' }]);
  });

  it.runIf(isLong)('begins a new object after 75 MB of text', async () => {
    const count = 1800;
    const ends = new Array<number>(count).fill(1_700_000_000);
    const vpc = `vpc-${'x'.repeat(50_000)}`;
    const batch: FlowRecords = {
      ...timed(parseHeader('vpc-id'), '', ends),
      length: count,
      columns: [{ texts: new Array<string>(count).fill(vpc) }],
    };
    const objects = await treeOf({ format: batch.format }).write(batch);
    expect(objects).toHaveLength(2);
    expect(objects.reduce((sum, { records }) => sum + records, 0)).toBe(count);
    for (const { key, records } of objects) {
      const text = textOf(key);
      expect(text.length).toBeLessThanOrEqual(75_000_000);
      expect(text.length).toBe('vpc-id\n'.length + records * (vpc.length + 1));
    }
  });

  it('writes nothing for no records', async () => {
    expect(await treeOf().write(recordsAt())).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('shows only whole objects at any time', async () => {
    const tree = treeOf();
    const ends = Array.from({ length: runs(3000, 30_000) }, (_, i) => 1_700_000_000 + i);
    let done = false;
    const writing = tree.write(recordsAt(...ends)).finally(() => {
      done = true;
    });
    let seen = 0;
    while (!done) {
      const files = existsSync(path.join(root, 'AWSLogs')) ? filesBelow(path.join(root, 'AWSLogs')) : [];
      for (const key of files.slice(seen)) expect(textOf(key)).toMatch(/^version .*OK\n$/s);
      seen = files.length;
      await new Promise(setImmediate);
    }
    expect((await writing).reduce((sum, { records }) => sum + records, 0)).toBe(ends.length);
  });

  it('leaves nothing behind when an object cannot be moved to its place, and takes up after', async () => {
    mkdirSync(path.join(root, 'AWSLogs'));
    const inTheWay = path.join(root, 'AWSLogs', identity.accountId);
    writeFileSync(inTheWay, '');
    const tree = treeOf({}, { keepBytes: 1e9 });
    await expect(tree.write(recordsAt(1_700_000_000))).rejects.toThrow(
      expect.objectContaining<Partial<DeliveryError>>({
        name: 'DeliveryError',
        destination: root,
        retryable: false,
      }),
    );
    expect(filesBelow(root)).toEqual([path.relative(root, inTheWay)]);
    rmSync(inTheWay);
    const [object] = await tree.write(recordsAt(1_700_000_000));
    const [alone] = await treeOf().write(recordsAt(1_700_000_000));
    expect(object).toEqual(alone);
  });

  it('removes what a killed process left, once it is old', async () => {
    const staging = path.join(root, '.headgate-staging');
    mkdirSync(staging);
    for (const name of ['1-old', '1-new']) writeFileSync(path.join(staging, name), 'half');
    utimesSync(path.join(staging, '1-old'), 1, 1);
    await treeOf().write(recordsAt(1_700_000_000));
    expect(readdirSync(staging)).toEqual(['1-new']);
  });

  it('refuses an account that would lead out of the tree', () => {
    expect(() => treeOf({}, { accountId: '../..' })).toThrow(
      expect.objectContaining({ code: 'DestinationInvalid' }),
    );
  });
});

describe('the bound of the tree', () => {
  function fill(key: string, bytes: number): void {
    const file = path.join(root, key);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, new Uint8Array(bytes));
  }

  const now = at('2026-03-10T12:00:00Z');

  beforeEach(() => {
    fill(`${prefix}/2025/12/31/old.log.gz`, 5000);
    fill(`${prefix}/2026/03/08/23/a.log.gz`, 4000);
    fill(`${prefix}/2026/03/09/b.log.gz`, 3000);
    fill('AWSLogs/210987654321/vpcflowlogs/us-east-1/2020/01/01/other.log.gz', 50_000);
  });

  it.each([
    { name: 'removes nothing within it', keepBytes: 20_000, removed: 0 },
    { name: 'removes the oldest day', keepBytes: 10_000, removed: 1 },
    { name: 'removes the oldest days', keepBytes: 5000, removed: 2 },
    { name: 'spares what was written', keepBytes: 1, removed: 3 },
  ])('$name', async ({ keepBytes, removed }) => {
    const [object] = await treeOf({}, { keepBytes }).write(recordsAt(now));
    const days = [
      `${prefix}/2025/12/31/old.log.gz`,
      `${prefix}/2026/03/08/23/a.log.gz`,
      `${prefix}/2026/03/09/b.log.gz`,
    ];
    const other = 'AWSLogs/210987654321/vpcflowlogs/us-east-1/2020/01/01/other.log.gz';
    expect(filesBelow(root)).toEqual([...days.slice(removed), object.key, other].sort());
    expect(notices).toHaveLength(removed);
    if (removed > 0) {
      expect(notices[0]).toMatch(
        /^removed the day 2025-12-31 \(1 files, 4.9 KiB\): more than the .* to keep$/,
      );
      expect(existsSync(path.join(root, prefix, '2025'))).toBe(false);
    }
  });

  it('follows what it writes', async () => {
    const tree = treeOf({}, { keepBytes: 12_900 });
    for (const second of [0, 300, 600, 900, 1200, 1500, 1800]) await tree.write(recordsAt(now + second));
    expect(notices).toEqual([expect.stringContaining('2025-12-31')]);
  });

  it('removes the oldest files of the day that is written when no other is left', async () => {
    rmSync(path.join(root, 'AWSLogs'), { recursive: true });
    const tree = treeOf({}, { keepBytes: 500 });
    const keys: string[] = [];
    for (const second of [900, 0, 600, 300])
      keys.push(...(await tree.write(recordsAt(now + second))).map(({ key }) => key));
    const left = filesBelow(path.join(root, 'AWSLogs'));
    expect(left).toContain(keys[3]);
    expect(left.length).toBeLessThan(4);
    expect(notices.at(-1)).toMatch(/^removed the 1 oldest files of 2026-03-10/);
  });

  it('keeps some of the disk free', async () => {
    const [object] = await treeOf({}, { minFreeFraction: 1.1 }).write(recordsAt(now));
    expect(filesBelow(path.join(root, prefix))).toEqual([object.key]);
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain('of the disk is free');
  });
});
