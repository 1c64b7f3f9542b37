import { readFile } from 'node:fs/promises';
import { invariant } from '../fault/index.ts';
import type { Commit } from './commit.ts';
import { type Cut, cutOf } from './cuts.ts';
import type { Change } from './documents.ts';
import { decodeCommit } from './frame-codec.ts';
import { hourRuns } from './hour-runs.ts';
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
  /** Of its durable commits. */
  readonly changes: Change[] = [];
  /** When its first commit came. */
  beganMs: number | undefined;
  readonly #context: TablesContext;
  #tables: RecentTables;
  #hours = new HourTotals();
  #totals = new StreamTotals();
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

  get hours(): HourTotals {
    return this.#hours;
  }

  get totals(): StreamTotals {
    return this.#totals;
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
      this.#hours.drop(group, stream === undefined ? {} : { stream });
      this.#totals.drop(group, stream);
      return;
    }
    this.#hours.drop(group, { beforeMs });
    this.#totals.drop(group);
    for (const hour of this.#hours.values()) {
      if (hour.group !== group) continue;
      for (const [number, total] of hour.streams) this.#totals.add(group, number, total);
    }
  }

  /** Takes no rows any more. */
  seal(): void {
    this.#isSealed = true;
    this.#tables.seal();
  }

  /**
   * Makes the tables again in an engine that has none, from the journal, which holds all that is durable. Commits
   * that the disk refused are forgotten.
   */
  async rebuild(durableSequence: number): Promise<void> {
    this.#tables = new RecentTables(this.#context, this.journal.number);
    const first = this.#firstSequence;
    const last = Math.min(durableSequence, this.lastSequence);
    const take = this.lastSequence > durableSequence ? this.#recounting() : this.#refilling();
    if (first > 0 && last >= first) await this.#read(first, last, take);
    if (this.#isSealed) this.#tables.seal();
  }

  #refilling() {
    return ({ rows }: Required<Commit>, { firstId }: Frame) => this.#tables.append(rows, firstId);
  }

  #recounting() {
    this.#hours = new HourTotals();
    this.#totals = new StreamTotals();
    this.#firstSequence = this.lastSequence = this.#rows = this.#bytes = 0;
    this.#firstId = undefined;
    return ({ rows, drop }: Required<Commit>, frame: Frame) => {
      this.append(rows, frame);
      for (const item of drop) this.drop(cutOf(item, frame.sequence, frame.firstId));
    };
  }

  async #read(first: number, last: number, take: (commit: Required<Commit>, frame: Frame) => void) {
    const { frames } = readFrames(await readFile(this.journal.file), first);
    const durable = frames.filter(({ sequence }) => sequence <= last);
    invariant(durable.at(-1)?.sequence === last, 'a journal without its last commit');
    for (const frame of durable) {
      const commit = decodeCommit(frame.payload);
      await this.#tables.prepare(commit.rows);
      take(commit, frame);
    }
  }

  #count(batch: RowBatch, firstId: number): void {
    let rows = 0;
    let bytes = 0;
    for (const run of hourRuns(batch, messageLengths(batch))) {
      this.#hours.add(batch, run, firstId);
      for (const [stream, total] of run.streams) {
        this.#totals.add(batch.group, stream, total);
        rows += total.rows;
        bytes += total.bytes;
      }
    }
    this.#rows += rows;
    this.#bytes += rows * this.#tables.rowBytes(batch) + (batch.kind === 'text' ? bytes : 0);
  }
}
