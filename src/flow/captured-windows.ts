/** A window, and a bit for each source that captured something in it: see `sourceBit`. */
export interface CapturedWindow {
  readonly window: number;
  readonly sources: number;
}

/** The bit of a source; those from the 31st on share the last. */
export const sourceBit = (source: number): number => 1 << Math.min(source, 30);

/** A capture whose every packet lies in another window is no reason to remember them all. */
const maxWindows = 4096;

/** Hot: `note` is called when the window or the source changes. Windows that are not over in which a frame was captured. */
export class CapturedWindows {
  readonly #sources = new Map<number, number>();
  #lastWindow = -1;
  #lastSource = -1;

  /** A frame of this source lies in this window. A window before `closedBefore` has been told, and is not told again. */
  note(window: number, source: number, closedBefore: number): void {
    if (window === this.#lastWindow && source === this.#lastSource) return;
    this.#lastWindow = window;
    this.#lastSource = source;
    const known = this.#sources.get(window);
    if (known === undefined && (window < closedBefore || this.#sources.size >= maxWindows)) return;
    this.#sources.set(window, (known ?? 0) | sourceBit(source));
  }

  /** The windows before this one, in order; they are forgotten. */
  takeBefore(before: number): CapturedWindow[] {
    const over = Array.from(this.#sources, ([window, sources]) => ({ window, sources }))
      .filter(({ window }) => window < before)
      .sort((a, b) => a.window - b.window);
    for (const { window } of over) this.#sources.delete(window);
    return over;
  }
}
