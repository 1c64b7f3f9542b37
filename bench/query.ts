import { formatSpread, markdownTable, type Spread, spread } from './figures.ts';
import { ensureParquet } from './flow-duck.ts';
import { ensureFlows, type FlowFile } from './flow-file.ts';
import { dayMix } from './flow-mixes.ts';
import { measuredRun } from './measured-run.ts';
import type { QuestionPeaks } from './query-memory.ts';
import type { QuestionTimes } from './query-times.ts';
import { machineLine, writeSection } from './results-page.ts';
import { workPath } from './work-folder.ts';

/** The ten questions over the records in the store. */
export async function benchQuery(records: number, rounds: number): Promise<void> {
  const flows = ensureFlows(dayMix(records));
  const directory = makeStore(flows);
  const parquet = await ensureParquet(flows, 'aws');
  const times: QuestionTimes[] = runBench('query-times', [directory, parquet, String(rounds)]);
  const peaks: QuestionPeaks = runBench('query-memory', ['insights', directory]);
  const peerPeaks: QuestionPeaks = runBench('query-memory', ['parquet', parquet]);
  writeSection('query', [machineLine(), reportTimes(times, peaks, peerPeaks)].join('\n\n'));
}

/** A new store with the records. */
function makeStore({ spec }: FlowFile): string {
  process.stderr.write(`making a store of ${spec.records} records\n`);
  const directory = workPath('store');
  runBench('store-ingest', ['records', String(spec.records), directory]);
  return directory;
}

/** Runs a program of the benchmark to its end; what it says is JSON. */
function runBench<T>(script: string, args: readonly string[]): T {
  const run = measuredRun(['node', workPath('js', 'bench', `${script}.js`), ...args]);
  if (run.exitCode !== 0) throw new Error(`${script} ended with ${run.exitCode}:\n${run.stderr}`);
  process.stderr.write(run.stderr);
  return JSON.parse(run.stdout);
}

function reportTimes(
  times: readonly QuestionTimes[],
  peaks: QuestionPeaks,
  peerPeaks: QuestionPeaks,
): string {
  const rows = times.map(({ name, insights, byHand, parquet }) => [
    name,
    seconds(insights.wall),
    seconds(byHand.wall),
    seconds(parquet.wall),
    formatSpread(ratios(insights.wall, byHand.wall), 2),
    formatSpread(ratios(insights.cpu, byHand.cpu), 2),
    formatSpread(ratios(insights.wall, parquet.wall), 2),
    peaks[name].toFixed(0),
    peerPeaks[name].toFixed(0),
  ]);
  return [
    markdownTable(
      [
        '',
        'Insights QL, s',
        'SQL by hand, s',
        'DuckDB on Parquet, s',
        'Insights / by hand',
        'the same of CPU time',
        'Insights / Parquet',
        'peak RSS, MiB',
        'of DuckDB on Parquet',
      ],
      rows,
    ),
    `Median (min to max) of ${times[0].insights.wall.length} runs each, in turn, after one that is not counted; a ratio is the median of the rounds' ratios.`,
  ].join('\n\n');
}

function seconds(values: readonly number[]): string {
  const all = spread(values);
  return formatSpread(all, all.median < 1 ? 3 : 2);
}

function ratios(values: readonly number[], others: readonly number[]): Spread {
  return spread(values.map((value, round) => value / others[round]));
}
