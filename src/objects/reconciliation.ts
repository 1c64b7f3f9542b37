import { closeSync, type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { BucketGates } from './bucket-gates.ts';
import { hashOfPath } from './hashed-path.ts';
import { justAfter, objectIndexKey } from './index-key.ts';
import { isHashed, keyOfPath } from './key-path.ts';
import { isCode, type ObjectFolder } from './object-folder.ts';
import type { ObjectIndex, Table } from './object-index.ts';
import type { Placement } from './placement.ts';
import type { ReconcileReport } from './shapes.ts';
import type { StoredEntry } from './stored-entry.ts';
import { walkFiles } from './walk-files.ts';

/** Others have their turns after so many. */
const sliceEntries = 200;
const mostNamed = 20;
const progressEveryMs = 10_000;

export interface ReconciliationOptions {
  readonly index: ObjectIndex;
  readonly gates: BucketGates;
  readonly placement: Placement;
  readonly folders: readonly ObjectFolder[];
  readonly report: (line: string) => void;
}

/** A file that no object has. */
export interface UnknownFile {
  readonly names: readonly string[];
  /** Undefined where the path tells none. */
  readonly key: string | undefined;
}

/**
 * Looks whether the index and the disk agree, beside the requests, by names alone: bytes are not read, and files are
 * only opened where there are fewer than entries. Entries without a file are put by, and are back once it is.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions;
  readonly #missing: string[] = [];
  readonly #unknown: string[] = [];
  #missingCount = 0;
  #unknownCount = 0;
  #objects = 0;
  #isDone = false;
  #isStopped = false;
  #looked = 0;
  #toldMs = Date.now();
  readonly ended: Promise<void>;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
    this.ended = this.#run().catch((error: unknown) => {
      options.report(
        `S3's files could not be looked through: ${error instanceof Error ? error.message : error}`,
      );
    });
  }

  get report(): ReconcileReport {
    return {
      isDone: this.#isDone,
      objects: this.#objects,
      missingFiles: [...this.#missing],
      unknownFiles: [...this.#unknown],
      unknownCount: this.#unknownCount,
      missingCount: this.#missingCount,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.ended;
  }

  async #run(): Promise<void> {
    await this.#revive();
    for (const bucket of this.#options.gates.names()) {
      for (const folder of this.#options.folders) await this.#lookThrough(folder, bucket);
    }
    if (this.#isStopped) return;
    const { entryCount } = this.#options.index.objects.getStats() as { readonly entryCount: number };
    if (this.#objects < entryCount) await this.#findMissing();
    this.#isDone = !this.#isStopped;
    if (this.#isDone) this.#tell();
  }

  async #lookThrough(folder: ObjectFolder, bucket: string): Promise<void> {
    for await (const { isKnown, names } of knownFiles(this.#options, folder, bucket)) {
      if (this.#isStopped) return;
      this.#progress();
      if (isKnown) this.#objects += 1;
      else {
        this.#unknownCount += 1;
        if (this.#unknown.length < mostNamed) this.#unknown.push([bucket, ...names].join('/'));
      }
    }
  }

  /** What was put by and has its file again. */
  async #revive(): Promise<void> {
    const { index } = this.#options;
    await this.#eachEntry(index.missing, async (indexKey, entry) => {
      if (!this.#hasFile(indexKey, entry)) return;
      await this.#hold(indexKey, async () => {
        const isTaken = index.objects.doesExist(indexKey);
        await index.commit(() => {
          index.missing.remove(indexKey);
          if (!isTaken) index.objects.put(indexKey, entry);
        });
      });
    });
  }

  async #findMissing(): Promise<void> {
    const { index } = this.#options;
    await this.#eachEntry(index.objects, async (indexKey, entry) => {
      if (this.#hasFile(indexKey, entry)) return;
      await this.#hold(indexKey, async () => {
        const now = index.objects.get(indexKey);
        if (!now || this.#hasFile(indexKey, now)) return;
        await index.commit(() => {
          index.objects.remove(indexKey);
          index.missing.put(indexKey, now);
        });
        this.#missingCount += 1;
        if (this.#missing.length < mostNamed) this.#missing.push(Object.values(placeOf(indexKey)).join('/'));
      });
    });
  }

  #hasFile(indexKey: Buffer, entry: StoredEntry): boolean {
    const { bucket, key } = placeOf(indexKey);
    const folder = this.#options.placement.folderOf(entry.storageClass);
    const opened = folder.openStaged(entry.version) ?? folder.openFile(bucket, key);
    if (!opened) return false;
    closeSync(opened.fd);
    return opened.stats.size === entry.size;
  }

  async #eachEntry(
    table: Table<StoredEntry>,
    look: (indexKey: Buffer, entry: StoredEntry) => Promise<void>,
  ): Promise<void> {
    for (let start: Buffer = Buffer.from([0]); ; ) {
      const slice = [...table.getRange({ start, limit: sliceEntries })];
      await Promise.all(slice.map(({ key, value }) => look(Buffer.from(key), value)));
      const last = slice.at(-1);
      if (!last || this.#isStopped) return;
      start = justAfter(last.key);
      await new Promise(setImmediate);
    }
  }

  #hold(indexKey: Buffer, change: () => Promise<void>): Promise<void> {
    const { bucket, key } = placeOf(indexKey);
    return this.#options.placement.hold(bucket, key, change);
  }

  #progress(): void {
    this.#looked += 1;
    if (this.#looked % sliceEntries !== 0) return;
    const nowMs = Date.now();
    if (nowMs - this.#toldMs < progressEveryMs) return;
    this.#toldMs = nowMs;
    this.#options.report(`S3: ${this.#looked} files looked at`);
  }

  #tell(): void {
    const { report } = this.#options;
    if (this.#missingCount > 0) {
      report(`S3: ${this.#missingCount} objects have no file and are not listed: ${named(this.#missing)}`);
    }
    if (this.#unknownCount > 0) {
      report(
        `S3: ${this.#unknownCount} files are no objects; "headgate s3 adopt BUCKET" makes them ones: ${named(this.#unknown)}`,
      );
    }
  }
}

/** The files of a bucket, and whether an object has each. */
export async function* knownFiles(
  { index, placement }: Pick<ReconciliationOptions, 'index' | 'placement'>,
  folder: ObjectFolder,
  bucket: string,
): AsyncGenerator<UnknownFile & { readonly isKnown: boolean }> {
  const isKnown = (key: string) => {
    const entry = index.objects.get(objectIndexKey(bucket, key));
    return entry !== undefined && placement.folderOf(entry.storageClass) === folder;
  };
  for await (const names of walkFiles(folder.bucketFolder(bucket))) {
    const found = isHashed(names)
      ? index.hashedPaths.get(hashOfPath(bucket, plain(names)))
      : keyOfPath(names);
    // Beside a file, `100%` is that name and not the key `100`.
    const there = isBeside(names) ? await statOf(folder, bucket, plain(names)) : undefined;
    const key = there?.isFile() ? undefined : found;
    // What comes or goes in this moment is seen when that is done.
    const known =
      key !== undefined && (isKnown(key) || (await placement.hold(bucket, key, async () => isKnown(key))));
    const told = known || !isBeside(names) || there?.isDirectory() ? key : undefined;
    if (known || (await statOf(folder, bucket, names))?.isFile()) yield { names, key: told, isKnown: known };
  }
}

async function statOf(
  folder: ObjectFolder,
  bucket: string,
  names: readonly string[],
): Promise<Stats | undefined> {
  try {
    return await lstat(path.join(folder.bucketFolder(bucket), ...names));
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function isBeside(names: readonly string[]): boolean {
  return plain(names) !== names;
}

/** A long name beside a folder of its name is hashed as it is without that. */
function plain(names: readonly string[]): readonly string[] {
  const last = names[names.length - 1];
  return last.endsWith('%') && last.length > 1 ? [...names.slice(0, -1), last.slice(0, -1)] : names;
}

function placeOf(indexKey: Buffer): { readonly bucket: string; readonly key: string } {
  const end = indexKey.indexOf(0);
  return { bucket: indexKey.toString('utf8', 0, end), key: indexKey.toString('utf8', end + 1) };
}

function named(some: readonly string[]): string {
  return some.map((name) => JSON.stringify(name)).join(', ');
}
