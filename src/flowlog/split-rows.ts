/** Hot: two passes over the rows of a batch, whatever the number of flow logs; no objects for rows. */
import { type FlowRows, float64, flowRows, rowBytes, rowFloat64s, rowWords, word } from '../flow/index.ts';
import type { Coverage } from './coverage.ts';

/** What a flow log takes of a batch. */
export interface RowShare {
  readonly rows: FlowRows;
  readonly packets: number;
}

export interface SplitRows {
  /** By the place of the flow log; undefined where it takes nothing. */
  readonly shares: readonly (RowShare | undefined)[];
  /** Packets that at least one flow log takes, each once. */
  readonly loggedPackets: number;
  /** Packets at interfaces that no flow log is on. */
  readonly unloggedPackets: number;
}

/** Shares rows out among the flow logs that record their interfaces. Where one takes all of them nothing is copied. */
export function splitRows(rows: FlowRows, coverage: Coverage): SplitRows {
  const numbers = new Int32Array(rows.count);
  const counts: number[] = [0];
  const packets: number[] = [0];
  for (let i = 0; i < rows.count; i++) {
    const { number } = coverage.setOf(rows.words[i * rowWords + word.interface]);
    numbers[i] = number;
    counts[number] = (counts[number] ?? 0) + 1;
    packets[number] = (packets[number] ?? 0) + rows.floats[i * rowFloat64s + float64.packets];
  }
  const shares = shareOut(rows, coverage, numbers, counts, packets);
  const total = packets.reduce((sum, some) => sum + some, 0);
  return { shares, loggedPackets: total - packets[0], unloggedPackets: packets[0] };
}

function shareOut(
  rows: FlowRows,
  { sets }: Coverage,
  numbers: Int32Array,
  counts: readonly number[],
  packets: readonly number[],
): (RowShare | undefined)[] {
  const taken: number[][] = [];
  counts.forEach((count, number) => {
    if (count === 0) return;
    for (const member of sets[number].members) {
      taken[member] ??= [];
      taken[member].push(number);
    }
  });
  const copies = new Map<string, FlowRows>();
  return Array.from(taken, (wanted: number[] | undefined) => {
    if (!wanted) return undefined;
    const key = wanted.join();
    const copy = copies.get(key) ?? rowsOf(rows, numbers, counts, wanted);
    copies.set(key, copy);
    return { rows: copy, packets: wanted.reduce((sum, number) => sum + packets[number], 0) };
  });
}

/** The rows of some sets, in their order. */
function rowsOf(
  rows: FlowRows,
  numbers: Int32Array,
  counts: readonly number[],
  wanted: readonly number[],
): FlowRows {
  const count = wanted.reduce((sum, number) => sum + counts[number], 0);
  if (count === rows.count) return rows;
  const isWanted = new Uint8Array(counts.length);
  for (const number of wanted) isWanted[number] = 1;
  const chosen = flowRows(new ArrayBuffer(count * rowBytes), count);
  let to = 0;
  for (let i = 0; i < rows.count; i++) {
    if (isWanted[numbers[i]] === 0) continue;
    const from = i * rowWords;
    for (let k = 0; k < rowWords; k++) chosen.words[to + k] = rows.words[from + k];
    to += rowWords;
  }
  return chosen;
}
