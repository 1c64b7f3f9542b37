import { type FlowRows, type Loss, rowWords, word } from '../flow/index.ts';
import {
  Coverage,
  type CoveredWindow,
  type FlowLog,
  type FlowLogHealth,
  type FlowLogResource,
  flowLogs,
  runnableFlowLog,
  splitRows,
} from '../flowlog/index.ts';
import type { RecordContext } from '../record/index.ts';
import { type Place, placeKey, type ResourceChange, type Resources } from '../resource/index.ts';
import type { Destination } from './destination.ts';
import { type FlowLogReport, FlowLogRun } from './flow-log-run.ts';

const maxLosses = 1000;
/** No interval is merged in less. */
const fewestFlows = 4096;
/** Before the next try of a batch that was refused; the longest is less than an interval. */
const retryMs = { first: 1000, longest: 20_000 };
/** Kinds of resources whose changes may let a destination take what it refused. */
const accessKinds = /^iam-/;

export interface FlowLogsOptions {
  readonly resources: Resources;
  /** Of the captured network. Flow logs elsewhere have nothing to record. */
  readonly place: Place;
  readonly view: RecordContext;
  readonly windowSeconds: number;
  /** Flows that may wait for the end of longer intervals, over all flow logs. */
  readonly maxFlows: number;
  /** Bytes of records that may wait for their destinations, over all flow logs. */
  readonly maxWaitingBytes: number;
  readonly destinationOf: (resource: FlowLogResource, flowLog: FlowLog) => Destination;
  readonly onNotice: (line: string) => void;
  readonly nowMs: () => number;
  readonly retryMs?: { readonly first: number; readonly longest: number };
}

/** Packets that were observed, each once, by what flow logs made of them. */
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
  /** Records of flow logs that are no more which their destinations did not take. */
  readonly undeliveredOfDeleted: number;
  /** The last ones. */
  readonly losses: readonly Loss[];
}

/**
 * The flow logs of the captured network, as they are created and deleted: shares flows out among them. What one cannot
 * deliver holds up no other. A new one records what is handed over from then on; of a deleted one, what was handed over
 * before is still delivered.
 */
export class FlowLogs {
  readonly #options: FlowLogsOptions;
  readonly #packets: LoggedPackets = { logged: 0, unlogged: 0, skipped: 0 };
  readonly #losses: Loss[] = [];
  readonly #ending = new Set<Promise<void>>();
  #resources: FlowLogResource[] = [];
  #runs: FlowLogRun[] = [];
  #coverage: Coverage;
  #undeliveredOfDeleted = 0;
  /** The newest window of which flows have come, or that was closed. */
  #newestWindow = -1;

  constructor(options: FlowLogsOptions) {
    this.#options = options;
    const { resources, place } = options;
    for (const resource of resources.list(flowLogs, place)) this.#add(resource);
    this.#coverage = this.#cover();
    resources.onChange((changes) => this.#follow(changes));
  }

  /** Of a flow log anywhere; `SUCCESS` while it has not tried to deliver. */
  health(flowLogId: string): FlowLogHealth {
    const place = this.#resources.findIndex(({ FlowLogId }) => FlowLogId === flowLogId);
    return place < 0 ? { status: 'SUCCESS' } : this.#runs[place].health;
  }

  /** Rows as the capture thread hands them over; fulfilled when more can be taken. */
  async takeFlows(rows: FlowRows): Promise<void> {
    this.#noteWindows(rows);
    const { shares, loggedPackets, unloggedPackets } = splitRows(rows, this.#coverage);
    this.#packets.logged += loggedPackets;
    this.#packets.unlogged += unloggedPackets;
    const runs = this.#runs;
    await Promise.all(shares.map((share, place) => share && runs[place].takeFlows(share.rows)));
  }

  async closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void> {
    for (const { window } of windows) this.#newestWindow = Math.max(this.#newestWindow, window);
    const coverage = this.#coverage;
    await Promise.all(
      this.#runs.map((run, place) =>
        run.closeWindows(
          windows.map(({ window, covered }) => ({
            window,
            covered: covered.filter((index) => coverage.covers(place, index)),
          })),
          before,
        ),
      ),
    );
  }

  async takeLosses(losses: readonly Loss[]): Promise<void> {
    for (const loss of losses) {
      this.#losses.push(loss);
      this.#packets.skipped += loss.packets;
    }
    this.#losses.splice(0, Math.max(0, this.#losses.length - maxLosses));
    const coverage = this.#coverage;
    await Promise.all(
      this.#runs.map((run, place) =>
        run.takeLosses(losses.filter(({ interfaceIndex }) => coverage.covers(place, interfaceIndex))),
      ),
    );
  }

  report(): FlowLogsReport {
    return {
      packets: { ...this.#packets },
      flowLogs: this.#runs.map((run) => run.report()),
      undeliveredOfDeleted: this.#undeliveredOfDeleted,
      losses: [...this.#losses],
    };
  }

  /** The end of the capture: everything is rendered, and tried once more. The flow logs stay as resources. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs.map((run) => run.end()), ...this.#ending]);
  }

  #follow(changes: readonly ResourceChange[]): void {
    const place = placeKey(this.#options.place);
    const mine = changes.filter(({ kind, place: at }) => kind === flowLogs.name && placeKey(at) === place);
    for (const { id, before, after } of mine) {
      if (before === undefined) this.#add(after as FlowLogResource);
      else if (after === undefined) this.#remove(id);
    }
    if (mine.length > 0) this.#coverage = this.#cover();
    if (changes.some(({ kind }) => accessKinds.test(kind))) for (const run of this.#runs) run.retryNow();
  }

  #add(resource: FlowLogResource): void {
    const flowLog = runnableFlowLog(resource);
    if (!flowLog) return;
    const { view, windowSeconds, maxFlows, maxWaitingBytes, destinationOf, onNotice, nowMs } = this.#options;
    const merging = this.#runs.filter(({ merges }) => merges).length;
    const run = new FlowLogRun({
      resource,
      flowLog,
      view,
      windowSeconds,
      // Halves, quarters, …: all together stay within the bound.
      maxFlows: Math.max(fewestFlows, Math.floor(maxFlows / 2 ** Math.min(merging + 1, 30))),
      destination: destinationOf(resource, flowLog),
      maxBytes: () => maxWaitingBytes / Math.max(1, this.#runs.length),
      retryMs: this.#options.retryMs ?? retryMs,
      createdInWindow: this.#newestWindow,
      nowMs,
      onNotice,
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
    const ended = run.end().then(() => {
      this.#undeliveredOfDeleted += run.report().delivery.undelivered;
      this.#ending.delete(ended);
    });
    this.#ending.add(ended);
  }

  #cover(): Coverage {
    return new Coverage(this.#resources, this.#options.view);
  }

  #noteWindows({ words, count }: FlowRows): void {
    for (let i = 0; i < count; i++) {
      const window = words[i * rowWords + word.window];
      if (window > this.#newestWindow) this.#newestWindow = window;
    }
  }
}
