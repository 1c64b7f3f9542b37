import type { RecordOrigin } from './shapes.ts';

/** More sources than there are flow logs that deliver to one stream; what has been silent longest is forgotten. */
const mostSources = 10_000;

/** The last origin that was taken of each source. */
export class OriginTable {
  readonly #last = new Map<string, RecordOrigin>();

  constructor(origins: Iterable<RecordOrigin> = []) {
    for (const origin of origins) this.note(origin);
  }

  last(source: string): RecordOrigin | undefined {
    return this.#last.get(source);
  }

  note(origin: RecordOrigin): void {
    this.#last.delete(origin.source);
    this.#last.set(origin.source, origin);
    if (this.#last.size > mostSources) this.#last.delete(this.#last.keys().next().value ?? '');
  }

  forget(source: string): void {
    this.#last.delete(source);
  }

  /** Those that were silent longest come first. */
  [Symbol.iterator](): Iterator<RecordOrigin> {
    return this.#last.values();
  }
}

/** Whether what comes from an origin is there already, given what was taken last of the same source. */
export function isTaken(origin: RecordOrigin, last: RecordOrigin | undefined): boolean {
  if (last === undefined || last.sequence !== origin.sequence) return false;
  const [segment, piece] = origin.number;
  const [lastSegment, lastPiece] = last.number;
  return segment < lastSegment || (segment === lastSegment && piece <= lastPiece);
}
