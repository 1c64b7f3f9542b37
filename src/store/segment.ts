import path from 'node:path';
import { hourMs } from './hour-runs.ts';
import type { ScanSource } from './scan-source.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** An immutable Parquet file with rows of one log group and UTC hour, and what is known of it without opening it. */
export interface Segment {
  readonly number: number;
  readonly group: number;
  /** Hours since the epoch. */
  readonly hour: number;
  readonly rows: number;
  /** UTF-8 bytes of the messages. */
  readonly messageBytes: number;
  readonly fileBytes: number;
  /** Rows may be gone of which these tell: they are bounds. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly minId: number;
  readonly maxId: number;
  readonly columnFormats: readonly number[];
  readonly textFormats: readonly number[];
  readonly isPlain: boolean;
  /** Those that the file has, in its order. */
  readonly columns: readonly string[];
  /** Absent when there are too many to name. */
  readonly streams?: readonly number[];
  readonly writtenMs: number;
  /** Rows that cuts up to this sequence took are not in the file. */
  readonly cutsApplied: number;
}

/** Streams that a segment names one by one. */
export const namedStreams = 64;

/** Below the folder of segments: `12/2026/11/21/09-345.parquet`; `12/2400000001/345.parquet` for an hour beyond dates. */
export function segmentPath({ group, hour, number }: Pick<Segment, 'group' | 'hour' | 'number'>): string {
  const date = new Date(hour * hourMs);
  if (Number.isNaN(date.getTime())) return path.join(String(group), String(hour), `${number}.parquet`);
  const time = date.toISOString();
  const day = time.slice(0, time.indexOf('T')).split('-');
  return path.join(String(group), ...day, `${time.slice(-13, -11)}-${number}.parquet`);
}

/** Whether the file says the format of each row; otherwise all have the same, or none. */
export function hasFormatColumn(kinds: {
  readonly columnFormats: readonly number[];
  readonly textFormats: readonly number[];
  readonly isPlain: boolean;
}): boolean {
  const formats = new Set([...kinds.columnFormats, ...kinds.textFormats]);
  return formats.size + (kinds.isPlain ? 1 : 0) > 1;
}

/** Segments that can be read as one: of a group, with the same columns. */
export function sameMake(segment: Segment): string {
  const { group, columns, columnFormats, textFormats, isPlain } = segment;
  return JSON.stringify([group, columns, columnFormats, textFormats, isPlain]);
}

/** @param segments all of the same make */
export function segmentSource(
  directory: string,
  segments: readonly Segment[],
  conditions: readonly string[],
): ScanSource {
  const [first] = segments;
  const files = segments.map((segment) => quoteText(path.join(directory, segmentPath(segment))));
  const columns = new Set(first.columns);
  const format = [...first.columnFormats, ...first.textFormats].at(0);
  return {
    group: first.group,
    columnFormats: first.columnFormats,
    hasText: columns.has('kept'),
    from: () => `read_parquet([${files.join(', ')}], hive_partitioning = false) r`,
    expression: (column) => {
      if (columns.has(column)) return `r.${quoteName(column)}`;
      return column === 'format' && format !== undefined ? `${format}::USMALLINT` : undefined;
    },
    conditions,
  };
}
