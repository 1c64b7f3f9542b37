import type { DuckDBConnection } from '@duckdb/node-api';
import { invariant } from '../fault/index.ts';
import type { LogFormat } from '../record/log-format.ts';
import type { Cut } from './cuts.ts';
import type { Engine } from './engine.ts';
import { HourTotals } from './hour-totals.ts';
import type { Journal } from './journal.ts';
import { messageLengths } from './line-lengths.ts';
import { checkColumns, RecordTable } from './record-table.ts';
import type { RowBatch } from './row-batch.ts';
import type { ScanSource } from './scan-source.ts';
import { StreamTotals } from './stream-totals.ts';
import { TableAppender } from './table-appender.ts';
import { TextNumbers } from './text-numbers.ts';
import { TextTable } from './text-table.ts';

export interface GenerationContext {
  readonly engine: Engine;
  /** For appenders only. */
  readonly connection: DuckDBConnection;
  format(number: number): LogFormat;
}

/** Recent rows: those of one journal, in tables in memory, until they are segments. */
export class Generation {
  readonly journal: Journal;
  /** Of the last commit that is in it. */
  lastSequence = 0;
  /** When its first commit came. */
  beganMs: number | undefined;
  readonly hours = new HourTotals();
  readonly totals = new StreamTotals();
  readonly #context: GenerationContext;
  readonly #records = new Map<number, RecordTable>();
  #texts: TextNumbers | undefined;
  #text: TextTable | undefined;
  #firstId: number | undefined;
  #rows = 0;
  #bytes = 0;
  #isSealed = false;

  constructor(context: GenerationContext, journal: Journal) {
    this.#context = context;
    this.journal = journal;
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
    return this.#bytes + (this.#texts?.bytes ?? 0);
  }

  /** Makes the tables that the rows need; then `append` takes them. */
  async prepare(batches: readonly RowBatch[]): Promise<void> {
    for (const batch of batches) {
      if (batch.kind === 'text') this.#text ??= await this.#makeText();
      else {
        checkColumns(batch, this.#context.format(batch.format));
        if (!this.#records.has(batch.format)) await this.#makeRecords(batch.format);
      }
    }
  }

  append(batches: readonly RowBatch[], firstId: number): void {
    invariant(!this.#isSealed, 'rows for a generation that is sealed');
    if (batches.length > 0) this.#firstId ??= firstId;
    let id = firstId;
    for (const batch of batches) {
      this.#append(batch, id);
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

  /** Makes all rows visible to statements that begin now. */
  flush(): void {
    if (this.#isSealed) return;
    for (const table of this.#tables()) table.flush();
  }

  seal(): void {
    if (this.#isSealed) return;
    this.flush();
    for (const table of this.#tables()) table.seal();
    this.#texts?.table.seal();
    this.#isSealed = true;
  }

  async dropTables(): Promise<void> {
    this.seal();
    for (const table of this.#tables()) await table.drop();
    await this.#texts?.table.drop();
  }

  /** After `flush`. @param conditions on columns of `r` */
  sources(conditions: readonly string[]): readonly ScanSource[] {
    return [...this.#tables()].map((table) => table.source(conditions));
  }

  /** Whether some address of these formats is no IPv4 address. */
  hasOtherAddresses(formats: ReadonlySet<number>): boolean {
    return [...this.#records.values()].some((table) => table.hasOtherAddresses && formats.has(table.format));
  }

  *#tables(): Generator<RecordTable | TextTable> {
    yield* this.#records.values();
    if (this.#text) yield this.#text;
  }

  #append(batch: RowBatch, firstId: number): void {
    const lengths = messageLengths(batch);
    if (batch.kind === 'text') {
      invariant(this.#text, 'text before its table');
      this.#text.append(batch, firstId);
      this.#bytes += lengths.reduce((sum, length) => sum + 64 + length, 0);
    } else {
      const table = this.#records.get(batch.format);
      invariant(table, 'records before their table');
      table.append(batch, firstId);
      this.#bytes += table.rowBytes * lengths.length;
    }
    this.#rows += lengths.length;
    this.hours.add(batch, lengths, firstId);
    this.#addTotals(batch, lengths);
  }

  #addTotals({ group, stream, ingestionMs, timestampsMs }: RowBatch, lengths: Float64Array): void {
    if (timestampsMs.length === 0) return;
    let firstMs = timestampsMs[0];
    let lastMs = firstMs;
    let bytes = 0;
    for (let i = 0; i < timestampsMs.length; i++) {
      if (timestampsMs[i] < firstMs) firstMs = timestampsMs[i];
      if (timestampsMs[i] > lastMs) lastMs = timestampsMs[i];
      bytes += lengths[i];
    }
    const rows = timestampsMs.length;
    this.totals.add(group, stream, { rows, bytes, firstMs, lastMs, lastIngestionMs: ingestionMs });
  }

  async #makeText(): Promise<TextTable> {
    const { engine, connection } = this.#context;
    return TextTable.create(engine, connection, `recent_${this.journal.number}_text`);
  }

  async #makeRecords(format: number): Promise<void> {
    const { engine, connection } = this.#context;
    this.#texts ??= new TextNumbers(
      await TableAppender.create(engine, connection, `recent_${this.journal.number}_texts`, [
        { name: 'number', type: 'INTEGER' },
        { name: 'text', type: 'VARCHAR' },
      ]),
    );
    const name = `recent_${this.journal.number}_records_${format}`;
    const known = this.#context.format(format);
    this.#records.set(format, await RecordTable.create(engine, connection, name, format, known, this.#texts));
  }
}
