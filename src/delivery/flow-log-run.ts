import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FlowLog, FlowLogHealth, FlowLogResource, RecordSums } from '../flowlog/index.ts';
import type { RecordContext } from '../record/index.ts';
import type { Place } from '../resource/index.ts';
import type { FlowSpool } from '../spool/index.ts';
import { DeliveryAttempts, type DeliveryAttemptsOptions, type DeliverySums } from './delivery-attempts.ts';
import type { Destination } from './destination.ts';
import { KeptRun } from './kept-run.ts';
import { ObjectDelivery } from './object-delivery.ts';
import { RecordDelivery } from './record-delivery.ts';
import { maxBegins, type RunState, readRunState, removeState, runStateFile } from './run-state.ts';
import { precedingBefore, SegmentRenderer, type TakeRecords } from './segment-renderer.ts';
import type { Position, UnitDelivery, Waiting } from './unit-delivery.ts';

/** AWS puts five minutes into an object. */
const objectSeconds = 300;

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
  readonly delivery: Readonly<DeliverySums> & {
    /** Records that are rendered and not taken yet. */
    readonly waiting: number;
    /** Of objects that are complete and not taken yet. */
    readonly waitingBytes: number;
    /** In the spool, not delivered or not whole. */
    readonly waitingSegments: number;
    /** Since the oldest of these was sealed. */
    readonly behindSeconds: number;
  };
}

export interface FlowLogRunOptions extends Pick<DeliveryAttemptsOptions, 'retryMs'> {
  readonly resource: FlowLogResource;
  readonly flowLog: FlowLog;
  readonly place: Place;
  readonly view: RecordContext;
  readonly windowSeconds: number;
  readonly maxFlows: number;
  readonly spool: FlowSpool;
  readonly destination: Destination;
  /** Where its state is kept, with the objects that wait. */
  readonly stateFolder: string;
  readonly nowMs: () => number;
  /** After so long without a new segment what should be over is taken to be over. */
  readonly idleMs: number;
  /** At the end, for what is under way. */
  readonly endMs: number;
  /** For what a deleted flow log has still to deliver. */
  readonly deletedMs: number;
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Told when deliveries begin to fail, when they succeed again, and what is lost. */
  readonly onNotice: (line: string) => void;
  /** Told when it may need fewer segments. */
  readonly onKept: () => void;
}

type Totals = RecordSums & { takenPackets: number };
const noTotals: Totals = {
  records: 0,
  recordedPackets: 0,
  filteredPackets: 0,
  noData: 0,
  skipData: 0,
  takenPackets: 0,
};

/** One flow log at work: reads the spool at its own pace, renders, and has it delivered. */
export class FlowLogRun {
  readonly #options: FlowLogRunOptions;
  readonly #attempts: DeliveryAttempts;
  /** The segment that was open when the flow log came to be, if nothing else is known. */
  readonly #openAtFirst: number;
  readonly #beganMs: number;
  readonly #work: Promise<void>;
  #kept: KeptRun | undefined;
  #renderer: SegmentRenderer | undefined;
  #delivery: UnitDelivery | undefined;
  /** Of renderers that are no more. */
  #totals: Totals = noTotals;
  /** As it was when the position was kept: what was rendered since is rendered again. */
  #keptTotals: Totals = noTotals;
  /** When the oldest segment that is under way was sealed. */
  #oldestMs: number | undefined;
  /** Of a flow log that is deleted: the segment that was open then. */
  #limit: number | undefined;
  #isEnding = false;
  #isAbandoned = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(options: FlowLogRunOptions) {
    const { retryMs, spool, nowMs } = options;
    this.#options = options;
    this.#beganMs = nowMs();
    this.#openAtFirst = spool.next;
    this.#attempts = new DeliveryAttempts({
      retryMs,
      onHealth: (health, detail) => this.#noteHealth(health, detail),
      onUndelivered: (records, detail) => this.#notice(`${records} records are refused for good: ${detail}`),
    });
    this.#work = this.#run();
  }

  get health(): FlowLogHealth {
    return this.#attempts.health;
  }

  /** Segments before this one are not needed any more, not even after a crash. */
  get neededFrom(): number {
    if (this.#isOver && this.#limit !== undefined) return Number.POSITIVE_INFINITY;
    return this.#kept?.state.readFrom ?? 0;
  }

  /** Whether flows wait here for the end of a longer interval. */
  get merges(): boolean {
    return this.#options.flowLog.maxAggregationInterval > 60;
  }

  /** There is another segment. */
  noteSealed(): void {
    this.#wake?.();
  }

  retryNow(): void {
    this.#attempts.retryNow();
  }

  /** The end of the service: what is sealed is rendered and tried once; what is refused stays where it is. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#attempts.end();
    this.#wake?.();
    await within(this.#work, this.#options.endMs, true);
    this.abandon();
  }

  /** As if the program had been killed: nothing is kept from now on, and nothing more is done. */
  abandon(): void {
    this.#isEnding = true;
    this.#isAbandoned = true;
    this.#attempts.abandon();
    this.#kept?.close();
    this.#wake?.();
  }

  /** The flow log is deleted: what was sealed before is delivered, if that can be done in some time. */
  async endDeleted(): Promise<void> {
    const { spool, deletedMs, endMs, destination } = this.#options;
    this.#limit = spool.next;
    this.#wake?.();
    const late = setTimeout(() => this.#attempts.end(), deletedMs).unref();
    const isDone = await within(this.#work, deletedMs + endMs, false);
    clearTimeout(late);
    if (this.#isEnding) return;
    // A destination that never answers keeps the segments from nobody.
    if (!isDone) this.abandon();
    this.#kept?.close();
    await this.#forget();
    if (destination.takes === 'records') await destination.forget?.();
  }

  report(): FlowLogReport {
    const { resource, flowLog } = this.#options;
    const { takenPackets, ...records } = this.#currentTotals();
    const { health, detail, sums } = this.#attempts;
    return {
      flowLogId: flowLog.id,
      resourceId: resource.ResourceId,
      destination: flowLog.destination,
      health,
      detail,
      takenPackets,
      heldPackets: this.#renderer?.heldPackets ?? 0,
      records,
      delivery: { ...sums, ...this.#waiting() },
    };
  }

  #waiting() {
    const { records, bytes }: Waiting = this.#delivery?.waiting ?? { records: 0, bytes: 0 };
    const { spool, nowMs } = this.#options;
    // All of it may, until it is known.
    const from = this.#kept?.state.segment ?? spool.first;
    const behindMs = this.#oldestMs === undefined ? 0 : nowMs() - this.#oldestMs;
    return {
      waiting: records,
      waitingBytes: bytes,
      waitingSegments: Math.max(0, (this.#limit ?? spool.next) - Math.max(from, spool.first)),
      behindSeconds: Math.max(0, Math.floor(behindMs / 1000)),
    };
  }

  async #run(): Promise<void> {
    for (;;) {
      try {
        await this.#deliverAll();
        break;
      } catch (error) {
        // On a disk that is full, what was begun takes the room that others wait for.
        await this.#abort();
        if (!(await this.#attempts.failed(error))) break;
      }
    }
    // Of what was left in the middle nothing stays open.
    await this.#abort();
    this.#isOver = true;
    this.#options.onKept();
  }

  async #abort(): Promise<void> {
    await this.#delivery?.abort().catch((error: Error) => this.#notice(error.message));
  }

  /** Until the end; rejected with what stands in the way, then it may be called again. */
  async #deliverAll(): Promise<void> {
    // There may have been no room for it, or somebody removed it.
    await mkdir(this.#options.stateFolder, { recursive: true, mode: 0o700 });
    this.#kept ??= await this.#open();
    await this.#begin(this.#kept);
    if (!(await this.#delivery!.resume())) return;
    if (this.#kept.state.isFlushing && !(await this.#flush())) return;
    while (!this.#isAbandoned) {
      const limit = this.#limit ?? this.#options.spool.next;
      if (this.#renderer!.position < limit) {
        if (!(await this.#feed())) return;
      } else if (this.#limit !== undefined) {
        await this.#flush();
        return;
      } else if (this.#isEnding) {
        await this.#endUnit();
        return;
      } else if ((await this.#isIdle()) && !(await this.#flush())) return;
    }
  }

  async #open(): Promise<KeptRun> {
    const { stateFolder, flowLog } = this.#options;
    const file = runStateFile(stateFolder, flowLog.id);
    const found = await readRunState(file);
    if (found.kind === 'damaged')
      this.#notice('what was kept of it cannot be read: all that waits is delivered');
    const state =
      found.kind === 'kept'
        ? this.#continued(found.state)
        : this.#first(found.kind === 'damaged' ? this.#options.spool.first : await this.#madeAt());
    const { sums } = this.#attempts;
    sums.ambiguous = state.ambiguous;
    const beganMs = [...state.beganMs, this.#beganMs].slice(-maxBegins);
    const kept = new KeptRun(file, { ...state, beganMs }, () => sums.ambiguous);
    const { sent, isFlushing } = state;
    await kept.keep({ ...(sent ? { sent } : {}), ...(isFlushing ? { isFlushing } : {}) });
    this.#options.onKept();
    return kept;
  }

  /** The segment that was open when the flow log was made: a crash may have come before anything was kept of it. */
  async #madeAt(): Promise<number> {
    const { spool, resource } = this.#options;
    const madeMs = Date.parse(resource.CreationTime ?? '');
    let segment = this.#openAtFirst;
    for (; segment > spool.first; segment--) {
      const { sealedMs } = await spool.read(segment - 1);
      if (!(sealedMs > madeMs)) break;
    }
    return segment;
  }

  #first(segment: number): RunState {
    const { spool } = this.#options;
    return {
      spoolId: spool.id,
      segment,
      readFrom: segment,
      beganMs: [],
      objects: [],
      nextBatch: 0,
      ambiguous: 0,
    };
  }

  /** Of another spool only what is rendered is left. */
  #continued(state: RunState): RunState {
    const { spool } = this.#options;
    if (state.spoolId === spool.id) return state;
    const { beganMs, objects, nextBatch, ambiguous } = state;
    this.#notice('the spool is another one: all that waits there is delivered');
    return { ...this.#first(spool.first), beganMs, objects, nextBatch, ambiguous };
  }

  /** A renderer in the state in which the last one was when the position was kept. */
  async #begin(kept: KeptRun): Promise<void> {
    await this.#delivery?.abort();
    this.#renderer = undefined;
    this.#totals = this.#keptTotals;
    this.#oldestMs = kept.state.objects.at(0)?.sinceMs;
    const { resource, flowLog, view, windowSeconds, maxFlows, spool } = this.#options;
    const { readFrom, segment, before, beganMs } = kept.state;
    const renderer = new SegmentRenderer({
      resource,
      flowLog,
      view,
      windowSeconds,
      maxFlows,
      beganMs,
      from: readFrom,
      before,
    });
    while (renderer.position < Math.min(segment, spool.next)) {
      if (renderer.position < spool.first) renderer.skipTo(Math.min(segment, spool.first));
      else await renderer.recall(await spool.read(renderer.position));
    }
    renderer.ignoreSums();
    this.#renderer = renderer;
    this.#delivery = this.#deliveryOf(kept);
  }

  #deliveryOf(kept: KeptRun): UnitDelivery {
    const { flowLog, destination, stateFolder, place, windowSeconds } = this.#options;
    const { inTurn, nowMs, onNotice } = this.#options;
    const attempts = this.#attempts;
    const onKept = (): void => this.#noteKept();
    if (destination.takes === 'records') {
      return new RecordDelivery({ flowLogId: flowLog.id, destination, attempts, kept, onKept });
    }
    return new ObjectDelivery({
      flowLog,
      destination,
      attempts,
      kept,
      place,
      windowSeconds,
      unitSeconds: Math.max(objectSeconds, this.merges ? flowLog.maxAggregationInterval : 0),
      folder: path.join(stateFolder, flowLog.id),
      inTurn,
      nowMs,
      onNotice,
      onKept,
    });
  }

  async #feed(): Promise<boolean> {
    const { spool } = this.#options;
    const renderer = this.#renderer!;
    const number = renderer.position;
    if (number < spool.first) {
      renderer.skipTo(spool.first);
      return true;
    }
    const segment = await spool.read(number);
    const previousBefore = precedingBefore(renderer.before, segment);
    this.#oldestMs ??= segment.sealedMs;
    const isFed = await renderer.feed(segment, this.#take);
    if (!isFed) return false;
    const { before } = segment;
    const isLast = renderer.position >= spool.next;
    return this.#delivery!.endSegment({ number, before, previousBefore, isLast }, this.#position);
  }

  async #flush(): Promise<boolean> {
    await this.#delivery!.beginFlush(this.#position);
    const isFed = await this.#renderer!.flush(this.#options.nowMs(), this.#take);
    return isFed && this.#endUnit();
  }

  readonly #take: TakeRecords = async (records, segment, piece) =>
    !this.#isAbandoned && this.#delivery!.take(records, segment, piece);

  #endUnit(): Promise<boolean> {
    return this.#delivery!.endUnit(this.#position);
  }

  get #position(): Position {
    const { position, holdFrom, holdBefore } = this.#renderer!;
    return { segment: position, readFrom: holdFrom, before: holdBefore };
  }

  #noteKept(): void {
    this.#attempts.succeeded();
    this.#keptTotals = this.#currentTotals();
    const { heldPackets } = this.#renderer!;
    // They are rendered again by the next renderer, which counts them as taken.
    this.#keptTotals.takenPackets -= heldPackets;
    this.#oldestMs = this.#kept?.state.objects.at(0)?.sinceMs;
    this.#options.onKept();
  }

  #currentTotals(): Totals {
    const totals = { ...this.#totals };
    const renderer = this.#renderer;
    if (!renderer) return totals;
    const { sums } = renderer;
    for (const name of Object.keys(sums) as (keyof RecordSums)[]) totals[name] += sums[name];
    totals.takenPackets += renderer.takenPackets;
    return totals;
  }

  /** Waits for the next segment. True when there is none although time has passed in which there should be. */
  async #isIdle(): Promise<boolean> {
    const isUnderWay = this.#renderer!.holds || this.#kept!.state.segment < this.#renderer!.position;
    const isWoken = await this.#sleep(isUnderWay ? this.#options.idleMs : undefined);
    return !isWoken && this.#isPastInterval();
  }

  /** Whether by the clock on the wall the interval is over that was under way. */
  #isPastInterval(): boolean {
    const { before } = this.#renderer!;
    if (before === undefined) return true;
    const { windowSeconds, flowLog, destination, nowMs } = this.#options;
    const seconds = Math.max(
      this.merges ? flowLog.maxAggregationInterval : windowSeconds,
      destination.takes === 'objects' ? objectSeconds : 0,
    );
    return nowMs() / 1000 >= (Math.floor((before * windowSeconds) / seconds) + 1) * seconds;
  }

  /** False when the time has passed without anything happening. */
  async #sleep(ms: number | undefined): Promise<boolean> {
    const isWoken = await new Promise<boolean>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => resolve(false), ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    this.#wake = undefined;
    return isWoken;
  }

  async #forget(): Promise<void> {
    const { stateFolder, flowLog } = this.#options;
    const { waiting, waitingSegments } = this.#waiting();
    if (waitingSegments > 0 || waiting > 0) {
      const rendered = waiting > 0 ? ` and ${waiting} records in objects` : '';
      this.#notice(`it is deleted: ${waitingSegments} segments${rendered} are given up`);
    }
    await removeState(stateFolder, flowLog.id);
  }

  #noteHealth({ status, message }: FlowLogHealth, detail: string): void {
    const { flowLog, onNotice } = this.#options;
    const what = status === 'SUCCESS' ? 'is delivered again' : `is not delivered: ${message} (${detail})`;
    onNotice(`flow log ${flowLog.id} ${what}`);
  }

  #notice(what: string): void {
    const { flowLog, onNotice } = this.#options;
    onNotice(`flow log ${flowLog.id}: ${what}`);
  }
}

/** Waits for work, but not for ever: whether it is done. `isHeld`: the program does not end before. */
async function within(work: Promise<void>, ms: number, isHeld: boolean): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
    if (!isHeld) timer.unref();
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
