import { hourMs } from './hour-runs.ts';
import type { Segment } from './segment.ts';

/** A segment of so many rows stays as it is. */
const fullRows = 4_000_000;
/** Segments of about the same size that are merged while their hour still grows. */
const fanIn = 8;
/** So many segments of an hour are merged even while rows come fast. */
const crowd = 32;
/** An hour to which nothing was added for so long is merged into one. */
const settledMs = 600_000;

/**
 * The segments of one group and hour that should become one, if any. While an hour grows, eight of about the same
 * size make one of the next size, so that a row is written again once for each factor of eight; when it has settled,
 * all that are not full make one. While rows come fast, this waits: it would take the processor from them.
 */
export function segmentsToMerge(
  segments: Iterable<Segment>,
  nowMs: number,
  isBusy = false,
): readonly Segment[] | undefined {
  for (const alike of byHour(segments)) {
    if (isBusy && alike.length < crowd) continue;
    const small = alike.filter(({ rows }) => rows < fullRows);
    if (small.length < 2) continue;
    const found = isSettled(alike, nowMs) ? fitting(small) : sameSize(small);
    if (found.length >= 2) return found;
  }
  return undefined;
}

function byHour(segments: Iterable<Segment>): Iterable<Segment[]> {
  const hours = new Map<string, Segment[]>();
  for (const segment of segments) {
    const key = `${segment.group}/${segment.hour}`;
    const known = hours.get(key);
    if (known) known.push(segment);
    else hours.set(key, [segment]);
  }
  return hours.values();
}

function isSettled(segments: readonly Segment[], nowMs: number): boolean {
  const last = Math.max(...segments.map(({ hour, writtenMs }) => Math.max(writtenMs, (hour + 1) * hourMs)));
  return nowMs >= last + settledMs;
}

/** The smallest ones, as many as make no more than a full segment. */
function fitting(segments: readonly Segment[]): Segment[] {
  const found: Segment[] = [];
  let rows = 0;
  for (const segment of [...segments].sort((a, b) => a.rows - b.rows)) {
    rows += segment.rows;
    if (rows > fullRows) break;
    found.push(segment);
  }
  return found;
}

function sameSize(segments: readonly Segment[]): Segment[] {
  const sizes = new Map<number, Segment[]>();
  for (const segment of segments) {
    const size = Math.floor(Math.log(Math.max(1, segment.rows / 1000)) / Math.log(fanIn));
    const known = sizes.get(size);
    if (known) known.push(segment);
    else sizes.set(size, [segment]);
  }
  const full = [...sizes.values()].find(({ length }) => length >= fanIn);
  return full ? fitting(full) : [];
}
