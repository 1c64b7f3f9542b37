import type { Range } from '../insights/tree.ts';
import type { Value } from '../sql/value.ts';

/** Columns that every event has and that no name of a query can hide. */
export type EventKey = 'timestamp' | 'ingestion_time' | 'id' | 'log_group';

/** What the names of a query mean at one place in it. */
export interface Names {
  /**
   * Undefined when no row has such a field.
   * @throws QueryError at `range` when the name may not be used here
   */
  field(name: string, path: readonly string[], range: Range): Value | undefined;
  /** Undefined when the rows are no events any more. */
  event(key: EventKey): Value | undefined;
}

/** Of rows that have no fields at all. */
export const noNames: Names = { field: () => undefined, event: () => undefined };

/** The value that `steps` lead to inside a map or a list. */
export type Step = (value: Value, steps: readonly string[]) => Value;

/** Names that the query made, before those that were there. */
export class DefinedNames implements Names {
  private readonly outer: Names;
  private readonly definitions: ReadonlyMap<string, Value>;
  private readonly step: Step;

  constructor(outer: Names, definitions: ReadonlyMap<string, Value>, step: Step) {
    this.outer = outer;
    this.definitions = definitions;
    this.step = step;
  }

  field(name: string, path: readonly string[], range: Range): Value | undefined {
    const whole = this.definitions.get(name);
    if (whole) return whole;
    for (let length = path.length - 1; length > 0; length--) {
      const container = this.definitions.get(path.slice(0, length).join('.'));
      if (container) return this.step(container, path.slice(length));
    }
    return this.outer.field(name, path, range);
  }

  event(key: EventKey): Value | undefined {
    return this.outer.event(key);
  }
}

/** Names inside a SELECT as they are outside of it: each is carried when it is first used. */
export class CarriedNames implements Names {
  private readonly inner: Names;
  private readonly carry: (value: Value) => Value;
  private readonly known = new Map<string, Value | undefined>();

  constructor(inner: Names, carry: (value: Value) => Value) {
    this.inner = inner;
    this.carry = carry;
  }

  field(name: string, path: readonly string[], range: Range): Value | undefined {
    return this.once(JSON.stringify([name, ...path]), () => this.inner.field(name, path, range));
  }

  event(key: EventKey): Value | undefined {
    return this.once(key, () => this.inner.event(key));
  }

  private once(key: string, inner: () => Value | undefined): Value | undefined {
    if (!this.known.has(key)) {
      const value = inner();
      this.known.set(key, value && this.carry(value));
    }
    return this.known.get(key);
  }
}
