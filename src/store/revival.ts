import type { Catalog } from './catalog.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Engine } from './engine.ts';
import { isAftermath } from './engine-failure.ts';
import type { StreamNames } from './stream-names.ts';

export interface RevivalOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly streamNames: StreamNames;
  readonly queue: CommitQueue;
  /** The sequence of the last durable commit. */
  readonly durableSequence: () => number;
  /** Runs work while no rows move. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly report: (sentence: string) => void;
}

/**
 * Tables in memory fail as a whole when DuckDB does, for which one query is enough. They hold nothing that is not in
 * a journal: the engine begins anew, they are made again, and those who were not at fault try once more.
 */
export class Revival {
  readonly #options: RevivalOptions;
  #isNeeded = false;
  #isRefused = false;
  #working: Promise<void> | undefined;

  constructor(options: RevivalOptions) {
    this.#options = options;
  }

  /** Fulfilled when the tables are whole; no commit may be appended meanwhile. @throws what prevents it */
  async ready(): Promise<void> {
    while (this.#isNeeded || this.#options.engine.isDead || this.#working) {
      this.#working ??= this.#revive().finally(() => {
        this.#working = undefined;
      });
      await this.#working;
    }
  }

  /** Writes to tables; whatever fails there leaves them in doubt. */
  touch<T>(work: () => T): T {
    try {
      return this.#options.engine.watch(work);
    } catch (error) {
      this.#isNeeded = true;
      throw error;
    }
  }

  /** As `touch`, for what the making again makes up for. */
  attempt(work: () => void): void {
    try {
      this.touch(work);
    } catch {
      this.#isNeeded = true;
    }
  }

  /** Work that may be done again, twice at most, if the tables have failed under it. */
  async retried<T>(work: () => Promise<T> | T): Promise<T> {
    await this.ready();
    try {
      return await work();
    } catch (error) {
      if (!this.#isNeeded && !isAftermath(error)) throw error;
      await this.ready();
      return await work();
    }
  }

  /** Forgets the rows of commits that the disk refused. @throws what prevents it */
  async rewind(): Promise<void> {
    this.#isNeeded = this.#isRefused = true;
    await this.ready();
  }

  async #revive(): Promise<void> {
    const { engine, catalog, streamNames, queue, alone, durableSequence, report } = this.#options;
    await alone(async () => {
      this.#isNeeded = true;
      await queue.idle();
      await engine.restart();
      await streamNames.rebuild();
      for (const generation of catalog.generations) await generation.rebuild(durableSequence());
      const cause = this.#isRefused ? 'The disk refused commits' : 'DuckDB failed';
      this.#isNeeded = this.#isRefused = false;
      report(`${cause}; recent rows were read from the journal again`);
    });
  }
}
