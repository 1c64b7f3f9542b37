import { type Place, placeKey } from '../resource/place.ts';
import type { Change } from '../store/index.ts';
import type { Table } from './table.ts';

/** The documents of one account and Region in a table of all. */
export class PlacedTable<Value> {
  readonly #table: Table<Value>;
  readonly #beginning: string;

  constructor(table: Table<Value>, place: Place) {
    this.#table = table;
    this.#beginning = `${placeKey(place)}/`;
  }

  get(key: string): Value | undefined {
    return this.#table.get(this.#beginning + key);
  }

  get size(): number {
    return this.values().length;
  }

  values(): Value[] {
    return [...this.#table.entries()]
      .filter(([key]) => key.startsWith(this.#beginning))
      .map(([, value]) => value);
  }

  put(key: string, value: Value): Change {
    return this.#table.put(this.#beginning + key, value);
  }

  remove(key: string): Change {
    return this.#table.remove(this.#beginning + key);
  }
}
