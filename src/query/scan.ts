/**
 * What a compiled query reads. The store gives each scan as a relation of that name, whose rows are log events; the
 * query never sees how they are kept. Columns of every event:
 * - `timestamp`, `ingestion_time`: BIGINT, epoch milliseconds
 * - `id`: BIGINT, unique in the store and rising with the order of arrival
 * - `log_group`: VARCHAR, `account-id:group-name`; `log_stream`: VARCHAR
 * - `format`: USMALLINT, the number of the event's log format; NULL for an event that is no flow log record
 * - `kept`: VARCHAR, the text of an event that is kept as text; NULL for one that is kept as columns
 * - `message`: VARCHAR, never NULL: `kept`, or the line rebuilt from the columns. Costs a rendering: ask only when needed
 *
 * Besides those, for each field of a format the column that `record/fields` names (`srcport`, `log_status`): INTEGER for
 * int32, BIGINT for int64, VARCHAR for string fields. NULL is a `-`, or that the event's format has no such field, or
 * that the event is kept as text. The four addresses (`srcaddr`, `dstaddr`, `pkt_srcaddr`, `pkt_dstaddr`) are two columns:
 * `srcaddr` UINTEGER, an IPv4 address; `srcaddr_text` VARCHAR, what is no IPv4 address (IPv6); both NULL is a `-`.
 */
export interface Scan {
  /** The relation's name in the SQL: `scan_0`, `scan_1`. */
  readonly name: string;
  readonly groups: readonly number[];
  /** Inclusive epoch milliseconds; the store applies it, the SQL need not. */
  readonly startMs: number;
  readonly endMs: number;
  readonly columns: readonly string[];
  /** The store may leave out what has no later id; the SQL says so itself. */
  readonly afterId?: number;
}

/** What is known beforehand about the events that a scan will give, so that the SQL holds no case that cannot occur. */
export interface ScanShape {
  /** Formats of events kept as columns. */
  readonly columnFormats: readonly number[];
  /** Formats of events kept as text although their format is known: fields are cut from the text at spaces. */
  readonly textFormats: readonly number[];
  /** Whether there are events without a format: JSON or any text. */
  readonly plain: boolean;
  /** Whether any `…_text` column of an address holds something. */
  readonly otherAddresses: boolean;
}

/** A lookup table as a relation: VARCHAR columns named as in the CSV's header. */
export interface LookupRelation {
  readonly name: string;
  readonly table: string;
}

export type SqlParameter = string | number | bigint | boolean | null;

/** SQL that gives the rows of the answer: every column VARCHAR or NULL (a field that the row does not have). */
export interface CompiledQuery {
  readonly scans: readonly Scan[];
  readonly lookups: readonly LookupRelation[];
  readonly sql: string;
  /** For `$1`, `$2` … */
  readonly parameters: readonly SqlParameter[];
  /** Names of the result columns as the user sees them, in order; the SQL's own are positional. */
  readonly columns: readonly string[];
  /** Whether the last column is `@ptr`. */
  readonly hasPointer: boolean;
  /**
   * A statement that counts the events that the filters let through (one row, one BIGINT column), over the same scans
   * and the first `matchedParameters` of the parameters. Absent when every scanned event matches, and when the rows of
   * `sql` are enough.
   */
  readonly matchedSql?: string;
  readonly matchedParameters?: number;
  /**
   * Whether the rows of `sql` say that number themselves, in one more column than `columns` has: the same text in each
   * row. Where there are no rows, `matchedSql` has to be asked; without it, nothing matched.
   */
  readonly countsMatches?: boolean;
}
