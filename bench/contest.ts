import { mkdirSync, rmSync } from 'node:fs';
import type { Contender } from './contenders.ts';
import { formatCount, formatSpread, markdownTable, type Spread, spread } from './figures.ts';
import { type MeasuredRun, measuredRun } from './measured-run.ts';
import { shownPath, workPath } from './work-folder.ts';

interface Result {
  readonly contender: Contender;
  readonly command: string;
  readonly runs: readonly MeasuredRun[];
}

/** What is read: a capture file and the packets that it holds. */
export interface Course {
  readonly input: string;
  readonly packets: number;
}

/** Runs all contenders in turn, round after round, after one round that is not counted; gives a Markdown report. */
export function contest(course: Course, contenders: readonly Contender[], rounds: number): string {
  const present = contenders.filter(({ missing }) => missing === undefined);
  const runs = new Map<Contender, MeasuredRun[]>(present.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of present) {
      const run = runOnce(course, contender);
      if (round > 0) runs.get(contender)?.push(run);
      process.stderr.write(
        `${round === 0 ? 'warm-up' : `round ${round}`} ${contender.name}: ${describe(run)}\n`,
      );
    }
  }
  const results = [...runs].map(([contender, list]): Result => {
    return { contender, command: shownCommand(course, contender), runs: list };
  });
  return reportContest(course, results, contenders);
}

const describe = ({ wallSeconds, cpuSeconds, peakRssMegabytes }: MeasuredRun): string =>
  `${wallSeconds.toFixed(2)} s wall, ${cpuSeconds.toFixed(2)} s CPU, ${peakRssMegabytes.toFixed(0)} MiB`;

function runOnce(course: Course, contender: Contender): MeasuredRun {
  const output = workPath('output');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  const run = measuredRun(contender.command(shownPath(course.input), shownPath(output)));
  checkRun(course, contender, run);
  return run;
}

/** A run counts only if it looked at every packet of the file. */
function checkRun(course: Course, contender: Contender, run: MeasuredRun): void {
  const tail = `${run.stderr}`.trim().split('\n').slice(-12).join('\n');
  if (run.exitCode !== 0) throw new Error(`${contender.name} ended with ${run.exitCode}:\n${tail}`);
  const packets = contender.reportedPackets(run);
  if (packets === undefined && contender.name.startsWith('tcpdump')) return;
  if (packets !== course.packets)
    throw new Error(`${contender.name} reports ${packets} packets of ${course.packets}:\n${tail}`);
}

function shownCommand(course: Course, contender: Contender): string {
  return contender
    .command(shownPath(course.input), 'DIR')
    .join(' ')
    .replace(/127\.0\.0\.1:\d+/, '127.0.0.1:PORT');
}

function reportContest(course: Course, results: readonly Result[], all: readonly Contender[]): string {
  const fastest = fastestPeer(results);
  const rows = results.map((result) => resultRow(course, result, fastest));
  const missing = all.filter(({ missing }) => missing !== undefined);
  return [
    markdownTable(
      [
        '',
        'wall, s',
        'CPU, s',
        'peak RSS, MiB',
        'M packets/s',
        fastest ? `wall / ${fastest.contender.name}` : 'ratio',
      ],
      rows,
    ),
    `Median (min to max) of ${results[0]?.runs.length ?? 0} runs each, in turn. The ratio is the median of the rounds' ratios, so that a machine whose speed drifts does not decide it; below 1 is faster than the faster peer.`,
    ['```', ...results.map(({ command }) => command), '```'].join('\n'),
    ...missing.map(({ name, missing }) => `Not run: ${name} (${missing}).`),
  ].join('\n\n');
}

function fastestPeer(results: readonly Result[]): Result | undefined {
  const wall = ({ runs }: Result) => spread(runs.map(({ wallSeconds }) => wallSeconds)).median;
  return results.filter(({ contender }) => contender.isPeer).sort((a, b) => wall(a) - wall(b))[0];
}

function resultRow(course: Course, { contender, runs }: Result, fastest: Result | undefined): string[] {
  const wall = spread(runs.map(({ wallSeconds }) => wallSeconds));
  const digits = wall.median < 1 ? 3 : 2;
  return [
    contender.name,
    formatSpread(wall, digits),
    formatSpread(spread(runs.map(({ cpuSeconds }) => cpuSeconds)), digits),
    formatCount(Math.round(spread(runs.map(({ peakRssMegabytes }) => peakRssMegabytes)).max)),
    (course.packets / wall.median / 1e6).toFixed(2),
    fastest ? formatSpread(ratios(runs, fastest.runs), 2) : '',
  ];
}

function ratios(runs: readonly MeasuredRun[], others: readonly MeasuredRun[]): Spread {
  return spread(runs.map(({ wallSeconds }, round) => wallSeconds / others[round].wallSeconds));
}
