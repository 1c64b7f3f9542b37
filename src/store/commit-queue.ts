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
 * write everything is refused until `resume`; after a failed sync nobody knows what the disk holds, and it is for good.
 */
export class CommitQueue {
  readonly #acknowledged: Acknowledged;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #working: Promise<void> | undefined;
  #failure: ServiceError | undefined;
  #isFinal = false;

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

  /** Whether nothing is taken until the store is opened again. */
  get isFinal(): boolean {
    return this.#isFinal;
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

  /** Takes frames again, from the one behind the last that is durable. Not when the failure is final. */
  resume(): void {
    this.#failure = undefined;
  }

  async #work(): Promise<void> {
    // What is committed in the same turn of the event loop shares the first write.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#write(this.#take());
    this.#working = undefined;
  }

  /** The first of those that wait, as far as they are of one journal. */
  #take(): Waiting[] {
    const [{ journal }] = this.#waiting;
    const end = this.#waiting.findIndex((other) => other.journal !== journal);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #write(taken: readonly Waiting[]): Promise<void> {
    const [{ journal }] = taken;
    let settled = 0;
    try {
      await journal.append(taken.map(({ frame }) => frame));
    } catch (error) {
      this.#refuse(error, taken, journal.isInDoubt);
      return;
    }
    try {
      this.#acknowledged.write(taken[taken.length - 1].frame.sequence);
      for (const { frame, apply, resolve } of taken) {
        this.#bytes -= frame.payload.length;
        apply();
        resolve();
        settled++;
      }
    } catch (error) {
      this.#refuse(error, taken.slice(settled), true);
    }
  }

  #refuse(error: unknown, taken: readonly Waiting[], isFinal: boolean): void {
    const reason = error instanceof Error ? error.message : String(error);
    const until = isFinal ? 'takes nothing more until it is opened again' : 'takes nothing until it can';
    this.#isFinal = isFinal;
    this.#failure = new ServiceError(
      'ServiceUnavailableException',
      `The store cannot write its journal and ${until}: ${reason}`,
    );
    for (const { reject } of [...taken, ...this.#waiting]) reject(this.#failure);
    this.#waiting = [];
    this.#bytes = 0;
  }
}
