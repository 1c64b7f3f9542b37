import type { Batch, BatchId, DeliveryOutcome, Refusal } from './destination.ts';
import { remoteRefusal } from './remote-refusal.ts';

/** One request of the several that a batch takes; it says why it was not taken whole, where it can. */
export type RemoteRequest = () => Promise<Refusal | undefined>;

/**
 * Sends a batch as requests, one after the other, and remembers which were taken while the batch is tried again: only what
 * was not taken, or may not have been, is sent twice.
 */
export class RemoteRequests {
  readonly #where: string;
  /** The batch that was refused last, and how many of its requests were taken. */
  #begun: { readonly batch: string; taken: number } | undefined;

  /** @param where of the destination, for the operator: `log group corp/flows` */
  constructor(where: string) {
    this.#where = where;
  }

  /** @param requests of the batch: the same, in the same order, each time */
  async send({ id }: Batch, requests: Iterable<RemoteRequest>): Promise<DeliveryOutcome> {
    const batch = batchKey(id);
    const begun = this.#begun?.batch === batch ? this.#begun : { batch, taken: 0 };
    this.#begun = begun;
    let number = 0;
    for (const request of requests) {
      if (number++ < begun.taken) continue;
      const refusal = await this.#try(request);
      if (refusal) return refusal;
      begun.taken++;
    }
    this.#begun = undefined;
    return { kind: 'delivered' };
  }

  async #try(request: RemoteRequest): Promise<Refusal | undefined> {
    try {
      return await request();
    } catch (error) {
      return remoteRefusal(error, this.#where);
    }
  }
}

function batchKey({ spoolId, segment, piece }: BatchId): string {
  return `${spoolId} ${segment} ${piece}`;
}
