import { parseArgs } from 'node:util';
import { captureDefaults } from '../../config/index.ts';
import { ConfigError } from '../../fault/index.ts';
import { type Prefix, parsePrefix } from '../../ip/index.ts';
import {
  defaultLogFormat,
  type LogFormat,
  parseLogFormat,
  type TagKeys,
  type TrafficType,
  trafficTypes,
} from '../../record/index.ts';
import { formatCount } from '../../report/index.ts';
import { given } from '../given.ts';
import { parseSize } from '../size.ts';
import { parseTagFieldSpecifications } from './tag-fields.ts';

/** A device to capture: of this host (then perhaps with the id of its network interface), or a mirror port. */
export interface DeviceSource {
  readonly name: string;
  readonly vantage: 'host' | 'wire';
  readonly interfaceId?: string;
}

export interface CaptureOptions {
  /** Capture files, `-` for standard input; empty when devices are captured. */
  readonly files: readonly string[];
  /** Devices that were named; with none, and no files, every device of this host is captured. */
  readonly devices: readonly DeviceSource[];
  readonly vpcDirectory?: string;
  readonly vpcId?: string;
  readonly localPrefixes?: readonly Prefix[];
  readonly format: LogFormat;
  readonly tagKeys: TagKeys;
  readonly trafficType: TrafficType;
  readonly maxAggregationInterval: 60 | 600;
  readonly windowSeconds: number;
  /** `-`: lines on standard output; a directory; or the default of the kind of source. */
  readonly output?: string;
  readonly header: boolean;
  readonly fileFormat: 'plain-text' | 'parquet';
  readonly hiveCompatiblePartitions: boolean;
  readonly perHourPartition: boolean;
  readonly keepBytes: number;
  /** The log group of the store that the records go to as well; absent when they do not. */
  readonly logGroup?: string;
  readonly dataDirectory: string;
  readonly account?: string;
  readonly region?: string;
  readonly maxFlows: number;
  readonly includeExcluded: boolean;
  readonly ipRangesFile?: string;
  readonly stats?: 'json';
  readonly help: boolean;
}

export const captureHelp = `Usage: headgate capture [SOURCE…] [OPTION…]

Turns packets into VPC flow log records. A SOURCE is a pcap or pcapng file (gzip or not), - for standard
input, interface:NAME for a device of this host, interface:NAME,wire for a mirror port, or
interface:NAME=eni-… to say which network interface it is. Without one, this host is captured.

  --vpc DIR                 network and rules, as aws ec2 describe-… prints them; SIGHUP reads them again
  --vpc-id ID               which VPC of DIR was captured
  --local CIDR,…            without --vpc: which addresses of a file are network interfaces (default: private)
  --format STRING           log format, such as '\${srcaddr} \${dstaddr} \${action}' (headgate fields lists them)
  --tag-field-specifications ResourceType=instance,TagKeys=KEY[,KEY]
  --traffic-type TYPE       ALL, ACCEPT or REJECT (default ALL)
  --interval SECONDS        maximum aggregation interval, 60 or 600 (default 60)
  --window SECONDS          capture window, 1 to 60 and dividing 60 (default 60)
  --output DIR              write objects below DIR/AWSLogs; - prints the records and nothing else
  --header                  print the header line too
  --file-format FORMAT      plain-text or parquet
  --hive-compatible-partitions, --per-hour-partition
  --keep SIZE               remove the oldest day beyond this (default 10GiB)
  --store, --no-store       keep the records in the log store too, for headgate query (default: when this host
                            is captured; never with --output -)
  --log-group NAME          where in the store (default ${captureDefaults.logGroup})
  --data-dir DIR            where store and objects are (default ${captureDefaults.dataDirectory})
  --account ID, --region R  for what is not told by --vpc
  --max-flows N             bound of the flow table (default ${formatCount(captureDefaults.maxFlows)})
  --include-excluded        also record what AWS never logs (DHCP, Amazon DNS, instance metadata, time …)
  --ip-ranges FILE          AWS's ip-ranges.json, for pkt-src-aws-service and pkt-dst-aws-service
  --stats json              the sums as one JSON line on standard error
`;

const optionTypes = {
  vpc: { type: 'string' },
  'vpc-id': { type: 'string' },
  local: { type: 'string' },
  format: { type: 'string' },
  'tag-field-specifications': { type: 'string', multiple: true },
  'traffic-type': { type: 'string' },
  interval: { type: 'string' },
  window: { type: 'string' },
  output: { type: 'string' },
  header: { type: 'boolean' },
  'file-format': { type: 'string' },
  'hive-compatible-partitions': { type: 'boolean' },
  'per-hour-partition': { type: 'boolean' },
  keep: { type: 'string' },
  store: { type: 'boolean' },
  'no-store': { type: 'boolean' },
  'log-group': { type: 'string' },
  'data-dir': { type: 'string' },
  account: { type: 'string' },
  region: { type: 'string' },
  'max-flows': { type: 'string' },
  'include-excluded': { type: 'boolean' },
  'ip-ranges': { type: 'string' },
  stats: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads the words after `headgate capture`; a ConfigError names the option, what it was and what it may be. */
export function parseCaptureOptions(args: readonly string[]): CaptureOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionTypes,
    allowPositionals: true,
  });
  const { files, devices } = parseSources(positionals);
  if (values.vpc === undefined && values['vpc-id'] !== undefined) {
    throw new ConfigError('InvalidOption', '--vpc-id names a VPC of --vpc DIR, which is not given');
  }
  if (values.vpc !== undefined && values.local !== undefined) {
    throw new ConfigError(
      'InvalidOption',
      '--local is for a capture without --vpc: DIR says which addresses are interfaces',
    );
  }
  const interval = numberOption(
    '--interval',
    values.interval ?? String(captureDefaults.maxAggregationInterval),
  );
  const windowSeconds = numberOption('--window', values.window ?? String(captureDefaults.windowSeconds));
  if (windowSeconds < 1 || 60 % windowSeconds !== 0) {
    throw invalid('--window', values.window, 'a number of seconds that divides 60, from 1 to 60');
  }
  const maxFlows = numberOption('--max-flows', values['max-flows'] ?? String(captureDefaults.maxFlows));
  if (maxFlows < 1024 || maxFlows > 16 * captureDefaults.maxFlows) {
    throw invalid('--max-flows', values['max-flows'], `1024 to ${16 * captureDefaults.maxFlows}`);
  }
  const fileFormat = oneOf('--file-format', values['file-format'] ?? 'plain-text', [
    'plain-text',
    'parquet',
  ] as const);
  if (values.output === '') throw invalid('--output', '', 'a directory or -');
  const isPrinted = values.output === '-' || (values.output === undefined && files.length > 0);
  if (fileFormat === 'parquet' && isPrinted) {
    throw new ConfigError(
      'InvalidOption',
      '--file-format parquet needs --output DIR: Parquet is not for standard output',
    );
  }
  const stores = storesRecords(values, files.length === 0);
  const format = values.format === undefined ? defaultLogFormat : parseLogFormat(values.format);
  return {
    files,
    devices,
    format,
    tagKeys: parseTagFieldSpecifications(values['tag-field-specifications'] ?? [], format),
    trafficType: oneOf('--traffic-type', values['traffic-type'] ?? 'ALL', trafficTypes),
    maxAggregationInterval: oneOf('--interval', interval, [60, 600] as const),
    windowSeconds,
    header: values.header ?? false,
    fileFormat,
    hiveCompatiblePartitions: values['hive-compatible-partitions'] ?? false,
    perHourPartition: values['per-hour-partition'] ?? false,
    keepBytes: values.keep === undefined ? captureDefaults.keepBytes : parseSize('--keep', values.keep),
    dataDirectory: values['data-dir'] ?? captureDefaults.dataDirectory,
    ...given('logGroup', stores ? (values['log-group'] ?? captureDefaults.logGroup) : undefined),
    maxFlows,
    includeExcluded: values['include-excluded'] ?? false,
    help: values.help ?? false,
    ...given('vpcDirectory', values.vpc),
    ...given('vpcId', values['vpc-id']),
    ...given('localPrefixes', values.local === undefined ? undefined : parseLocal(values.local)),
    ...given('output', values.output),
    ...given('account', values.account),
    ...given('region', values.region),
    ...given('ipRangesFile', values['ip-ranges']),
    ...given(
      'stats',
      values.stats === undefined ? undefined : oneOf('--stats', values.stats, ['json'] as const),
    ),
  };
}

/** What is captured: files, or devices; neither is this host. */
export function parseSources(sources: readonly string[]): Pick<CaptureOptions, 'files' | 'devices'> {
  const files = sources.filter((source) => !source.startsWith('interface:'));
  const devices = sources.filter((source) => source.startsWith('interface:')).map(parseDevice);
  if (files.length > 0 && devices.length > 0) {
    throw new ConfigError(
      'MixedSources',
      'files and devices cannot be captured together: run headgate twice',
    );
  }
  if (files.filter((file) => file === '-').length > 1) {
    throw new ConfigError('MixedSources', 'standard input (-) can be given once');
  }
  return { files, devices };
}

/** Whether records go to the log store. */
function storesRecords(
  values: {
    readonly store?: boolean;
    readonly 'no-store'?: boolean;
    readonly 'log-group'?: string;
    readonly output?: string;
  },
  isLive: boolean,
): boolean {
  if (values.store && values['no-store']) {
    throw new ConfigError('InvalidOption', '--store and --no-store cannot both be given');
  }
  if (values.store && values.output === '-') {
    throw new ConfigError('InvalidOption', '--store: --output - prints the records and does nothing else');
  }
  const stores = values.store ?? (isLive && values.output !== '-' && !values['no-store']);
  if (!stores && values['log-group'] !== undefined) {
    throw new ConfigError('InvalidOption', '--log-group is of the log store: add --store');
  }
  return stores;
}

function parseDevice(source: string): DeviceSource {
  const match = /^interface:([^\s,=]+)(?:(,wire)|=(eni-[0-9a-f]+))?$/.exec(source);
  if (!match) throw invalid('source', source, 'interface:NAME, interface:NAME,wire or interface:NAME=eni-…');
  return { name: match[1], vantage: match[2] ? 'wire' : 'host', ...given('interfaceId', match[3]) };
}

function parseLocal(text: string): Prefix[] {
  return text.split(',').map((part) => {
    const prefix = parsePrefix(part.trim());
    if (!prefix) throw invalid('--local', part, 'a prefix such as 10.0.0.0/8 or fd00::/8');
    return prefix;
  });
}

function numberOption(option: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw invalid(option, text, 'a whole number');
  return Number(text);
}

function oneOf<const T extends string | number>(
  option: string,
  value: string | number,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(option, String(value), allowed.join(' or '));
  return found;
}

function invalid(option: string, value: string | undefined, expected: string): ConfigError {
  return new ConfigError('InvalidOption', `${option}: found ${JSON.stringify(value)}, expected ${expected}`);
}
