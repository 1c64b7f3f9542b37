import { mkdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../disk/index.ts';
import { fields } from '../record/fields.ts';
import type { Engine } from './engine.ts';
import { scanColumns } from './field-columns.ts';
import { hourMs } from './hour-runs.ts';
import type { ScanSource } from './scan-source.ts';
import { type ScanNames, scanSql } from './scan-sql.ts';
import { hasFormatColumn, namedStreams, type Segment, segmentPath } from './segment.ts';
import { quoteName, quoteText } from './sql-text.ts';
import type { StreamTotal } from './stream-totals.ts';

/** What a segment is to be made of. */
export interface SegmentDraft {
  readonly number: number;
  readonly group: number;
  readonly hour: number;
  readonly rows: number;
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly minId: number;
  readonly maxId: number;
  readonly columnFormats: Iterable<number>;
  readonly textFormats: Iterable<number>;
  readonly isPlain: boolean;
  /** Whether the rows of a source, in the order of their ids, are in the order of time. */
  readonly isInOrder?: boolean;
  readonly streams: ReadonlyMap<number, StreamTotal>;
  readonly cutsApplied: number;
}

/** Columns of records, in the order in which they are written. */
const recordColumns = fields.flatMap(scanColumns).map(([name]) => name);

/** Beyond so many segments at once, rows are sorted into a table first, from which each is cut. */
const maxDirect = 24;

export interface SegmentWriterOptions {
  readonly engine: Engine;
  /** Of all segments. */
  readonly directory: string;
  readonly names: ScanNames;
  readonly clock: () => number;
}

/** Rows into Parquet files; each is on the disk, with its name, when it is given back. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Segments of the rows that sources give, by group and hour; a draft without rows gives none. */
  async write(sources: readonly ScanSource[], drafts: readonly SegmentDraft[]): Promise<Segment[]> {
    if (drafts.length === 0 || sources.length === 0) return [];
    const columns = [...new Set(drafts.flatMap((draft) => columnsOf(sources, draft)))];
    const rows = this.#relation(sources, columns);
    const isSorted = drafts.length > maxDirect;
    const relation = isSorted ? `sorted_${drafts[0].number}` : `(${rows})`;
    try {
      if (isSorted) {
        await this.#execute(`CREATE TABLE ${relation} AS ${rows} ORDER BY group_number, timestamp, id`);
      }
      return await this.#writeAll(relation, sources, drafts, isSorted);
    } finally {
      if (isSorted) await this.#execute(`DROP TABLE IF EXISTS ${relation}`);
    }
  }

  /** One segment of the rows of others of its hour, sorted when they are few, else one after the other. */
  async merge(sources: readonly ScanSource[], draft: SegmentDraft): Promise<Segment | undefined> {
    const columns = columnsOf(sources, draft);
    const order = draft.rows > maxSorted ? '' : ' ORDER BY timestamp, id';
    const sql = `SELECT ${list(columns)} FROM (${this.#relation(sources, columns)})${order}`;
    const segment = await this.#copy(sql, columns, draft);
    await this.#sync(segment ? [segment] : []);
    return segment;
  }

  async #writeAll(
    relation: string,
    sources: readonly ScanSource[],
    drafts: readonly SegmentDraft[],
    isSorted: boolean,
  ): Promise<Segment[]> {
    const segments: Segment[] = [];
    for (const draft of drafts) {
      const columns = columnsOf(sources, draft);
      const fromMs = draft.hour * hourMs;
      const sql =
        `SELECT ${list(columns)} FROM ${relation} WHERE group_number = ${draft.group}` +
        ` AND timestamp >= ${fromMs} AND timestamp < ${fromMs + hourMs}${orderOf(sources, draft, isSorted)}`;
      const segment = await this.#copy(sql, columns, draft);
      if (segment) segments.push(segment);
    }
    await this.#sync(segments);
    return segments;
  }

  #relation(sources: readonly ScanSource[], columns: readonly string[]): string {
    return scanSql(sources, [...columns, 'group_number'], [], this.#options.names);
  }

  async #copy(sql: string, columns: readonly string[], draft: SegmentDraft): Promise<Segment | undefined> {
    const file = path.join(this.#options.directory, segmentPath(draft));
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const totals = quoteText(JSON.stringify([...draft.streams]));
    const options = `${format}, KV_METADATA {streams: ${totals}}`;
    const [[count]] = await this.#options.engine.rows(`COPY (${sql}) TO ${quoteText(file)} (${options})`);
    const rows = Number(count);
    if (rows === 0) {
      await rm(file, { force: true });
      return undefined;
    }
    const { size } = await stat(file);
    return segmentOf(draft, rows, size, columns, this.#options.clock());
  }

  /** Files first, then each folder up to that of all segments. */
  async #sync(segments: readonly Segment[]): Promise<void> {
    const { directory } = this.#options;
    const folders = new Set([directory]);
    for (const segment of segments) {
      const file = path.join(directory, segmentPath(segment));
      await syncPath(file);
      for (let at = path.dirname(file); at !== directory; at = path.dirname(at)) folders.add(at);
    }
    for (const folder of folders) await syncPath(folder);
  }

  #execute(sql: string): Promise<void> {
    return this.#options.engine.execute(sql);
  }
}

/** Sorting more than so many rows would take more memory than it is worth: each part is sorted. */
const maxSorted = 500_000;

/**
 * Version 2 keeps ids, which count up, in almost nothing. Bloom filters let a search for one address pass by a file;
 * where one in ten is read in vain, they take half a byte for a row and not a whole one.
 */
const format = 'FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, BLOOM_FILTER_FALSE_POSITIVE_RATIO 0.1';

/** Rows that came in the order of time are not sorted again. */
function orderOf(sources: readonly ScanSource[], draft: SegmentDraft, isSorted: boolean): string {
  return isSorted || (draft.isInOrder === true && sources.length === 1) ? '' : ' ORDER BY timestamp, id';
}

function segmentOf(
  draft: SegmentDraft,
  rows: number,
  fileBytes: number,
  columns: readonly string[],
  writtenMs: number,
): Segment {
  const { number, group, hour, firstMs, lastMs, minId, maxId, cutsApplied } = draft;
  const streams = [...draft.streams.keys()];
  return {
    number,
    group,
    hour,
    rows,
    messageBytes: draft.rows === 0 ? 0 : Math.round((draft.bytes * rows) / draft.rows),
    fileBytes,
    firstMs,
    lastMs,
    minId,
    maxId,
    ...kindsOf(draft),
    columns,
    ...(streams.length <= namedStreams ? { streams } : {}),
    writtenMs,
    cutsApplied,
  };
}

function kindsOf({ columnFormats, textFormats, isPlain }: SegmentDraft) {
  return { columnFormats: [...columnFormats], textFormats: [...textFormats], isPlain };
}

/** Those that hold something in the rows of the draft, as far as the sources know. */
function columnsOf(sources: readonly ScanSource[], draft: SegmentDraft): string[] {
  const kinds = kindsOf(draft);
  const hasText = kinds.isPlain || kinds.textFormats.length > 0;
  const read = sources.filter(
    (source) =>
      (source.hasText && hasText) ||
      source.columnFormats.some((format) => kinds.columnFormats.includes(format)),
  );
  const isThere = (column: string) => read.some((source) => source.expression(column) !== undefined);
  return [
    'timestamp',
    'ingestion_time',
    'id',
    'stream',
    ...(hasFormatColumn(kinds) ? ['format'] : []),
    ...['kept', ...recordColumns].filter(isThere),
  ];
}

function list(columns: readonly string[]): string {
  return columns.map(quoteName).join(', ');
}
