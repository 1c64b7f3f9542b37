/** Hot: the median of the last three times it was told, a clock that one absurd timestamp does not move. */
export class MedianClock {
  readonly #recentMs = new Float64Array(3).fill(Number.NEGATIVE_INFINITY);
  #place = 0;

  tell(timeMs: number): void {
    this.#recentMs[this.#place] = timeMs;
    this.#place = this.#place === 2 ? 0 : this.#place + 1;
  }

  nowMs(): number {
    const a = this.#recentMs[0];
    const b = this.#recentMs[1];
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), this.#recentMs[2]));
  }

  /** The latest of the three. */
  latestMs(): number {
    return Math.max(this.#recentMs[0], this.#recentMs[1], this.#recentMs[2]);
  }
}
