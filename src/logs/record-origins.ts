import type { Place } from '../resource/place.ts';
import type { Change } from '../store/index.ts';
import type { Catalog, OriginDocument } from './catalog.ts';
import type { RecordOrigin } from './ingest-shapes.ts';
import { PlacedTable } from './placed-table.ts';

/**
 * What of each source is there already. How far it came is committed with the records themselves: after a crash both
 * are there or neither is.
 */
export class RecordOrigins {
  readonly #documents: PlacedTable<OriginDocument>;
  readonly #catalog: Catalog;
  /** The last work of each source that is under way. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(catalog: Catalog, place: Place) {
    this.#catalog = catalog;
    this.#documents = new PlacedTable(catalog.recordOrigins, place);
  }

  /**
   * One of a source after the other, so that nobody is told that records are there whose commit may still fail.
   * @param take has to commit the change that it is given together with the records
   */
  async once(origin: RecordOrigin, take: (change: () => Change) => Promise<void>): Promise<void> {
    const { source, sequence, number } = origin;
    await this.#inTurn(source, async () => {
      if (this.#has(origin)) return;
      await take(() => this.#documents.put(source, { sequence, number: [number[0], number[1]] }));
    });
  }

  /** Nothing of the source will be given any more. Durable when fulfilled. */
  async forget(source: string): Promise<void> {
    await this.#inTurn(source, async () => {
      if (!this.#documents.get(source)) return;
      await this.#catalog.commit({ documents: [this.#documents.remove(source)] });
    });
  }

  #has({ source, sequence, number: [segment, piece] }: RecordOrigin): boolean {
    const last = this.#documents.get(source);
    if (last?.sequence !== sequence) return false;
    const [lastSegment, lastPiece] = last.number;
    return lastSegment === segment ? lastPiece >= piece : lastSegment > segment;
  }

  async #inTurn(source: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(source) ?? Promise.resolve();
    const done = before.then(work, work);
    this.#turns.set(source, done);
    try {
      await done;
    } finally {
      if (this.#turns.get(source) === done) this.#turns.delete(source);
    }
  }
}
