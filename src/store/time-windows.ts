import type { Catalog } from './catalog.ts';
import type { EventRange } from './events.ts';
import { hourMs, hourOf } from './hour-runs.ts';

export interface TimeWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The hours of a range that have rows, in the order of reading, several at once where they have few: a page is read
 * from as little as it needs.
 */
export function* windowsOf(catalog: Catalog, range: EventRange): Generator<TimeWindow> {
  const { startMs, endMs } = within(range);
  const hours = rowsByHour(catalog, range.group, startMs, endMs);
  const sorted = [...hours].sort(([a], [b]) => (range.descending ? b - a : a - b));
  let rows = 0;
  let from: number | undefined;
  // Each window that was not enough is followed by one that is at least twice as large.
  let wanted = range.limit;
  for (const [i, [hour, count]] of sorted.entries()) {
    from ??= hour;
    rows += count;
    if (rows < wanted && i < sorted.length - 1) continue;
    const [first, last] = [Math.min(from, hour), Math.max(from, hour)];
    yield {
      startMs: Math.max(startMs, first * hourMs),
      endMs: Math.min(endMs, (last + 1) * hourMs - 1),
    };
    wanted = 2 * rows;
    rows = 0;
    from = undefined;
  }
}

/** What can be behind the cursor. */
function within({ startMs, endMs, after, descending }: EventRange): TimeWindow {
  if (!after) return { startMs, endMs };
  return descending
    ? { startMs, endMs: Math.min(endMs, after.timestampMs) }
    : { startMs: Math.max(startMs, after.timestampMs), endMs };
}

function rowsByHour(catalog: Catalog, group: number, startMs: number, endMs: number): Map<number, number> {
  const recent = catalog.generations.flatMap(({ hours }) => [...hours.values()]);
  const first = hourOf(startMs);
  const last = hourOf(endMs);
  const rows = new Map<number, number>();
  for (const entry of [...catalog.segmentsOf(group), ...recent]) {
    if (entry.group !== group || entry.hour < first || entry.hour > last) continue;
    rows.set(entry.hour, (rows.get(entry.hour) ?? 0) + entry.rows);
  }
  return rows;
}
