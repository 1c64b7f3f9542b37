import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably, syncPath } from '../disk/index.ts';
import { invariant, ServiceError } from '../fault/index.ts';
import type { LookupRelation } from '../query/scan.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** Of a CSV's header at most. */
const headerBytes = 65_536;

export async function putLookup(folder: string, table: string, csv: Uint8Array): Promise<void> {
  await replaceDurably(lookupFile(folder, table), csv);
}

export async function removeLookup(folder: string, table: string): Promise<void> {
  await rm(lookupFile(folder, table), { force: true });
  await syncPath(folder);
}

/** Removes all others. */
export async function keepLookups(folder: string, tables: Iterable<string>): Promise<void> {
  const kept = new Set([...tables].map((table) => lookupFile(folder, table)));
  const files = (await readdir(folder)).map((name) => path.join(folder, name));
  const others = files.filter((file) => !kept.has(file));
  for (const file of others) await rm(file, { force: true });
}

/** @throws ServiceError `ResourceNotFoundException` when a table is gone */
export async function lookupSql(folder: string, lookups: readonly LookupRelation[]): Promise<string[]> {
  return Promise.all(lookups.map((lookup) => relation(folder, lookup)));
}

async function relation(folder: string, { name, table }: LookupRelation): Promise<string> {
  const file = lookupFile(folder, table);
  const columns = headerNames(await headerOf(file, table)).map((column) => `${quoteText(column)}: 'VARCHAR'`);
  const options =
    `auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', strict_mode = false, ` +
    `null_padding = true, parallel = false, columns = {${columns.join(', ')}}`;
  return `${quoteName(name)} AS NOT MATERIALIZED (SELECT * FROM read_csv(${quoteText(file)}, ${options}))`;
}

/** A name is one part of a path, whatever stands in it. */
function lookupFile(folder: string, table: string): string {
  invariant(table !== '' && table.length <= 80, 'a lookup table with a name of no or too many characters');
  return path.join(folder, `${encodeURIComponent(table)}.csv`);
}

async function headerOf(file: string, table: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ServiceError('ResourceNotFoundException', `Lookup table ${table} does not exist`);
  }
}

/** The values of a CSV's first record. */
export function headerNames(text: string): readonly string[] {
  const names: string[] = [];
  const value = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/y;
  value.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  for (let found = value.exec(text); found; found = value.exec(text)) {
    names.push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] !== ',') break;
  }
  return names;
}
