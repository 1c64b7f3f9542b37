import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

export interface DayFile {
  readonly path: string;
  readonly bytes: number;
}

interface Day {
  readonly folders: Set<string>;
  bytes: number;
}

/**
 * The days below a few prefixes of the tree (`YYYY/MM/DD` or `year=YYYY/month=MM/day=DD`) and how many bytes each
 * holds. Read from the disk once, then kept up by who writes; what others change in between is not seen.
 */
export class DayFolders {
  readonly #root: string;
  readonly #prefixes: readonly string[];
  readonly #days = new Map<string, Day>();

  private constructor(root: string, prefixes: readonly string[]) {
    this.#root = root;
    this.#prefixes = prefixes;
  }

  static async read(root: string, prefixes: readonly string[]): Promise<DayFolders> {
    const days = new DayFolders(root, prefixes);
    for (const prefix of prefixes) {
      for (const folder of await dayFoldersBelow(path.join(root, prefix))) {
        const files = await filesBelow(folder);
        days.#add(
          folder,
          files.reduce((sum, file) => sum + file.bytes, 0),
        );
      }
    }
    return days;
  }

  get bytes(): number {
    let sum = 0;
    for (const day of this.#days.values()) sum += day.bytes;
    return sum;
  }

  /** Days that hold something, the oldest first, as `YYYY-MM-DD`. */
  get days(): string[] {
    return [...this.#days.keys()].sort();
  }

  /** Counts a file that was written; `grownBytes` is less than its size when it replaced another. Gives its day. */
  added(file: string, grownBytes: number): string | undefined {
    for (const prefix of this.#prefixes) {
      const below = path.relative(path.join(this.#root, prefix), file).split(path.sep);
      const folder = path.join(this.#root, prefix, ...below.slice(0, 3));
      if (below.length > 3 && dayOf(below) !== undefined) return this.#add(folder, grownBytes);
    }
    return undefined;
  }

  async files(day: string): Promise<DayFile[]> {
    const folders = this.#days.get(day)?.folders ?? [];
    const lists = await Promise.all([...folders].map(filesBelow));
    return lists.flat();
  }

  /** Removes the day's folders, and those of its month and year when they are left empty; gives how much that was. */
  async removeDay(day: string): Promise<{ readonly files: number; readonly bytes: number }> {
    const files = await this.files(day);
    for (const folder of this.#days.get(day)?.folders ?? []) {
      await rm(folder, { recursive: true, force: true });
      await removeIfEmpty(path.dirname(folder));
      await removeIfEmpty(path.dirname(path.dirname(folder)));
    }
    this.#days.delete(day);
    return { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
  }

  async removeFile(day: string, file: DayFile): Promise<void> {
    await rm(file.path, { force: true });
    const known = this.#days.get(day);
    if (known) known.bytes -= file.bytes;
  }

  #add(folder: string, bytes: number): string {
    const day = dayOf(folder.split(path.sep).slice(-3)) ?? '';
    let known = this.#days.get(day);
    if (!known) {
      known = { folders: new Set(), bytes: 0 };
      this.#days.set(day, known);
    }
    known.folders.add(folder);
    known.bytes += bytes;
    return day;
  }
}

const yearName = /^(?:year=)?[0-9]{4}$/;
const monthName = /^(?:month=)?[0-9]{2}$/;
const dayName = /^(?:day=)?[0-9]{2}$/;

function dayOf([year, month, day]: readonly string[]): string | undefined {
  if (!yearName.test(year) || !monthName.test(month) || !dayName.test(day)) return undefined;
  return `${year.slice(-4)}-${month.slice(-2)}-${day.slice(-2)}`;
}

async function dayFoldersBelow(folder: string): Promise<string[]> {
  let folders = [folder];
  for (const name of [yearName, monthName, dayName]) {
    const inner = await Promise.all(folders.map((outer) => foldersNamed(outer, name)));
    folders = inner.flat();
  }
  return folders;
}

/** Symbolic links are not followed. */
async function foldersNamed(folder: string, name: RegExp): Promise<string[]> {
  const entries = await unlessAbsent(readdir(folder, { withFileTypes: true }), []);
  return entries
    .filter((entry) => entry.isDirectory() && name.test(entry.name))
    .map((entry) => path.join(folder, entry.name));
}

async function filesBelow(folder: string): Promise<DayFile[]> {
  const files: DayFile[] = [];
  for (const entry of await unlessAbsent(readdir(folder, { withFileTypes: true }), [])) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesBelow(file)));
    else files.push({ path: file, bytes: await sizeOf(file) });
  }
  return files;
}

/** 0 when the file is not there. */
export async function sizeOf(file: string): Promise<number> {
  const stat = await unlessAbsent(lstat(file), undefined);
  return stat?.size ?? 0;
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    // Another day lies in it, or somebody else removed it.
    if (!hasCode(error, ['ENOTEMPTY', 'EEXIST', 'ENOENT'])) throw error;
  }
}

async function unlessAbsent<T>(wanted: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await wanted;
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return otherwise;
    throw error;
  }
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
