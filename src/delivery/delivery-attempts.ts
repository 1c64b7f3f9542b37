import type { FlowLogHealth } from '../flowlog/index.ts';
import type { DeliveryOutcome, Refusal } from './destination.ts';

export interface DeliveryAttemptsOptions {
  /** Between tries a random time up to a bound, which doubles from the first to the longest. Milliseconds. */
  readonly retryMs: { readonly first: number; readonly longest: number };
  /** Told when the health changes; what exactly is refused may change without it. */
  readonly onHealth: (health: FlowLogHealth, detail: string) => void;
  /** Told of records that are passed over. */
  readonly onUndelivered: (records: number, detail: string) => void;
}

/** Records by what became of them. */
export interface DeliverySums {
  delivered: number;
  /** Refused for good. */
  undelivered: number;
  /** Deliveries that were sent again without it being known whether they had been taken. */
  ambiguous: number;
}

/** Tries of one flow log's deliveries, one after the other, until each is taken; its health is what they come to. */
export class DeliveryAttempts {
  readonly sums: DeliverySums = { delivered: 0, undelivered: 0, ambiguous: 0 };
  readonly #options: DeliveryAttemptsOptions;
  #failures = 0;
  #health: FlowLogHealth = { status: 'SUCCESS' };
  #detail = '';
  /** What failed last was not the destination. */
  #isHindered = false;
  #isEnding = false;
  #isAbandoned = false;
  /** Something changed while a delivery was under way: what it is told there may be out of date. */
  #retriesAtOnce = false;
  #wake: (() => void) | undefined;

  constructor(options: DeliveryAttemptsOptions) {
    this.#options = options;
  }

  get health(): FlowLogHealth {
    return this.#health;
  }

  /** What exactly was refused last; empty when nothing is. */
  get detail(): string {
    return this.#detail;
  }

  /** Something has changed that may let the destination take what it refused. */
  retryNow(): void {
    this.#retriesAtOnce = true;
    this.#wake?.();
  }

  /** From now on what is refused is not tried again. */
  end(): void {
    this.#isEnding = true;
    this.#wake?.();
  }

  /** Nobody waits for what is under way any more: it is left, whatever comes of it. */
  abandon(): void {
    this.#isAbandoned = true;
    this.end();
  }

  /**
   * Sends until it is taken, or refused for good. False when it was left, at the end: it may be taken later.
   * @param records how many it holds
   */
  async deliver(records: number, send: () => Promise<DeliveryOutcome>): Promise<boolean> {
    let mayBeThere = false;
    for (;;) {
      if (mayBeThere) this.sums.ambiguous++;
      this.#retriesAtOnce = false;
      const outcome = await this.#send(send);
      if (this.#isAbandoned) return false;
      if (outcome.kind === 'delivered') {
        this.sums.delivered += records;
        this.#noteSuccess();
        return true;
      }
      this.#noteRefusal(outcome);
      this.#isHindered = false;
      if (!outcome.retryable) {
        this.sums.undelivered += records;
        this.#options.onUndelivered(records, outcome.detail);
        return true;
      }
      mayBeThere = outcome.isAmbiguous ?? false;
      if (!(await this.#pause())) return false;
    }
  }

  /** Something else than the destination failed. False when it is not to be tried again. */
  async failed(error: unknown): Promise<boolean> {
    this.#noteRefusal(refusalOf(error));
    this.#isHindered = true;
    return this.#pause();
  }

  /** What had failed has not, this time. */
  succeeded(): void {
    if (this.#isHindered) this.#noteSuccess();
  }

  /** What a destination throws is its fault, and no reason for others to stop. */
  async #send(send: () => Promise<DeliveryOutcome>): Promise<DeliveryOutcome> {
    try {
      return await send();
    } catch (error) {
      return refusalOf(error);
    }
  }

  #noteSuccess(): void {
    this.#isHindered = false;
    this.#failures = 0;
    this.#setHealth({ status: 'SUCCESS' }, '');
  }

  #noteRefusal({ message, detail }: Refusal): void {
    this.#failures++;
    this.#setHealth({ status: 'FAILED', message }, detail);
  }

  #setHealth(health: FlowLogHealth, detail: string): void {
    const isSame = health.status === this.#health.status && health.message === this.#health.message;
    this.#health = health;
    this.#detail = detail;
    if (!isSame) this.#options.onHealth(health, detail);
  }

  async #pause(): Promise<boolean> {
    if (this.#isEnding) return false;
    if (this.#retriesAtOnce) return true;
    const { first, longest } = this.#options.retryMs;
    // Full jitter: flow logs that one failure has hit do not come back together.
    const waitMs = Math.random() * Math.min(longest, first * 2 ** Math.min(this.#failures - 1, 20));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    return !this.#isEnding;
  }
}

function refusalOf(error: unknown): Refusal {
  const detail = error instanceof Error ? error.message : String(error);
  return { kind: 'refused', message: 'Unknown error', detail, retryable: true };
}
