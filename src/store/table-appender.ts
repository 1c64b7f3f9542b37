import {
  BIGINT,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBIntegerVector,
  type DuckDBVarCharVector,
  type DuckDBVector,
  INTEGER,
  UINTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import type { Engine } from './engine.ts';
import { quoteName } from './sql-text.ts';

/** Rows of one DuckDB vector. */
const chunkRows = 2048;
const types = { INTEGER, UINTEGER, BIGINT, VARCHAR } as const;

export type LaneType = keyof typeof types;

export interface LaneColumn {
  readonly name: string;
  readonly type: LaneType;
}

/** Values of one column on their way into a chunk. A BIGINT is two words, the lower one first. */
export type Lane =
  | { readonly type: 'INTEGER'; readonly items: Int32Array }
  | { readonly type: 'UINTEGER'; readonly items: Uint32Array }
  | { readonly type: 'BIGINT'; readonly words: Int32Array<ArrayBuffer> }
  | { readonly type: 'VARCHAR'; readonly items: string[] };

/**
 * A table in memory that grows by chunks of typed arrays. Who appends fills `lanes` from `used` on, at most `free`
 * rows, and says so with `took`. Others see rows after `flush`.
 */
export class TableAppender {
  readonly name: string;
  readonly lanes: readonly Lane[];
  readonly #engine: Engine;
  readonly #chunk: DuckDBDataChunk;
  readonly #appender: DuckDBAppender;
  readonly #hasTexts: boolean;
  #used = 0;
  #isFlushed = true;

  private constructor(
    engine: Engine,
    appender: DuckDBAppender,
    name: string,
    columns: readonly LaneColumn[],
  ) {
    this.name = name;
    this.#engine = engine;
    this.#appender = appender;
    this.lanes = columns.map(({ type }) => laneOf(type));
    this.#hasTexts = columns.some(({ type }) => type === 'VARCHAR');
    this.#chunk = DuckDBDataChunk.create(
      columns.map(({ type }) => types[type]),
      chunkRows,
    );
  }

  static async create(engine: Engine, name: string, columns: readonly LaneColumn[]): Promise<TableAppender> {
    const list = columns.map((column) => `${quoteName(column.name)} ${column.type}`).join(', ');
    await engine.execute(`CREATE TABLE ${quoteName(name)} (${list})`);
    return new TableAppender(engine, await engine.createAppender(name), name, columns);
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return chunkRows - this.#used;
  }

  took(rows: number): void {
    this.#used += rows;
    this.#isFlushed = false;
    if (this.#used === chunkRows) this.#push();
  }

  flush(): void {
    if (this.#isFlushed) return;
    if (this.#used > 0) {
      this.#chunk.rowCount = this.#used;
      this.#push();
      this.#chunk.rowCount = chunkRows;
    }
    this.#appender.flushSync();
    this.#isFlushed = true;
  }

  /** No rows come any more. */
  seal(): void {
    this.flush();
    this.#appender.closeSync();
  }

  /** After `seal`. In an engine that was begun anew there may be none. */
  async drop(): Promise<void> {
    await this.#engine.execute(`DROP TABLE IF EXISTS ${quoteName(this.name)}`);
  }

  #push(): void {
    for (let i = 0; i < this.lanes.length; i++) writeLane(this.#chunk, i, this.lanes[i], this.#used);
    this.#appender.appendDataChunk(this.#chunk);
    if (this.#hasTexts) {
      // Frees the texts of the rows that were copied.
      this.#chunk.reset();
      this.#chunk.rowCount = chunkRows;
    }
    this.#used = 0;
  }
}

function laneOf(type: LaneType): Lane {
  switch (type) {
    case 'INTEGER':
      return { type, items: new Int32Array(chunkRows) };
    case 'UINTEGER':
      return { type, items: new Uint32Array(chunkRows) };
    case 'BIGINT':
      return { type, words: new Int32Array(new ArrayBuffer(8 * chunkRows)) };
    case 'VARCHAR':
      return { type, items: [] };
  }
}

function writeLane(chunk: DuckDBDataChunk, at: number, lane: Lane, rows: number): void {
  const vector = chunk.getColumnVector(at);
  switch (lane.type) {
    case 'INTEGER':
      itemsOf<Int32Array>(vector).set(lane.items.subarray(0, rows));
      break;
    case 'UINTEGER':
      itemsOf<Uint32Array>(vector).set(lane.items.subarray(0, rows));
      break;
    case 'BIGINT':
      itemsOf<BigInt64Array>(vector).set(new BigInt64Array(lane.words.buffer, 0, rows));
      break;
    case 'VARCHAR':
      for (let i = 0; i < rows; i++) (vector as DuckDBVarCharVector).setItem(i, lane.items[i]);
  }
  (vector as DuckDBIntegerVector).flush();
}

/** The driver declares it private; its public setters take a value at a time, which costs six times as much. */
function itemsOf<T>(vector: DuckDBVector): T {
  return (vector as unknown as { readonly items: T }).items;
}
