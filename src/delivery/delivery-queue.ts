import type { FlowLogHealth } from '../flowlog/index.ts';
import type { FlowRecords } from '../record/index.ts';
import type { Batch, DeliveryOutcome, Destination, Refusal } from './destination.ts';

/** A number or a reference to a text. */
const valueBytes = 8;
/** Interface, end, packets and bytes, besides the columns. */
const sideValues = 5;

export interface DeliveryQueueOptions {
  readonly flowLogId: string;
  readonly destination: Destination;
  /** What may wait here at present; a single batch may be larger. */
  readonly maxBytes: () => number;
  /** Between tries: the first wait, and the longest. Milliseconds. */
  readonly retryMs: { readonly first: number; readonly longest: number };
  /** Told when the health changes; what exactly is refused may change without it. */
  readonly onHealth: (health: FlowLogHealth, detail: string) => void;
}

/** Records by what became of them. */
export interface DeliverySums {
  delivered: number;
  /** Refused for good, or given up for want of room. */
  undelivered: number;
}

interface Waiting {
  readonly batch: Batch;
  readonly bytes: number;
}

/**
 * Batches of one flow log on their way to its destination, in their order. While the destination takes them, who adds
 * waits for room; while it refuses them, nobody waits: the head is tried again, and the oldest make room for the newest.
 */
export class DeliveryQueue {
  readonly sums: DeliverySums = { delivered: 0, undelivered: 0 };
  readonly #options: DeliveryQueueOptions;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #lastNumber = 0;
  /** The head is at its destination now. */
  #isUnderWay = false;
  #isEnding = false;
  #failures = 0;
  #health: FlowLogHealth = { status: 'SUCCESS' };
  #detail = '';
  /** Something changed while the head was at its destination: what it is told there may be out of date. */
  #retriesAtOnce = false;
  #work: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #onRoom: (() => void)[] = [];

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
  }

  get health(): FlowLogHealth {
    return this.#health;
  }

  /** What exactly was refused last; empty when nothing is. */
  get detail(): string {
    return this.#detail;
  }

  get waitingRecords(): number {
    return this.#waiting.reduce((sum, { batch }) => sum + batch.records.length, 0);
  }

  async add(records: FlowRecords): Promise<void> {
    const bytes = records.length * (records.format.fields.length + sideValues) * valueBytes;
    while (!this.#hasRoom(bytes) && this.#failures === 0) {
      await new Promise<void>((resolve) => this.#onRoom.push(resolve));
    }
    this.#makeRoom(bytes);
    this.#lastNumber++;
    const { flowLogId } = this.#options;
    this.#waiting.push({ batch: { flowLogId, number: this.#lastNumber, records }, bytes });
    this.#bytes += bytes;
    this.#start();
  }

  /** Something has changed that may let the destination take what it refused. */
  retryNow(): void {
    this.#retriesAtOnce = true;
    this.#wake?.();
  }

  /** Fulfilled when nothing waits any more: what is refused now is given up. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#wake?.();
    while (this.#work) await this.#work;
  }

  #start(): void {
    this.#work ??= this.#deliverAll().finally(() => {
      this.#work = undefined;
    });
  }

  async #deliverAll(): Promise<void> {
    for (;;) {
      const head = this.#waiting.at(0);
      if (!head) return;
      this.#isUnderWay = true;
      this.#retriesAtOnce = false;
      const outcome = await this.#deliver(head.batch);
      this.#isUnderWay = false;
      if (outcome.kind === 'delivered') this.#noteSuccess();
      else this.#noteRefusal(outcome);
      if (outcome.kind === 'delivered' || !outcome.retryable || this.#isEnding) {
        this.#removeAt(0, outcome.kind === 'delivered' ? 'delivered' : 'undelivered');
      } else await this.#pause();
      this.#tellRoom();
    }
  }

  /** What a destination throws is its fault, and no reason for others to stop. */
  async #deliver(batch: Batch): Promise<DeliveryOutcome> {
    try {
      return await this.#options.destination.deliver(batch);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { kind: 'refused', message: 'Unknown error', detail, retryable: true };
    }
  }

  #noteSuccess(): void {
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

  async #pause(): Promise<void> {
    if (this.#retriesAtOnce) return;
    const { first, longest } = this.#options.retryMs;
    const waitMs = Math.min(longest, first * 2 ** Math.min(this.#failures - 1, 20));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      // Those that wait for room need not wait for a destination that fails.
      this.#tellRoom();
    });
    this.#wake = undefined;
  }

  #hasRoom(bytes: number): boolean {
    return this.#waiting.length === 0 || this.#bytes + bytes <= this.#options.maxBytes();
  }

  /** Gives up the oldest; never the one that is under way. */
  #makeRoom(bytes: number): void {
    const oldest = this.#isUnderWay ? 1 : 0;
    while (!this.#hasRoom(bytes) && this.#waiting.length > oldest) this.#removeAt(oldest, 'undelivered');
  }

  #removeAt(index: number, as: keyof DeliverySums): void {
    const [{ batch, bytes }] = this.#waiting.splice(index, 1);
    this.#bytes -= bytes;
    this.sums[as] += batch.records.length;
  }

  #tellRoom(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const resolve of waiting) resolve();
  }
}
