import { ServiceError } from '../fault/index.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { Journal } from './journal.ts';
import type { Frame } from './journal-frame.ts';

interface Waiting {
  readonly journal: Journal;
  readonly frame: Frame;
  /** Runs when the frame is durable, in the order of sequences, before who waits is told. */
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Group commit: while one write and its sync are under way, other commits gather, and share the next. After a failed
 * write or sync nobody knows what the disk holds; from then on everything is refused.
 */
export class CommitQueue {
  readonly #acknowledged: Acknowledged;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #working: Promise<void> | undefined;
  #failure: ServiceError | undefined;

  constructor(acknowledged: Acknowledged) {
    this.#acknowledged = acknowledged;
  }

  /** Of frames that are not durable yet. */
  get bytes(): number {
    return this.#bytes;
  }

  get failure(): ServiceError | undefined {
    return this.#failure;
  }

  /** Frames must come in the order of their sequences. @throws ServiceError when the disk refuses or has refused */
  add(journal: Journal, frame: Frame, apply: () => void): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#bytes += frame.payload.length;
    const durable = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ journal, frame, apply, resolve, reject });
    });
    this.#working ??= this.#work();
    return durable;
  }

  /** Fulfilled when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working;
  }

  async #work(): Promise<void> {
    // What is committed in the same turn of the event loop shares the first write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      try {
        for (const part of byJournal(taken)) await part[0].journal.append(part.map(({ frame }) => frame));
        this.#acknowledged.write(taken[taken.length - 1].frame.sequence);
      } catch (error) {
        this.#refuse(error, taken);
        break;
      }
      for (const { frame, apply, resolve } of taken) {
        this.#bytes -= frame.payload.length;
        apply();
        resolve();
      }
    }
    this.#working = undefined;
  }

  #refuse(error: unknown, taken: readonly Waiting[]): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = new ServiceError(
      'ServiceUnavailableException',
      `The store cannot write its journal and takes nothing more until it is opened again: ${reason}`,
    );
    for (const { reject } of [...taken, ...this.#waiting]) reject(this.#failure);
    this.#waiting = [];
  }
}

function byJournal(commits: readonly Waiting[]): Waiting[][] {
  const parts: Waiting[][] = [];
  for (const commit of commits) {
    const last = parts.at(-1);
    if (last?.[0].journal === commit.journal) last.push(commit);
    else parts.push([commit]);
  }
  return parts;
}
