import { statfs } from 'node:fs/promises';
import { type DayFile, DayFolders } from './day-folders.ts';

export interface TreeBoundOptions {
  /** Absolute. */
  readonly root: string;
  /** Where below the root the days lie. Nothing else is counted or removed. */
  readonly prefixes: readonly string[];
  readonly keepBytes: number;
  /** Of the file system, 0 to 1. */
  readonly minFreeFraction: number;
  readonly onNotice: (line: string) => void;
}

/**
 * Keeps a tree below a size, and some of its disk free, by removing whole days, the oldest first. The days that were
 * written last are spared as days; when they are all that is left, their oldest files go, and only what was written
 * last remains: it is never removed to make room for itself.
 */
export class TreeBound {
  readonly #options: TreeBoundOptions;
  readonly #days: DayFolders;

  private constructor(options: TreeBoundOptions, days: DayFolders) {
    this.#options = options;
    this.#days = days;
  }

  static async open(options: TreeBoundOptions): Promise<TreeBound> {
    return new TreeBound(options, await DayFolders.read(options.root, options.prefixes));
  }

  /** Counts files that were written just now, then removes what has to go for them. */
  async grown(files: readonly { readonly path: string; readonly grownBytes: number }[]): Promise<void> {
    const written = new Set(files.map((file) => file.path));
    const spared = new Set<string | undefined>();
    for (const file of files) spared.add(this.#days.added(file.path, file.grownBytes));
    await this.#removeDays(spared);
    await this.#removeFiles(written);
  }

  async #removeDays(spared: ReadonlySet<string | undefined>): Promise<void> {
    for (const day of this.#days.days) {
      if (spared.has(day)) continue;
      const reason = await this.#excess();
      if (reason === undefined) return;
      const { files, bytes } = await this.#days.removeDay(day);
      this.#options.onNotice(`removed the day ${day} (${files} files, ${sizeText(bytes)}): ${reason}`);
    }
  }

  async #removeFiles(written: ReadonlySet<string>): Promise<void> {
    for (const day of this.#days.days) {
      if ((await this.#excess()) === undefined) return;
      const files = (await this.#days.files(day)).filter((file) => !written.has(file.path));
      await this.#removeOldest(day, files.sort(byTime));
    }
  }

  async #removeOldest(day: string, files: readonly DayFile[]): Promise<void> {
    let removed = 0;
    let bytes = 0;
    let why = '';
    for (const file of files) {
      const reason = await this.#excess();
      if (reason === undefined) break;
      await this.#days.removeFile(day, file);
      removed++;
      bytes += file.bytes;
      why = reason;
    }
    if (removed > 0) {
      this.#options.onNotice(`removed the ${removed} oldest files of ${day} (${sizeText(bytes)}): ${why}`);
    }
  }

  /** Why something has to go, or `undefined`. */
  async #excess(): Promise<string | undefined> {
    const { keepBytes, minFreeFraction, root } = this.#options;
    if (this.#days.bytes > keepBytes) return `more than the ${sizeText(keepBytes)} to keep`;
    const { bavail, blocks } = await statfs(root);
    if (bavail >= blocks * minFreeFraction) return undefined;
    return `less than ${Math.round(minFreeFraction * 100)} % of the disk is free`;
  }
}

/** By the time in the name of the object; names without one go first. */
function byTime(a: DayFile, b: DayFile): number {
  const [x, y] = [timeOf(a.path), timeOf(b.path)];
  return x === y ? (a.path < b.path ? -1 : 1) : x < y ? -1 : 1;
}

function timeOf(file: string): string {
  return /_([0-9]{8}T[0-9]{4}Z)_[^/]*$/.exec(file)?.[1] ?? '';
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`;
}
