import { ConfigError } from '../fault/index.ts';
import type { Change, Documents } from '../store/index.ts';
import type { StoredResource } from './resource-tables.ts';

/** The table that holds the schema's number, under the key `resources`. */
const schemaTable = 'schema';
const schemaKey = 'resources';

/** Documents of one schema as those of the next: pure, by `kind/account/region/id`. */
type Migration = (documents: ReadonlyMap<string, StoredResource>) => Map<string, StoredResource>;

/** From schema 1 to 2, from 2 to 3, and so on. */
const migrations: readonly Migration[] = [];

/**
 * What must change so that the documents are of this release's schema.
 * @throws ConfigError `StoreTooNew`
 */
export function migrated(documents: Documents): Change[] {
  const current = migrations.length + 1;
  const found = documents.table<number>(schemaTable).get(schemaKey);
  if (found === current) return [];
  const number: Change = { put: schemaTable, key: schemaKey, value: current };
  if (found === undefined) return [number];
  if (found > current) {
    throw new ConfigError('StoreTooNew', `the resources were written by a later release of Headgate`, [
      `found schema ${found}, expected ${current} or less`,
    ]);
  }
  const before = documents.table<StoredResource>('resources');
  const after = migrations
    .slice(found - 1)
    .reduce((resources, migrate) => migrate(resources), new Map(before));
  return [...difference(before, after), number];
}

function difference(
  before: ReadonlyMap<string, StoredResource>,
  after: ReadonlyMap<string, StoredResource>,
): Change[] {
  const removed = [...before.keys()].filter((key) => !after.has(key));
  const put = [...after].filter(([key, value]) => before.get(key) !== value);
  return [
    ...removed.map((key) => ({ remove: 'resources', key })),
    ...put.map(([key, value]) => ({ put: 'resources', key, value })),
  ];
}
