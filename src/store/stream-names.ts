import type { DuckDBConnection } from '@duckdb/node-api';
import { invariant } from '../fault/index.ts';
import type { Documents } from './documents.ts';
import type { Engine } from './engine.ts';
import { TableAppender } from './table-appender.ts';

export const streamTable = 'stream_names';

/** The names of streams as a table that queries join. Numbers are never given again, so that it only grows. */
export class StreamNames {
  readonly #table: TableAppender;
  readonly #documents: Documents;
  readonly #known = new Set<string>();

  private constructor(table: TableAppender, documents: Documents) {
    this.#table = table;
    this.#documents = documents;
  }

  static async create(
    engine: Engine,
    connection: DuckDBConnection,
    documents: Documents,
  ): Promise<StreamNames> {
    const table = await TableAppender.create(engine, connection, streamTable, [
      { name: 'number', type: 'INTEGER' },
      { name: 'name', type: 'VARCHAR' },
    ]);
    return new StreamNames(table, documents);
  }

  update(): void {
    for (const [key, { name }] of this.#documents.table<{ name: string }>('logStreams')) {
      if (!this.#known.has(key)) this.#add(key, name);
    }
    this.#table.flush();
  }

  #add(key: string, name: string): void {
    const [numbers, names] = this.#table.lanes;
    invariant(numbers.type === 'INTEGER' && names.type === 'VARCHAR', 'a table of streams of another make');
    numbers.items[this.#table.used] = Number(key);
    names.items[this.#table.used] = name;
    this.#table.took(1);
    this.#known.add(key);
  }
}
