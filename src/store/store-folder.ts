import { link, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably, syncPath } from '../disk/index.ts';
import { type Segment, segmentPath } from './segment.ts';

/** The places in a store's folder. */
export interface StoreFolder {
  readonly root: string;
  readonly journals: string;
  readonly segments: string;
  readonly lookups: string;
  readonly temporary: string;
  readonly manifest: string;
  readonly acknowledged: string;
}

export async function makeFolder(directory: string): Promise<StoreFolder> {
  const root = path.resolve(directory);
  const folder: StoreFolder = {
    root,
    journals: path.join(root, 'journal'),
    segments: path.join(root, 'segments'),
    lookups: path.join(root, 'lookup'),
    temporary: path.join(root, 'tmp'),
    manifest: path.join(root, 'manifest.json'),
    acknowledged: path.join(root, 'acknowledged'),
  };
  const made = await mkdir(root, { recursive: true, mode: 0o700 });
  // A folder that was made is there after a power failure when the one above it says so.
  for (let at = root; made && at.length >= made.length; at = path.dirname(at))
    await syncPath(path.dirname(at));
  for (const place of [folder.journals, folder.segments, folder.lookups, folder.temporary]) {
    await mkdir(place, { recursive: true, mode: 0o700 });
  }
  await syncPath(root);
  return folder;
}

/** Numbers of the journals that are there, in their order. */
export async function journalNumbers({ journals }: StoreFolder): Promise<readonly number[]> {
  const names = await readdir(journals);
  const numbers = names.flatMap((name) => /^(\d+)\.journal$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

/**
 * Gives a damaged file another name, which no later one takes, and says which. What is good of it takes its place;
 * whenever this ends early, the whole is still there under one name or the other.
 */
export async function moveAside(file: string, good?: Uint8Array): Promise<string> {
  const names = new Set(await readdir(path.dirname(file)));
  let count = 1;
  while (names.has(`${path.basename(file)}.corrupt-${count}`)) count++;
  const aside = `${file}.corrupt-${count}`;
  await link(file, aside);
  await syncPath(path.dirname(file));
  if (good && good.length > 0) await replaceDurably(file, good);
  else await rm(file);
  await syncPath(path.dirname(file));
  return aside;
}

/** Removes what is no segment of the manifest: written before a manifest that never was, or replaced by one. */
export async function removeOrphans({ segments }: StoreFolder, known: Iterable<Segment>): Promise<void> {
  const kept = new Set([...known].map(segmentPath));
  for (const entry of await readdir(segments, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if (!kept.has(path.relative(segments, file))) await rm(file, { force: true });
  }
}
