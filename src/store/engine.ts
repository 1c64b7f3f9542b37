import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  BIGINT,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { ServiceError } from '../fault/index.ts';
import type { SqlParameter } from '../query/scan.ts';
import { quoteText } from './sql-text.ts';

export interface EngineOptions {
  /** The only folder that SQL reads and writes. */
  readonly directory: string;
  /** Spilled rows go there; emptied when the engine opens. */
  readonly temporary: string;
  readonly memoryBytes: number;
  readonly threads: number;
  readonly macros: readonly string[];
}

export type Cell = string | null;

/** DuckDB in memory, shut in: one folder, no extensions, no settings that SQL could change. */
export class Engine {
  readonly #instance: DuckDBInstance;
  /** Idle ones; each runs one statement at a time. */
  readonly #connections: DuckDBConnection[] = [];
  /** Those whose last statement was left in the middle. */
  readonly #spent = new WeakSet<DuckDBConnection>();

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    await rm(options.temporary, { recursive: true, force: true });
    await mkdir(path.join(options.temporary, 'extensions'), { recursive: true, mode: 0o700 });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${Math.floor(options.memoryBytes / 1024)}KiB`,
    });
    const engine = new Engine(instance);
    for (const statement of [...settings(options), ...options.macros, 'SET lock_configuration = true']) {
      await engine.execute(statement);
    }
    return engine;
  }

  /** For who keeps one, such as appenders. */
  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  async execute(sql: string): Promise<void> {
    await this.#with(async (connection) => {
      await connection.run(sql);
    });
  }

  /** All rows, as the driver gives them. */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    return this.#with(async (connection) => (await connection.runAndReadAll(sql)).getRows());
  }

  /**
   * Rows whose columns are VARCHAR, as they come; stops when there is no more or `take` says false.
   * @throws ServiceError when they do not fit into memory; the signal's reason when it is aborted
   */
  async stream(
    sql: string,
    parameters: readonly SqlParameter[],
    take: (rows: Cell[][]) => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    await this.#with(async (connection) => {
      const release = interruptOn(connection, signal);
      try {
        const isWhole = await drain(await streamOf(connection, sql, parameters), take);
        if (!isWhole) this.#spent.add(connection);
      } catch (error) {
        signal?.throwIfAborted();
        throw asServiceError(error);
      } finally {
        release();
      }
      signal?.throwIfAborted();
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.closeSync();
    this.#instance.closeSync();
  }

  async #with<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = this.#connections.pop() ?? (await this.#instance.connect());
    let isSound = false;
    try {
      const result = await work(connection);
      isSound = !this.#spent.has(connection);
      return result;
    } finally {
      if (isSound) this.#connections.push(connection);
      else connection.closeSync();
    }
  }
}

function settings({ directory, temporary }: EngineOptions): string[] {
  return [
    `SET temp_directory = ${quoteText(temporary)}`,
    `SET extension_directory = ${quoteText(path.join(temporary, 'extensions'))}`,
    `SET allowed_directories = [${quoteText(directory + path.sep)}]`,
    'SET autoinstall_known_extensions = false',
    'SET autoload_known_extensions = false',
    'SET allow_community_extensions = false',
    "SET TimeZone = 'UTC'",
    "SET max_temp_directory_size = '8GiB'",
    'SET enable_external_access = false',
  ];
}

/** A statement has the first of the parameters, not always all: the driver refuses to bind one that is not in it. */
async function streamOf(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly SqlParameter[],
): Promise<DuckDBResult> {
  const prepared = await connection.prepare(sql);
  try {
    for (let i = 0; i < prepared.parameterCount; i++) {
      const value = toValue(parameters[i]);
      prepared.bindValue(i + 1, value, typeOf(value));
    }
    return await prepared.stream();
  } finally {
    prepared.destroySync();
  }
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
  signal.addEventListener('abort', interrupt, { once: true });
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

function asServiceError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (!/^Out of Memory Error|failed to offload|max_temp_directory_size/.test(message)) return error;
  return new ServiceError(
    'LimitExceededException',
    'The query needs more memory than it may take. Narrow the time range, filter more, or group by fewer values.',
  );
}
