import { unlink } from 'node:fs/promises';
import type { DiskFaults } from './disk-faults.ts';
import type { FolderSyncs } from './folder-syncs.ts';
import { isCode, type Touched } from './object-folder.ts';
import type { ObjectIndex } from './object-index.ts';

interface Unsettled {
  readonly mark: Buffer;
  readonly touched: Touched;
}

/** Who makes more waits until the disk has caught up. */
const mostUnsettled = 4096;

/**
 * Changes of names become durable after they were made, many at once; then nothing is left to do for their keys, and
 * their marks go. What the disk refuses keeps its mark: start-up finds it.
 */
export class Settlement {
  readonly #index: ObjectIndex;
  readonly #syncs: FolderSyncs;
  readonly #faults: DiskFaults;
  #unsettled: Unsettled[] = [];
  #running: Promise<void> | undefined;

  constructor(index: ObjectIndex, syncs: FolderSyncs, faults: DiskFaults) {
    this.#index = index;
    this.#syncs = syncs;
    this.#faults = faults;
  }

  add(mark: Buffer, touched: Touched): void {
    this.#unsettled.push({ mark, touched });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Until there is room for more. */
  async room(): Promise<void> {
    if (this.#unsettled.length >= mostUnsettled) await this.#running;
  }

  async end(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#unsettled.length > 0) {
      const together = this.#unsettled;
      this.#unsettled = [];
      try {
        await this.#settle(together);
      } catch (error) {
        this.#faults.tell(error);
      }
    }
  }

  async #settle(together: readonly Unsettled[]): Promise<void> {
    // First of all, as a full disk may be waiting for their space; the index has let go of them.
    for (const { touched } of together) for (const file of touched.trash) await removeIfThere(file);
    const folders = new Set(together.flatMap(({ touched }) => [...touched.folders]));
    for (const folder of folders) await this.#sync(folder);
    await this.#index.commit(() => {
      for (const { mark } of together) this.#index.pending.remove(mark);
    });
  }

  async #sync(folder: string): Promise<void> {
    try {
      await this.#syncs.sync(folder);
    } catch (error) {
      // Gone since, with what was in it: its parent is among the touched.
      if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
}

export async function removeIfThere(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}
