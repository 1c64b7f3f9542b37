import type { Loss } from '../flow/index.ts';

/** Older ones are in the segments only. */
const maxLosses = 4096;

/** The last losses, and who is told of them. */
export class LossList {
  readonly #losses: Loss[] = [];
  readonly #listeners = new Set<(losses: readonly Loss[]) => void>();

  add(losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    for (const loss of losses.slice(-maxLosses)) this.#losses.push(loss);
    this.#losses.splice(0, Math.max(0, this.#losses.length - maxLosses));
    for (const listener of this.#listeners) listener(losses);
  }

  listen(listener: (losses: readonly Loss[]) => void): void {
    if (this.#losses.length > 0) listener([...this.#losses]);
    this.#listeners.add(listener);
  }
}
