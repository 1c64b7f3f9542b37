import type { FlowRows, Loss } from '../flow/index.ts';
import {
  Coverage,
  type CoveredWindow,
  type FlowLog,
  type FlowLogHealth,
  type FlowLogResource,
  flowLogs,
  runnableFlowLog,
} from '../flowlog/index.ts';
import type { RecordContext } from '../record/index.ts';
import { type Place, placeKey, type ResourceChange, type Resources } from '../resource/index.ts';
import type { FlowSpool, SpoolStatus } from '../spool/index.ts';
import type { Destination } from './destination.ts';
import { type FlowLogReport, FlowLogRun } from './flow-log-run.ts';
import { PacketCounts } from './packet-counts.ts';
import { leftoverStates, removeState } from './run-state.ts';
import { Turns } from './turns.ts';

const maxLosses = 1000;
/** No interval is merged in less. */
const fewestFlows = 4096;
const waits = {
  /** Before the next try of what was refused; the longest is less than an interval. */
  retryMs: { first: 500, longest: 20_000 },
  /** Twice the shortest interval: capture that goes on seals a segment in each. */
  idleMs: 120_000,
  /** Less than service managers wait before they kill. */
  endMs: 10_000,
  /** AWS: "after you delete a flow log, it can take several minutes to stop collecting data". */
  deletedMs: 300_000,
};
/** Kinds of resources whose changes may let a destination take what it refused. */
const accessKinds = /^(?:iam-|s3-bucket|firehose-)/;

export interface FlowLogsOptions {
  readonly resources: Resources;
  /** Of the captured network. Flow logs elsewhere have nothing to record. */
  readonly place: Place;
  readonly view: RecordContext;
  readonly windowSeconds: number;
  /** Flows that may wait for the end of longer intervals, over all flow logs. */
  readonly maxFlows: number;
  /** Whoever opened it closes it, after this. */
  readonly spool: FlowSpool;
  /** How far each flow log has come, and objects that wait. */
  readonly stateFolder: string;
  readonly destinationOf: (resource: FlowLogResource, flowLog: FlowLog) => Destination;
  readonly onNotice: (line: string) => void;
  readonly nowMs: () => number;
  readonly waits?: Partial<typeof waits>;
}

/** Packets that were observed, each once, by what flow logs make of them. */
export interface LoggedPackets {
  /** At interfaces that some flow log covers: see the reports of these for what became of them there. */
  logged: number;
  /** At interfaces that none covers: nobody asked for them. */
  unlogged: number;
  /** Lost before they came here: the loss ledger. */
  skipped: number;
}

export interface FlowLogsReport {
  readonly packets: Readonly<LoggedPackets>;
  readonly flowLogs: readonly FlowLogReport[];
  /** Records of flow logs that are no more which their destinations refused for good. */
  readonly undeliveredOfDeleted: number;
  /** The last ones, also of earlier runs of the program. */
  readonly losses: readonly Loss[];
  readonly spool: SpoolStatus;
}

/**
 * The flow logs of the captured network, as they are created and deleted. What is captured goes into the spool, and is
 * theirs once its windows are closed: each reads it at its own pace, and what one cannot deliver holds up no other. A new
 * one records the windows that are open; of a deleted one, what was closed before is still delivered.
 */
export class FlowLogs {
  readonly #options: FlowLogsOptions;
  readonly #packets: LoggedPackets = { logged: 0, unlogged: 0, skipped: 0 };
  readonly #losses: Loss[] = [];
  readonly #turns = new Turns();
  /** Of flow logs that are no more. */
  readonly #ending = new Map<FlowLogRun, Promise<void>>();
  readonly #cleaned: Promise<void>;
  #resources: readonly FlowLogResource[] = [];
  #runs: readonly FlowLogRun[] = [];
  #coverage: Coverage;
  #undeliveredOfDeleted = 0;
  #openPackets = new PacketCounts();
  /** As the last closing said. */
  #before = 0;
  #isClosed = false;
  #releasedBefore = 0;

  constructor(options: FlowLogsOptions) {
    const { resources, place, spool } = options;
    this.#options = options;
    for (const resource of resources.list(flowLogs, place)) this.#add(resource);
    this.#coverage = this.#cover();
    this.#cleaned = this.#removeLeftovers();
    resources.onChange((changes) => this.#follow(changes));
    spool.onSealed(() => this.#noteSealed());
    spool.onLoss((losses) => this.#noteLosses(losses));
    this.#release();
  }

  /** Of a flow log anywhere; `SUCCESS` while it has not tried to deliver. */
  health(flowLogId: string): FlowLogHealth {
    const place = this.#resources.findIndex(({ FlowLogId }) => FlowLogId === flowLogId);
    return place < 0 ? { status: 'SUCCESS' } : this.#runs[place].health;
  }

  /** Rows as the capture thread hands them over; fulfilled when more can be taken. */
  async takeFlows(rows: FlowRows): Promise<void> {
    this.#openPackets.add(rows);
    await this.#options.spool.takeFlows(rows);
  }

  /** On the disk when fulfilled. */
  async closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void> {
    if (Number.isFinite(before)) this.#before = before;
    this.#countOpen();
    await this.#options.spool.closeWindows(windows, before);
  }

  async takeLosses(losses: readonly Loss[]): Promise<void> {
    for (const { packets } of losses) this.#packets.skipped += packets;
    await this.#options.spool.takeLosses(losses);
  }

  report(): FlowLogsReport {
    const { logged, unlogged, skipped } = this.#packets;
    const { wanted, others } = this.#openPackets.split((index) => this.#isLogged(index));
    return {
      packets: { logged: logged + wanted, unlogged: unlogged + others, skipped },
      flowLogs: this.#runs.map((run) => run.report()),
      undeliveredOfDeleted: this.#undeliveredOfDeleted,
      losses: [...this.#losses],
      spool: this.#options.spool.status,
    };
  }

  /** The end of the service: all is rendered, and tried once; what is refused waits in the spool for the next start. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    if (!this.#openPackets.isEmpty) await this.closeWindows([], this.#before);
    this.#isClosed = true;
    await this.#cleaned;
    await Promise.all([...this.#runs, ...this.#ending.keys()].map((run) => run.end()));
    await this.#turns.take(async () => undefined);
  }

  #follow(changes: readonly ResourceChange[]): void {
    if (this.#isClosed) return;
    const place = placeKey(this.#options.place);
    const mine = changes.filter(({ kind, place: at }) => kind === flowLogs.name && placeKey(at) === place);
    for (const { id, before, after } of mine) {
      if (before === undefined) this.#add(after as FlowLogResource);
      else if (after === undefined) this.#remove(id);
    }
    if (mine.length > 0) this.#coverage = this.#cover();
    if (!changes.some(({ kind }) => accessKinds.test(kind))) return;
    for (const run of [...this.#runs, ...this.#ending.keys()]) run.retryNow();
  }

  #add(resource: FlowLogResource): void {
    const flowLog = runnableFlowLog(resource);
    if (!flowLog) return;
    const { maxFlows, destinationOf } = this.#options;
    const merging = this.#runs.filter(({ merges }) => merges).length;
    const run = new FlowLogRun({
      ...this.#options,
      ...waits,
      ...this.#options.waits,
      resource,
      flowLog,
      // Halves, quarters, …: all together stay within the bound.
      maxFlows: Math.max(fewestFlows, Math.floor(maxFlows / 2 ** Math.min(merging + 1, 30))),
      destination: destinationOf(resource, flowLog),
      inTurn: this.#turns.take,
      onKept: () => this.#release(),
    });
    // New lists: who goes through the old ones sees them as they were.
    this.#resources = [...this.#resources, resource];
    this.#runs = [...this.#runs, run];
  }

  #remove(flowLogId: string): void {
    const place = this.#resources.findIndex(({ FlowLogId }) => FlowLogId === flowLogId);
    if (place < 0) return;
    const run = this.#runs[place];
    this.#resources = this.#resources.toSpliced(place, 1);
    this.#runs = this.#runs.toSpliced(place, 1);
    const ended = run
      .endDeleted()
      .catch((error: Error) =>
        this.#options.onNotice(`flow log ${flowLogId} is deleted; traces of it are left: ${error.message}`),
      )
      .then(() => {
        this.#undeliveredOfDeleted += run.report().delivery.undelivered;
        this.#ending.delete(run);
        this.#release();
      });
    this.#ending.set(run, ended);
  }

  #cover(): Coverage {
    return new Coverage(this.#resources, this.#options.view);
  }

  #isLogged(interfaceIndex: number): boolean {
    return this.#coverage.setOf(interfaceIndex).members.length > 0;
  }

  /** Flow logs that are there now record the open windows whole. */
  #countOpen(): void {
    const { wanted, others } = this.#openPackets.split((index) => this.#isLogged(index));
    this.#packets.logged += wanted;
    this.#packets.unlogged += others;
    this.#openPackets = new PacketCounts();
  }

  #noteSealed(): void {
    for (const run of this.#runs) run.noteSealed();
    this.#release();
  }

  #noteLosses(losses: readonly Loss[]): void {
    this.#losses.push(...losses.slice(-maxLosses));
    this.#losses.splice(0, Math.max(0, this.#losses.length - maxLosses));
  }

  /** Lets go of the segments that no flow log needs any more. */
  #release(): void {
    const { spool, onNotice } = this.#options;
    const needed = [...this.#runs, ...this.#ending.keys()].map((run) => run.neededFrom);
    const before = Math.min(spool.next, ...needed);
    if (before <= this.#releasedBefore || this.#isClosed) return;
    this.#releasedBefore = before;
    spool
      .release(before)
      .catch((error: Error) => onNotice(`the spool keeps what it need not: ${error.message}`));
  }

  /** Flow logs that were deleted when nobody could deliver any more. */
  async #removeLeftovers(): Promise<void> {
    const { stateFolder, onNotice } = this.#options;
    // One that is made meanwhile is known before anything of it is kept; one that is deleted clears up after itself.
    const ending = () => [...this.#ending.keys()].map((run) => run.report());
    const isKnown = (id: string) =>
      this.#resources.some(({ FlowLogId }) => FlowLogId === id) ||
      ending().some(({ flowLogId }) => flowLogId === id);
    try {
      for (const { flowLogId, records } of await leftoverStates(stateFolder, isKnown)) {
        if (isKnown(flowLogId)) continue;
        if (records > 0) onNotice(`flow log ${flowLogId} is no more: ${records} records of it are given up`);
        await removeState(stateFolder, flowLogId);
      }
    } catch (error) {
      onNotice(`what is left of deleted flow logs cannot be removed: ${(error as Error).message}`);
    }
  }
}
