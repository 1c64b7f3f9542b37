import type { Change, Documents } from './documents.ts';

export type DocumentEntries = readonly (readonly [table: string, readonly (readonly [string, unknown])[]])[];

export class DocumentTables implements Documents {
  readonly #tables = new Map<string, Map<string, unknown>>();

  constructor(entries: DocumentEntries = []) {
    for (const [table, documents] of entries) this.#tables.set(table, new Map(documents));
  }

  table<T>(name: string): ReadonlyMap<string, T> {
    // A table that comes into being later must be in what was given before.
    let found = this.#tables.get(name);
    if (!found) {
      found = new Map();
      this.#tables.set(name, found);
    }
    return found as ReadonlyMap<string, T>;
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if ('put' in change) (this.table(change.put) as Map<string, unknown>).set(change.key, change.value);
      else (this.table(change.remove) as Map<string, unknown>).delete(change.key);
    }
  }

  entries(): DocumentEntries {
    return [...this.#tables]
      .filter(([, documents]) => documents.size > 0)
      .map(([table, documents]) => [table, [...documents]] as const);
  }
}
