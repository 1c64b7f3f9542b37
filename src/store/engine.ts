import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  BIGINT,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
import { invariant } from '../fault/index.ts';
import type { SqlParameter } from '../query/scan.ts';
import { asUsersError, isFatal } from './engine-failure.ts';
import { freeBytes } from './free-bytes.ts';
import { quoteText } from './sql-text.ts';

export interface EngineOptions {
  /** The only folders that SQL reads and writes, beside the temporary one. */
  readonly directories: readonly string[];
  /** Spilled rows go there; emptied when the engine opens. */
  readonly temporary: string;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly macros: readonly string[];
}

/** And no more than half of what the disk has room for when the engine begins. */
const maxSpillBytes = 8 * 2 ** 30;

export type Cell = string | null;

/** A database in memory and those who use it. */
interface Database {
  readonly instance: DuckDBInstance;
  /** Nothing but appenders runs on it: an append waits for what does. */
  readonly appends: DuckDBConnection;
  readonly idle: DuckDBConnection[];
  running: number;
  isDead: boolean;
}

/**
 * DuckDB in memory, shut in: one folder, no extensions, no settings that SQL could change. An assertion that fails in
 * DuckDB, be it in a query, ends the whole database; `restart` begins an empty one.
 */
export class Engine {
  readonly #options: EngineOptions;
  #database: Database | undefined;
  /** Those whose last statement was left in the middle. */
  readonly #spent = new WeakSet<DuckDBConnection>();

  private constructor(options: EngineOptions) {
    this.#options = options;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    await rm(options.temporary, { recursive: true, force: true });
    await mkdir(path.join(options.temporary, 'extensions'), { recursive: true, mode: 0o700 });
    const engine = new Engine(options);
    engine.#database = await begin(options);
    return engine;
  }

  /** Whether everything fails until `restart`. */
  get isDead(): boolean {
    return this.#current.isDead;
  }

  /** Statements that still run in the old database fail in their time; it goes with the last of them. */
  async restart(): Promise<void> {
    const old = this.#current;
    old.isDead = true;
    this.#database = await begin(this.#options);
    if (old.running === 0) end(old);
  }

  createAppender(table: string): Promise<DuckDBAppender> {
    return this.#watched(() => this.#current.appends.createAppender(table));
  }

  async execute(sql: string): Promise<void> {
    await this.#with(async (connection) => {
      await connection.run(sql);
    });
  }

  /** All rows, as the driver gives them. */
  rows(sql: string): Promise<DuckDBValue[][]> {
    return this.#with(async (connection) => (await connection.runAndReadAll(sql)).getRows());
  }

  /**
   * Rows whose columns are VARCHAR, as they come; stops when there is no more or `take` says false.
   * @throws ServiceError when they do not fit into memory; QueryError for a value that cannot be computed; the signal's
   * reason when it is aborted
   */
  async stream(
    sql: string,
    parameters: readonly SqlParameter[],
    take: (rows: Cell[][]) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    try {
      await this.#with((connection) => this.#streamOn(connection, sql, parameters, take, signal));
    } catch (error) {
      signal?.throwIfAborted();
      throw asUsersError(error);
    }
    signal?.throwIfAborted();
  }

  /** Of who writes to an appender. */
  watch<T>(work: () => T): T {
    const database = this.#current;
    try {
      return work();
    } catch (error) {
      database.isDead ||= isFatal(error);
      throw error;
    }
  }

  /** Statements that still run end first. */
  close(): void {
    const database = this.#current;
    this.#database = undefined;
    if (database.running === 0) end(database);
  }

  async #streamOn(
    connection: DuckDBConnection,
    sql: string,
    parameters: readonly SqlParameter[],
    take: (rows: Cell[][]) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const statement = await connection.prepare(sql);
    const release = interruptOn(connection, signal);
    try {
      invariant(statement.statementType === StatementType.SELECT, 'a query that does more than read');
      // Those that it names: a count over the same relations may need fewer than the query.
      for (let i = 1; i <= statement.parameterCount; i++) {
        const value = toValue(parameters[Number(statement.parameterName(i)) - 1]);
        statement.bindValue(i, value, typeOf(value));
      }
      const isWhole = await drain(await statement.stream(), take);
      if (!isWhole) this.#spent.add(connection);
    } finally {
      release();
      statement.destroySync();
    }
  }

  get #current(): Database {
    invariant(this.#database, 'an engine that is closed');
    return this.#database;
  }

  async #with<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const database = this.#current;
    database.running++;
    try {
      return await this.#watched(async () => {
        const connection = database.idle.pop() ?? (await database.instance.connect());
        let isSound = false;
        try {
          const result = await work(connection);
          isSound = !this.#spent.has(connection);
          return result;
        } finally {
          if (isSound) database.idle.push(connection);
          else connection.closeSync();
        }
      });
    } finally {
      database.running--;
      if (database !== this.#database && database.running === 0) end(database);
    }
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    const database = this.#current;
    try {
      return await work();
    } catch (error) {
      database.isDead ||= isFatal(error);
      throw error;
    }
  }
}

async function begin(options: EngineOptions): Promise<Database> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: `${Math.floor(options.memoryBytes / 1024)}KiB`,
  });
  const connection = await instance.connect();
  const spillBytes = Math.min(maxSpillBytes, (await freeBytes(options.temporary)) / 2);
  const statements = [...settings(options, spillBytes), ...options.macros, 'SET lock_configuration = true'];
  // All at once: one after the other they take twice as long, which every command waits for.
  await connection.run(statements.join(';\n'));
  return { instance, appends: await instance.connect(), idle: [connection], running: 0, isDead: false };
}

function end({ instance, appends, idle }: Database): void {
  for (const connection of [appends, ...idle.splice(0)]) connection.closeSync();
  instance.closeSync();
}

function settings({ directories, temporary }: EngineOptions, spillBytes: number): string[] {
  const allowed = [...directories, temporary].map((directory) => quoteText(directory + path.sep));
  return [
    `SET temp_directory = ${quoteText(temporary)}`,
    `SET extension_directory = ${quoteText(path.join(temporary, 'extensions'))}`,
    `SET allowed_directories = [${allowed.join(', ')}]`,
    'SET autoinstall_known_extensions = false',
    'SET autoload_known_extensions = false',
    'SET allow_community_extensions = false',
    "SET TimeZone = 'UTC'",
    `SET max_temp_directory_size = '${Math.floor(spillBytes / 1024)}KiB'`,
    'SET enable_external_access = false',
  ];
}

/** Whether there are no more rows. */
async function drain(result: DuckDBResult, take: (rows: Cell[][]) => boolean): Promise<boolean> {
  while (true) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return true;
    if (!take(chunk.getRows() as Cell[][])) return false;
  }
}

/** An interruption that comes before the statement runs is lost on DuckDB, so that it is repeated. */
function interruptOn(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  if (!signal) return () => undefined;
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    timer ??= setInterval(() => connection.interrupt(), 50);
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearInterval(timer);
  };
}

/** A whole number is an INTEGER where it fits: that type widens to every other, a BIGINT to no INTEGER. */
function toValue(value: SqlParameter): DuckDBValue {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return value;
  return value === (value | 0) ? value : BigInt(value);
}

/** The driver takes a bigint for a HUGEINT, which would widen the column that it is compared with. */
function typeOf(value: DuckDBValue): DuckDBType | undefined {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? BIGINT : undefined;
}
