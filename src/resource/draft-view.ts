import type { Kind } from './kind.ts';
import { type Place, placeKey } from './place.ts';
import type { ResourceTables } from './resource-tables.ts';
import type { Draft } from './resource-view.ts';
import type { ResourceChange } from './resources.ts';

/** What a change has written so far, over what there was. */
export class DraftView implements Draft {
  readonly #tables: ResourceTables;
  /** By kind and place, then by id. */
  readonly #written = new Map<string, Map<string, ResourceChange>>();

  constructor(tables: ResourceTables) {
    this.#tables = tables;
  }

  get<T>(kind: Kind<T>, place: Place, id: string): T | undefined {
    const written = this.#written.get(tableKey(kind, place))?.get(id);
    return (written ? written.after : this.#tables.get(kind, place, id)?.body) as T | undefined;
  }

  *list<T>(kind: Kind<T>, place: Place): Generator<T> {
    for (const [, resource] of this.entries(kind, place)) yield resource;
  }

  *entries<T>(kind: Kind<T>, place: Place): Generator<readonly [string, T]> {
    // A copy: what is written while somebody iterates is not his.
    const written = new Map(this.#written.get(tableKey(kind, place)));
    for (const [id, resource] of [...this.#tables.entries(kind, place)]) {
      const change = written.get(id);
      written.delete(id);
      if (!change) yield [id, resource];
      else if (change.after !== undefined) yield [id, change.after as T];
    }
    for (const [id, { after }] of written) if (after !== undefined) yield [id, after as T];
  }

  *places(kind: Kind<unknown>): Generator<Place> {
    const seen = new Set<string>();
    for (const place of this.#tables.places(kind)) {
      seen.add(placeKey(place));
      yield place;
    }
    for (const changes of this.#written.values()) {
      for (const { kind: name, place } of changes.values()) {
        if (name !== kind.name || seen.has(placeKey(place))) continue;
        seen.add(placeKey(place));
        yield place;
      }
    }
  }

  put<T>(kind: Kind<T>, place: Place, id: string, resource: T): void {
    this.#write(kind, place, id, resource);
  }

  remove(kind: Kind<unknown>, place: Place, id: string): void {
    this.#write(kind, place, id, undefined);
  }

  /** Of what was there before, not what was made and removed again. */
  changes(): ResourceChange[] {
    return [...this.#written.values()]
      .flatMap((changes) => [...changes.values()])
      .filter(({ before, after }) => before !== undefined || after !== undefined);
  }

  #write(kind: Kind<unknown>, place: Place, id: string, after: unknown): void {
    const key = tableKey(kind, place);
    const changes = this.#written.get(key) ?? new Map<string, ResourceChange>();
    this.#written.set(key, changes);
    const before = this.#tables.get(kind, place, id)?.body;
    changes.set(id, { kind: kind.name, place, id, before, after });
  }
}

function tableKey({ name }: Kind<unknown>, place: Place): string {
  return `${name}/${placeKey(place)}`;
}
