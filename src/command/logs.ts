import { parseArgs } from 'node:util';
import { captureDefaults } from '../config/index.ts';
import { ConfigError } from '../fault/index.ts';
import { formatBytes, formatCount, OutputStream, Terminal } from '../report/index.ts';
import { type OutputFormat, parseOutputFormat, printTable } from './output/print-table.ts';
import type { Table } from './output/table.ts';
import { secondText } from './query-range.ts';
import { StopSignal } from './stop-signal.ts';
import { type AccessOptions, accessLogs, accessLogsNow } from './store/access-logs.ts';
import type { GroupOverview, LogsAccess, StreamOverview } from './store/logs-access.ts';
import { RemoteLogs } from './store/remote-logs.ts';
import { lastCommit } from './store/store-folder.ts';
import { type Connect, tail } from './tail.ts';
import { parseDuration } from './time-option.ts';

const help = `Usage: headgate logs [OPTION…]              the log groups
       headgate logs GROUP [OPTION…]        the log streams of a group
       headgate logs tail GROUP [OPTION…]   its events, the oldest first

  --filter-pattern PATTERN  tail: events that match only, such as '[…, action=REJECT, status]' or '?ERROR'
  --since DURATION          tail: how far back to begin, such as 30s, 10m or 2d (default 10m)
  --follow                  tail: goes on with what comes
  --output FORMAT           table, json or csv (default table); tail: text or json, an object on each line
  --data-dir DIR      where the store is (default ${captureDefaults.dataDirectory})
`;

const optionTypes = {
  'filter-pattern': { type: 'string' },
  since: { type: 'string' },
  follow: { type: 'boolean' },
  output: { type: 'string' },
  'data-dir': { type: 'string', default: captureDefaults.dataDirectory },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `headgate logs` and `headgate logs tail`. */
export async function logsCommand(args: readonly string[]): Promise<number> {
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
  const isTail = positionals[0] === 'tail';
  const [group, ...others] = isTail ? positionals.slice(1) : positionals;
  if (others.length > 0 || (isTail && group === undefined)) {
    throw new ConfigError('InvalidOption', 'headgate logs: expected nothing, GROUP or tail GROUP', [
      '--help lists the options',
    ]);
  }
  const run = isTail ? tailRun(group, values, output) : listRun(group, values, output);
  const terminal = new Terminal();
  const stop = new StopSignal();
  try {
    const dataDirectory = values['data-dir'];
    const { signal } = stop;
    const connect = connectTo({ dataDirectory, command: 'headgate logs', terminal, signal });
    await run(connect, terminal, stop.signal);
    return stop.exitCode;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return stop.exitCode;
  } finally {
    stop.close();
    await terminal.flush();
  }
}

function connectTo(options: AccessOptions): Connect {
  const { dataDirectory } = options;
  let seen = lastCommit(dataDirectory);
  return {
    first: () => accessLogs({ ...options, make: false }),
    again: async () => {
      const remote = await RemoteLogs.connect(dataDirectory);
      const last = lastCommit(dataDirectory);
      if (remote || last === seen) return remote;
      const access = await accessLogsNow(options);
      if (access) seen = last;
      return access;
    },
  };
}

type Values = ReturnType<typeof parseArgs<{ options: typeof optionTypes }>>['values'];
type Run = (connect: Connect, terminal: Terminal, signal: AbortSignal) => Promise<void>;

function tailRun(group: string, values: Values, output: OutputStream): Run {
  const { since = '10m', output: format = 'text', 'filter-pattern': pattern, follow = false } = values;
  const sinceMs = parseDuration(since);
  if (sinceMs === undefined) {
    throw new ConfigError(
      'InvalidOption',
      `--since: found ${JSON.stringify(since)}, expected 30s, 10m or 2d`,
    );
  }
  if (format !== 'text' && format !== 'json') {
    throw new ConfigError(
      'InvalidOption',
      `--output: found ${JSON.stringify(format)}, expected text or json`,
    );
  }
  return (connect, terminal, signal) =>
    tail(connect, {
      group,
      sinceMs: Date.now() - sinceMs,
      follow,
      isJson: format === 'json',
      output,
      terminal,
      signal,
      ...(pattern === undefined ? {} : { pattern }),
    });
}

function listRun(group: string | undefined, values: Values, output: OutputStream): Run {
  for (const option of ['filter-pattern', 'since', 'follow'] as const) {
    if (values[option] !== undefined) {
      throw new ConfigError('InvalidOption', `--${option} is for headgate logs tail GROUP`);
    }
  }
  const format = parseOutputFormat(values.output);
  return async (connect) => {
    const items = await listed(await connect.first(), group);
    if (format === 'json') {
      await output.write(`${JSON.stringify(items, undefined, 2)}\n`);
      return;
    }
    const table =
      group === undefined
        ? groupTable(items as readonly GroupOverview[], format)
        : streamTable(items as readonly StreamOverview[], format);
    await printTable(output, table, format);
  };
}

async function listed(
  access: LogsAccess,
  group: string | undefined,
): Promise<readonly GroupOverview[] | readonly StreamOverview[]> {
  try {
    return group === undefined ? await access.groups() : await access.streams(group);
  } finally {
    await access.close();
  }
}

function groupTable(groups: readonly GroupOverview[], format: OutputFormat): Table {
  if (format === 'csv') return plainTable(groupKeys, groups);
  return {
    columns: ['GROUP', 'STREAMS', 'EVENTS', 'BYTES', 'ON DISK', 'RETENTION', 'FIRST EVENT', 'LAST EVENT'],
    rows: groups.map((group) => [
      group.name,
      formatCount(group.streams),
      formatCount(group.events),
      formatBytes(group.bytes),
      formatBytes(group.diskBytes),
      group.retentionInDays === undefined ? 'for ever' : `${group.retentionInDays} days`,
      timeText(group.firstEventMs),
      timeText(group.lastEventMs),
    ]),
  };
}

function streamTable(streams: readonly StreamOverview[], format: OutputFormat): Table {
  if (format === 'csv') return plainTable(streamKeys, streams);
  return {
    columns: ['STREAM', 'EVENTS', 'BYTES', 'FIRST EVENT', 'LAST EVENT', 'LAST INGESTION'],
    rows: streams.map((stream) => [
      stream.name,
      formatCount(stream.events),
      formatBytes(stream.bytes),
      timeText(stream.firstEventMs),
      timeText(stream.lastEventMs),
      timeText(stream.lastIngestionMs),
    ]),
  };
}

const groupKeys = [
  'name',
  'streams',
  'events',
  'bytes',
  'diskBytes',
  'creationTime',
  'retentionInDays',
  'firstEventMs',
  'lastEventMs',
] as const;

const streamKeys = ['name', 'events', 'bytes', 'firstEventMs', 'lastEventMs', 'lastIngestionMs'] as const;

/** The names and values of the JSON. */
function plainTable<Key extends string>(
  keys: readonly Key[],
  items: readonly { readonly [K in Key]?: string | number }[],
): Table {
  const text = (value: string | number | undefined) => (value === undefined ? null : String(value));
  return { columns: keys, rows: items.map((item) => keys.map((key) => text(item[key]))) };
}

const timeText = (timeMs: number | undefined): string | null =>
  timeMs === undefined ? null : secondText(timeMs);
