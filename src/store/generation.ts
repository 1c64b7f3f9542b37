import { readFile } from 'node:fs/promises';
import { invariant } from '../fault/index.ts';
import type { Cut } from './cuts.ts';
import { decodeCommit } from './frame-codec.ts';
import { HourTotals } from './hour-totals.ts';
import type { Journal } from './journal.ts';
import { type Frame, readFrames } from './journal-frame.ts';
import { messageLengths } from './line-lengths.ts';
import { RecentTables, type TablesContext } from './recent-tables.ts';
import type { RowBatch } from './row-batch.ts';
import { StreamTotals } from './stream-totals.ts';

/** Recent rows: those of one journal, in tables in memory, until they are segments. */
export class Generation {
  readonly journal: Journal;
  /** Of the last commit that is in it; 0 when there is none. */
  lastSequence = 0;
  /** When its first commit came. */
  beganMs: number | undefined;
  readonly hours = new HourTotals();
  readonly totals = new StreamTotals();
  readonly #context: TablesContext;
  #tables: RecentTables;
  #firstSequence = 0;
  #firstId: number | undefined;
  #rows = 0;
  #bytes = 0;
  #isSealed = false;

  constructor(context: TablesContext, journal: Journal) {
    this.#context = context;
    this.journal = journal;
    this.#tables = new RecentTables(context, journal.number);
  }

  get tables(): RecentTables {
    return this.#tables;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Infinite while there are no rows. */
  get firstId(): number {
    return this.#firstId ?? Number.POSITIVE_INFINITY;
  }

  /** Roughly what it takes in memory. */
  get bytes(): number {
    return this.#bytes + this.#tables.textBytes + this.#tables.leastBytes;
  }

  /** After `tables.prepare`. */
  append(batches: readonly RowBatch[], { sequence, firstId }: Pick<Frame, 'sequence' | 'firstId'>): void {
    this.#tables.append(batches, firstId);
    if (this.lastSequence === 0) this.#firstSequence = sequence;
    this.lastSequence = sequence;
    if (batches.length > 0) this.#firstId ??= firstId;
    let id = firstId;
    for (const batch of batches) {
      this.#count(batch, id);
      id += batch.timestampsMs.length;
    }
  }

  /** What is no more to be seen, nor to become a segment; a cut hides the rows themselves. */
  drop({ group, stream, beforeMs }: Cut): void {
    if (beforeMs === undefined) {
      this.hours.drop(group, stream === undefined ? {} : { stream });
      this.totals.drop(group, stream);
      return;
    }
    this.hours.drop(group, { beforeMs });
    this.totals.drop(group);
    for (const hour of this.hours.values()) {
      if (hour.group !== group) continue;
      for (const [number, total] of hour.streams) this.totals.add(group, number, total);
    }
  }

  /** Takes no rows any more. */
  seal(): void {
    this.#isSealed = true;
    this.#tables.seal();
  }

  /** Makes the tables again in an engine that has none, from the journal, which holds all that is durable. */
  async rebuild(durableSequence: number): Promise<void> {
    this.#tables = new RecentTables(this.#context, this.journal.number);
    const last = Math.min(durableSequence, this.lastSequence);
    if (last >= this.#firstSequence && this.lastSequence > 0) await this.#read(last);
    if (this.#isSealed) this.#tables.seal();
  }

  async #read(last: number): Promise<void> {
    const { frames } = readFrames(await readFile(this.journal.file), this.#firstSequence);
    const durable = frames.filter(({ sequence }) => sequence <= last);
    invariant(durable.at(-1)?.sequence === last, 'a journal without its last commit');
    for (const { firstId, payload } of durable) {
      const { rows } = decodeCommit(payload);
      await this.#tables.prepare(rows);
      this.#tables.append(rows, firstId);
    }
  }

  #count(batch: RowBatch, firstId: number): void {
    const { group, stream, ingestionMs, timestampsMs } = batch;
    const rows = timestampsMs.length;
    if (rows === 0) return;
    const lengths = messageLengths(batch);
    this.hours.add(batch, lengths, firstId);
    let firstMs = timestampsMs[0];
    let lastMs = firstMs;
    let bytes = 0;
    for (let i = 0; i < rows; i++) {
      if (timestampsMs[i] < firstMs) firstMs = timestampsMs[i];
      if (timestampsMs[i] > lastMs) lastMs = timestampsMs[i];
      bytes += lengths[i];
    }
    this.totals.add(group, stream, { rows, bytes, firstMs, lastMs, lastIngestionMs: ingestionMs });
    this.#rows += rows;
    this.#bytes += rows * this.#tables.rowBytes(batch) + (batch.kind === 'text' ? bytes : 0);
  }
}
