import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFlows, type FlowFile } from './flow-file.ts';
import { dayMix } from './flow-mixes.ts';
import { peakMegabytes } from './peak-memory.ts';

/** What a process that took in the records of a mix says as JSON. */
export interface IngestRun {
  readonly records: number;
  /** Until the last record was acknowledged. */
  readonly seconds: number;
  /** From there until all is in its final place and the process could end. */
  readonly settleSeconds: number;
  readonly diskBytes: number;
  readonly peakMegabytes: number;
}

/** Gives the moment of the last acknowledgement; returns when all is settled. */
export type Way = (flows: FlowFile, directory: string, acknowledged: () => void) => Promise<void>;

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

/** Runs the way that the arguments name: `WAY RECORDS DIRECTORY`; the directory is emptied first. */
export async function runIngest(
  ways: Readonly<Record<string, Way>>,
  [way, records, directory]: readonly string[],
): Promise<void> {
  const flows = ensureFlows(dayMix(Number(records)));
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const start = performance.now();
  let acknowledgedAt = start;
  await ways[way](flows, directory, () => {
    acknowledgedAt = performance.now();
  });
  const run: IngestRun = {
    records: flows.spec.records,
    seconds: (acknowledgedAt - start) / 1000,
    settleSeconds: (performance.now() - acknowledgedAt) / 1000,
    diskBytes: bytesIn(directory),
    peakMegabytes: peakMegabytes(),
  };
  process.stdout.write(`${JSON.stringify(run)}\n`);
}
