/**
 * Keeps what readers use. A reader pins before it looks at what there is; what is retired afterwards is let go when
 * all who pinned before have released.
 */
export class Pins {
  #turn = 0;
  readonly #held = new Map<number, number>();
  #retired: { readonly turn: number; readonly free: () => void }[] = [];

  pin(): () => void {
    const turn = this.#turn;
    this.#held.set(turn, (this.#held.get(turn) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#release(turn);
      isHeld = false;
    };
  }

  /** New readers do not find it any more. */
  retire(free: () => void): void {
    this.#retired.push({ turn: this.#turn++, free });
    this.#sweep();
  }

  #release(turn: number): void {
    const left = (this.#held.get(turn) ?? 0) - 1;
    if (left > 0) this.#held.set(turn, left);
    else this.#held.delete(turn);
    this.#sweep();
  }

  #sweep(): void {
    const oldest = Math.min(...this.#held.keys());
    const free = this.#retired.filter(({ turn }) => turn < oldest);
    this.#retired = this.#retired.filter(({ turn }) => turn >= oldest);
    for (const item of free) item.free();
  }
}
