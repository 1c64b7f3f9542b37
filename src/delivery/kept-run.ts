import { type RunState, writeRunState } from './run-state.ts';
import type { Position } from './unit-delivery.ts';

export interface KeptChange extends Partial<Pick<RunState, 'objects' | 'sent' | 'isFlushing'>> {
  /** As before when absent. */
  readonly position?: Position;
  /** Objects that have been given their numbers. */
  readonly batches?: number;
}

/** How far a flow log has come, on the disk and in memory alike. */
export class KeptRun {
  /** The last batch that was taken in this run of the program, whether or not that is kept yet. */
  taken: { readonly segment: number; readonly piece: number } | undefined;
  readonly #file: string;
  readonly #ambiguous: () => number;
  #state: RunState;
  #isClosed = false;

  constructor(file: string, state: RunState, ambiguous: () => number) {
    this.#file = file;
    this.#state = state;
    this.#ambiguous = ambiguous;
  }

  get state(): RunState {
    return this.#state;
  }

  /**
   * On the disk when fulfilled; false after `close`, then nothing is. `sent` and `isFlushing` are no more unless they are
   * given again.
   */
  async keep({ position, objects, sent, isFlushing, batches = 0 }: KeptChange): Promise<boolean> {
    if (this.#isClosed) return false;
    const { spoolId, beganMs, segment, readFrom, before, nextBatch } = this.#state;
    const at = position ?? { segment, readFrom, before };
    const state: RunState = {
      spoolId,
      segment: at.segment,
      readFrom: at.readFrom,
      ...(at.before === undefined ? {} : { before: at.before }),
      beganMs,
      ...(sent ? { sent } : {}),
      ...(isFlushing ? { isFlushing } : {}),
      objects: objects ?? this.#state.objects,
      nextBatch: nextBatch + batches,
      ambiguous: this.#ambiguous(),
    };
    await writeRunState(this.#file, state);
    this.#state = state;
    return true;
  }

  /** Nothing is kept any more: somebody else may begin where it stands. */
  close(): void {
    this.#isClosed = true;
  }
}
