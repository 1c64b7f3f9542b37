import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import type { RunQueryAnswer } from '../logs/index.ts';
import { parseInsights } from '../query/index.ts';
import { type LogFormat, parseLogFormat } from '../record/index.ts';
import { formatBytes, formatCount, OutputStream, Terminal } from '../report/index.ts';
import { resolveIdentity } from '../vpc/index.ts';
import { type InputFiles, listInputFiles } from './files/input-files.ts';
import { FileLoader } from './files/load-files.ts';
import { LoadProgress } from './files/load-progress.ts';
import { reportLoad } from './files/load-report.ts';
import { type OutputFormat, parseOutputFormat, printTable } from './output/print-table.ts';
import { withQueryText } from './query-error-text.ts';
import { queryRange } from './query-range.ts';
import { StopSignal } from './stop-signal.ts';
import { accessLogs } from './store/access-logs.ts';
import type { LogsAccess } from './store/logs-access.ts';
import type { OpenLogs } from './store/open-logs.ts';
import { parseTime } from './time-option.ts';

const maxLimit = 100_000;
/** The log group of what is read from files. */
const filesGroup = 'files';

const help = `Usage: headgate query QUERY [OPTION…] [FILE…]

Answers a Logs Insights query from the log store, or straight from files: objects that AWS delivered to S3
(.log.gz, Parquet, whole AWSLogs folders), what headgate capture wrote, CloudWatch exports, what the AWS CLI
prints of log events, JSON or any text; - is standard input.

  headgate query 'filter action = "REJECT" | stats count(*) as n by srcAddr, dstPort | sort n desc' --start 1h
  headgate query 'stats sum(bytes) as bytes by dstAddr | sort bytes desc | limit 10' AWSLogs/

  --start TIME, --end TIME  30m, 1h, 2d, 1w (ago), now, 2026-01-31, 2026-01-31T12:00:00Z or a Unix time
                            (default: the last hour of the store, all of a file)
  --log-group NAME          may be given again; NAME* is every group that begins so (default ${captureDefaults.logGroup})
  --limit N                 rows when the query has no limit of its own, 1 to ${maxLimit} (default 10000)
  --output FORMAT           table, json or csv (default table)
  --format STRING           log format of lines without a header, such as '\${srcaddr} \${dstaddr} \${action}'
  --data-dir DIR      where the store is (default ${captureDefaults.dataDirectory})

The answer is on standard output, what was read for it on standard error.
`;

const optionTypes = {
  start: { type: 'string' },
  end: { type: 'string' },
  'log-group': { type: 'string', multiple: true },
  limit: { type: 'string' },
  output: { type: 'string' },
  format: { type: 'string' },
  'data-dir': { type: 'string', default: captureDefaults.dataDirectory },
  help: { type: 'boolean', short: 'h' },
} as const;

interface QueryOptions {
  readonly text: string;
  readonly files: readonly string[];
  readonly startMs?: number;
  readonly endMs?: number;
  readonly logGroups: readonly string[];
  readonly limit?: number;
  readonly output: OutputFormat;
  readonly format?: LogFormat;
  readonly dataDirectory: string;
  /** Whether the text says itself what it reads. */
  readonly hasSource: boolean;
}

/** `headgate query`. */
export async function queryCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: optionTypes,
    allowPositionals: true,
  });
  const output = new OutputStream(1);
  if (values.help) {
    await output.write(help);
    return 0;
  }
  const options = await queryOptions(values, positionals);
  const terminal = new Terminal();
  const stop = new StopSignal();
  try {
    return options.files.length > 0
      ? await queryFiles(options, output, terminal, stop.signal)
      : await queryStore(options, output, terminal, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return stop.exitCode;
  } finally {
    stop.close();
    await terminal.flush();
  }
}

async function queryOptions(
  values: ReturnType<typeof parseArgs<{ options: typeof optionTypes }>>['values'],
  [text, ...files]: readonly string[],
): Promise<QueryOptions> {
  if (text === undefined || text.trim() === '') {
    throw new ConfigError(
      'InvalidOption',
      'headgate query: expected a query, such as \'filter action = "REJECT"\'',
      ['--help lists the options'],
    );
  }
  const { sources } = await withQueryText('headgate query', text, () => parseInsights(text));
  const logGroups = values['log-group'] ?? [];
  if (logGroups.length > 0 && files.length > 0) {
    throw new ConfigError(
      'InvalidOption',
      '--log-group names groups of the store: it cannot be given with files',
    );
  }
  if (logGroups.length > 0 && sources.length > 0) {
    throw new ConfigError('InvalidOption', '--log-group: the query says itself what it reads, with SOURCE');
  }
  if (
    files.length > 0 &&
    sources.some((source) => source.kind !== 'logGroup' || source.name !== filesGroup)
  ) {
    throw new ConfigError(
      'InvalidOption',
      `SOURCE names groups of the store: with files, a query reads the files, as the log group ${filesGroup}`,
    );
  }
  const nowMs = Date.now();
  const { start, end, limit, format } = values;
  if (format !== undefined && files.length === 0) {
    throw new ConfigError(
      'InvalidOption',
      '--format is for files: the store knows the formats of its records',
    );
  }
  const range = {
    ...(start === undefined ? {} : { startMs: parseTime('--start', start, nowMs, 'start') }),
    ...(end === undefined ? {} : { endMs: parseTime('--end', end, nowMs, 'end') }),
  };
  checkRange(range, start, end);
  return {
    text,
    files,
    logGroups,
    hasSource: sources.length > 0,
    output: parseOutputFormat(values.output),
    dataDirectory: values['data-dir'] ?? captureDefaults.dataDirectory,
    ...range,
    ...(limit === undefined ? {} : { limit: parseLimit(limit) }),
    ...(format === undefined ? {} : { format: parseLogFormat(format) }),
  };
}

function checkRange({ startMs, endMs }: Pick<QueryOptions, 'startMs' | 'endMs'>, start = '', end = ''): void {
  if (startMs === undefined || endMs === undefined || startMs <= endMs) return;
  const found = `found ${JSON.stringify(end)}, which is before --start ${JSON.stringify(start)}`;
  throw new ConfigError('InvalidOption', `--end: ${found}`);
}

function parseLimit(text: string): number {
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxLimit) return limit;
  throw new ConfigError('InvalidOption', `--limit: found ${JSON.stringify(text)}, expected 1 to ${maxLimit}`);
}

async function queryStore(
  options: QueryOptions,
  output: OutputStream,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { dataDirectory } = options;
  const access = await accessLogs({
    dataDirectory,
    command: 'headgate query',
    terminal,
    signal,
    make: false,
  });
  try {
    await answer(access, options, output, terminal, signal);
  } finally {
    await access.close();
  }
  return 0;
}

/** Reads the files into a store that lasts as long as the command. */
async function queryFiles(
  options: QueryOptions,
  output: OutputStream,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { startMs, endMs } = options;
  const range = { startMs: startMs ?? Number.NEGATIVE_INFINITY, endMs: endMs ?? Number.POSITIVE_INFINITY };
  const inputs = await listInputFiles(options.files, range);
  const opening = await import('./store/open-logs.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-query-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', removeFolder);
  try {
    const identity = resolveIdentity({}, process.env, options.dataDirectory);
    const report = (sentence: string): void => terminal.line(sentence);
    const open = await opening.OpenLogs.open({
      dataDirectory: folder,
      identity,
      command: 'headgate query',
      report,
    });
    try {
      const failures = await load(open, inputs, options, terminal, signal);
      await answer(open, { ...options, logGroups: [filesGroup] }, output, terminal, signal);
      return failures > 0 ? 1 : 0;
    } finally {
      await open.close();
    }
  } finally {
    removeFolder();
    process.off('exit', removeFolder);
  }
}

/** Gives how many files could not be read to their end. */
async function load(
  open: OpenLogs,
  inputs: InputFiles,
  { format }: QueryOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const progress = new LoadProgress(inputs.files, terminal);
  try {
    await open.logs.ensureLogGroup(filesGroup);
    let number = 0;
    const loader = new FileLoader(inputs.files, {
      logGroup: filesGroup,
      ...(format ? { format } : {}),
      // Files of the same content are each what the user asked for.
      identify: async () => (number++).toString(16).padStart(64, '0'),
      onProgress: (bytes, events) => progress.add(bytes, events),
      signal,
    });
    await loader.run(open);
    progress.close();
    const { sums } = loader;
    reportLoad(sums, inputs, terminal);
    if (sums.failures.length === inputs.files.length && sums.failures.length > 0) {
      throw new ConfigError('NothingRead', 'no file could be read');
    }
    return sums.failures.length;
  } finally {
    progress.close();
  }
}

async function answer(
  access: LogsAccess,
  options: QueryOptions,
  output: OutputStream,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { text, limit } = options;
  const { logGroups, startMs, endMs, note } = queryRange(await access.groups(), options, Date.now());
  const beganMs = performance.now();
  const result = await withQueryText('headgate query', text, () =>
    access.runQuery({
      queryString: text,
      startMs,
      endMs,
      signal,
      ...(logGroups ? { logGroups } : {}),
      ...(limit === undefined ? {} : { limit }),
    }),
  );
  const seconds = (performance.now() - beganMs) / 1000;
  // Not before it is known that the query can be asked.
  if (note !== undefined) terminal.line(note);
  await printTable(output, withoutPointer(result), options.output);
  terminal.line(statisticsText(result, seconds));
}

/** `@ptr` is for a program that asks on. */
function withoutPointer({
  columns,
  rows,
  hasPointer,
}: RunQueryAnswer): RunQueryAnswer & { columns: readonly string[] } {
  const shown = { columns, rows, hasPointer: false } as RunQueryAnswer;
  if (!hasPointer) return shown;
  return { ...shown, columns: columns.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) };
}

function statisticsText({ rows, statistics }: RunQueryAnswer, seconds: number): string {
  const { recordsMatched, recordsScanned, bytesScanned, logGroupsScanned } = statistics;
  const groups = `${formatCount(logGroupsScanned)} log ${logGroupsScanned === 1 ? 'group' : 'groups'}`;
  return [
    `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`,
    `${formatCount(recordsMatched)} of ${formatCount(recordsScanned)} events matched`,
    `${formatBytes(bytesScanned)} scanned in ${groups}`,
    `${seconds.toFixed(2)} s`,
  ].join(', ');
}
