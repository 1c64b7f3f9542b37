/** Hot: sorts lines into records and texts; budget 2 µs for a line. */
import {
  defaultLogFormat,
  LineReader,
  type LogFormat,
  type StoredColumn,
  sliceRows,
} from '../record/index.ts';
import type { RecordRows, RowBatch, TextRows } from '../store/index.ts';
import { usedTexts } from '../store/used-texts.ts';
import { eventTime } from './moments.ts';

/** Where events go, and when they came. */
export interface Arrival {
  readonly group: number;
  readonly stream: number;
  readonly ingestionMs: number;
}

/** What the lines of a batch may be. */
export interface LineFormat {
  readonly format: LogFormat;
  readonly number: number;
  /**
   * Somebody said so: every line with as many values is a record. Otherwise it is the default format, and a line is
   * one only when its version is 2 and each value fits its type.
   */
  readonly isSaid: boolean;
}

/** What a line is kept as: columns, text of a known format, or any text. */
const lineKinds = { record: 1, textRecord: 2, plain: 3 } as const;
type LineKind = (typeof lineKinds)[keyof typeof lineKinds];

export interface SortedLines {
  /** In the order of the lines. */
  readonly batches: readonly RowBatch[];
  readonly records: number;
  readonly textRecords: number;
  readonly plain: number;
}

/**
 * Turns lines into rows, runs of one kind at a time, so that rows stand in the order of the lines.
 * @param timestampsMs of the lines; when absent, a record's time is its `start`
 */
export function sortLines(
  arrival: Arrival,
  lineFormat: LineFormat,
  lines: readonly string[],
  timestampsMs?: Float64Array,
): SortedLines {
  const sorter = new LineSorter(arrival, lineFormat, lines, timestampsMs);
  for (let i = 0; i < lines.length; i++) sorter.add(i);
  return sorter.finish();
}

const versionTwo = 0x32;
const space = 0x20;

/** Lines of one kind that stand side by side. */
interface Run {
  readonly kind: LineKind;
  readonly from: number;
  readonly to: number;
}

class LineSorter {
  readonly #arrival: Arrival;
  readonly #lineFormat: LineFormat;
  readonly #lines: readonly string[];
  readonly #timestampsMs: Float64Array | undefined;
  readonly #reader: LineReader;
  readonly #runs: Run[] = [];
  #kind: LineKind = lineKinds.record;
  #runStart = 0;

  constructor(
    arrival: Arrival,
    lineFormat: LineFormat,
    lines: readonly string[],
    timestampsMs: Float64Array | undefined,
  ) {
    this.#arrival = arrival;
    this.#lineFormat = lineFormat;
    this.#lines = lines;
    this.#timestampsMs = timestampsMs;
    this.#reader = new LineReader(lineFormat.format, lines.length);
  }

  add(at: number): void {
    const line = this.#lines[at];
    const kind = this.#take(line) ? lineKinds.record : this.#textKind(line);
    if (kind === this.#kind) return;
    this.#endRun(at);
    this.#kind = kind;
  }

  finish(): SortedLines {
    this.#endRun(this.#lines.length);
    const { columns } = this.#reader.take(1);
    const counts = [0, 0, 0, 0];
    const batches = this.#runs.map((run) => {
      const before = counts[run.kind];
      counts[run.kind] += run.to - run.from;
      if (run.kind !== lineKinds.record) return this.#textRows(run);
      return this.#recordRows(
        run,
        this.#runs.length === 1 ? columns : cut(columns, before, counts[run.kind]),
      );
    });
    const [, records, textRecords, plain] = counts;
    return { batches, records, textRecords, plain };
  }

  #take(line: string): boolean {
    if (!this.#lineFormat.isSaid && !beginsWithTwo(line)) return false;
    return this.#reader.add(line);
  }

  #textKind(line: string): LineKind {
    const { format, isSaid } = this.#lineFormat;
    if (!isSaid && !beginsWithTwo(line)) return lineKinds.plain;
    return isRecordText(line, format, isSaid) ? lineKinds.textRecord : lineKinds.plain;
  }

  #endRun(to: number): void {
    const from = this.#runStart;
    this.#runStart = to;
    if (to > from) this.#runs.push({ kind: this.#kind, from, to });
  }

  #recordRows({ from, to }: Run, columns: readonly StoredColumn[]): RecordRows {
    const { format, number } = this.#lineFormat;
    const timestampsMs =
      this.#timestampsMs?.subarray(from, to) ??
      recordTimes(format, columns, to - from, this.#arrival.ingestionMs);
    return { kind: 'records', ...this.#arrival, format: number, columns, timestampsMs };
  }

  #textRows({ kind, from, to }: Run): TextRows {
    const messages = this.#lines.slice(from, to);
    const isRecord = kind === lineKinds.textRecord;
    const { format, number } = this.#lineFormat;
    const { ingestionMs } = this.#arrival;
    const timestampsMs =
      this.#timestampsMs?.subarray(from, to) ??
      Float64Array.from(messages, (line) => (isRecord ? textTime(format, line, ingestionMs) : ingestionMs));
    return {
      kind: 'text',
      ...this.#arrival,
      timestampsMs,
      messages,
      ...(isRecord ? { format: number } : {}),
    };
  }
}

/** A run among others: with the texts that it uses, since it may be short and the list of all long. */
function cut(columns: readonly StoredColumn[], from: number, to: number): StoredColumn[] {
  return sliceRows(columns, from, to).map((column) =>
    column.type === 'text' || column.type === 'address'
      ? { ...column, ...usedTexts(column.codes, column.texts) }
      : column,
  );
}

/**
 * The times of records: their `start`; the `end` when the format has no start; where there is neither, a `-`, or a
 * number that is no time, the time of arrival.
 */
export function recordTimes(
  format: LogFormat,
  columns: readonly StoredColumn[],
  length: number,
  ingestionMs: number,
): Float64Array {
  const times = new Float64Array(length).fill(ingestionMs);
  const column = columns[timeField(format)];
  if (column?.type !== 'int64') return times;
  for (let i = 0; i < length; i++) times[i] = eventTime(column.values[i] * 1000, ingestionMs);
  return times;
}

function timeField({ fields }: LogFormat): number {
  const start = fields.findIndex(({ token }) => token === 'start');
  return start >= 0 ? start : fields.findIndex(({ token }) => token === 'end');
}

function textTime(format: LogFormat, line: string, ingestionMs: number): number {
  const token = tokensOf(line)[timeField(format)];
  const seconds = token !== undefined && /^[0-9]+$/.test(token) ? Number(token) : Number.NaN;
  return eventTime(seconds * 1000, ingestionMs);
}

function beginsWithTwo(line: string): boolean {
  return line.charCodeAt(0) === versionTwo && line.charCodeAt(1) === space;
}

/** Several spaces count as one, and one at the end as none. */
function tokensOf(line: string): string[] {
  return line.replace(/ +$/, '').split(/ +/);
}

/** Whether a line that is not canonical has the values of a record. */
function isRecordText(line: string, format: LogFormat, isSaid: boolean): boolean {
  const tokens = tokensOf(line);
  if (tokens.length !== format.fields.length || tokens[0] === '') return false;
  return isSaid || tokens.every((token, i) => fitsType(token, format.fields[i].type));
}

function fitsType(token: string, type: string): boolean {
  if (type === 'string' || token === '-') return true;
  return (
    /^[0-9]+$/.test(token) && Number(token) <= (type === 'int32' ? 0x7fff_ffff : Number.MAX_SAFE_INTEGER)
  );
}

/** The format of lines of which nothing was said. */
export function guessedFormat(number: number): LineFormat {
  return { format: defaultLogFormat, number, isSaid: false };
}
