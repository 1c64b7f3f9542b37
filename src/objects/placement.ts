import { closeSync, type Stats } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DiskFaults } from './disk-faults.ts';
import { FolderSyncs } from './folder-syncs.ts';
import { hashedPathKey } from './hashed-path.ts';
import { objectIndexKey } from './index-key.ts';
import { KeyLocks } from './key-locks.ts';
import type { ObjectFolder, Touched } from './object-folder.ts';
import type { ObjectIndex } from './object-index.ts';
import { s3Faults } from './s3-faults.ts';
import { removeIfThere, Settlement } from './settlement.ts';
import type { ObjectEntry, StorageClass, WriteConditions } from './shapes.ts';
import { isArchived, type StoredEntry, type VersionedEntry } from './stored-entry.ts';

export interface Publication {
  readonly bucket: string;
  readonly key: string;
  readonly entry: StoredEntry;
  readonly partSizes?: readonly number[] | undefined;
  readonly conditions?: WriteConditions | undefined;
  /** Only in the place of this version, whose bytes these are: its tags stay as they are by then. */
  readonly onlyOver?: string;
  /** Further changes of the index, with the object or not at all. */
  readonly alsoWrite?: () => void;
}

/**
 * How objects come and go. The bytes of a new version are whole and durable in `.headgate/staging`, under the version's
 * name, before the index has its entry; **that commit is the moment in which the object is there**, and the old one is
 * not. Only then is the staged file renamed to its path, over the old bytes. A crash before the commit leaves the old
 * object as it was, and a staged file that start-up removes. A crash after it leaves either the staged file or the
 * renamed one, never neither, because a rename is atomic: the mark that was committed with the entry tells start-up to
 * look, and to rename what is still staged. Until the rename is seen, readers of the entry take the staged file. So an
 * entry never stands for other bytes than its own, and no bytes are given up that an entry stands for. Removal is alike:
 * first the entry, with a mark, then the file. Marks go when the names are durable.
 */
export class Placement {
  readonly #standard: ObjectFolder;
  readonly #archive: ObjectFolder;
  readonly #index: ObjectIndex;
  readonly #faults: DiskFaults;
  readonly #locks = new KeyLocks();
  readonly #syncs = new FolderSyncs();
  readonly #settlement: Settlement;
  readonly #newVersion: () => string;
  /** Versions whose file is still staged, and the one before, whose file is at the path. */
  readonly #staged = new Map<string, string | undefined>();

  constructor(options: {
    readonly standard: ObjectFolder;
    readonly archive: ObjectFolder;
    readonly index: ObjectIndex;
    readonly faults: DiskFaults;
    readonly newVersion: () => string;
  }) {
    this.#standard = options.standard;
    this.#archive = options.archive;
    this.#index = options.index;
    this.#faults = options.faults;
    this.#newVersion = options.newVersion;
    this.#settlement = new Settlement(this.#index, this.#syncs, this.#faults);
  }

  folderOf(storageClass: StorageClass): ObjectFolder {
    return isArchived(storageClass) ? this.#archive : this.#standard;
  }

  /** A staged file's name is durable. */
  syncStaging(storageClass: StorageClass): Promise<void> {
    return this.#syncs.sync(this.folderOf(storageClass).staging);
  }

  syncFolder(folder: string): Promise<void> {
    return this.#syncs.sync(folder);
  }

  /** One change of a key at a time. */
  hold<T>(bucket: string, key: string, action: () => Promise<T>): Promise<T> {
    return this.#locks.hold(objectIndexKey(bucket, key).toString('latin1'), action);
  }

  /** The staged file of the entry's version becomes the object. @returns false: `onlyOver` was not there */
  async publish(publication: Publication): Promise<boolean> {
    await this.#settlement.room();
    return this.hold(publication.bucket, publication.key, () => this.#publish(publication));
  }

  /** The object is no more. @returns whether there was one that `isMeant` */
  async withdraw(
    bucket: string,
    key: string,
    isMeant: (entry: StoredEntry) => boolean = () => true,
  ): Promise<boolean> {
    await this.#settlement.room();
    return this.hold(bucket, key, async () => {
      const indexKey = objectIndexKey(bucket, key);
      const entry = this.#index.objects.get(indexKey);
      if (!entry || !isMeant(entry)) return false;
      const mark = Buffer.from(this.#newVersion());
      await this.#index.commit(() => {
        this.#removeEntry(indexKey, entry);
        const hashed = hashedPathKey(bucket, key);
        if (hashed) this.#index.hashedPaths.remove(hashed);
        this.#index.pending.put(mark, { bucket, key });
      });
      const stale = this.#giveUpStaged(entry);
      this.#arrange(bucket, key, mark, [this.folderOf(entry.storageClass)], stale);
      return true;
    });
  }

  /**
   * A descriptor of that version's bytes.
   * @throws NoSuchKey when it was removed meanwhile, InternalError when it was replaced or its file is not there
   */
  open(bucket: string, entry: ObjectEntry): { readonly fd: number; readonly stats: Stats } {
    const { version } = entry as VersionedEntry;
    const folder = this.folderOf(entry.storageClass);
    const opened =
      (this.#staged.has(version) ? folder.openStaged(version) : undefined) ??
      folder.openFile(bucket, entry.key);
    const current = this.#index.objects.get(objectIndexKey(bucket, entry.key));
    const isMeant =
      current !== undefined && (current.version === version || this.#staged.get(current.version) === version);
    if (opened && isMeant && opened.stats.size === entry.size) return opened;
    if (opened) closeSync(opened.fd);
    if (!current) throw s3Faults.noSuchKey();
    if (isMeant)
      this.#faults.tell(`the file of ${bucket}/${entry.key} is ${opened ? 'another' : 'not there'}`);
    throw s3Faults.internal();
  }

  /** What a crash has left: names are brought into line with the index, staged files that no entry has are removed. */
  async recover(): Promise<void> {
    for (const { key: mark, value } of [...this.#index.pending.getRange({})]) {
      const entry = this.#index.objects.get(objectIndexKey(value.bucket, value.key));
      if (entry) {
        const staged = this.folderOf(entry.storageClass).openStaged(entry.version);
        if (staged) {
          closeSync(staged.fd);
          this.#staged.set(entry.version, undefined);
        }
      }
      this.#arrange(value.bucket, value.key, mark, [this.#standard, this.#archive]);
    }
    await this.#settlement.end();
    for (const folder of new Set([this.#standard, this.#archive])) await this.#clearStaging(folder);
  }

  close(): Promise<void> {
    return this.#settlement.end();
  }

  async #publish({ bucket, key, ...options }: Publication): Promise<boolean> {
    const indexKey = objectIndexKey(bucket, key);
    const previous = this.#index.objects.get(indexKey);
    if (options.onlyOver !== undefined && previous?.version !== options.onlyOver) return false;
    const entry = options.onlyOver === undefined ? options.entry : moved(options.entry, previous);
    checkConditions(previous, options.conditions);
    this.folderOf(entry.storageClass).prepare(bucket, key);
    const mark = Buffer.from(entry.version);
    this.#staged.set(entry.version, previous?.version);
    try {
      await this.#index.commit(() => {
        if (previous) this.#removeEntry(indexKey, previous);
        this.#index.objects.put(indexKey, entry);
        if (options.partSizes) this.#index.partSizes.put(mark, options.partSizes);
        const hashed = hashedPathKey(bucket, key);
        if (hashed) this.#index.hashedPaths.put(hashed, key);
        this.#index.missing.remove(indexKey);
        this.#index.pending.put(mark, { bucket, key });
        options.alsoWrite?.();
      });
    } catch (error) {
      this.#staged.delete(entry.version);
      throw error;
    }
    const stale = previous ? this.#giveUpStaged(previous) : [];
    this.#arrange(bucket, key, mark, previous ? [this.folderOf(previous.storageClass)] : [], stale);
    return true;
  }

  /** The file of a version that could never be placed, and need not be any more. */
  #giveUpStaged({ version, storageClass }: StoredEntry): readonly string[] {
    return this.#staged.delete(version) ? [this.folderOf(storageClass).stagedFile(version)] : [];
  }

  #removeEntry(indexKey: Buffer, entry: StoredEntry): void {
    this.#index.objects.remove(indexKey);
    this.#index.partSizes.remove(Buffer.from(entry.version));
  }

  /**
   * Brings the names of a key into line with its entry, where `folders` may have had it; whenever it is done, and however
   * often, they end up alike.
   * @param stale files that nobody needs any more
   */
  #arrange(
    bucket: string,
    key: string,
    mark: Buffer,
    folders: readonly ObjectFolder[],
    stale: readonly string[] = [],
  ): void {
    const touched: Touched = { folders: new Set(), trash: [...stale] };
    try {
      const entry = this.#index.objects.get(objectIndexKey(bucket, key));
      const folder = entry && this.folderOf(entry.storageClass);
      if (entry && this.#staged.has(entry.version)) {
        folder?.place(bucket, key, entry.version, touched);
        this.#staged.delete(entry.version);
      }
      for (const other of folders) if (other !== folder) other.discard(bucket, key, touched);
    } catch (error) {
      // The entry stands, and its bytes are read where they are staged; start-up tries again.
      this.#faults.tell(error);
      return;
    }
    this.#settlement.add(mark, touched);
  }

  async #clearStaging(folder: ObjectFolder): Promise<void> {
    for (const name of await readdir(folder.staging)) {
      if (!this.#staged.has(name))
        await rm(path.join(folder.staging, name), { recursive: true, force: true });
    }
    for (const uploadId of await readdir(folder.uploads)) {
      const kept = this.#filesOfParts(uploadId);
      const parts = path.join(folder.uploads, uploadId);
      if (kept.size === 0) await rm(parts, { recursive: true, force: true });
      else
        for (const name of await readdir(parts))
          if (!kept.has(name)) await removeIfThere(path.join(parts, name));
    }
  }

  #filesOfParts(uploadId: string): Set<string> {
    const start = Buffer.from(uploadId);
    const end = Buffer.concat([start, Buffer.from([0xff])]);
    return new Set(this.#index.parts.getRange({ start, end }).map(({ value }) => value.version));
  }
}

/** An entry that was made while the old one could change. */
function moved({ tags: _, ...entry }: StoredEntry, { tags }: Partial<StoredEntry> = {}): StoredEntry {
  return { ...entry, ...(tags && { tags }) };
}

export function checkConditions(
  previous: StoredEntry | undefined,
  conditions: WriteConditions | undefined,
): void {
  if (!conditions) return;
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && previous) throw s3Faults.preconditionFailed();
  if (ifMatch === undefined) return;
  // S3 tells apart whether there is nothing to match.
  if (!previous) throw s3Faults.noSuchKey();
  if (ifMatch !== '*' && ifMatch !== previous.etag) throw s3Faults.preconditionFailed();
}
