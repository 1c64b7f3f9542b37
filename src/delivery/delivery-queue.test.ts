import { describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { buildRecords, defaultLogFormat, type FlowRecords } from '../record/index.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import type { Batch, DeliveryOutcome, Destination, Refusal } from './destination.ts';

const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
view.load(testNetwork({ interfaces: [{ id: 'eni-0', addresses: ['10.0.1.10'] }] }));

/** So many records, which are alike in size. */
function recordsOf(count: number): FlowRecords {
  const rows = testRows(Array.from({ length: count }, (_, srcPort) => ({ srcPort })));
  return buildRecords(rows, view, defaultLogFormat);
}
const recordBytes = (defaultLogFormat.fields.length + 5) * 8;

const refusal = (more: Partial<Refusal> = {}): DeliveryOutcome => ({
  kind: 'refused',
  message: 'Access error',
  detail: 'why',
  retryable: true,
  ...more,
});
const delivered: DeliveryOutcome = { kind: 'delivered' };

/** A destination that answers as a test tells it to. */
class ToldDestination implements Destination {
  readonly taken: Batch[] = [];
  outcome: DeliveryOutcome | Error = delivered;
  /** Whether the outcome is as things were when a batch came. */
  decidesFirst = false;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  shut(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  async deliver(batch: Batch): Promise<DeliveryOutcome> {
    const { decidesFirst, outcome } = this;
    await this.#gate;
    if (decidesFirst) return outcome as DeliveryOutcome;
    if (this.outcome instanceof Error) throw this.outcome;
    if (this.outcome.kind === 'delivered') this.taken.push(batch);
    return this.outcome;
  }
}

function queueOf(maxRecords = 100) {
  const destination = new ToldDestination();
  const told: string[] = [];
  const queue = new DeliveryQueue({
    flowLogId: 'fl-1',
    destination,
    maxBytes: () => maxRecords * recordBytes,
    // The tests say when it is time.
    retryMs: { first: 1e6, longest: 1e9 },
    onHealth: ({ status, message = '-' }, detail) => told.push(`${status} ${message} ${detail}`),
  });
  return { queue, destination, told };
}

/** All that can happen without time passing. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('DeliveryQueue', () => {
  it('delivers in order, with numbers from 1', async () => {
    const { queue, destination } = queueOf();
    for (const count of [1, 2, 3]) await queue.add(recordsOf(count));
    await queue.end();
    expect(destination.taken.map(({ number, records }) => [number, records.length])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(queue.sums).toEqual({ delivered: 6, undelivered: 0 });
    expect(queue.health).toEqual({ status: 'SUCCESS' });
  });

  it('keeps what is refused, and delivers it when it is taken again', async () => {
    const { queue, destination, told } = queueOf();
    destination.outcome = refusal();
    await queue.add(recordsOf(1));
    await queue.add(recordsOf(2));
    await settle();
    expect(queue.health).toEqual({ status: 'FAILED', message: 'Access error' });
    expect(queue.waitingRecords).toBe(3);
    queue.retryNow();
    await settle();
    destination.outcome = delivered;
    queue.retryNow();
    await settle();
    expect(destination.taken.map(({ number }) => number)).toEqual([1, 2]);
    expect(queue.health).toEqual({ status: 'SUCCESS' });
    expect(told).toEqual(['FAILED Access error why', 'SUCCESS - ']);
  });

  it('gives up the oldest for want of room, and holds nobody up, while it is refused', async () => {
    const { queue, destination } = queueOf(10);
    destination.outcome = refusal();
    for (let i = 0; i < 8; i++) await queue.add(recordsOf(4));
    await settle();
    expect(queue.waitingRecords).toBe(8);
    expect(queue.sums).toEqual({ delivered: 0, undelivered: 24 });
    destination.outcome = delivered;
    await queue.end();
    expect(destination.taken.map(({ number }) => number)).toEqual([7, 8]);
    expect(queue.sums).toEqual({ delivered: 8, undelivered: 24 });
  });

  it('has who adds wait for a destination that is slow', async () => {
    const { queue, destination } = queueOf(10);
    destination.shut();
    let added = 0;
    const adding = (async () => {
      for (let i = 0; i < 5; i++) {
        await queue.add(recordsOf(4));
        added++;
      }
    })();
    await settle();
    expect(added).toBe(2);
    destination.open();
    await adding;
    await queue.end();
    expect(queue.sums).toEqual({ delivered: 20, undelivered: 0 });
  });

  it('takes a batch that is larger than its room', async () => {
    const { queue } = queueOf(10);
    await queue.add(recordsOf(50));
    await queue.end();
    expect(queue.sums.delivered).toBe(50);
  });

  it('gives up what can never be taken, and goes on', async () => {
    const { queue, destination } = queueOf();
    destination.outcome = refusal({ retryable: false, message: 'Unknown error' });
    await queue.add(recordsOf(1));
    await settle();
    expect(queue.sums.undelivered).toBe(1);
    expect(queue.health).toEqual({ status: 'FAILED', message: 'Unknown error' });
    destination.outcome = delivered;
    await queue.add(recordsOf(2));
    await settle();
    expect(queue.health).toEqual({ status: 'SUCCESS' });
  });

  it('takes what a destination throws for a refusal', async () => {
    const { queue, destination, told } = queueOf();
    destination.outcome = new Error('torn');
    await queue.add(recordsOf(1));
    await settle();
    expect(told).toEqual(['FAILED Unknown error torn']);
    destination.outcome = delivered;
    await queue.end();
    expect(queue.sums.delivered).toBe(1);
  });

  it('tries once more at its end, and gives up what is refused', async () => {
    const { queue, destination } = queueOf();
    destination.outcome = refusal();
    await queue.add(recordsOf(1));
    await queue.add(recordsOf(2));
    await settle();
    await queue.end();
    expect(queue.sums).toEqual({ delivered: 0, undelivered: 3 });
    expect(queue.waitingRecords).toBe(0);
  });

  it('tries at once again when something changed while a batch was being refused', async () => {
    const { queue, destination } = queueOf();
    destination.decidesFirst = true;
    destination.outcome = refusal();
    destination.shut();
    await queue.add(recordsOf(1));
    destination.outcome = delivered;
    queue.retryNow();
    destination.open();
    await settle();
    expect(queue.sums.delivered).toBe(1);
    expect(queue.health.status).toBe('SUCCESS');
  });
});
