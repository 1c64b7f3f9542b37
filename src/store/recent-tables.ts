import { invariant } from '../fault/index.ts';
import type { LogFormat } from '../record/log-format.ts';
import type { Engine } from './engine.ts';
import { checkColumns, hasIpv4Only, RecordTable } from './record-table.ts';
import type { RecordRows, RowBatch } from './row-batch.ts';
import type { ScanSource } from './scan-source.ts';
import { TableAppender } from './table-appender.ts';
import { TextNumbers } from './text-numbers.ts';
import { TextTable } from './text-table.ts';

export interface TablesContext {
  readonly engine: Engine;
  format(number: number): LogFormat;
}

/** Rows of one generation in DuckDB's memory; all of it can be made again from the journal. */
export class RecentTables {
  readonly #context: TablesContext;
  readonly #number: number;
  readonly #records = new Map<string, RecordTable>();
  #texts: TextNumbers | undefined;
  #text: TextTable | undefined;
  #isSealed = false;

  constructor(context: TablesContext, number: number) {
    this.#context = context;
    this.#number = number;
  }

  /** Of the numbered texts, roughly. */
  get textBytes(): number {
    return this.#texts?.bytes ?? 0;
  }

  /** What tables take before they have many rows: many formats are many tables. */
  get leastBytes(): number {
    let bytes = 0;
    for (const table of this.#records.values()) bytes += table.leastBytes;
    return bytes;
  }

  /** Makes the tables that the rows need; then `append` takes them. */
  async prepare(batches: readonly RowBatch[]): Promise<void> {
    for (const batch of batches) {
      if (batch.kind === 'text') this.#text ??= await this.#makeText();
      else {
        checkColumns(batch, this.#context.format(batch.format));
        if (!this.#records.has(keyOf(batch))) await this.#makeRecords(batch);
      }
    }
  }

  append(batches: readonly RowBatch[], firstId: number): void {
    invariant(!this.#isSealed, 'rows for a generation that is sealed');
    let id = firstId;
    for (const batch of batches) {
      if (batch.kind === 'text') {
        invariant(this.#text, 'text before its table');
        this.#text.append(batch, id);
      } else {
        const table = this.#records.get(keyOf(batch));
        invariant(table, 'records before their table');
        table.append(batch, id);
      }
      id += batch.timestampsMs.length;
    }
  }

  /** Makes all rows visible to statements that begin now. */
  flush(): void {
    if (this.#isSealed) return;
    this.#texts?.table.flush();
    for (const table of this.#tables()) table.flush();
  }

  seal(): void {
    if (this.#isSealed) return;
    this.flush();
    for (const table of this.#tables()) table.seal();
    this.#texts?.table.seal();
    this.#isSealed = true;
  }

  /** After `seal`. */
  async drop(): Promise<void> {
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

  /** What a row takes in memory, roughly, besides its texts. */
  rowBytes(batch: RowBatch): number {
    return batch.kind === 'text' ? 64 : (this.#records.get(keyOf(batch))?.rowBytes ?? 0);
  }

  *#tables(): Generator<RecordTable | TextTable> {
    yield* this.#records.values();
    if (this.#text) yield this.#text;
  }

  async #makeText(): Promise<TextTable> {
    return TextTable.create(this.#context.engine, `recent_${this.#number}_text`);
  }

  async #makeRecords(batch: RecordRows): Promise<void> {
    const { engine } = this.#context;
    const name = `recent_${this.#number}`;
    this.#texts ??= new TextNumbers(
      await TableAppender.create(engine, `${name}_texts`, [
        { name: 'number', type: 'INTEGER' },
        { name: 'text', type: 'VARCHAR' },
      ]),
    );
    const key = keyOf(batch);
    const table = await RecordTable.create(
      engine,
      `${name}_records_${key}`,
      batch.format,
      this.#context.format(batch.format),
      hasIpv4Only(batch),
      this.#texts,
    );
    this.#records.set(key, table);
  }
}

function keyOf(batch: RecordRows): string {
  return hasIpv4Only(batch) ? `${batch.format}_ipv4` : String(batch.format);
}
