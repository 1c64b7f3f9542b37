import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { isCode } from './object-folder.ts';

/** Names that are read at once. */
const bufferSize = 256;

/** The files below a folder, as names of folders and of the file; nothing that a symbolic link leads to. */
export async function* walkFiles(folder: string): AsyncGenerator<readonly string[]> {
  const folders: (readonly string[])[] = [[]];
  for (let names = folders.pop(); names; names = folders.pop()) {
    for await (const entry of entriesOf(path.join(folder, ...names))) {
      if (entry.isDirectory()) folders.push([...names, entry.name]);
      else if (entry.isFile()) yield [...names, entry.name];
    }
  }
}

/** None of a folder that went meanwhile. */
async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    for await (const entry of await opendir(folder, { bufferSize })) yield entry;
  } catch (error) {
    if (!isCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
}
