import { slotOf } from './object-key.ts';

/** Records by the slot of their `end`, the earliest slot first, each in the order of the batch. */
export function rowsBySlot(endSeconds: Float64Array): [number, Int32Array][] {
  const counts = new Map<number, number>();
  for (const end of endSeconds) {
    const slot = slotOf(end);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  const slots = [...counts].sort(([a], [b]) => a - b);
  const lists = new Map(slots.map(([slot, count]) => [slot, { rows: new Int32Array(count), used: 0 }]));
  for (let row = 0; row < endSeconds.length; row++) {
    const list = lists.get(slotOf(endSeconds[row]))!;
    list.rows[list.used++] = row;
  }
  return [...lists].map(([slot, { rows }]) => [slot, rows]);
}
