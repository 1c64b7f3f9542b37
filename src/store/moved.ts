import { DocumentTables } from './document-tables.ts';
import type { Generation } from './generation.ts';
import type { Manifest } from './manifest.ts';

/** How far commits have left the journals: their rows are in segments, their documents in the manifest. */
export class Moved {
  #sequence: number;
  #journal: number;
  readonly #documents: DocumentTables;

  constructor({ sequence, journal, documents }: Manifest) {
    this.#sequence = sequence;
    this.#journal = journal;
    this.#documents = new DocumentTables(documents);
  }

  /** Of the last commit. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The first journal that is still needed. */
  get journal(): number {
    return this.#journal;
  }

  /** The generation that follows. */
  take({ lastSequence, journal, changes }: Generation): void {
    this.#sequence = Math.max(this.#sequence, lastSequence);
    this.#journal = journal.number + 1;
    this.#documents.apply(changes);
  }

  parts(): Pick<Manifest, 'sequence' | 'journal' | 'documents'> {
    return { sequence: this.#sequence, journal: this.#journal, documents: this.#documents.entries() };
  }
}
