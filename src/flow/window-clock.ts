/**
 * Hot: `holds` is asked once per frame. Which window a packet belongs to, and when windows are over.
 *
 * Packet time moves the clock only when two packets running lie in the same other window (or in neighbouring ones): a
 * single absurd timestamp opens a window of its own and closes no other. Packets of a window that is over are late,
 * never dropped: they open it again.
 */
const hourMs = 3_600_000;

export class WindowClock {
  readonly windowMs: number;
  /** The window that is open now: whole windows since the epoch; -1 before the first packet. */
  current = -1;
  /** Windows before this one have been closed once. */
  closedBefore = 0;

  #startMs = Number.POSITIVE_INFINITY;
  #endMs = Number.NEGATIVE_INFINITY;
  /** The other window that the last packet outside the open one was in; -1 when none was. */
  #candidate = -1;

  constructor(windowSeconds: number) {
    this.windowMs = windowSeconds * 1000;
  }

  /** The window of a packet; 32-bit, so that times no clock shows share the first or the last one. */
  windowOf(timeMs: number): number {
    const window = Math.floor(timeMs / this.windowMs);
    return window >= 0x7fffffff ? 0x7fffffff : window > 0 ? window | 0 : 0;
  }

  /** The nearest time that lies in a window: captures may claim any, and records print whole seconds since the epoch. */
  nearestTime(timeMs: number): number {
    // Not a number is no time either.
    if (!(timeMs > 0)) return 0;
    return Math.min(timeMs, (0x7fffffff + 1) * this.windowMs - 1);
  }

  /** True when the time lies in the open window, which is nearly always. */
  holds(timeMs: number): boolean {
    return timeMs >= this.#startMs && timeMs < this.#endMs;
  }

  /** For the window of a packet that the open one does not hold: whether the clock should now move there. */
  shouldMoveTo(window: number): boolean {
    const isConfirmed =
      this.#candidate >= 0 && (window === this.#candidate || window === this.#candidate + 1);
    this.#candidate = window;
    return isConfirmed || this.current < 0;
  }

  /** A packet in the open window: what was ahead of it, or behind, stood alone. */
  stay(): void {
    if (this.#candidate >= 0) this.#candidate = -1;
  }

  /** From here on as if nothing had been before. */
  restartAt(window: number): void {
    this.closedBefore = 0;
    this.moveTo(window);
  }

  moveTo(window: number): void {
    this.current = window;
    this.#startMs = window * this.windowMs;
    this.#endMs = this.#startMs + this.windowMs;
    this.#candidate = -1;
    // So far back is no lateness: the time before was wrong.
    if ((this.closedBefore - window) * this.windowMs > hourMs) this.closedBefore = window;
  }
}
