/** Hot: once for every row that comes into the store; allocates for each stream and hour of a batch. */
import type { RowBatch } from './row-batch.ts';
import type { StreamTotal } from './stream-totals.ts';

export const hourMs = 3_600_000;

export function hourOf(timestampMs: number): number {
  return Math.floor(timestampMs / hourMs);
}

/** Rows of a batch that stand side by side and are of one UTC hour. */
export interface HourRun {
  /** Hours since the epoch. */
  readonly hour: number;
  readonly from: number;
  readonly to: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Whether none is of an earlier time than the one before it. */
  readonly isInOrder: boolean;
  readonly streams: ReadonlyMap<number, StreamTotal>;
}

/** @param lengths UTF-8 bytes of each message */
export function hourRuns(batch: RowBatch, lengths: Int32Array): HourRun[] {
  const runs: HourRun[] = [];
  for (let from = 0; from < batch.timestampsMs.length; ) {
    const run = runFrom(batch, lengths, from);
    runs.push(run);
    from = run.to;
  }
  return runs;
}

function runFrom(batch: RowBatch, lengths: Int32Array, from: number): HourRun {
  const { timestampsMs } = batch;
  const hour = hourOf(timestampsMs[from]);
  const startMs = hour * hourMs;
  let firstMs = timestampsMs[from];
  let lastMs = firstMs;
  let isInOrder = true;
  let to = from;
  for (; to < timestampsMs.length; to++) {
    const at = timestampsMs[to];
    if (at < startMs || at >= startMs + hourMs) break;
    if (at < lastMs) isInOrder = false;
    if (at < firstMs) firstMs = at;
    if (at > lastMs) lastMs = at;
  }
  return { hour, from, to, firstMs, lastMs, isInOrder, streams: streamsOf(batch, lengths, from, to) };
}

function streamsOf(
  { stream, timestampsMs, ingestionMs }: RowBatch,
  lengths: Int32Array,
  from: number,
  to: number,
): Map<number, StreamTotal> {
  const streams = new Map<number, StreamTotal>();
  let number = -1;
  let total: StreamTotal | undefined;
  for (let i = from; i < to; i++) {
    const next = typeof stream === 'number' ? stream : stream[i];
    if (next !== number || !total) {
      number = next;
      total = streams.get(number);
    }
    const at = timestampsMs[i];
    if (total) {
      total.rows++;
      total.bytes += lengths[i];
      if (at < total.firstMs) total.firstMs = at;
      if (at > total.lastMs) total.lastMs = at;
    } else {
      total = { rows: 1, bytes: lengths[i], firstMs: at, lastMs: at, lastIngestionMs: ingestionMs };
      streams.set(number, total);
    }
  }
  return streams;
}
