import { mkdir, rmdir } from 'node:fs/promises';
import { syncPath } from '../disk/index.ts';
import { isCode, type ObjectFolder } from './object-folder.ts';
import type { ObjectIndex } from './object-index.ts';
import { s3Faults } from './s3-faults.ts';

/** What may be a folder's name beside `.headgate`; S3's own rules are stricter, and its API's. */
const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Which buckets there are, and that none goes while something is put into it. */
export class BucketGates {
  readonly #index: ObjectIndex;
  readonly #folders: readonly ObjectFolder[];
  readonly #clock: () => number;
  readonly #inside = new Map<string, number>();
  readonly #closing = new Map<string, () => void>();
  #latestMs = 0;

  constructor(index: ObjectIndex, folders: readonly ObjectFolder[], clock: () => number) {
    this.#index = index;
    this.#folders = folders;
    this.#clock = clock;
  }

  has(bucket: string): boolean {
    return bucketName.test(bucket) && this.#index.buckets.doesExist(Buffer.from(bucket));
  }

  names(): string[] {
    return [...this.#index.buckets.getKeys({})].map((name) => name.toString());
  }

  /** One that is there already stays as it is. */
  async make(bucket: string): Promise<void> {
    if (!bucketName.test(bucket)) throw s3Faults.noSuchBucket();
    for (const folder of this.#folders) {
      await mkdir(folder.bucketFolder(bucket), { recursive: true });
      await syncPath(folder.folder);
    }
    if (!this.has(bucket)) {
      this.#latestMs = Math.max(this.#latestMs + 1, this.#clock());
      const madeMs = this.#latestMs;
      await this.#index.commit(() => this.#index.buckets.put(Buffer.from(bucket), madeMs));
    }
  }

  /** When it was made, which tells it from others that have its name before or after it. @throws NoSuchBucket */
  require(bucket: string): number {
    const madeMs = bucketName.test(bucket) ? this.#index.buckets.get(Buffer.from(bucket)) : undefined;
    if (madeMs === undefined) throw s3Faults.noSuchBucket();
    return madeMs;
  }

  /**
   * Runs a change of the index for the bucket: nothing that takes as long as a client likes.
   * @param madeMs of the bucket that is meant, where waiting for a client comes before: it may be somebody else's by then
   * @throws NoSuchBucket
   */
  async within<T>(bucket: string, change: () => Promise<T>, madeMs?: number): Promise<T> {
    const isAnother = this.require(bucket) !== madeMs && madeMs !== undefined;
    if (isAnother || this.#closing.has(bucket)) throw s3Faults.noSuchBucket();
    this.#inside.set(bucket, (this.#inside.get(bucket) ?? 0) + 1);
    try {
      return await change();
    } finally {
      const left = (this.#inside.get(bucket) ?? 1) - 1;
      if (left > 0) this.#inside.set(bucket, left);
      else {
        this.#inside.delete(bucket);
        this.#closing.get(bucket)?.();
      }
    }
  }

  /**
   * Runs `empty` when nothing is under way in the bucket, and takes the bucket away.
   * @throws what `empty` throws; BucketNotEmpty where its folder holds files
   */
  async remove(bucket: string, empty: () => Promise<void>): Promise<void> {
    if (!this.has(bucket) || this.#closing.has(bucket)) throw s3Faults.noSuchBucket();
    await new Promise<void>((resolve) => {
      this.#closing.set(bucket, resolve);
      if (!this.#inside.has(bucket)) resolve();
    });
    try {
      await empty();
      for (const folder of this.#folders) await this.#removeFolder(folder, bucket);
      await this.#index.commit(() => this.#index.buckets.remove(Buffer.from(bucket)));
    } finally {
      this.#closing.delete(bucket);
    }
  }

  async #removeFolder(folder: ObjectFolder, bucket: string): Promise<void> {
    try {
      await rmdir(folder.bucketFolder(bucket));
    } catch (error) {
      // Files that somebody has laid there are not ours to remove.
      if (isCode(error, 'ENOTEMPTY', 'EEXIST')) throw s3Faults.bucketNotEmpty();
      if (!isCode(error, 'ENOENT')) throw error;
    }
    await syncPath(folder.folder);
  }
}
