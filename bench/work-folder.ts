import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository: the nearest folder above with our package.json, whether this runs compiled or from source. */
export const repositoryFolder = findRepository(dirname(fileURLToPath(import.meta.url)));

function findRepository(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'headgate') return folder;
  if (dirname(folder) === folder) throw new Error('bench runs inside the Headgate repository');
  return findRepository(dirname(folder));
}

/** Where traces and outputs go: ignored by git. */
export function workPath(...names: string[]): string {
  const folder = join(repositoryFolder, 'bench', 'work');
  mkdirSync(folder, { recursive: true });
  return join(folder, ...names);
}

/** As one would type it in the repository. */
export function shownPath(file: string): string {
  return relative(repositoryFolder, file);
}
