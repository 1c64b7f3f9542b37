import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { formatCount, formatSpread, markdownTable, type Spread, spread } from './figures.ts';
import { ensureParquet } from './flow-duck.ts';
import { ensureFlows, type FlowFile } from './flow-file.ts';
import { dayMix } from './flow-mixes.ts';
import { ensureText } from './flow-text.ts';
import type { IngestRun } from './ingest-process.ts';
import { type MeasuredRun, measuredRun } from './measured-run.ts';
import { machineLine, writeSection } from './results-page.ts';
import { shownPath, workPath } from './work-folder.ts';

/** One way to take records in: a process of its own. */
interface Entrant {
  readonly name: string;
  readonly script: 'store-ingest' | 'peer-ingest';
  readonly way: string;
}

const recordEntrants: readonly Entrant[] = [
  { name: 'records into the store', script: 'store-ingest', way: 'records' },
  { name: 'the same, four windows under way', script: 'store-ingest', way: 'records-4' },
  { name: 'bare DuckDB, appended and checkpointed', script: 'peer-ingest', way: 'duckdb' },
  { name: 'the bytes alone, written and synced', script: 'peer-ingest', way: 'synced-bytes' },
  { name: 'making the records alone', script: 'peer-ingest', way: 'make-records' },
];

const lineEntrants: readonly Entrant[] = [
  { name: 'PutLogEvents of 1,000 lines', script: 'store-ingest', way: 'put-1000' },
  { name: 'PutLogEvents of 7,000 lines', script: 'store-ingest', way: 'put-7000' },
  { name: 'import in batches of 1,000', script: 'store-ingest', way: 'import-1000' },
  { name: 'import in batches of 10,000', script: 'store-ingest', way: 'import-10000' },
  { name: 'making the lines alone', script: 'peer-ingest', way: 'make-lines' },
];

interface Run extends IngestRun {
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
}

/** Records and lines into the store, and what they take on disk. */
export function benchStore(records: number, rounds: number): Promise<void> {
  const lines = Math.max(1, Math.round(records / 5));
  const flows = ensureFlows(dayMix(records));
  ensureText(ensureFlows(dayMix(lines)));
  const ofRecords = race(recordEntrants, records, rounds);
  const ofLines = race(lineEntrants, lines, rounds);
  return writeReport(flows, ofRecords, ofLines);
}

async function writeReport(flows: FlowFile, ofRecords: Runs, ofLines: Runs): Promise<void> {
  const stored = ofRecords.get(recordEntrants[0])?.at(-1)?.diskBytes ?? Number.NaN;
  const sections = [
    machineLine(),
    `### Records\n\n${reportRuns(ofRecords, recordEntrants[2])}`,
    `### Lines\n\n${reportRuns(ofLines)}`,
    `### On disk\n\n${await reportDisk(flows, stored)}`,
  ];
  writeSection('store', sections.join('\n\n'));
}

type Runs = ReadonlyMap<Entrant, readonly Run[]>;

/** All in turn, round after round, after one that is not counted. */
function race(entrants: readonly Entrant[], records: number, rounds: number): Runs {
  const runs = new Map<Entrant, Run[]>(entrants.map((entrant) => [entrant, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const entrant of entrants) {
      const run = runOnce(entrant, records);
      if (round > 0) runs.get(entrant)?.push(run);
      const speed = formatCount(Math.round(records / run.seconds));
      process.stderr.write(`${round === 0 ? 'warm-up' : `round ${round}`} ${entrant.name}: ${speed}/s\n`);
    }
  }
  return runs;
}

function runOnce({ name, script, way }: Entrant, records: number): Run {
  const directory = workPath('ingest');
  const run = measuredRun(['node', workPath('js', 'bench', `${script}.js`), way, String(records), directory]);
  rmSync(directory, { recursive: true, force: true });
  return { ...readRun(name, run), cpuSeconds: run.cpuSeconds, peakRssMegabytes: run.peakRssMegabytes };
}

function readRun(name: string, { exitCode, stdout, stderr }: MeasuredRun): IngestRun {
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${stderr}`);
  return JSON.parse(stdout);
}

function reportRuns(runs: Runs, peer?: Entrant): string {
  const header = ['', 'k/s', 's', 'then settled in, s', 'CPU, s', 'peak RSS, MiB'];
  const rows = [...runs].map(([entrant, list]) => runRow(entrant, list));
  const peerRuns = peer && runs.get(peer);
  if (peerRuns) {
    header.push(`time / ${peer.name}`);
    for (const [i, list] of [...runs.values()].entries())
      rows[i].push(formatSpread(ratios(list, peerRuns), 2));
  }
  const [first] = [...runs.values()];
  return [
    `${formatCount(first[0].records)} of them.`,
    markdownTable(header, rows),
    `Median (min to max) of ${first.length} runs each, in turn.`,
  ].join('\n\n');
}

function runRow({ name }: Entrant, runs: readonly Run[]): string[] {
  const seconds = spread(runs.map((run) => run.seconds));
  return [
    name,
    formatSpread(spread(runs.map((run) => run.records / run.seconds / 1000)), 0),
    formatSpread(seconds, 2),
    formatSpread(spread(runs.map(({ settleSeconds }) => settleSeconds)), 2),
    formatSpread(spread(runs.map(({ cpuSeconds }) => cpuSeconds)), 2),
    formatCount(Math.round(spread(runs.map(({ peakRssMegabytes }) => peakRssMegabytes)).max)),
  ];
}

function ratios(runs: readonly Run[], others: readonly Run[]): Spread {
  return spread(runs.map(({ seconds }, round) => seconds / others[round].seconds));
}

async function reportDisk(flows: FlowFile, stored: number): Promise<string> {
  const typed = statSync(await ensureParquet(flows, 'typed')).size;
  const aws = statSync(await ensureParquet(flows, 'aws')).size;
  const text = ensureText(flows);
  const row = (name: string, bytes: number) => [
    name,
    formatCount(bytes),
    (bytes / flows.spec.records).toFixed(2),
    (stored / bytes).toFixed(2),
  ];
  return markdownTable(
    ['', 'bytes', 'per record', 'store / this'],
    [
      row('the store, everything in its folder', stored),
      row('one Parquet file, zstd, addresses as numbers', typed),
      row("one Parquet file, zstd, AWS's columns", aws),
      row('the lines, gzip -6', gzipBytes(text)),
      row('the lines', statSync(text).size),
    ],
  );
}

function gzipBytes(file: string): number {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', 'gzip -6 -c "$1" | wc -c', 'bash', file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`gzip ${shownPath(file)}: ${stderr}`);
  return Number(stdout);
}
