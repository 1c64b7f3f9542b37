import type { HourRun } from './hour-runs.ts';
import type { RowBatch } from './row-batch.ts';
import { addTotal, type StreamTotal } from './stream-totals.ts';

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
  /** Whether no row came before one of an earlier time. */
  isInOrder: boolean;
  readonly streams: Map<number, StreamTotal>;
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

  add(batch: RowBatch, run: HourRun, firstId: number): void {
    const total = this.#of(batch.group, run.hour);
    total.isInOrder &&= run.isInOrder && run.firstMs >= total.lastMs;
    total.firstMs = Math.min(total.firstMs, run.firstMs);
    total.lastMs = Math.max(total.lastMs, run.lastMs);
    total.minId = Math.min(total.minId, firstId + run.from);
    total.maxId = Math.max(total.maxId, firstId + run.to - 1);
    if (batch.kind === 'records') total.columnFormats.add(batch.format);
    else if (batch.format === undefined) total.isPlain = true;
    else total.textFormats.add(batch.format);
    for (const [number, more] of run.streams) {
      total.rows += more.rows;
      total.bytes += more.bytes;
      const stream = total.streams.get(number);
      if (stream) addTotal(stream, more);
      else total.streams.set(number, { ...more });
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
      isInOrder: true,
      streams: new Map(),
    };
    this.#hours.set(key, made);
    return made;
  }
}
