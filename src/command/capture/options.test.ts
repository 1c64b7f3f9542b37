import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../fault/index.ts';
import { formatPrefix } from '../../ip/index.ts';
import { captureHelp, parseCaptureOptions } from './options.ts';

describe('parseCaptureOptions', () => {
  it('has defaults for everything', () => {
    expect(parseCaptureOptions([])).toMatchObject({
      files: [],
      devices: [],
      trafficType: 'ALL',
      maxAggregationInterval: 60,
      windowSeconds: 60,
      header: false,
      fileFormat: 'plain-text',
      hiveCompatiblePartitions: false,
      perHourPartition: false,
      keepBytes: 10 * 2 ** 30,
      maxFlows: 1_048_576,
      dataDirectory: 'headgate-data',
      logGroup: 'vpc-flow-logs',
      includeExcluded: false,
      tagKeys: {},
      help: false,
    });
    expect(parseCaptureOptions([]).format.version).toBe(2);
    expect(Object.keys(parseCaptureOptions([]))).not.toContain('output');
  });

  it.each([
    { name: 'files', args: ['a.pcap', 'b.pcap.gz'], expected: { files: ['a.pcap', 'b.pcap.gz'] } },
    { name: 'standard input', args: ['-'], expected: { files: ['-'] } },
    { name: 'a file behind --', args: ['--', '-x.pcap'], expected: { files: ['-x.pcap'] } },
    {
      name: 'devices',
      args: ['interface:eth0', 'interface:eth1.5,wire', 'interface:br-0=eni-0a1'],
      expected: {
        devices: [
          { name: 'eth0', vantage: 'host' },
          { name: 'eth1.5', vantage: 'wire' },
          { name: 'br-0', vantage: 'host', interfaceId: 'eni-0a1' },
        ],
      },
    },
    { name: '--vpc', args: ['--vpc', 'net'], expected: { vpcDirectory: 'net' } },
    { name: '--vpc-id', args: ['--vpc', 'net', '--vpc-id', 'vpc-1'], expected: { vpcId: 'vpc-1' } },
    { name: '--traffic-type', args: ['--traffic-type', 'REJECT'], expected: { trafficType: 'REJECT' } },
    { name: '--interval', args: ['--interval', '600'], expected: { maxAggregationInterval: 600 } },
    { name: '--window 1', args: ['--window', '1'], expected: { windowSeconds: 1 } },
    { name: '--window 30', args: ['--window=30'], expected: { windowSeconds: 30 } },
    { name: '--output DIR', args: ['--output', 'out'], expected: { output: 'out' } },
    { name: '--output -', args: ['--output', '-'], expected: { output: '-' } },
    { name: '--header', args: ['--header'], expected: { header: true } },
    { name: '--file-format', args: ['--file-format', 'parquet'], expected: { fileFormat: 'parquet' } },
    {
      name: '--file-format parquet of a file, to a directory',
      args: ['a.pcap', '--file-format', 'parquet', '--output', 'out'],
      expected: { fileFormat: 'parquet', output: 'out' },
    },
    {
      name: 'partitions',
      args: ['--hive-compatible-partitions', '--per-hour-partition'],
      expected: { hiveCompatiblePartitions: true, perHourPartition: true },
    },
    { name: '--keep', args: ['--keep', '500MB'], expected: { keepBytes: 500e6 } },
    {
      name: '--account and --region',
      args: ['--account', '111122223333', '--region', 'eu-west-1'],
      expected: { account: '111122223333', region: 'eu-west-1' },
    },
    { name: '--data-dir', args: ['--data-dir', 'd'], expected: { dataDirectory: 'd' } },
    { name: '--log-group', args: ['--log-group', 'g'], expected: { logGroup: 'g' } },
    { name: '--store for a file', args: ['a.pcap', '--store'], expected: { logGroup: 'vpc-flow-logs' } },
    {
      name: '--store for a file, in a group',
      args: ['a.pcap', '--store', '--log-group', 'g'],
      expected: { logGroup: 'g' },
    },
    { name: '--max-flows at least', args: ['--max-flows', '1024'], expected: { maxFlows: 1024 } },
    { name: '--max-flows at most', args: ['--max-flows', '16777216'], expected: { maxFlows: 16_777_216 } },
    { name: '--include-excluded', args: ['--include-excluded'], expected: { includeExcluded: true } },
    { name: '--ip-ranges', args: ['--ip-ranges', 'r.json'], expected: { ipRangesFile: 'r.json' } },
    { name: '--stats', args: ['--stats', 'json'], expected: { stats: 'json' } },
    { name: '--help', args: ['--help'], expected: { help: true } },
    { name: '-h', args: ['-h'], expected: { help: true } },
  ])('reads $name', ({ args, expected }) => {
    expect(parseCaptureOptions(args)).toMatchObject(expected);
  });

  it.each([
    { name: 'of a file', args: ['a.pcap'] },
    { name: 'that are printed', args: ['--output', '-'] },
    { name: 'with --no-store', args: ['--no-store'] },
  ])('keeps no records $name in the store', ({ args }) => {
    expect(parseCaptureOptions(args)).not.toHaveProperty('logGroup');
  });

  it('reads --local as prefixes', () => {
    const { localPrefixes = [] } = parseCaptureOptions(['--local', '10.0.0.1/8, fd00::/8']);
    expect(localPrefixes.map(formatPrefix)).toEqual(['10.0.0.0/8', 'fd00::/8']);
  });

  it('reads --format and the keys of its tag fields', () => {
    const { format, tagKeys } = parseCaptureOptions([
      '--format',
      '$' + '{srcaddr} $' + '{instance-tag}',
      '--tag-field-specifications',
      'ResourceType=instance,TagKeys=Name',
    ]);
    expect(format.fields.map(({ token }) => token)).toEqual(['srcaddr', 'instance-tag']);
    expect(tagKeys).toEqual({ instance: ['Name'] });
  });

  const window = 'a number of seconds that divides 60, from 1 to 60';
  const device = 'interface:NAME, interface:NAME,wire or interface:NAME=eni-…';
  const prefix = 'a prefix such as 10.0.0.0/8 or fd00::/8';
  it.each([
    { name: 'window 0', args: ['--window', '0'], says: `--window: found "0", expected ${window}` },
    { name: 'window 7', args: ['--window', '7'], says: `--window: found "7", expected ${window}` },
    { name: 'window 120', args: ['--window', '120'], says: `--window: found "120", expected ${window}` },
    { name: 'window 1.5', args: ['--window', '1.5'], says: '--window: found "1.5", expected a whole number' },
    {
      name: 'both stores',
      args: ['--store', '--no-store'],
      says: '--store and --no-store cannot both be given',
    },
    {
      name: 'a store beside standard output',
      args: ['--store', '--output', '-'],
      says: '--store: --output - prints the records and does nothing else',
    },
    {
      name: 'a log group without a store',
      args: ['a.pcap', '--log-group', 'g'],
      says: '--log-group is of the log store: add --store',
    },
    { name: 'empty window', args: ['--window', ''], says: '--window: found "", expected a whole number' },
    { name: 'interval', args: ['--interval', '300'], says: '--interval: found "300", expected 60 or 600' },
    {
      name: 'traffic type',
      args: ['--traffic-type', 'reject'],
      says: '--traffic-type: found "reject", expected ALL or ACCEPT or REJECT',
    },
    {
      name: 'file format',
      args: ['--file-format', 'csv'],
      says: '--file-format: found "csv", expected plain-text or parquet',
    },
    {
      name: 'Parquet of a file without --output',
      args: ['a.pcap', '--file-format', 'parquet'],
      says: '--file-format parquet needs --output DIR: Parquet is not for standard output',
    },
    {
      name: 'Parquet on standard output',
      args: ['--output', '-', '--file-format', 'parquet'],
      says: '--file-format parquet needs --output DIR: Parquet is not for standard output',
    },
    { name: 'empty output', args: ['--output', ''], says: '--output: found "", expected a directory or -' },
    {
      name: 'too few flows',
      args: ['--max-flows', '1023'],
      says: '--max-flows: found "1023", expected 1024 to 16777216',
    },
    {
      name: 'too many flows',
      args: ['--max-flows', '16777217'],
      says: '--max-flows: found "16777217", expected 1024 to 16777216',
    },
    {
      name: 'negative flows',
      args: ['--max-flows=-1'],
      says: '--max-flows: found "-1", expected a whole number',
    },
    {
      name: 'size',
      args: ['--keep', 'all'],
      says: '--keep: found "all", expected a size such as 10GiB or 500MB',
    },
    { name: 'prefix', args: ['--local', '10.0.0.0'], says: `--local: found "10.0.0.0", expected ${prefix}` },
    { name: 'second prefix', args: ['--local', '::/0,'], says: `--local: found "", expected ${prefix}` },
    { name: 'stats', args: ['--stats', 'text'], says: '--stats: found "text", expected json' },
    { name: 'device', args: ['interface:'], says: `source: found "interface:", expected ${device}` },
    {
      name: 'device with two marks',
      args: ['interface:eth0,wire=eni-1'],
      says: `source: found "interface:eth0,wire=eni-1", expected ${device}`,
    },
    {
      name: 'id of a device',
      args: ['interface:eth0=i-1'],
      says: `source: found "interface:eth0=i-1", expected ${device}`,
    },
    {
      name: 'files and devices',
      args: ['a.pcap', 'interface:eth0'],
      says: 'files and devices cannot be captured together: run headgate twice',
    },
    { name: 'standard input twice', args: ['-', '-'], says: 'standard input (-) can be given once' },
    { name: 'format', args: ['--format', ''], says: 'the log format is empty, at character 0' },
    {
      name: 'unknown field',
      args: ['--format', '$' + '{srcadr}'],
      says: 'unknown field "srcadr", at character 2',
    },
    {
      name: 'tag field without specification',
      args: ['--format', '$' + '{interface-tag-2}'],
      says: 'The TagFieldSpecifications parameter must be set when including tag fields in the log format',
    },
  ])('refuses $name, saying what was found and what is expected', ({ args, says }) => {
    expect(() => parseCaptureOptions(args)).toThrow(ConfigError);
    expect(() => parseCaptureOptions(args)).toThrow(says);
  });

  it.each([
    { name: 'an unknown option', args: ['--windows', '10'], says: "Unknown option '--windows'" },
    { name: 'an option without its value', args: ['--window'], says: 'argument missing' },
    { name: 'a value of a flag', args: ['--header=yes'], says: 'does not take an argument' },
  ])('refuses $name', ({ args, says }) => {
    expect(() => parseCaptureOptions(args)).toThrow(says);
  });
});

describe('captureHelp', () => {
  it('fits a screen of 40 lines and 110 columns', () => {
    const lines = captureHelp.split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
  });

  it('names every option', () => {
    const named = new Set([...captureHelp.matchAll(/--([a-z-]+)/g)].map(([, name]) => name));
    for (const option of named) {
      // Each is known: with a value or without one.
      const accepts = [[`--${option}`], [`--${option}=x`]].some((args) => {
        try {
          parseCaptureOptions(args);
          return true;
        } catch (error) {
          return error instanceof ConfigError;
        }
      });
      expect(accepts, option).toBe(true);
    }
    expect(named.size).toBe(24);
  });
});
