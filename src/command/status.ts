import { parseArgs } from 'node:util';
import { captureDefaults } from '../config/index.ts';
import { formatBytes, formatCount, OutputStream, Terminal } from '../report/index.ts';
import type { ServiceStatus } from './administration/questions.ts';
import { parseOutputFormat, printTable } from './output/print-table.ts';
import { accessLogs, holderText } from './store/access-logs.ts';
import type { AccessStatus } from './store/logs-access.ts';

const help = `Usage: headgate status [--output table|json] [--data-dir DIR]

Tells who has a data folder in use: what is captured, dropped and lost, how the flow logs fare, what is in
the log store, and how much disk and memory it takes.
`;

type Row = readonly [string, string];

/** The latest entries of the loss ledger that a table shows. */
const shownLosses = 10;
/** The longest interval, with time to deliver it: who is behind for less is on time. */
const lateSeconds = 660;

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
    // Who opens the store for this command alone serves nothing.
    const { service } = access.isOpenHere ? {} : await access.ask('service', null);
    if (format === 'json') {
      await output.write(`${JSON.stringify({ ...status, ...(service ? { service } : {}) }, undefined, 2)}\n`);
    } else {
      const rows = [...storeRows(status), ...(service ? serviceRows(service) : [])];
      await printTable(output, { columns: [dataDirectory, ''], rows }, format);
    }
    return 0;
  } finally {
    await access.close();
    await terminal.flush();
  }
}

function storeRows(status: AccessStatus): Row[] {
  const { holder } = status;
  return [
    ['open in', holder.pid === process.pid ? 'no other process' : holderText(holder)],
    ['recent events', `${formatCount(status.recentRows)} (journal ${formatBytes(status.journalBytes)})`],
    [
      'older events',
      `${formatCount(status.segmentRows)} in ${formatCount(status.segments)} segments (${formatBytes(status.segmentBytes)})`,
    ],
    ['last commit', formatCount(status.sequence)],
    ...(status.missingCommits > 0 ? [['lost commits', formatCount(status.missingCommits)] as const] : []),
    ['memory', `${formatBytes(status.memoryBytes)}, at most ${formatBytes(status.peakMemoryBytes)}`],
  ];
}

function serviceRows(service: ServiceStatus): Row[] {
  const { capture, flowLogs, losses, packets, unconfirmedChanges } = service;
  return [
    ['API', service.endpoint],
    [
      'capture',
      capture.state === 'running' ? capturedText(capture.captured) : (capture.reason ?? capture.state),
    ],
    ...sumRows(service),
    [
      'packets of flows',
      `${formatCount(packets.logged)} at interfaces with flow logs, ${formatCount(packets.unlogged)} at others, ${formatCount(packets.skipped)} skipped`,
    ],
    ...(unconfirmedChanges > 0 ? [['late rule changes', formatCount(unconfirmedChanges)] as const] : []),
    ['spool', spoolText(service.spool)],
    ...flowLogs.map((flowLog): Row => [flowLog.flowLogId, flowLogText(flowLog)]),
    ...service.streams.map((stream): Row => [`stream ${stream.name}`, streamText(stream)]),
    ...service.subscriptions.map((filter): Row => [`filter ${filter.filterName}`, subscriptionText(filter)]),
    ...losses
      .slice(-shownLosses)
      .map(
        (loss): Row => [
          `lost at ${loss.interfaceId}`,
          `${new Date(loss.window * 1000).toISOString()}: ${lossText(loss)} (${loss.reason})`,
        ],
      ),
  ];
}

function capturedText(captured: readonly string[]): string {
  return captured.map((source) => (source === '-' ? 'standard input' : source)).join(', ');
}

function sumRows({ sums }: ServiceStatus): Row[] {
  if (!sums) return [];
  const { frames, packets } = sums;
  const total = (counts: Readonly<Record<string, number>>): string =>
    formatCount(Object.values(counts).reduce((sum, count) => sum + count, 0));
  return [
    [
      'frames',
      `${formatCount(frames.captured)} captured, ${formatCount(frames.observed)} observed, ${total(frames.excluded)} excluded, ${total(frames.noInterface)} of no interface, ${total(frames.notIp)} not IP, ${total(frames.malformed)} malformed, ${formatCount(frames.kernelDropped)} dropped by the kernel`,
    ],
    ['packets', `${formatCount(packets.accepted)} accepted, ${formatCount(packets.rejected)} rejected`],
  ];
}

function lossText({ flows, packets, isUnknown, atMostPackets }: ServiceStatus['losses'][number]): string {
  if (!isUnknown) return `${formatCount(flows)} flows, ${formatCount(packets)} packets`;
  return atMostPackets === undefined ? 'unknown' : `unknown, at most ${formatCount(atMostPackets)} packets`;
}

function spoolText({ segments, bytes, maxBytes, droppedSegments }: ServiceStatus['spool']): string {
  const dropped = droppedSegments > 0 ? `, ${formatCount(droppedSegments)} windows given up` : '';
  return `${formatCount(segments)} windows, ${formatBytes(bytes)} of ${formatBytes(maxBytes)}${dropped}`;
}

function streamText(stream: ServiceStatus['streams'][number]): string {
  const { takenRecords, deliveredRecords, failedRecords, bufferedRecords, bufferedBytes, lastError } = stream;
  const parts = [
    `${formatCount(takenRecords)} records taken, ${formatCount(deliveredRecords)} delivered`,
    bufferedRecords > 0
      ? `${formatCount(bufferedRecords)} buffered (${formatBytes(bufferedBytes)})`
      : '0 buffered',
  ];
  if (failedRecords > 0) parts.push(`${formatCount(failedRecords)} under the error prefix`);
  if (lastError) parts.push(`FAILED: ${lastError.code}: ${lastError.message}`);
  return parts.join(', ');
}

function subscriptionText(filter: ServiceStatus['subscriptions'][number]): string {
  const { logGroupName, destinationArn, behind, lost, lastError } = filter;
  const parts = [`${logGroupName} to ${destinationArn}`, `${formatCount(behind)} events behind`];
  if (lost > 0) parts.push(`${formatCount(lost)} lost`);
  // It begins with its destination, which is said already.
  if (lastError !== undefined) parts.push(`FAILED: ${lastError.replace(`${destinationArn}: `, '')}`);
  return parts.join(', ');
}

function flowLogText(flowLog: ServiceStatus['flowLogs'][number]): string {
  const { status, message, detail, records, waiting, undelivered, ambiguous, behindSeconds } = flowLog;
  const health = [status, message, detail].filter((part) => part !== undefined).join(': ');
  const counts = [`${formatCount(records)} records since the start`];
  if (waiting > 0) counts.push(`${formatCount(waiting)} waiting`);
  if (behindSeconds > lateSeconds) counts.push(`${formatCount(behindSeconds)} s behind`);
  if (ambiguous > 0) counts.push(`${formatCount(ambiguous)} batches perhaps twice`);
  if (undelivered > 0) counts.push(`${formatCount(undelivered)} undelivered`);
  return `${flowLog.resourceId} to ${flowLog.destination}, ${health}, ${counts.join(', ')}`;
}
