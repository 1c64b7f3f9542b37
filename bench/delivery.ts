import { rmSync } from 'node:fs';
import type { DeliveryRun, DeliveryWay } from './delivery-run.ts';
import { formatCount, formatSpread, markdownTable, spread } from './figures.ts';
import { ensureFlows } from './flow-file.ts';
import { deliveryMix } from './flow-mixes.ts';
import { ensureText } from './flow-text.ts';
import { measuredRun } from './measured-run.ts';
import { machineLine, writeSection } from './results-page.ts';
import { workPath } from './work-folder.ts';

/** The last one is the last of five minutes. */
const windows = 3;
const downWindows = 12;
const fewFlows = 10_000;
const mebibyte = 2 ** 20;

const delivering = {
  group: 'log group',
  'put-records': 'its lower bound: PutRecords of made records, no spool, no rendering',
  text: 'S3, plain text',
  parquet: 'S3, Parquet',
  'gzip-lines': 'their lower bound: lines that are there, through gzip -2 into a synced file',
  stream: 'Firehose stream into a bucket, gzip',
  'subscribed-all': 'log group, all of it by a subscription filter to a stream and a bucket',
  'subscribed-reject': 'the same, filtered: action=REJECT by column',
} as const;
const spooling = {
  'spool-in': 'spool, taken and sealed',
  'bytes-in': 'the same bytes into a synced file per window',
  'spool-out': 'spool, read',
  'bytes-out': 'those files, read',
} as const;

/** How fast flows come to their destinations, and what it costs. */
export async function benchDelivery(flows: number, rounds: number): Promise<void> {
  const fewer = Math.ceil(flows / 5);
  for (const each of [fewFlows, fewer]) ensureFlows(deliveryMix(each * windows, windows));
  ensureFlows(deliveryMix(fewer * downWindows, downWindows));
  ensureText(ensureFlows(deliveryMix(flows * windows, windows)));
  const big = { flows, windows };
  const delivered = race(delivering, big, rounds);
  const spooled = race(spooling, big, rounds);
  const wide = race(
    { text: 'plain text, gzip', parquet: 'Parquet', group: "the store's" },
    { flows: fewer, windows, isWide: true },
    1,
  );
  const few = race(
    {
      group: 'log group',
      text: 'S3, plain text',
      parquet: 'S3, Parquet',
      stream: 'Firehose stream into a bucket',
    },
    { flows: fewFlows, windows },
    rounds,
  );
  const sections = [
    machineLine(),
    `${formatCount(flows)} flows in each of ${windows} windows.`,
    `### To each destination\n\n${costTable(delivered, delivering)}`,
    `### The spool alone\n\n${costTable(spooled, spooling)}`,
    `### Bytes per record\n\n${sizeTable(delivered, wide)}`,
    `### From the closing of a window until its last record can be read\n\n${delayTable(delivered, few)}`,
    `### While a bucket refuses everything\n\n${memoryTable(fewer)}`,
  ];
  writeSection('delivery', sections.join('\n\n'));
}

type Runs = ReadonlyMap<string, readonly DeliveryRun[]>;

/** All in turn, round after round. */
function race(
  names: Readonly<Record<string, string>>,
  size: Omit<DeliveryWay, 'name' | 'directory'>,
  rounds: number,
): Runs {
  const runs = new Map<string, DeliveryRun[]>(Object.keys(names).map((name) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, list] of runs) list.push(runOnce({ name, directory: workPath('delivery'), ...size }));
  }
  return runs;
}

function runOnce(way: DeliveryWay): DeliveryRun {
  const { exitCode, stdout, stderr } = measuredRun([
    'node',
    workPath('js', 'bench', 'delivery-process.js'),
    JSON.stringify(way),
  ]);
  rmSync(way.directory, { recursive: true, force: true });
  if (exitCode !== 0) throw new Error(`${way.name} ended with ${exitCode}:\n${stderr}`);
  const run: DeliveryRun = JSON.parse(stdout);
  const speed = formatCount(Math.round(run.records / run.seconds));
  process.stderr.write(`${way.name} of ${formatCount(way.flows)}: ${speed}/s\n`);
  return run;
}

const of = (runs: Runs, name: string, figure: (run: DeliveryRun) => number) =>
  spread((runs.get(name) ?? []).map(figure));

function costTable(runs: Runs, names: Readonly<Record<string, string>>): string {
  const rows = Object.entries(names).map(([name, shown]) => [
    shown,
    formatSpread(
      of(runs, name, ({ records, seconds }) => records / seconds / 1000),
      0,
    ),
    formatSpread(
      of(runs, name, ({ records, cpuSeconds }) => (cpuSeconds / records) * 1e6),
      2,
    ),
    of(runs, name, ({ turnMs }) => turnMs).max.toFixed(0),
    of(runs, name, ({ longestMs }) => longestMs).max.toFixed(0),
    of(runs, name, ({ peakMegabytes }) => peakMegabytes).max.toFixed(0),
  ]);
  return markdownTable(
    ['', 'k records/s', 'CPU, µs a record', 'turn p99, ms', 'longest turn, ms', 'peak RSS, MiB'],
    rows,
  );
}

function sizeTable(delivered: Runs, wide: Runs): string {
  const bytes = (runs: Runs, name: string) =>
    of(runs, name, ({ keptBytes = Number.NaN, records }) => keptBytes / records).median;
  const row = (shown: string, runs: Runs, name: string) => [
    shown,
    bytes(runs, name).toFixed(2),
    (bytes(runs, name) / bytes(runs, 'text')).toFixed(2),
  ];
  return markdownTable(
    ['', 'bytes', '/ plain text'],
    [
      row('14 fields: plain text, gzip', delivered, 'text'),
      row('14 fields: Parquet', delivered, 'parquet'),
      row("14 fields: the store's, everything in its folder", delivered, 'group'),
      row('29 fields: plain text, gzip', wide, 'text'),
      row('29 fields: Parquet', wide, 'parquet'),
      row("29 fields: the store's, everything in its folder", wide, 'group'),
    ],
  );
}

function delayTable(delivered: Runs, few: Runs): string {
  const seconds = (runs: Runs, name: string) =>
    formatSpread(
      of(runs, name, ({ readableSeconds = Number.NaN }) => readableSeconds),
      2,
    );
  const [{ records }] = delivered.get('group') ?? [];
  const rows = Object.entries({
    group: 'log group',
    text: 'S3, plain text, which the window ends the five minutes of',
    parquet: 'S3, Parquet, likewise',
    stream: 'Firehose stream, its buffering interval passed over',
  }).map(([name, shown]) => [shown, seconds(few, name), seconds(delivered, name)]);
  return markdownTable(
    ['', `s, ${formatCount(fewFlows)} flows a window`, `s, ${formatCount(Math.round(records / windows))}`],
    rows,
  );
}

/** A spool that four fifths of the flows fill. */
function memoryTable(flows: number): string {
  const spoolBytes = Math.max(16 * mebibyte, Math.ceil(flows * 128 * downWindows * 0.8));
  const size = { flows, windows: downWindows, spoolBytes };
  const { memory } = runOnce({ name: 'down', directory: workPath('delivery'), ...size });
  if (!memory) throw new Error('nothing is said of memory');
  const { idleMegabytes, downMegabytes, afterMegabytes, segments, droppedSegments } = memory;
  return markdownTable(
    ['', 'figure'],
    [
      [
        `windows of ${formatCount(flows)} flows in the spool of ${Math.round(spoolBytes / mebibyte)} MiB`,
        String(segments),
      ],
      ['windows that became losses', String(droppedSegments)],
      ['RSS before, MiB', idleMegabytes.toFixed(0)],
      ['most RSS while it refuses, MiB', downMegabytes.toFixed(0)],
      ['RSS after all was delivered, MiB', afterMegabytes.toFixed(0)],
    ],
  );
}
