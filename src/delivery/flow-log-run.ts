import { type FlowRows, float64, type Loss, rowFloat64s } from '../flow/index.ts';
import {
  type CoveredWindow,
  type FlowLog,
  type FlowLogHealth,
  FlowLogOutlet,
  type FlowLogResource,
  type RecordSums,
} from '../flowlog/index.ts';
import type { RecordContext } from '../record/index.ts';
import { DeliveryQueue, type DeliveryQueueOptions, type DeliverySums } from './delivery-queue.ts';

/** What a flow log has come to so far. */
export interface FlowLogReport {
  readonly flowLogId: string;
  readonly resourceId: string;
  readonly destination: string;
  readonly health: FlowLogHealth;
  /** For the operator: what exactly failed; empty while nothing does. */
  readonly detail: string;
  /** Packets at the interfaces that it covers: those in records, filtered and held are all of them. */
  readonly takenPackets: number;
  /** Packets of flows whose interval is not over. */
  readonly heldPackets: number;
  readonly records: Readonly<RecordSums>;
  readonly delivery: Readonly<DeliverySums> & { readonly waiting: number };
}

export interface FlowLogRunOptions
  extends Pick<DeliveryQueueOptions, 'destination' | 'maxBytes' | 'retryMs'> {
  readonly resource: FlowLogResource;
  readonly flowLog: FlowLog;
  readonly view: RecordContext;
  readonly windowSeconds: number;
  readonly maxFlows: number;
  readonly nowMs: () => number;
  /** The last window of which flows were handed over before this flow log was there; NODATA is said of later ones. */
  readonly createdInWindow: number;
  /** Told when deliveries begin to fail, and when they succeed again. */
  readonly onNotice: (line: string) => void;
}

/** One flow log at work: renders what it is given, and has it delivered. */
export class FlowLogRun {
  readonly #options: FlowLogRunOptions;
  readonly #outlet: FlowLogOutlet;
  readonly #queue: DeliveryQueue;
  #takenPackets = 0;
  /** Steps are taken one after the other. */
  #last: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: FlowLogRunOptions) {
    const { flowLog, destination, maxBytes, retryMs, windowSeconds, maxFlows, view, nowMs } = options;
    this.#options = options;
    this.#queue = new DeliveryQueue({
      flowLogId: flowLog.id,
      destination,
      maxBytes,
      retryMs,
      onHealth: (health, detail) => this.#noteHealth(health, detail),
    });
    const sink = { write: (records: Parameters<DeliveryQueue['add']>[0]) => this.#queue.add(records) };
    this.#outlet = new FlowLogOutlet({
      flowLog,
      windowSeconds,
      maxFlows,
      view,
      nowMs,
      destinations: [{ ...sink, endWindow: () => undefined }],
    });
  }

  get health(): FlowLogHealth {
    return this.#queue.health;
  }

  /** Whether flows wait here for the end of a longer interval. */
  get merges(): boolean {
    return this.#options.flowLog.maxAggregationInterval > 60;
  }

  takeFlows(rows: FlowRows): Promise<void> {
    return this.#step(() => {
      this.#takenPackets += packetsOf(rows);
      return this.#outlet.takeFlows(rows);
    });
  }

  closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void> {
    const known = windows.filter(({ window }) => window > this.#options.createdInWindow);
    return this.#step(() => this.#outlet.closeWindows(known, before));
  }

  takeLosses(losses: readonly Loss[]): Promise<void> {
    return this.#step(() => this.#outlet.takeLosses(losses));
  }

  retryNow(): void {
    this.#queue.retryNow();
  }

  /** Nothing is taken any more; what is there is rendered, and tried once more where it is refused. */
  async end(): Promise<void> {
    const finished = this.#step(() => this.#outlet.finish());
    this.#isOver = true;
    await finished;
    const { undelivered } = this.#queue.sums;
    await this.#queue.end();
    const lost = this.#queue.sums.undelivered - undelivered;
    if (lost > 0)
      this.#options.onNotice(`flow log ${this.#options.flowLog.id}: ${lost} records are given up`);
  }

  report(): FlowLogReport {
    const { resource, flowLog } = this.#options;
    const { recordedPackets, filteredPackets } = this.#outlet.sums;
    return {
      flowLogId: flowLog.id,
      resourceId: resource.ResourceId,
      destination: flowLog.destination,
      health: this.health,
      detail: this.#queue.detail,
      takenPackets: this.#takenPackets,
      heldPackets: this.#takenPackets - recordedPackets - filteredPackets,
      records: { ...this.#outlet.sums },
      delivery: { ...this.#queue.sums, waiting: this.#queue.waitingRecords },
    };
  }

  #step(take: () => Promise<void>): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const taken = this.#last.then(take);
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  #noteHealth({ status, message }: FlowLogHealth, detail: string): void {
    const { flowLog, onNotice } = this.#options;
    const what = status === 'SUCCESS' ? 'is delivered again' : `is not delivered: ${message} (${detail})`;
    onNotice(`flow log ${flowLog.id} ${what}`);
  }
}

function packetsOf({ floats, count }: FlowRows): number {
  let packets = 0;
  for (let i = 0; i < count; i++) packets += floats[i * rowFloat64s + float64.packets];
  return packets;
}
