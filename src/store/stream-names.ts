import { invariant } from '../fault/index.ts';
import type { Documents } from './documents.ts';
import type { Engine } from './engine.ts';
import { TableAppender } from './table-appender.ts';

export const streamTable = 'stream_names';

/** The names of streams as a table that queries join. Numbers are never given again, so that it only grows. */
export class StreamNames {
  readonly #engine: Engine;
  readonly #documents: Documents;
  readonly #known = new Set<string>();
  #table: TableAppender;

  private constructor(engine: Engine, table: TableAppender, documents: Documents) {
    this.#engine = engine;
    this.#table = table;
    this.#documents = documents;
  }

  static async create(engine: Engine, documents: Documents): Promise<StreamNames> {
    return new StreamNames(engine, await makeTable(engine), documents);
  }

  /** In an engine that has none. */
  async rebuild(): Promise<void> {
    this.#table = await makeTable(this.#engine);
    this.#known.clear();
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

function makeTable(engine: Engine): Promise<TableAppender> {
  return TableAppender.create(engine, streamTable, [
    { name: 'number', type: 'INTEGER' },
    { name: 'name', type: 'VARCHAR' },
  ]);
}
