import { closeSync } from 'node:fs';
import { constants, copyFile, open } from 'node:fs/promises';
import type { BucketGates } from './bucket-gates.ts';
import { objectIndexKey } from './index-key.ts';
import { dayMs, nextMidnight } from './lifecycle.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Placement } from './placement.ts';
import { s3Faults } from './s3-faults.ts';
import { removeIfThere } from './settlement.ts';
import type { StorageClass } from './shapes.ts';
import { isArchived, type StoredEntry, versioned } from './stored-entry.ts';

export interface ArchiveOptions {
  readonly index: ObjectIndex;
  readonly gates: BucketGates;
  readonly placement: Placement;
  readonly restoreDelayMs: number;
  readonly newVersion: () => string;
  readonly clock: () => number;
}

/**
 * Objects that change their class, and those that are asked back. Bytes of the archive's classes lie in its own folder,
 * unchanged. A restored object is read there until its days are over: no second file is made.
 */
export class Archive {
  readonly #options: ArchiveOptions;

  constructor(options: ArchiveOptions) {
    this.#options = options;
  }

  /** @throws InvalidObjectState */
  requireReadable(entry: Pick<StoredEntry, 'storageClass' | 'restore'>): void {
    if (!isArchived(entry.storageClass)) return;
    const nowMs = this.#options.clock();
    const { restore } = entry;
    if (!restore || nowMs < restore.readyMs || nowMs >= restore.expiresMs) throw s3Faults.archived();
  }

  /** @returns whether that version was there to be changed */
  transition(bucket: string, key: string, entry: StoredEntry, storageClass: StorageClass): Promise<boolean> {
    const { placement, gates } = this.#options;
    const isMove = placement.folderOf(entry.storageClass) !== placement.folderOf(storageClass);
    if (isMove) return this.#move(bucket, key, entry, storageClass);
    return gates.within(bucket, () =>
      this.change(bucket, key, (there) =>
        there.version === entry.version ? { ...there, storageClass } : undefined,
      ),
    );
  }

  /** @throws NoSuchKey, InvalidObjectState, RestoreAlreadyInProgress */
  restore(bucket: string, key: string, days: number): Promise<'begun' | 'extended'> {
    const { clock, gates, restoreDelayMs } = this.#options;
    let outcome: 'begun' | 'extended' = 'begun';
    return gates.within(bucket, async () => {
      const isThere = await this.change(bucket, key, (entry) => {
        if (!isArchived(entry.storageClass)) throw s3Faults.notArchived();
        const nowMs = clock();
        const current = entry.restore && nowMs < entry.restore.expiresMs ? entry.restore : undefined;
        if (current && nowMs < current.readyMs) throw s3Faults.restoreInProgress();
        outcome = current ? 'extended' : 'begun';
        const readyMs = current ? current.readyMs : nowMs + restoreDelayMs;
        const fromMs = Math.max(nowMs, readyMs);
        return { ...entry, restore: { readyMs, expiresMs: nextMidnight(fromMs + days * dayMs) } };
      });
      if (!isThere) throw s3Faults.noSuchKey();
      return outcome;
    });
  }

  /** Changes what is kept of an object besides its bytes; undefined changes nothing. @returns whether anything did */
  change(
    bucket: string,
    key: string,
    changed: (entry: StoredEntry) => StoredEntry | undefined,
  ): Promise<boolean> {
    const { index, placement } = this.#options;
    return placement.hold(bucket, key, async () => {
      const indexKey = objectIndexKey(bucket, key);
      const entry = index.objects.get(indexKey);
      const next = entry && changed(entry);
      if (!next) return false;
      await index.commit(() => index.objects.put(indexKey, next));
      return true;
    });
  }

  async #move(bucket: string, key: string, entry: StoredEntry, storageClass: StorageClass): Promise<boolean> {
    const { placement, index, gates, newVersion } = this.#options;
    const version = newVersion();
    const staged = placement.folderOf(storageClass).stagedFile(version);
    const { fd } = placement.open(bucket, versioned(key, entry));
    try {
      try {
        await copyOpenFile(fd, staged);
      } finally {
        closeSync(fd);
      }
      await placement.syncStaging(storageClass);
      const publication = {
        bucket,
        key,
        entry: { ...entry, storageClass, version },
        partSizes: index.partSizes.get(Buffer.from(entry.version)),
        onlyOver: entry.version,
      };
      const isPublished = await gates.within(bucket, () => placement.publish(publication));
      if (!isPublished) await removeIfThere(staged);
      return isPublished;
    } catch (error) {
      await removeIfThere(staged);
      throw error;
    }
  }
}

/** Of the very file that is open, whatever is at its path by now; blocks are shared where the file system can. */
export async function copyOpenFile(fd: number, to: string): Promise<void> {
  await copyFile(`/proc/self/fd/${fd}`, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  const handle = await open(to, 'r+');
  try {
    await handle.chmod(0o644);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
