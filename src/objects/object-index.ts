import { type Database, open, type RootDatabase } from 'lmdb';
import { s3Faults } from './s3-faults.ts';
import type { CompletedUpload, PendingKey, StoredEntry, StoredPart, StoredUpload } from './stored-entry.ts';

/** Keys are bytes; values are JSON, so that any name of metadata comes back as it was. */
export type Table<T> = Database<T, Buffer>;

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** More than so many share no commit. */
const mostTogether = 2000;

/**
 * The tables of LMDB. Reads are what was last committed. A commit is there after a power failure when it is fulfilled:
 * LMDB syncs its pages before the page that makes them the truth.
 */
export class ObjectIndex {
  readonly #environment: RootDatabase;
  readonly #report: (line: string) => void;
  readonly #waiting: Waiting[] = [];
  #isCommitting = false;
  #isRefusing = false;
  /** Names of buckets. */
  readonly buckets: Table<number>;
  readonly objects: Table<StoredEntry>;
  /** Of multipart uploads, by the version. */
  readonly partSizes: Table<readonly number[]>;
  readonly uploads: Table<StoredUpload>;
  readonly parts: Table<StoredPart>;
  readonly completed: Table<CompletedUpload>;
  readonly pending: Table<PendingKey>;
  /** Objects whose files start-up did not find; they are back when their files are. */
  readonly missing: Table<StoredEntry>;
  /** Keys of paths that do not tell them, by the hash of the path. */
  readonly hashedPaths: Table<string>;

  constructor(folder: string, report: (line: string) => void) {
    this.#report = report;
    this.#environment = open({
      path: folder,
      noSubdir: false,
      // Commits are fulfilled when they are durable, and in the order in which they are made.
      overlappingSync: false,
      // Each batch is one transaction with one promise: one that nobody handles would end the process.
      eventTurnBatching: false,
      maxDbs: 16,
    });
    const table = <T>(name: string): Table<T> =>
      this.#environment.openDB<T, Buffer>(name, { encoding: 'json', keyEncoding: 'binary' });
    this.buckets = table('buckets');
    this.objects = table('objects');
    this.partSizes = table('part-sizes');
    this.uploads = table('uploads');
    this.parts = table('parts');
    this.completed = table('completed');
    this.pending = table('pending');
    this.missing = table('missing');
    this.hashedPaths = table('hashed-paths');
  }

  /** All of what `write` puts and removes, or nothing; those that come while one is under way share the next. */
  commit(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (!this.#isCommitting) void this.#commitAll();
    });
  }

  /** Until all that was asked for is done. */
  async close(): Promise<void> {
    await this.commit(() => undefined);
    await this.#environment.close();
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, mostTogether);
      try {
        await this.#environment.batch(() => {
          for (const { write } of together) write();
        });
        this.#isRefusing = false;
        for (const { resolve } of together) resolve();
      } catch (error) {
        const fault = await this.#faultOf(error);
        for (const { reject } of together) reject(fault);
      }
    }
    this.#isCommitting = false;
  }

  async #faultOf(error: unknown): Promise<unknown> {
    const { commitError } = error as { commitError?: Promise<never> };
    if (!commitError) return error;
    const reason = await commitError.catch((why: unknown) =>
      why instanceof Error ? why.message : String(why),
    );
    if (!this.#isRefusing) this.#report(`The index of S3's objects takes no changes: ${reason}`);
    this.#isRefusing = true;
    return s3Faults.unavailable();
  }
}
