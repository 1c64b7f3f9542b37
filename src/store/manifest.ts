import { readdir, readFile } from 'node:fs/promises';
import { replaceDurably } from '../disk/index.ts';
import { ConfigError } from '../fault/index.ts';
import type { Cut } from './cuts.ts';
import type { DocumentEntries } from './document-tables.ts';
import type { Segment } from './segment.ts';
import type { StoreFolder } from './store-folder.ts';
import type { StreamTotal } from './stream-totals.ts';

const make = 'headgate store 1';

/**
 * What is on the disk beside the journals that follow it. Cuts may be those of commits that are still in a journal:
 * made once more, they come out the same. Numbers to be given are behind all that were.
 */
export interface Manifest {
  /** Of the last commit whose rows are in segments. */
  readonly sequence: number;
  /** The first journal whose rows are not; those of lower numbers are done with. */
  readonly journal: number;
  readonly nextId: number;
  readonly nextSegment: number;
  readonly cuts: readonly Cut[];
  readonly segments: readonly Segment[];
  /** Of rows in segments. */
  readonly totals: readonly (readonly [group: number, stream: number, total: StreamTotal])[];
  /** As of `sequence`. */
  readonly documents: DocumentEntries;
}

const emptyManifest: Manifest = {
  sequence: 0,
  journal: 1,
  nextId: 1,
  nextSegment: 1,
  cuts: [],
  segments: [],
  totals: [],
  documents: [],
};

/**
 * Of a new store, an empty one, which is written at once.
 * @throws ConfigError `StoreInvalid` when there is none although there are rows, or it is of another make: it is
 * replaced whole, never in place, and what it does not name would be removed
 */
export async function readManifest(folder: StoreFolder): Promise<Manifest> {
  const file = folder.manifest;
  const text = await readIfThere(file);
  if (text === undefined) {
    if (await hasRows(folder))
      throw new ConfigError('StoreInvalid', `${file} is missing, and there are rows`);
    await writeManifest(file, emptyManifest);
    return emptyManifest;
  }
  const parsed = parse(text);
  if (parsed?.make === make) return parsed;
  throw new ConfigError('StoreInvalid', `${file} is not the manifest of a store`, [
    `expected ${JSON.stringify(make)}`,
  ]);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function hasRows({ journals, segments }: StoreFolder): Promise<boolean> {
  return (await readdir(journals)).length + (await readdir(segments)).length > 0;
}

export async function writeManifest(file: string, manifest: Manifest): Promise<void> {
  await replaceDurably(file, JSON.stringify({ make, ...manifest }));
}

function parse(text: string): (Manifest & { readonly make?: unknown }) | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
