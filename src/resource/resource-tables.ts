import type { Kind } from './kind.ts';
import { type Place, placeKey } from './place.ts';
import type { ResourceChange } from './resources.ts';

/** A resource as the store keeps it. */
export interface StoredResource {
  /** From 1, one more with each change. */
  readonly version: number;
  readonly body: unknown;
}

interface KindAtPlace {
  readonly place: Place;
  readonly resources: Map<string, StoredResource>;
}

/** Resources by kind, place and id. */
export class ResourceTables {
  readonly #kinds = new Map<string, Map<string, KindAtPlace>>();

  /** By `kind/account/region/id`; an id may hold slashes. */
  constructor(documents: ReadonlyMap<string, StoredResource>) {
    for (const [key, resource] of documents) {
      const [kind, accountId, region, ...id] = key.split('/');
      this.#at(kind, { accountId, region }).set(id.join('/'), resource);
    }
  }

  get(kind: Kind<unknown>, place: Place, id: string): StoredResource | undefined {
    return this.#known(kind, place)?.get(id);
  }

  *list<T>(kind: Kind<T>, place: Place): Generator<T> {
    for (const { body } of this.#known(kind, place)?.values() ?? []) yield body as T;
  }

  *entries<T>(kind: Kind<T>, place: Place): Generator<readonly [string, T]> {
    for (const [id, { body }] of this.#known(kind, place) ?? []) yield [id, body as T];
  }

  *places(kind: Kind<unknown>): Generator<Place> {
    for (const { place, resources } of this.#kinds.get(kind.name)?.values() ?? []) {
      if (resources.size > 0) yield place;
    }
  }

  apply({ kind, place, id, after }: ResourceChange): void {
    const resources = this.#at(kind, place);
    if (after === undefined) resources.delete(id);
    else resources.set(id, { version: (resources.get(id)?.version ?? 0) + 1, body: after });
  }

  #known(kind: Kind<unknown>, place: Place): Map<string, StoredResource> | undefined {
    return this.#kinds.get(kind.name)?.get(placeKey(place))?.resources;
  }

  #at(kind: string, place: Place): Map<string, StoredResource> {
    const places = this.#kinds.get(kind) ?? new Map<string, KindAtPlace>();
    this.#kinds.set(kind, places);
    const known = places.get(placeKey(place)) ?? { place, resources: new Map() };
    places.set(placeKey(place), known);
    return known.resources;
  }
}
