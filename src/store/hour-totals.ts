import type { RowBatch } from './row-batch.ts';
import { addTotal, type StreamTotal } from './stream-totals.ts';

export const hourMs = 3_600_000;

/** Of a group and UTC hour: what becomes one segment. */
export interface HourTotal {
  readonly group: number;
  /** Hours since the epoch. */
  readonly hour: number;
  rows: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  minId: number;
  maxId: number;
  readonly columnFormats: Set<number>;
  readonly textFormats: Set<number>;
  isPlain: boolean;
  readonly streams: Map<number, StreamTotal>;
}

export function hourOf(timestampMs: number): number {
  return Math.floor(timestampMs / hourMs);
}

/** What the rows of a generation amount to, by group and hour. */
export class HourTotals {
  readonly #hours = new Map<string, HourTotal>();

  get size(): number {
    return this.#hours.size;
  }

  values(): Iterable<HourTotal> {
    return this.#hours.values();
  }

  /** @param lengths UTF-8 bytes of each message */
  add(batch: RowBatch, lengths: Int32Array, firstId: number): void {
    const { timestampsMs } = batch;
    for (let from = 0; from < timestampsMs.length; ) {
      const hour = hourOf(timestampsMs[from]);
      const startMs = hour * hourMs;
      let firstMs = timestampsMs[from];
      let lastMs = firstMs;
      let bytes = 0;
      let to = from;
      for (; to < timestampsMs.length; to++) {
        const at = timestampsMs[to];
        if (at < startMs || at >= startMs + hourMs) break;
        if (at < firstMs) firstMs = at;
        if (at > lastMs) lastMs = at;
        bytes += lengths[to];
      }
      const total = { rows: to - from, bytes, firstMs, lastMs, lastIngestionMs: batch.ingestionMs };
      this.#addRun(batch, hour, total, firstId + from);
      from = to;
    }
  }

  /** Hours of a group, or one stream in them, or those that end before a time, are as if they had never been. */
  drop(group: number, { stream, beforeMs }: { stream?: number; beforeMs?: number }): void {
    for (const [key, total] of this.#hours) {
      if (total.group !== group) continue;
      if (beforeMs !== undefined) {
        if (total.lastMs < beforeMs) this.#hours.delete(key);
      } else if (stream === undefined) this.#hours.delete(key);
      else this.#dropStream(key, total, stream);
    }
  }

  #dropStream(key: string, total: HourTotal, stream: number): void {
    const gone = total.streams.get(stream);
    if (!gone) return;
    total.streams.delete(stream);
    total.rows -= gone.rows;
    total.bytes -= gone.bytes;
    if (total.rows === 0) this.#hours.delete(key);
  }

  #addRun(batch: RowBatch, hour: number, run: StreamTotal, firstId: number): void {
    const total = this.#of(batch.group, hour);
    total.rows += run.rows;
    total.bytes += run.bytes;
    total.firstMs = Math.min(total.firstMs, run.firstMs);
    total.lastMs = Math.max(total.lastMs, run.lastMs);
    total.minId = Math.min(total.minId, firstId);
    total.maxId = Math.max(total.maxId, firstId + run.rows - 1);
    if (batch.kind === 'records') total.columnFormats.add(batch.format);
    else if (batch.format === undefined) total.isPlain = true;
    else total.textFormats.add(batch.format);
    const stream = total.streams.get(batch.stream);
    if (stream) addTotal(stream, run);
    else total.streams.set(batch.stream, { ...run });
  }

  #of(group: number, hour: number): HourTotal {
    const key = `${group}/${hour}`;
    const known = this.#hours.get(key);
    if (known) return known;
    const made: HourTotal = {
      group,
      hour,
      rows: 0,
      bytes: 0,
      firstMs: Number.POSITIVE_INFINITY,
      lastMs: Number.NEGATIVE_INFINITY,
      minId: Number.POSITIVE_INFINITY,
      maxId: -1,
      columnFormats: new Set(),
      textFormats: new Set(),
      isPlain: false,
      streams: new Map(),
    };
    this.#hours.set(key, made);
    return made;
  }
}
