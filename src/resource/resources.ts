import type { Change, Store } from '../store/index.ts';
import { DraftView } from './draft-view.ts';
import type { Kind } from './kind.ts';
import { migrated } from './migrations.ts';
import { type Place, placeKey } from './place.ts';
import { ResourceTables } from './resource-tables.ts';
import type { Draft, ResourceView } from './resource-view.ts';

/** The table of documents: `kind/account/region/id`, each `{ version, body }`. */
export const resourceTable = 'resources';

/** A resource that became another; `undefined`: it was not there, it is no more. */
export interface ResourceChange {
  readonly kind: string;
  readonly place: Place;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What this room needs of the store. */
export type DocumentStore = Pick<Store, 'documents' | 'commit'>;

/** Told after a commit; the answer to the change waits for it. */
export type ChangeListener = (changes: readonly ResourceChange[]) => void | Promise<void>;

/** All resources: read from memory, written one change after the other. */
export class Resources implements ResourceView {
  readonly #store: DocumentStore;
  readonly #tables: ResourceTables;
  readonly #listeners: ChangeListener[] = [];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(store: DocumentStore) {
    this.#store = store;
    this.#tables = new ResourceTables(store.documents.table(resourceTable));
  }

  /**
   * Brings what an older release has written to this one's schema.
   * @throws ConfigError `StoreTooNew` for documents of a later release
   */
  static async open(store: DocumentStore): Promise<Resources> {
    const changes = migrated(store.documents);
    if (changes.length > 0) await store.commit({ documents: changes });
    return new Resources(store);
  }

  get<T>(kind: Kind<T>, place: Place, id: string): T | undefined {
    return this.#tables.get(kind, place, id)?.body as T | undefined;
  }

  list<T>(kind: Kind<T>, place: Place): Iterable<T> {
    return this.#tables.list(kind, place);
  }

  entries<T>(kind: Kind<T>, place: Place): Iterable<readonly [string, T]> {
    return this.#tables.entries(kind, place);
  }

  places(kind: Kind<unknown>): Iterable<Place> {
    return this.#tables.places(kind);
  }

  /** The listener sees the new resources already. One that fails does not undo the change. */
  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Changes resources, after every change that was asked for before. `change` works on a draft; when it throws, nothing
   * has happened. Fulfilled when what it did is on the disk, seen, and told to all listeners.
   */
  write<T>(change: (draft: Draft) => T): Promise<T> {
    const written = this.#last.then(() => this.#write(change));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #write<T>(change: (draft: Draft) => T): Promise<T> {
    const draft = new DraftView(this.#tables);
    const result = change(draft);
    const changes = draft.changes();
    if (changes.length === 0) return result;
    await this.#store.commit({ documents: changes.map((entry) => this.#documentOf(entry)) });
    for (const entry of changes) this.#tables.apply(entry);
    await Promise.all(this.#listeners.map((listener) => listener(changes)));
    return result;
  }

  #documentOf({ kind, place, id, after }: ResourceChange): Change {
    const key = `${kind}/${placeKey(place)}/${id}`;
    if (after === undefined) return { remove: resourceTable, key };
    const version = (this.#tables.get({ name: kind }, place, id)?.version ?? 0) + 1;
    return { put: resourceTable, key, value: { version, body: after } };
  }
}
