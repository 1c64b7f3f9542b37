import type { FlowRecords } from '../record/index.ts';
import type { DeliveryAttempts } from './delivery-attempts.ts';
import type { DeliveryOutcome, RecordDestination, Refusal } from './destination.ts';
import type { KeptRun } from './kept-run.ts';
import type { Position, SegmentEnd, UnitDelivery, Waiting } from './unit-delivery.ts';

/** While many segments wait, so many are delivered before it is kept that they are. */
const keptEvery = 16;

const leftAtTheEnd: Refusal = {
  kind: 'refused',
  message: 'Unknown error',
  detail: 'the flow log has ended',
  retryable: true,
};

export interface RecordDeliveryOptions {
  readonly flowLogId: string;
  readonly destination: RecordDestination;
  readonly attempts: DeliveryAttempts;
  readonly kept: KeptRun;
  readonly onKept: () => void;
}

/**
 * Records to a destination that takes batches. One that remembers what it took is given batches again after a crash;
 * for the others it is kept ahead of each batch that it may have been sent.
 */
export class RecordDelivery implements UnitDelivery {
  readonly #options: RecordDeliveryOptions;
  readonly #remembers: boolean;
  #waitingRecords = 0;
  /** Segments that were delivered since that was kept. */
  #notKept = 0;

  constructor(options: RecordDeliveryOptions) {
    this.#options = options;
    this.#remembers = options.destination.remembers === true;
  }

  get waiting(): Waiting {
    return { records: this.#waitingRecords, bytes: 0 };
  }

  async resume(): Promise<boolean> {
    return true;
  }

  async take(records: FlowRecords, segment: number, piece: number): Promise<boolean> {
    const { flowLogId, destination, attempts, kept } = this.#options;
    const { spoolId, sent, isFlushing } = kept.state;
    if (kept.taken && isUpTo(kept.taken, segment, piece)) return true;
    if (sent?.segment === segment && piece < sent.piece) return true;
    if (sent?.segment === segment && piece === sent.piece) attempts.sums.ambiguous++;
    this.#waitingRecords = records.length;
    const isSent = { sent: { segment, piece }, ...(isFlushing ? { isFlushing } : {}) };
    if (!this.#remembers && !(await kept.keep(isSent))) return false;
    const batch = { id: { flowLogId, spoolId, segment, piece }, records };
    const send = async (): Promise<DeliveryOutcome> => {
      // That it may be there twice is on the disk before it is sent again.
      const isCounted = this.#remembers || kept.state.ambiguous === attempts.sums.ambiguous;
      return isCounted || (await kept.keep(isSent)) ? destination.deliver(batch) : leftAtTheEnd;
    };
    const isDone = await attempts.deliver(records.length, send);
    if (!isDone) return false;
    this.#waitingRecords = 0;
    kept.taken = { segment, piece };
    return true;
  }

  async endSegment({ isLast }: SegmentEnd, position: Position): Promise<boolean> {
    this.#notKept++;
    if (!this.#remembers || isLast || this.#notKept >= keptEvery) await this.#keep(position);
    return true;
  }

  async beginFlush(position: Position): Promise<void> {
    await this.#options.kept.keep({ position, isFlushing: true });
    this.#notKept = 0;
    this.#options.onKept();
  }

  async endUnit(position: Position): Promise<boolean> {
    await this.#keep(position);
    return true;
  }

  async abort(): Promise<void> {
    this.#waitingRecords = 0;
  }

  async #keep(position: Position): Promise<void> {
    await this.#options.kept.keep({ position });
    this.#notKept = 0;
    this.#options.onKept();
  }
}

function isUpTo(last: NonNullable<KeptRun['taken']>, segment: number, piece: number): boolean {
  return segment < last.segment || (segment === last.segment && piece <= last.piece);
}
