import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../disk/index.ts';
import { ConfigError } from '../fault/index.ts';
import { isCode } from './object-folder.ts';

const fileName = 'archive-folder';

/** Where the archive was when the store was last open: who is not told must not take another folder for it. */
export async function lastArchiveFolder(indexFolder: string): Promise<string | undefined> {
  try {
    return await readFile(path.join(indexFolder, fileName), 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

export async function keepArchiveFolder(indexFolder: string, folder: string): Promise<void> {
  if ((await lastArchiveFolder(indexFolder)) === folder) return;
  await replaceDurably(path.join(indexFolder, fileName), folder);
}

/**
 * An object that leaves one folder must not leave the other with it.
 * @throws ConfigError
 */
export function requireApart(folder: string, archiveFolder: string): void {
  if (!isWithin(folder, archiveFolder) && !isWithin(archiveFolder, folder)) return;
  throw new ConfigError(
    'ArchiveFolder',
    `${archiveFolder}: objects in GLACIER and DEEP_ARCHIVE need a folder apart from ${folder}`,
  );
}

function isWithin(one: string, other: string): boolean {
  return `${path.resolve(one)}${path.sep}`.startsWith(`${path.resolve(other)}${path.sep}`);
}
