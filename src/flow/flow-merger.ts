import { type FlowRows, float64, outcomeBits, rowFloat64s, rowWords, word } from './flow-row.ts';
import { FlowTable } from './flow-table.ts';

/**
 * Joins the windows of a flow log whose aggregation interval is longer than a window: rows that are alike in all but
 * counters, times and TCP flags become one. Bounded like the flow table; what finds no room leaves early, as rows of
 * their own.
 */
export class FlowMerger {
  readonly #table: FlowTable;
  readonly #windowsPerInterval: number;

  constructor(maxFlows: number, windowsPerInterval: number) {
    this.#table = new FlowTable(maxFlows);
    this.#windowsPerInterval = windowsPerInterval;
  }

  /** Takes rows in, whose window numbers become interval numbers; gives those that had to leave early. */
  add(rows: FlowRows): FlowRows[] {
    const early: FlowRows[] = [];
    for (let i = 0; i < rows.count; i++) {
      if (this.#table.isFull) early.push(this.#table.takeIdle());
      this.#addRow(rows, i);
    }
    return early;
  }

  /** The rows of all intervals that ended before the window began. */
  takeBefore(window: number): FlowRows {
    return this.#table.takeBefore(Math.floor(window / this.#windowsPerInterval));
  }

  takeAll(): FlowRows {
    return this.#table.takeAll();
  }

  #addRow(rows: FlowRows, i: number): void {
    const table = this.#table;
    const from = i * rowWords;
    for (let k = 0; k < table.key.length; k++) table.key[k] = rows.words[from + k];
    table.key[word.window] = Math.floor(rows.words[from + word.window] / this.#windowsPerInterval);
    const cause = rows.words[from + word.cause];
    const outcome = rows.words[from + word.outcome];
    const known = table.findSame(cause, outcome);
    if (known >= 0) addCounters(table, known, rows, i);
    else copyRow(table, table.insert(), rows, i);
  }
}

function copyRow(table: FlowTable, slot: number, rows: FlowRows, i: number): void {
  const window = table.key[word.window];
  for (let k = 0; k < rowWords; k++) table.words[slot * rowWords + k] = rows.words[i * rowWords + k];
  table.words[slot * rowWords + word.window] = window;
}

function addCounters(table: FlowTable, slot: number, rows: FlowRows, i: number): void {
  const to = slot * rowFloat64s;
  const from = i * rowFloat64s;
  const { floats, words } = table;
  floats[to + float64.packets] += rows.floats[from + float64.packets];
  floats[to + float64.bytes] += rows.floats[from + float64.bytes];
  floats[to + float64.firstMs] = Math.min(floats[to + float64.firstMs], rows.floats[from + float64.firstMs]);
  floats[to + float64.lastMs] = Math.max(floats[to + float64.lastMs], rows.floats[from + float64.lastMs]);
  words[slot * rowWords + word.outcome] |= rows.words[i * rowWords + word.outcome] & outcomeBits.flags;
}
