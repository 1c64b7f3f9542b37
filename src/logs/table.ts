import type { Change, Documents } from '../store/index.ts';

/**
 * Documents of one kind as they will be when every commit under way is on the disk: each change is seen at once, and is
 * to be handed to the store in the same turn.
 */
export class Table<Value> {
  readonly name: string;
  readonly #values: Map<string, Value>;

  constructor(name: string, documents: Documents) {
    this.name = name;
    this.#values = new Map(documents.table<Value>(name));
  }

  /** Takes a change back; undefined: there was nothing. */
  restore(key: string, value: Value | undefined): void {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  get size(): number {
    return this.#values.size;
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }

  values(): IterableIterator<Value> {
    return this.#values.values();
  }

  put(key: string, value: Value): Change {
    this.#values.set(key, value);
    return { put: this.name, key, value };
  }

  remove(key: string): Change {
    this.#values.delete(key);
    return { remove: this.name, key };
  }
}
