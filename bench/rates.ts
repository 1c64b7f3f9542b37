import { formatCount, formatSpread, markdownTable, spread } from './figures.ts';
import type { Load, LoadResult } from './load.ts';
import { runProgram, type ServerProgram } from './server-program.ts';

/** How fast and at what cost one of the contenders answers, round by round. */
export interface Rate {
  readonly name: string;
  readonly perSecond: number[];
  readonly cpuMs: number[];
}

export function newRate(name: string): Rate {
  return { name, perSecond: [], cpuMs: [] };
}

export function addTo(
  { perSecond, cpuMs }: Rate,
  { answers, seconds, serverCpuSeconds }: Pick<LoadResult, 'answers' | 'seconds' | 'serverCpuSeconds'>,
): void {
  perSecond.push(answers / seconds);
  cpuMs.push((serverCpuSeconds * 1000) / answers);
}

export async function load(
  server: ServerProgram,
  wanted: Pick<Load, 'connections' | 'requests' | 'seconds' | 'ratePerSecond' | 'warmUpSeconds'>,
): Promise<LoadResult> {
  const { port } = server.signer;
  const result = await runProgram<LoadResult>('load', {
    ...wanted,
    port,
    servedBy: server.pid,
  } satisfies Load);
  if (result.failures > 0 || result.answers === 0) {
    throw new Error(`${result.failures} of ${result.answers} requests were refused`);
  }
  return result;
}

/** The first one's ratio to each of the others, round by round. */
export function rateTable(rates: readonly Rate[], unit: string, perAnswer: number): string {
  const [ours] = rates;
  const rows = rates.map(({ name, perSecond, cpuMs }) => {
    const ratios = perSecond.map((value, round) => ours.perSecond[round] / value);
    const cpuRatios = cpuMs.map((value, round) => value / ours.cpuMs[round]);
    return [
      name,
      formatCount(Math.round(spread(perSecond).median * perAnswer)),
      spread(cpuMs).median.toFixed(2),
      formatSpread(spread(ratios), 2),
      formatSpread(spread(cpuRatios), 2),
    ];
  });
  return markdownTable(['', unit, 'CPU, ms a request', 'headgate / this', 'the same by CPU time'], rows);
}
