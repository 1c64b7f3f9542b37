import { invariant } from '../fault/index.ts';
import type { Field } from '../record/fields.ts';
import type { LogFormat } from '../record/log-format.ts';
import type { Engine } from './engine.ts';
import { kindOf, laneColumns, numberColumn, otherColumn } from './field-columns.ts';
import { fillCodes, fillConstant32, fillConstant64, fillInt32, fillInt64, fillSteps64 } from './lane-fill.ts';
import { ipv4Code, type RecordRows, type StoredColumn } from './row-batch.ts';
import type { ScanSource } from './scan-source.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { type Lane, type LaneColumn, TableAppender } from './table-appender.ts';
import type { TextNumbers } from './text-numbers.ts';

export const eventColumns: readonly LaneColumn[] = [
  { name: 'timestamp', type: 'BIGINT' },
  { name: 'ingestion_time', type: 'BIGINT' },
  { name: 'id', type: 'BIGINT' },
  { name: 'stream', type: 'INTEGER' },
  { name: 'log_group', type: 'INTEGER' },
];

/** What DuckDB gives each column of a table at once. */
const blockBytes = 256 * 1024;

/** What values of a field have come so far. */
interface Seen {
  readonly field: Field;
  /** The first of its lanes. */
  readonly lane: number;
  hasMissing: boolean;
  hasValues: boolean;
  /** Of an address: texts that are no IPv4 address. */
  hasOther: boolean;
  /** The one text that all rows have; undefined before the first, false when they have several. */
  only: string | false | undefined;
}

/** Longer texts are joined like others, and so is what SQL cannot hold. */
const maxLiteral = 200;

/**
 * Recent records of one format, as numbers. Those whose addresses are all IPv4 addresses are in a table of their own,
 * which has no columns for others.
 */
export class RecordTable {
  readonly format: number;
  readonly rowBytes: number;
  /** What it takes with a row or two. */
  readonly leastBytes: number;
  readonly #isIpv4: boolean;
  readonly #table: TableAppender;
  readonly #texts: TextNumbers;
  readonly #seen: readonly Seen[];
  readonly #byColumn: ReadonlyMap<string, Seen>;

  private constructor(
    format: number,
    fields: readonly Field[],
    isIpv4: boolean,
    table: TableAppender,
    texts: TextNumbers,
  ) {
    this.format = format;
    this.#isIpv4 = isIpv4;
    this.#table = table;
    this.#texts = texts;
    let lane = eventColumns.length;
    this.#seen = fields.map((field) => {
      const seen = { field, lane, hasMissing: false, hasValues: false, hasOther: false, only: undefined };
      lane += laneColumns(field, isIpv4).length;
      return seen;
    });
    this.#byColumn = new Map(this.#seen.map((seen) => [seen.field.column, seen]));
    this.leastBytes = table.lanes.length * blockBytes;
    this.rowBytes = table.lanes.reduce((sum, { type }) => sum + (type === 'BIGINT' ? 8 : 4), 0);
  }

  static async create(
    engine: Engine,
    name: string,
    number: number,
    format: LogFormat,
    isIpv4: boolean,
    texts: TextNumbers,
  ): Promise<RecordTable> {
    const columns = [...eventColumns, ...format.fields.flatMap((field) => laneColumns(field, isIpv4))];
    const table = await TableAppender.create(engine, name, columns);
    return new RecordTable(number, format.fields, isIpv4, table, texts);
  }

  get hasOtherAddresses(): boolean {
    return this.#seen.some(({ hasOther }) => hasOther);
  }

  append(rows: RecordRows, firstId: number): void {
    const numbers = rows.columns.map((column, i) => this.#look(this.#seen[i], column));
    const length = rows.timestampsMs.length;
    for (let from = 0; from < length; ) {
      const count = Math.min(this.#table.free, length - from);
      const at = this.#table.used;
      fillEvents(this.#table.lanes, at, rows, firstId, from, count);
      for (let i = 0; i < rows.columns.length; i++) {
        fillColumn(this.#table.lanes, this.#seen[i].lane, at, rows.columns[i], numbers[i], from, count);
      }
      this.#table.took(count);
      from += count;
    }
  }

  flush(): void {
    this.#table.flush();
  }

  seal(): void {
    this.#table.seal();
  }

  drop(): Promise<void> {
    return this.#table.drop();
  }

  source(conditions: readonly string[]): ScanSource {
    return {
      group: { column: 'r.log_group' },
      columnFormats: [this.format],
      hasText: false,
      from: (columns) => this.#from(columns),
      expression: (column) => this.#expression(column),
      conditions,
    };
  }

  /** Notes what the batch brings; gives the numbers of its texts. */
  #look(seen: Seen, column: StoredColumn): Int32Array {
    if (column.type === 'int32' || column.type === 'int64') {
      const missing = countMissing(column.values);
      seen.hasMissing ||= missing > 0;
      seen.hasValues ||= missing < column.values.length;
      return noNumbers;
    }
    seen.hasValues = true;
    if (column.type === 'text') seen.only = onlyText(seen.only, column.codes, column.texts);
    else if (this.#isIpv4) return noNumbers;
    seen.hasOther ||= column.type === 'address' && column.texts.length > 0;
    return this.#texts.of(column.texts);
  }

  #from(columns: ReadonlySet<string>): string {
    const joins = this.#seen
      .filter(({ field, hasOther, only }) =>
        kindOf(field) === 'text'
          ? columns.has(field.column) && typeof only !== 'string'
          : hasOther && columns.has(otherColumn(field.column)),
      )
      .map(({ field }) => {
        const alias = quoteName(`${field.column} text`);
        const texts = quoteName(this.#texts.table.name);
        return `LEFT JOIN ${texts} ${alias} ON ${alias}.number = r.${quoteName(numberColumn(field.column))}`;
      });
    return [`${quoteName(this.#table.name)} r`, ...joins].join(' ');
  }

  #expression(column: string): string | undefined {
    if (column === 'format') return `${this.format}::USMALLINT`;
    if (column === 'kept') return undefined;
    const name = `r.${quoteName(column)}`;
    if (eventColumns.some((event) => event.name === column)) return name;
    const seen = this.#byColumn.get(column);
    if (!seen) return this.#otherText(column);
    if (!seen.hasValues) return undefined;
    switch (kindOf(seen.field)) {
      case 'int32':
      case 'int64':
        return seen.hasMissing ? `nullif(${name}, -1)` : name;
      case 'text':
        if (typeof seen.only === 'string') return `${quoteText(seen.only)}::VARCHAR`;
        return `${quoteName(`${column} text`)}.text`;
      case 'address':
        if (this.#isIpv4) return name;
        return `CASE WHEN r.${quoteName(numberColumn(column))} = ${ipv4Code} THEN ${name} END`;
    }
  }

  /** Of `srcaddr_text`. */
  #otherText(column: string): string | undefined {
    const seen = this.#seen.find(({ field, hasOther }) => hasOther && otherColumn(field.column) === column);
    return seen && `${quoteName(`${seen.field.column} text`)}.text`;
  }
}

const noNumbers = new Int32Array(0);

export function fillEvents(
  lanes: readonly Lane[],
  at: number,
  rows: {
    readonly timestampsMs: Float64Array;
    readonly ingestionMs: number;
    readonly stream: number | Int32Array;
    readonly group: number;
  },
  firstId: number,
  from: number,
  count: number,
): void {
  const [timestamp, ingestion, id, stream, group] = lanes;
  const isRight = timestamp.type === 'BIGINT' && ingestion.type === 'BIGINT' && id.type === 'BIGINT';
  invariant(isRight && stream.type === 'INTEGER' && group.type === 'INTEGER', 'a table of another make');
  fillInt64(timestamp, at, rows.timestampsMs, from, count);
  fillConstant64(ingestion, at, rows.ingestionMs, count);
  fillSteps64(id, at, firstId + from, 1, count);
  if (typeof rows.stream === 'number') fillConstant32(stream, at, rows.stream, count);
  else fillInt32(stream, at, rows.stream, from, count);
  fillConstant32(group, at, rows.group, count);
}

function fillColumn(
  lanes: readonly Lane[],
  lane: number,
  at: number,
  column: StoredColumn,
  numbers: Int32Array,
  from: number,
  count: number,
): void {
  const first = lanes[lane];
  if (column.type === 'int64') {
    invariant(first.type === 'BIGINT', 'an int64 column in a field of another type');
    fillInt64(first, at, column.values, from, count);
    return;
  }
  if (column.type === 'text') {
    invariant(first.type === 'INTEGER', 'a text column in a field of another type');
    fillCodes(first, at, column.codes, numbers, from, count);
    return;
  }
  invariant(first.type === 'INTEGER' || first.type === 'UINTEGER', 'a column in a field of another type');
  fillInt32(first, at, column.values, from, count);
  if (column.type === 'int32' || numbers === noNumbers) return;
  const second = lanes[lane + 1];
  invariant(second.type === 'INTEGER', 'an address column in a field of another type');
  fillCodes(second, at, column.codes, numbers, from, count);
}

/** Whether the batch goes to a table without columns for other addresses. */
export function hasIpv4Only({ columns }: RecordRows): boolean {
  return columns.every((column) => column.type !== 'address' || isIpv4Only(column.codes));
}

function isIpv4Only(codes: Int32Array): boolean {
  for (let i = 0; i < codes.length; i++) if (codes[i] !== ipv4Code) return false;
  return true;
}

function onlyText(only: Seen['only'], codes: Int32Array, texts: readonly string[]): string | false {
  const [text] = texts;
  if (only === false || texts.length !== 1 || text.length > maxLiteral || text.includes('\0')) return false;
  if (only !== undefined && only !== text) return false;
  for (let i = 0; i < codes.length; i++) if (codes[i] < 0) return false;
  return text;
}

/** Both kinds of `-`: negative, or NaN. */
function countMissing(values: Int32Array | Float64Array): number {
  let missing = 0;
  for (let i = 0; i < values.length; i++) if (!(values[i] >= 0)) missing++;
  return missing;
}

/** @throws a bug's error: what is committed must fit its format, or the journal could not be read again */
export function checkColumns(rows: RecordRows, { fields }: LogFormat): void {
  invariant(rows.columns.length === fields.length, 'records with more or fewer columns than their format');
  for (const [i, column] of rows.columns.entries()) {
    invariant(column.type === kindOf(fields[i]), `${fields[i].token} in a column of another type`);
  }
}
