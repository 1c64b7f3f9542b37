import { parseArgs } from 'node:util';
import { captureDefaults } from '../config/index.ts';
import { formatBytes, formatCount, OutputStream, Terminal } from '../report/index.ts';
import { parseOutputFormat, printTable } from './output/print-table.ts';
import { accessLogs, holderText } from './store/access-logs.ts';
import type { AccessStatus } from './store/logs-access.ts';

const help = `Usage: headgate status [--output table|json] [--data-dir DIR]

Tells who has the log store of a data folder open, what is in it, and how much disk and memory it takes.
`;

/** `headgate status`. */
export async function statusCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      output: { type: 'string' },
      'data-dir': { type: 'string', default: captureDefaults.dataDirectory },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const output = new OutputStream(1);
  if (values.help) {
    await output.write(help);
    return 0;
  }
  const format = parseOutputFormat(values.output, ['table', 'json']);
  const terminal = new Terminal();
  const dataDirectory = values['data-dir'];
  const access = await accessLogs({ dataDirectory, command: 'headgate status', terminal, make: false });
  try {
    const status = await access.status();
    if (format === 'json') await output.write(`${JSON.stringify(status, undefined, 2)}\n`);
    else await printTable(output, { columns: [dataDirectory, ''], rows: rowsOf(status) }, format);
    return 0;
  } finally {
    await access.close();
    await terminal.flush();
  }
}

function rowsOf(status: AccessStatus): [string, string][] {
  const { holder } = status;
  return [
    ['open in', holder.pid === process.pid ? 'no other process' : holderText(holder)],
    ['recent events', `${formatCount(status.recentRows)} (journal ${formatBytes(status.journalBytes)})`],
    [
      'older events',
      `${formatCount(status.segmentRows)} in ${formatCount(status.segments)} segments (${formatBytes(status.segmentBytes)})`,
    ],
    ['last commit', formatCount(status.sequence)],
    ...(status.missingCommits > 0
      ? [['lost commits', formatCount(status.missingCommits)] as [string, string]]
      : []),
    ['memory', `${formatBytes(status.memoryBytes)}, at most ${formatBytes(status.peakMemoryBytes)}`],
  ];
}
