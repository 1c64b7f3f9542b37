import { statfs } from 'node:fs/promises';

/** As much as the largest buffer takes twice: with its object beside it. */
const mostReserve = 256 * 1024 * 1024;
const partOfDisk = 4;
/** How long what was seen counts, in milliseconds. */
const lastsMs = 100;

/**
 * Whether a disk has so little room that it is needed for delivery: a buffer is let go when its object is written, which
 * lies on the same disk before. Records that took the last of it would never leave.
 */
export class DiskReserve {
  readonly #folder: string;
  #seenMs = Number.NEGATIVE_INFINITY;
  #isNeeded: Promise<boolean> = Promise.resolve(false);

  constructor(folder: string) {
    this.#folder = folder;
  }

  isNeeded(): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#seenMs >= lastsMs) {
      this.#seenMs = nowMs;
      this.#isNeeded = this.#look();
    }
    return this.#isNeeded;
  }

  async #look(): Promise<boolean> {
    const { blocks, bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize < Math.min(mostReserve, (blocks * bsize) / partOfDisk);
  }
}
