import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../capture-file-writer.ts';
import { handshake, lookups, records, smallPcap } from './captures.ts';
import { type Ended, headgate, Scratch, statsOf } from './headgate.ts';

const scratch = new Scratch();
const header =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status';
const region = 'AWSLogs/123456789012/vpcflowlogs/us-east-1';
const hive = 'AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1';
/** Made up from format, traffic type, interval and destination: the same in every run. */
const flowLog = 'fl-dbfe3853ae4d96650';
const prefix = '123456789012_vpcflowlogs_us-east-1_';

interface Tree {
  readonly ended: Ended;
  readonly folder: string;
  /** Keys of the objects below `out`, sorted. */
  readonly keys: readonly string[];
}

async function captureTo(folder: string, args: readonly string[]): Promise<Tree> {
  const ended = await headgate(folder, [
    'capture',
    'small.pcap',
    '--output',
    'out',
    '--stats',
    'json',
    ...args,
  ]);
  const out = path.join(folder, 'out');
  const keys = existsSync(out)
    ? readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(out, path.join(entry.parentPath, entry.name)))
        .sort()
    : [];
  return { ended, folder, keys };
}

const capture = (...args: string[]) => captureTo(scratch.folder({ 'small.pcap': smallPcap }), args);
const objectOf = ({ folder }: Tree, key: string): Buffer => readFileSync(path.join(folder, 'out', key));
const sorted = (lines: readonly string[]) => [...lines].sort();

describe.concurrent('capture FILE --output DIR', () => {
  it('writes an object for each window, called after the five minutes of its ends, and prints nothing', async () => {
    const tree = await capture();
    expect(tree.ended).toMatchObject({ code: 0, stdout: '' });
    const hash = '[0-9a-f]{8}';
    expect(tree.keys).toEqual([
      expect.stringMatching(`^${region}/2023/11/14/${prefix}${flowLog}_20231114T2210Z_${hash}[.]log[.]gz$`),
      expect.stringMatching(`^${region}/2023/11/14/${prefix}${flowLog}_20231114T2215Z_${hash}[.]log[.]gz$`),
    ]);
    const texts = tree.keys.map((key) => gunzipSync(objectOf(tree, key)).toString());
    expect(texts.map((text) => text.split('\n')[0])).toEqual([header, header]);
    const lines = texts.flatMap((text) => text.trimEnd().split('\n').slice(1));
    expect(sorted(lines)).toEqual(sorted(records));
    expect(statsOf(tree.ended)).toMatchObject({
      records: { records: 8, objects: 2 },
      unaccounted: { frames: 0, packets: 0 },
    });
  });

  it('names objects after the SHA-256 of their text', async () => {
    const tree = await capture();
    for (const key of tree.keys) {
      const digest = createHash('sha256')
        .update(gunzipSync(objectOf(tree, key)))
        .digest('hex');
      expect(key).toContain(`_${digest.slice(0, 8)}.log.gz`);
    }
  });

  it('writes the same names when the file is captured again, here and elsewhere', async () => {
    const first = await capture();
    const elsewhere = await capture();
    const again = await captureTo(first.folder, []);
    expect(again.keys).toEqual(first.keys);
    expect(elsewhere.keys).toEqual(first.keys);
  });

  it('leaves nothing but the objects: no identity, no half-written files', async () => {
    const tree = await capture();
    expect(readdirSync(tree.folder).sort()).toEqual(['out', 'small.pcap']);
    expect(tree.keys.every((key) => key.startsWith('AWSLogs/'))).toBe(true);
  });

  it.each([
    { name: 'an hour each', args: ['--per-hour-partition'], folder: `${region}/2023/11/14/22` },
    {
      name: 'Hive-compatible',
      args: ['--hive-compatible-partitions'],
      folder: `${hive}/year=2023/month=11/day=14`,
    },
    {
      name: 'both',
      args: ['--hive-compatible-partitions', '--per-hour-partition'],
      folder: `${hive}/year=2023/month=11/day=14/hour=22`,
    },
  ])('partitions: $name', async ({ args, folder }) => {
    const { keys } = await capture(...args);
    expect(new Set(keys.map((key) => path.dirname(key)))).toEqual(new Set([folder]));
    expect(keys).toHaveLength(2);
  });

  it('--file-format parquet holds the same records', async () => {
    const tree = await capture('--file-format', 'parquet', '--interval', '600');
    expect(tree.keys).toHaveLength(2);
    const rows = [];
    for (const key of tree.keys) {
      expect(key).toMatch(/_20231114T221[05]Z_[0-9a-f]{8}\.log\.parquet$/);
      const file = Uint8Array.from(objectOf(tree, key)).buffer;
      const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };
      rows.push(...(await parquetReadObjects({ file, compressors })));
    }
    expect(rows).toHaveLength(6);
    expect(rows.find(({ dstport }) => dstport === 53)).toMatchObject({
      version: 2,
      account_id: '123456789012',
      srcaddr: '10.0.1.9',
      dstaddr: '192.0.2.53',
      srcport: 5353,
      protocol: 17,
      packets: 2n,
      bytes: 60n,
      start: 1_700_000_041n,
      end: 1_700_000_101n,
      action: 'ACCEPT',
      log_status: 'OK',
    });
  });

  it('another format is another flow log', async () => {
    const [one, other] = await Promise.all([capture(), capture('--format', '$' + '{srcaddr}')]);
    expect(one.keys[0]).toContain(flowLog);
    expect(other.keys[0]).not.toContain(flowLog);
  });

  it('a described account and Region name the objects', async () => {
    const { keys } = await capture('--account', '111122223333', '--region', 'eu-west-1');
    expect(keys[0]).toMatch(
      /^AWSLogs\/111122223333\/vpcflowlogs\/eu-west-1\/.*\/111122223333_vpcflowlogs_eu-west-1_/,
    );
  });

  it('removes the oldest day beyond --keep, and says so', async () => {
    const day = 86_400_000;
    const later = handshake.map((one) => ({ ...one, timeMs: (one.timeMs ?? 0) + day }));
    const folder = scratch.folder({ 'small.pcap': writePcap([...handshake, ...lookups, ...later]) });
    const { keys, ended } = await captureTo(folder, ['--keep', '1']);
    expect(keys.map((key) => path.dirname(key))).toEqual([`${region}/2023/11/15`]);
    expect(ended.stderr).toContain('removed the day 2023-11-14 ');
    expect(ended.code).toBe(0);
  });

  it('says which directory cannot be written', async () => {
    const folder = scratch.folder({ 'small.pcap': smallPcap, out: 'a file' });
    const { code, stderr } = await headgate(folder, ['capture', 'small.pcap', '--output', 'out']);
    expect(stderr).toMatch(/out: ENOTDIR|out.*not a directory/);
    expect(code).toBe(1);
  });
});
