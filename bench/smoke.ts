import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Contender, headgate } from './contenders.ts';
import { writeDescribedNetwork } from './described-network.ts';
import { ensureTrace, type TraceSummary } from './generate-trace.ts';
import { accountedFrames, readHeadgateSums } from './headgate-sums.ts';
import { measuredRun } from './measured-run.ts';
import { smallTrace } from './traces.ts';
import { shownPath, workPath } from './work-folder.ts';

/** The small trace through Headgate with both networks: every packet must be in the sums and in the records. */
export function smoke(): void {
  const trace = ensureTrace(workPath('small.pcap'), smallTrace);
  const network = workPath('network');
  writeDescribedNetwork(network);
  checkSums(trace, headgate('made-up network', []));
  checkSums(trace, headgate('described network', ['--vpc', shownPath(network)]));
}

function checkSums(trace: TraceSummary, contender: Contender): void {
  if (contender.missing) throw new Error(contender.missing);
  const output = workPath('output');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  const run = measuredRun(contender.command(shownPath(trace.file), shownPath(output)));
  const sums = readHeadgateSums(run.stderr);
  if (run.exitCode !== 0 || !sums) throw new Error(`${contender.name}: exit ${run.exitCode}\n${run.stderr}`);
  const recorded = recordedPackets(output);
  expectEqual(`${contender.name}: captured frames`, sums.frames.captured, trace.packets);
  expectEqual(`${contender.name}: accounted frames`, accountedFrames(sums), sums.frames.captured);
  const { ingress, egress, skipped } = sums.packets;
  expectEqual(`${contender.name}: recorded and skipped packets`, recorded + skipped, ingress + egress);
  process.stdout.write(
    `${contender.name}: ${sums.frames.captured} frames, ${ingress + egress} observed packets, ${recorded} in records\n`,
  );
}

function expectEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, expected ${expected}`);
}

/** Σ `packets` over the records of the default format, where it is the ninth field. */
function recordedPackets(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  );
  let packets = 0;
  for (const file of files) {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n');
    for (const line of lines) packets += Number(line.split(' ')[8]) || 0;
  }
  return packets;
}
