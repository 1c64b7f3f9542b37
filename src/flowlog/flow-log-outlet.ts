import {
  FlowMerger,
  type FlowRows,
  float64,
  flowRows,
  type Loss,
  rowBytes,
  rowFloat64s,
  rowWords,
  word,
} from '../flow/index.ts';
import {
  buildRecords,
  type FlowRecords,
  type RecordContext,
  type StatusEntry,
  statusRecords,
} from '../record/index.ts';
import { type FlowLog, selects } from './flow-log.ts';
import { type CoveredWindow, IntervalLedger } from './interval-ledger.ts';

const maxLosses = 1000;

/** Where the records of a flow log go. Each call has been taken in when its promise is fulfilled. */
export interface RecordSink {
  write(records: FlowRecords): Promise<void>;
  /** What was written since the last call are the records of a window, or of several; more may come of them late. */
  endWindow(): void;
}

/** What became of the flows that the capture thread handed over. */
export interface RecordSums {
  records: number;
  /** Packets in the records that were written. */
  recordedPackets: number;
  /** Packets of flows that the traffic type leaves out. */
  filteredPackets: number;
  noData: number;
  skipData: number;
}

export interface FlowLogOutletOptions {
  readonly flowLog: FlowLog;
  readonly windowSeconds: number;
  readonly maxFlows: number;
  readonly view: RecordContext;
  readonly destinations: readonly RecordSink[];
  /** Of the clock on the wall: then an interval in which the outlet began, or that is not over, has no NODATA. */
  readonly nowMs?: () => number;
  /** With `nowMs`: when the watching began, each time; at present when absent. Epoch milliseconds. */
  readonly beganMs?: readonly number[];
  /** Of flows that are rendered at once; those that print alike become one record only among these. No bound when absent. */
  readonly maxRows?: number;
}

/** Renders flows as the records of one flow log, merges windows into its interval, and writes them. */
export class FlowLogOutlet {
  readonly sums: RecordSums = { records: 0, recordedPackets: 0, filteredPackets: 0, noData: 0, skipData: 0 };
  /** What was lost last, of all windows so far; older entries are in the sums only. */
  readonly losses: Loss[] = [];
  readonly #flowLog: FlowLog;
  readonly #view: RecordContext;
  readonly #destinations: readonly RecordSink[];
  readonly #intervals: IntervalLedger;
  /** Only for intervals longer than a minute: shorter windows are records of their own, as on Nitro-based instances. */
  readonly #merger: FlowMerger | undefined;
  readonly #maxRows: number;
  #skipped: StatusEntry[] = [];

  constructor(options: FlowLogOutletOptions) {
    const { flowLog, windowSeconds, maxFlows, view, destinations, nowMs, beganMs, maxRows } = options;
    this.#flowLog = flowLog;
    this.#view = view;
    this.#destinations = destinations;
    const merges = flowLog.maxAggregationInterval > 60;
    const intervalSeconds = merges ? flowLog.maxAggregationInterval : windowSeconds;
    this.#merger = merges ? new FlowMerger(maxFlows, intervalSeconds / windowSeconds) : undefined;
    this.#intervals = new IntervalLedger(windowSeconds, intervalSeconds, nowMs, beganMs);
    this.#maxRows = maxRows ?? Number.POSITIVE_INFINITY;
  }

  async takeFlows(rows: FlowRows): Promise<void> {
    this.#intervals.noteFlows(rows);
    for (const ready of this.#merger ? this.#merger.add(rows) : [rows]) await this.#writeFlows(ready);
  }

  async closeWindows(windows: readonly CoveredWindow[], before: number): Promise<void> {
    if (this.#merger) {
      await this.#writeFlows(
        Number.isFinite(before) ? this.#merger.takeBefore(before) : this.#merger.takeAll(),
      );
    }
    const noData = this.#intervals.close(windows, before);
    this.sums.noData += noData.length;
    await this.#writeStatus(noData);
    for (const destination of this.#destinations) destination.endWindow();
  }

  /** Writes what waits for the end of its interval: the flow log is no more. */
  async finish(): Promise<void> {
    if (this.#merger) await this.#writeFlows(this.#merger.takeAll());
  }

  /** SKIPDATA: one record for each interface and interval, whatever the reasons were. */
  async takeLosses(losses: readonly Loss[]): Promise<void> {
    this.noteLosses(losses);
    await this.writeSkipped();
  }

  /** They are known from now on; `writeSkipped` is to follow. */
  noteLosses(losses: readonly Loss[]): void {
    for (const loss of losses) {
      this.losses.push(loss);
      const entry = this.#intervals.skip(loss.window, loss.interfaceIndex);
      if (entry) this.#skipped.push(entry);
    }
    this.losses.splice(0, Math.max(0, this.losses.length - maxLosses));
  }

  /** Losses of flows that were recorded nevertheless. */
  noteRecorded(losses: readonly Loss[]): void {
    for (const { window, interfaceIndex } of losses) this.#intervals.noteActive(window, interfaceIndex);
  }

  async writeSkipped(): Promise<void> {
    const entries = this.#skipped;
    this.#skipped = [];
    this.sums.skipData += entries.length;
    await this.#writeStatus(entries);
  }

  async #writeFlows(rows: FlowRows): Promise<void> {
    for (const window of rowsByWindow(rows).flatMap((some) => cutRows(some, this.#maxRows))) {
      const flowLog = this.#flowLog;
      this.sums.filteredPackets += filteredPackets(flowLog, window);
      const { trafficType, tagKeys } = flowLog;
      const records = buildRecords(window, this.#view, flowLog.format, {
        trafficType,
        ...(tagKeys ? { tagKeys } : {}),
      });
      this.sums.recordedPackets += records.packets.reduce((sum, packets) => sum + packets, 0);
      await this.#write(records);
    }
  }

  async #writeStatus(entries: readonly StatusEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const { format, tagKeys } = this.#flowLog;
    await this.#write(statusRecords(entries, this.#view, format, tagKeys ? { tagKeys } : {}));
  }

  async #write(records: FlowRecords): Promise<void> {
    if (records.length === 0) return;
    this.sums.records += records.length;
    for (const destination of this.#destinations) await destination.write(records);
  }
}

function filteredPackets(flowLog: FlowLog, rows: FlowRows): number {
  if (flowLog.trafficType === 'ALL') return 0;
  let packets = 0;
  for (let i = 0; i < rows.count; i++) {
    const outcome = rows.words[i * rowWords + word.outcome];
    if (!selects(flowLog, outcome)) packets += rows.floats[i * rowFloat64s + float64.packets];
  }
  return packets;
}

/** Nearly always one window; late packets and absurd timestamps make more, each with records of its own. */
function rowsByWindow(rows: FlowRows): FlowRows[] {
  if (isOneWindow(rows)) return rows.count > 0 ? [rows] : [];
  const slots = new Map<number, number[]>();
  for (let i = 0; i < rows.count; i++) {
    const window = rows.words[i * rowWords + word.window];
    const known = slots.get(window);
    if (known) known.push(i);
    else slots.set(window, [i]);
  }
  return [...slots].sort(([a], [b]) => a - b).map(([, members]) => selectRows(rows, members));
}

function isOneWindow(rows: FlowRows): boolean {
  for (let i = 1; i < rows.count; i++) {
    if (rows.words[i * rowWords + word.window] !== rows.words[word.window]) return false;
  }
  return true;
}

/** Views of at most so many rows. */
function cutRows(rows: FlowRows, maxRows: number): FlowRows[] {
  if (rows.count <= maxRows) return [rows];
  const pieces: FlowRows[] = [];
  for (let from = 0; from < rows.count; from += maxRows) {
    const to = Math.min(rows.count, from + maxRows);
    pieces.push({
      count: to - from,
      words: rows.words.subarray(from * rowWords, to * rowWords),
      floats: rows.floats.subarray(from * rowFloat64s, to * rowFloat64s),
    });
  }
  return pieces;
}

function selectRows(rows: FlowRows, members: readonly number[]): FlowRows {
  const selected = flowRows(new ArrayBuffer(members.length * rowBytes), members.length);
  for (const [to, from] of members.entries()) {
    selected.words.set(rows.words.subarray(from * rowWords, (from + 1) * rowWords), to * rowWords);
  }
  return selected;
}
