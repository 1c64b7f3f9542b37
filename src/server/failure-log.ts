const periodMs = 60_000;
const mostInPeriod = 10;

/** Tells a person of failures, but not of thousands. */
export class FailureLog {
  readonly #report: (text: string) => void;
  readonly #clock: () => number;
  #periodStartMs = Number.NEGATIVE_INFINITY;
  #inPeriod = 0;

  constructor(report: (text: string) => void, clock: () => number) {
    this.#report = report;
    this.#clock = clock;
  }

  /** The stack of an error, or what it is; never what the client has sent. */
  tell(about: string, error: unknown): void {
    const nowMs = this.#clock();
    if (nowMs - this.#periodStartMs >= periodMs) {
      this.#periodStartMs = nowMs;
      this.#inPeriod = 0;
    }
    this.#inPeriod += 1;
    if (this.#inPeriod > mostInPeriod) return;
    const last =
      this.#inPeriod === mostInPeriod ? '\n(further failures of this minute are only counted)' : '';
    this.#report(
      `${about}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}${last}`,
    );
  }
}
