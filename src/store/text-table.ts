import { invariant } from '../fault/index.ts';
import type { Engine } from './engine.ts';
import { fillConstant32, missingNumber } from './lane-fill.ts';
import { eventColumns, fillEvents } from './record-table.ts';
import type { TextRows } from './row-batch.ts';
import type { ScanSource } from './scan-source.ts';
import { quoteName } from './sql-text.ts';
import { type LaneColumn, TableAppender } from './table-appender.ts';

const columns: readonly LaneColumn[] = [
  ...eventColumns,
  { name: 'format', type: 'INTEGER' },
  { name: 'kept', type: 'VARCHAR' },
];

/** Recent events that are kept as text. */
export class TextTable {
  readonly #table: TableAppender;

  private constructor(table: TableAppender) {
    this.#table = table;
  }

  static async create(engine: Engine, name: string): Promise<TextTable> {
    return new TextTable(await TableAppender.create(engine, name, columns));
  }

  append(rows: TextRows, firstId: number): void {
    const { lanes } = this.#table;
    const format = lanes[eventColumns.length];
    const kept = lanes[eventColumns.length + 1];
    invariant(format.type === 'INTEGER' && kept.type === 'VARCHAR', 'a table of another make');
    const length = rows.messages.length;
    for (let from = 0; from < length; ) {
      const count = Math.min(this.#table.free, length - from);
      const at = this.#table.used;
      fillEvents(lanes, at, rows, firstId, from, count);
      fillConstant32(format, at, rows.format ?? missingNumber, count);
      for (let i = 0; i < count; i++) kept.items[at + i] = rows.messages[from + i];
      this.#table.took(count);
      from += count;
    }
  }

  flush(): void {
    this.#table.flush();
  }

  seal(): void {
    this.#table.seal();
  }

  drop(): Promise<void> {
    return this.#table.drop();
  }

  source(conditions: readonly string[]): ScanSource {
    return {
      group: { column: 'r.log_group' },
      columnFormats: [],
      hasText: true,
      from: () => `${quoteName(this.#table.name)} r`,
      expression,
      conditions,
    };
  }
}

function expression(column: string): string | undefined {
  if (column === 'format') return `nullif(r.format, ${missingNumber})::USMALLINT`;
  return columns.some(({ name }) => name === column) ? `r.${quoteName(column)}` : undefined;
}
