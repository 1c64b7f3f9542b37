import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { captureDefaults, serviceDefaults, spoolDefaults } from '../../config/index.ts';
import { type DestinationRule, parseDestinationRules } from '../../delivery/destination-rules.ts';
import { ConfigError } from '../../fault/index.ts';
import { given } from '../given.ts';
import { parseSize } from '../size.ts';

export const upHelp = `Usage: headgate up [SOURCE…] [OPTION…]

Captures, keeps flow logs, and answers AWS's API. A SOURCE is what headgate capture takes: files, -, or
interface:NAME[,wire|=eni-…]; without one, this host is captured.

  --data-dir DIR            where everything is kept (default ${captureDefaults.dataDirectory})
  --listen ADDRESS:PORT     default ${serviceDefaults.address}:${serviceDefaults.port}; beyond loopback it needs TLS or --insecure
  --tls-cert FILE, --tls-key FILE
  --insecure                plain HTTP on an address that others reach
  --host NAME,…             further names that clients use in the Host header
  --vpc DIR                 the first start's network, as aws ec2 describe-… prints it (default: this host)
  --window SECONDS          capture window, 1 to 60 and dividing 60 (default 60)
  --now                     packets of files count as captured just now
  --no-capture              the API alone
  --spool-size SIZE         windows that wait for their destinations; beyond it the oldest go (default 2GiB)
  --spool-hours HOURS       and no longer than that (default 24)
  --archive-dir DIR         objects in GLACIER and DEEP_ARCHIVE (default: s3-archive in the data folder)
  --restore-delay SECONDS   until a restored object can be read (default 0)
  --account ID, --region R  the home account and Region, at the first start
  --config FILE             options as a JSON object, by their names; the command line goes before it. It also
                            holds destinations outside: {"destinations": [{"match": "arn:aws:s3:::corp-*"}]}
  --check                   look at the options and the network, and end
  --dump-config             print the options as --config takes them, and end
`;

const optionTypes = {
  'data-dir': { type: 'string' },
  listen: { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  insecure: { type: 'boolean' },
  host: { type: 'string' },
  vpc: { type: 'string' },
  window: { type: 'string' },
  now: { type: 'boolean' },
  'no-capture': { type: 'boolean' },
  'spool-size': { type: 'string' },
  'spool-hours': { type: 'string' },
  'archive-dir': { type: 'string' },
  'restore-delay': { type: 'string' },
  account: { type: 'string' },
  region: { type: 'string' },
  config: { type: 'string' },
  check: { type: 'boolean' },
  'dump-config': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const hourMs = 3_600_000;

/** Of the command line only. */
const notInFiles: ReadonlySet<string> = new Set(['config', 'check', 'dump-config', 'help']);

/** What `--config FILE` holds: options by their names, `sources` and `destinations`. */
export type UpConfig = Readonly<Record<string, unknown>>;

export interface UpOptions {
  readonly sources: readonly string[];
  readonly dataDirectory: string;
  readonly address: string;
  readonly port: number;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly insecure: boolean;
  readonly hosts: readonly string[];
  readonly vpcDirectory?: string;
  readonly windowSeconds: number;
  readonly shiftsToNow: boolean;
  readonly captures: boolean;
  readonly spool: { readonly maxBytes: number; readonly maxAgeMs: number };
  readonly archiveDirectory: string;
  readonly restoreDelayMs: number;
  /** Where destinations outside live. */
  readonly destinations: readonly DestinationRule[];
  readonly account?: string;
  readonly region?: string;
  readonly does: 'serve' | 'check' | 'dump-config' | 'help';
  /** The options as a file holds them. */
  readonly config: UpConfig;
}

/** @throws ConfigError that names the option, where it came from, what it was and what it may be */
export function parseUpOptions(args: readonly string[]): UpOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionTypes,
    allowPositionals: true,
  });
  const file = values.config === undefined ? {} : readConfig(values.config);
  const said = Object.fromEntries(Object.entries(values).filter(([name]) => !notInFiles.has(name)));
  const config: UpConfig = { ...file, ...said, ...(positionals.length > 0 ? { sources: positionals } : {}) };
  const text = (name: keyof typeof optionTypes): string | undefined =>
    config[name] === undefined ? undefined : String(config[name]);
  const sources = (config.sources ?? []) as readonly string[];
  const dataDirectory = text('data-dir') ?? captureDefaults.dataDirectory;
  return {
    sources,
    dataDirectory,
    ...parseListen(text('listen')),
    ...parseTls(text('tls-cert'), text('tls-key')),
    insecure: config.insecure === true,
    hosts: (text('host') ?? '').split(',').filter((name) => name !== ''),
    ...given('vpcDirectory', text('vpc')),
    windowSeconds: parseWindow(text('window')),
    shiftsToNow: parseNow(config.now === true, sources),
    captures: config['no-capture'] !== true,
    spool: {
      maxBytes: parseSpoolSize(text('spool-size')),
      maxAgeMs: parseNumber('--spool-hours', text('spool-hours'), spoolDefaults.maxAgeMs / hourMs, hourMs),
    },
    archiveDirectory: text('archive-dir') ?? path.join(dataDirectory, 's3-archive'),
    restoreDelayMs: parseNumber('--restore-delay', text('restore-delay'), 0, 1000),
    destinations: parseDestinationRules(config.destinations ?? [], `${values.config ?? ''}: $.destinations`),
    ...given('account', text('account')),
    ...given('region', text('region')),
    does: values.help ? 'help' : values['dump-config'] ? 'dump-config' : values.check ? 'check' : 'serve',
    config,
  };
}

function readConfig(file: string): UpConfig {
  const value = parseJson(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(file, 'no object', 'a JSON object of options by their names');
  }
  for (const [name, found] of Object.entries(value)) checkMember(file, name, found);
  return value as UpConfig;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError('InvalidConfig', `${file}: ${(error as Error).message}`, [], { cause: error });
  }
}

function checkMember(file: string, name: string, found: unknown): void {
  const where = `${file}: $.${name}`;
  if (name === 'sources') {
    if (Array.isArray(found) && found.every((source) => typeof source === 'string')) return;
    throw invalid(where, JSON.stringify(found), 'a list of sources, as on the command line');
  }
  // Looked at when it is read.
  if (name === 'destinations') return;
  if (!Object.hasOwn(optionTypes, name) || notInFiles.has(name)) {
    const names = Object.keys(optionTypes).filter((known) => !notInFiles.has(known));
    throw invalid(where, 'an unknown option', ['sources', 'destinations', ...names].join(', '));
  }
  const { type } = optionTypes[name as keyof typeof optionTypes];
  const fits = typeof found === type || (type === 'string' && typeof found === 'number');
  if (!fits) throw invalid(where, JSON.stringify(found), `a ${type}`);
}

function parseListen(listen: string | undefined): { readonly address: string; readonly port: number } {
  if (listen === undefined) return { address: serviceDefaults.address, port: serviceDefaults.port };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+))?:([0-9]{1,5})$/.exec(listen);
  if (!match || Number(match[3]) > 65_535) {
    throw invalid('--listen', JSON.stringify(listen), 'ADDRESS:PORT, as 127.0.0.1:4650 or [::1]:4650');
  }
  return { address: match[1] ?? match[2] ?? serviceDefaults.address, port: Number(match[3]) };
}

function parseTls(certFile: string | undefined, keyFile: string | undefined): Pick<UpOptions, 'tls'> {
  if (certFile === undefined && keyFile === undefined) return {};
  if (certFile === undefined || keyFile === undefined) {
    throw new ConfigError('InvalidOption', '--tls-cert and --tls-key go together: only one is given');
  }
  return { tls: { certFile, keyFile } };
}

function parseWindow(text: string | undefined): number {
  const seconds = Number(text ?? captureDefaults.windowSeconds);
  if (Number.isInteger(seconds) && seconds >= 1 && 60 % seconds === 0) return seconds;
  throw invalid('--window', JSON.stringify(text), 'a number of seconds that divides 60, from 1 to 60');
}

function parseNow(shifts: boolean, sources: readonly string[]): boolean {
  if (!shifts) return false;
  const isFile = (source: string): boolean => source !== '-' && !source.startsWith('interface:');
  if (sources.length > 0 && sources.every(isFile)) return true;
  throw new ConfigError('InvalidOption', '--now is for capture files, which are given as sources');
}

/** A spool with less cannot hold a busy minute. */
const leastSpoolBytes = 16 * 2 ** 20;

function parseSpoolSize(text: string | undefined): number {
  if (text === undefined) return spoolDefaults.maxBytes;
  const bytes = parseSize('--spool-size', text);
  if (bytes >= leastSpoolBytes) return bytes;
  throw invalid('--spool-size', JSON.stringify(text), 'at least 16MiB');
}

/** A number that is not negative, in some unit. */
function parseNumber(option: string, text: string | undefined, fallback: number, unit: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (text?.trim() !== '' && number >= 0 && number <= 1e6) return number * unit;
  throw invalid(option, JSON.stringify(text), 'a number, 0 or more');
}

function invalid(where: string, found: string | undefined, expected: string): ConfigError {
  return new ConfigError('InvalidOption', `${where}: found ${found}, expected ${expected}`);
}
