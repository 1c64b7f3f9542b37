/** Hot: a few steps per flow; allocates its result and to grow the table of tuples. */
import {
  type FlowRows,
  float64,
  kindProtocol,
  outcomeFlags,
  rowFloat64s,
  rowWords,
  word,
} from '../flow/flow-row.ts';
import type { RowReader } from './row-reader.ts';
import { recordsOutcome, type TrafficType } from './traffic-type.ts';
import { TupleTable } from './tuple-table.ts';

const tcp = 6;

/** Flows that print alike as one, in the order of their first appearance. */
export interface MergedRows {
  readonly length: number;
  /** The reader's parts of each, one tuple after the other. */
  readonly tuples: Int32Array;
  /** The interface of the first flow of each. */
  readonly interfaces: Int32Array;
  readonly packets: Float64Array;
  readonly bytes: Float64Array;
  readonly startSeconds: Float64Array;
  readonly endSeconds: Float64Array;
  readonly tcpFlags: Float64Array;
}

export function mergeRows(rows: FlowRows, reader: RowReader, trafficType: TrafficType): MergedRows {
  const { words, floats } = rows;
  const table = new TupleTable(reader.parts.length, Math.min(rows.count, 65_536));
  const interfaces = new Int32Array(rows.count);
  const packets = new Float64Array(rows.count);
  const bytes = new Float64Array(rows.count);
  const startSeconds = new Float64Array(rows.count).fill(Number.POSITIVE_INFINITY);
  const endSeconds = new Float64Array(rows.count).fill(Number.NEGATIVE_INFINITY);
  const tcpFlags = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const outcome = words[row * rowWords + word.outcome];
    if (!recordsOutcome(trafficType, outcome)) continue;
    reader.read(row, table.tuple);
    const known = table.size;
    const at = table.intern();
    if (at === known) interfaces[at] = words[row * rowWords + word.interface];
    const float = row * rowFloat64s;
    packets[at] += floats[float + float64.packets];
    bytes[at] += floats[float + float64.bytes];
    startSeconds[at] = Math.min(startSeconds[at], Math.floor(floats[float + float64.firstMs] / 1000));
    endSeconds[at] = Math.max(endSeconds[at], Math.floor(floats[float + float64.lastMs] / 1000));
    if (kindProtocol(words[row * rowWords + word.kind]) === tcp) tcpFlags[at] |= outcomeFlags(outcome);
  }
  const length = table.size;
  return {
    length,
    tuples: table.words,
    interfaces,
    packets: cut(packets, length),
    bytes: cut(bytes, length),
    startSeconds: cut(startSeconds, length),
    endSeconds: cut(endSeconds, length),
    tcpFlags: cut(tcpFlags, length),
  };
}

/** Copies when the merge left much unused, so that records do not keep it. */
function cut(values: Float64Array, length: number): Float64Array {
  return length === values.length ? values : values.slice(0, length);
}
