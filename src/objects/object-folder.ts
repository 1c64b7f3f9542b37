import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { besideName, keyPath } from './key-path.ts';
import { s3Faults } from './s3-faults.ts';

/** No bucket's name begins with a dot. */
const ownFolder = '.headgate';
/** Taking a larger file away keeps the kernel busy for so long that it is done aside. */
const largeBytes = 16 * 1024 ** 2;

/** What a change of names has touched: folders to make durable, and files that nobody needs any more. */
export interface Touched {
  readonly folders: Set<string>;
  readonly trash: string[];
}

/**
 * Files of objects below one folder, and those that are not yet objects in `.headgate` beside the buckets, so that a
 * rename makes them ones. Where a key's file lies is seen from the disk alone: at its path, or beside it where that is
 * a folder. Changes of names are made in one go, without waiting: nobody sees them half done. Symbolic links are never
 * followed, wherever somebody has laid them.
 */
export class ObjectFolder {
  readonly folder: string;
  readonly staging: string;
  readonly uploads: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.staging = path.join(folder, ownFolder, 'staging');
    this.uploads = path.join(folder, ownFolder, 'uploads');
  }

  static async open(folder: string): Promise<ObjectFolder> {
    await mkdir(folder, { recursive: true });
    const opened = new ObjectFolder(realpathSync.native(folder));
    await mkdir(opened.staging, { recursive: true });
    await mkdir(opened.uploads, { recursive: true });
    return opened;
  }

  stagedFile(version: string): string {
    return path.join(this.staging, version);
  }

  bucketFolder(bucket: string): string {
    return path.join(this.folder, bucket);
  }

  /** The folders that a key needs. @throws AccessDenied where one is a symbolic link; what the disk says */
  prepare(bucket: string, key: string): void {
    const touched = { folders: new Set<string>(), trash: [] };
    this.#makeFolder(path.dirname(this.#pathOf(bucket, key)), bucket, touched);
  }

  /** A staged file becomes the key's, in the place of what was there. */
  place(bucket: string, key: string, version: string, touched: Touched): void {
    const plain = this.#pathOf(bucket, key);
    this.#makeFolder(path.dirname(plain), bucket, touched);
    const there = statOf(plain);
    const beside = besideName(plain);
    const target = there?.isDirectory() ? beside : plain;
    this.#trashLarge(target, touched);
    renameSync(this.stagedFile(version), target);
    // Beside a file lies nothing of ours.
    if (target === plain && !there) this.#removeFile(beside, touched);
    touched.folders.add(path.dirname(plain));
  }

  /** The key has no file any more, nor folders that only it needed. */
  discard(bucket: string, key: string, touched: Touched): void {
    const plain = this.#pathOf(bucket, key);
    const parent = path.dirname(plain);
    if (!isReal(parent) || !statOf(parent)?.isDirectory()) return;
    const isGone = this.#removeFile(plain, touched) || this.#removeFile(besideName(plain), touched);
    if (isGone) touched.folders.add(parent);
    this.#removeEmpty(parent, bucket, touched);
  }

  /** A descriptor of the key's file, or undefined where there is none. */
  openFile(bucket: string, key: string): { readonly fd: number; readonly stats: Stats } | undefined {
    const plain = this.#pathOf(bucket, key);
    if (!isReal(path.dirname(plain))) return undefined;
    return openRegular(plain) ?? openRegular(besideName(plain));
  }

  openStaged(version: string): { readonly fd: number; readonly stats: Stats } | undefined {
    return openRegular(this.stagedFile(version));
  }

  #pathOf(bucket: string, key: string): string {
    return path.join(this.folder, bucket, ...keyPath(key));
  }

  /** Parents first; an object whose path is to be a folder goes beside it. */
  #makeFolder(folder: string, bucket: string, touched: Touched): void {
    const real = realPathOf(folder);
    if (real === undefined) {
      if (folder !== this.folder) this.#makeFolder(path.dirname(folder), bucket, touched);
      if (statOf(folder)) throw s3Faults.accessDenied();
      mkdirSync(folder);
      touched.folders.add(path.dirname(folder));
      return;
    }
    if (real !== folder) throw s3Faults.accessDenied();
    if (statOf(folder)?.isDirectory()) return;
    if (folder === this.bucketFolder(bucket)) throw s3Faults.accessDenied();
    renameSync(folder, besideName(folder));
    mkdirSync(folder);
    touched.folders.add(path.dirname(folder));
  }

  #removeEmpty(folder: string, bucket: string, touched: Touched): void {
    const top = this.bucketFolder(bucket);
    for (let at = folder; at !== top; at = path.dirname(at)) {
      try {
        rmdirSync(at);
      } catch (error) {
        if (isCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return;
        throw error;
      }
      touched.folders.delete(at);
      touched.folders.add(path.dirname(at));
    }
  }

  #removeFile(file: string, touched: Touched): boolean {
    const stats = statOf(file);
    if (!stats?.isFile()) return false;
    if (stats.size > largeBytes) this.#moveToTrash(file, stats, touched);
    else unlinkSync(file);
    return true;
  }

  #trashLarge(file: string, touched: Touched): void {
    const stats = statOf(file);
    if (stats?.isFile() && stats.size > largeBytes) this.#moveToTrash(file, stats, touched);
  }

  #moveToTrash(file: string, { ino, ctimeMs }: Stats, touched: Touched): void {
    const trash = path.join(this.staging, `removed-${ino}-${ctimeMs}`);
    renameSync(file, trash);
    touched.trash.push(trash);
  }
}

/** Whether it is there, and no part of its path is a symbolic link. */
function isReal(folder: string): boolean {
  return realPathOf(folder) === folder;
}

function realPathOf(file: string): string | undefined {
  try {
    return realpathSync.native(file);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (isCode(error, 'ENAMETOOLONG')) throw s3Faults.keyTooLong();
    if (isCode(error, 'ELOOP')) throw s3Faults.accessDenied();
    throw error;
  }
}

function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (isCode(error, 'ENOTDIR')) return undefined;
    if (isCode(error, 'ENAMETOOLONG')) throw s3Faults.keyTooLong();
    throw error;
  }
}

/** Without waiting for what would write into a pipe. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openRegular(file: string): { readonly fd: number; readonly stats: Stats } | undefined {
  let fd: number;
  try {
    fd = openSync(file, readFlags);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, stats };
  closeSync(fd);
  return undefined;
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && codes.includes(code);
}
