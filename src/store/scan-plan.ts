import type { ScanShape } from '../query/scan.ts';
import type { Catalog } from './catalog.ts';
import { type Cut, remains, touches } from './cuts.ts';
import { otherColumn } from './field-columns.ts';
import type { Generation } from './generation.ts';
import type { HourTotal } from './hour-totals.ts';
import type { ScanSource } from './scan-source.ts';
import { type Segment, sameMake, segmentSource } from './segment.ts';

export interface ScanBounds {
  readonly groups: readonly number[];
  /** Both inclusive. */
  readonly startMs: number;
  readonly endMs: number;
  /** Rows from this id on are not durable yet, or came after the reader began. */
  readonly belowId: number;
  readonly streams?: readonly number[];
  /** What has no later id may be left out. */
  readonly afterId?: number;
}

export interface ScanPlan {
  readonly sources: readonly ScanSource[];
  /** Of sources that are read whole. */
  readonly rows: number;
  readonly bytes: number;
  /** Sources of which a part is read, and what is in the whole of them. */
  readonly partial: readonly ScanSource[];
  readonly partialRows: number;
  readonly partialBytes: number;
}

const addressColumns = ['srcaddr', 'dstaddr', 'pkt_srcaddr', 'pkt_dstaddr'].map(otherColumn);

/** A source and what is in it. */
interface Part {
  readonly source: ScanSource;
  readonly isWhole: boolean;
  readonly rows: number;
  readonly bytes: number;
}

/** What has to be read for these bounds. What it names must be pinned before, and recent tables flushed. */
export function planScan(catalog: Catalog, directory: string, bounds: ScanBounds): ScanPlan {
  const parts = [...segmentParts(catalog, directory, bounds), ...recentParts(catalog, bounds)];
  const whole = parts.filter(({ isWhole }) => isWhole);
  const partial = parts.filter(({ isWhole }) => !isWhole);
  return {
    sources: parts.map(({ source }) => source),
    ...sumOf(whole),
    partial: partial.map(({ source }) => source),
    partialRows: sumOf(partial).rows,
    partialBytes: sumOf(partial).bytes,
  };
}

/** Without looking at rows: what may be there. */
export function shapeOf(catalog: Catalog, bounds: Omit<ScanBounds, 'belowId'>): ScanShape {
  const segments = bounds.groups.flatMap((group) => segmentsWithin(catalog, group, bounds));
  const hours = catalog.generations.flatMap(({ hours }) => hoursWithin(hours.values(), bounds));
  const found = [...segments, ...hours];
  const columnFormats = distinct(found.flatMap(({ columnFormats: formats }) => [...formats]));
  return {
    columnFormats,
    textFormats: distinct(found.flatMap(({ textFormats }) => [...textFormats])),
    plain: found.some(({ isPlain }) => isPlain),
    otherAddresses:
      segments.some(({ columns }) => addressColumns.some((column) => columns.includes(column))) ||
      catalog.generations.some(({ tables }) => tables.hasOtherAddresses(new Set(columnFormats))),
  };
}

function segmentParts(catalog: Catalog, directory: string, bounds: ScanBounds): Part[] {
  const alike = new Map<string, { segments: Segment[]; conditions: string[] }>();
  for (const group of bounds.groups) {
    for (const segment of segmentsWithin(catalog, group, bounds)) {
      const conditions = segmentConditions(segment, catalog.cutsOf(segment), bounds);
      const key = JSON.stringify([sameMake(segment), conditions]);
      const known = alike.get(key);
      if (known) known.segments.push(segment);
      else alike.set(key, { segments: [segment], conditions });
    }
  }
  return [...alike.values()].map(({ segments, conditions }) => ({
    source: segmentSource(directory, segments, conditions),
    isWhole: conditions.length === 0,
    rows: segments.reduce((sum, { rows }) => sum + rows, 0),
    bytes: segments.reduce((sum, { messageBytes }) => sum + messageBytes, 0),
  }));
}

function segmentConditions(segment: Segment, cuts: readonly Cut[], bounds: ScanBounds): string[] {
  const isInside = segment.firstMs >= bounds.startMs && segment.lastMs <= bounds.endMs;
  const columns = { timestamp: 'r.timestamp', id: 'r.id', stream: 'r.stream' };
  return [
    ...(isInside ? [] : timeConditions(bounds)),
    ...streamConditions(bounds),
    ...cuts.map((cut) => remains(cut, columns)),
  ];
}

function recentParts(catalog: Catalog, bounds: ScanBounds): Part[] {
  return catalog.generations.flatMap((generation) => {
    const hours = hoursWithin(generation.hours.values(), bounds);
    if (hours.length === 0) return [];
    const sources = generation.tables
      .sources(recentConditions(generation, catalog.cuts, bounds))
      .filter((source) => hours.some((hour) => mayHold(source, hour)));
    const isWhole =
      !bounds.streams &&
      hours.every((hour) => isWithin(hour, bounds) && !catalog.cuts.some((cut) => divides(cut, hour)));
    const total = sumOf(hours);
    // What is in each of the tables is not known apart.
    return sources.map((source, i) => ({ source, isWhole, ...(i === 0 ? total : { rows: 0, bytes: 0 }) }));
  });
}

/** Tables of formats that only other groups or hours have would take memory and time, and give nothing. */
function mayHold({ hasText, columnFormats }: ScanSource, hour: HourTotal): boolean {
  if (hasText && (hour.isPlain || hour.textFormats.size > 0)) return true;
  return columnFormats.some((format) => hour.columnFormats.has(format));
}

function isWithin(hour: HourTotal, { startMs, endMs }: ScanBounds): boolean {
  return hour.firstMs >= startMs && hour.lastMs <= endMs;
}

/** Whether what an hour amounts to still counts rows that a cut takes: which ones, only the rows themselves tell. */
function divides(cut: Cut, { group, firstMs, lastMs, minId, maxId }: HourTotal): boolean {
  return cut.beforeMs !== undefined && touches(cut, { group, firstMs, lastMs, minId, maxId, cutsApplied: 0 });
}

function recentConditions(generation: Generation, cuts: readonly Cut[], bounds: ScanBounds): string[] {
  const columns = { timestamp: 'r.timestamp', id: 'r.id', stream: 'r.stream', group: 'r.log_group' };
  const taking = cuts.filter(
    ({ group, belowId }) => bounds.groups.includes(group) && generation.firstId < belowId,
  );
  return [
    `r.log_group IN (${bounds.groups.join(', ')})`,
    ...timeConditions(bounds),
    ...streamConditions(bounds),
    `r.id < ${bounds.belowId}`,
    ...taking.map((cut) => remains(cut, columns)),
  ];
}

function timeConditions({ startMs, endMs }: ScanBounds): string[] {
  return [`r.timestamp >= ${Math.ceil(startMs)}`, `r.timestamp <= ${Math.floor(endMs)}`];
}

function streamConditions({ streams }: ScanBounds): string[] {
  return streams ? [`r.stream IN (${streams.join(', ')})`] : [];
}

function segmentsWithin(
  catalog: Catalog,
  group: number,
  { startMs, endMs, streams, afterId = -1 }: Omit<ScanBounds, 'belowId'>,
): Segment[] {
  return catalog
    .segmentsOf(group)
    .filter(
      (segment) =>
        segment.firstMs <= endMs &&
        segment.lastMs >= startMs &&
        segment.maxId > afterId &&
        (!streams || !segment.streams || streams.some((stream) => segment.streams?.includes(stream))) &&
        !catalog.isGone(segment),
    );
}

function hoursWithin(
  hours: Iterable<HourTotal>,
  { groups, startMs, endMs, afterId = -1 }: Omit<ScanBounds, 'belowId'>,
): HourTotal[] {
  return [...hours].filter(
    ({ group, firstMs, lastMs, maxId }) =>
      groups.includes(group) && firstMs <= endMs && lastMs >= startMs && maxId > afterId,
  );
}

function sumOf(parts: readonly { readonly rows: number; readonly bytes: number }[]) {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function distinct(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
