import type { LogFormat } from '../record/log-format.ts';
import type { FilterPattern } from './filter-pattern/filter-pattern.ts';
import { recordFilter } from './filter-pattern/record-filter.ts';
import { ScanRelation } from './plan/scan-relation.ts';
import type { CompiledQuery, ScanShape } from './scan.ts';
import { bigint } from './sql/literal.ts';
import { join, printSql, type Sql, sql } from './sql/sql.ts';

/** Events of a log group in the order of their arrival. */
export interface ArrivalRange {
  readonly group: number;
  /** Exclusive. */
  readonly afterId: number;
  /** Inclusive. */
  readonly throughId: number;
}

export interface MatchContext {
  /** Of the whole group. */
  readonly shape: ScanShape;
  format(number: number): LogFormat;
}

/**
 * Where to look for events that match a pattern: all that do, and few that do not. What is kept as columns is decided
 * by the columns; no line is made of an event that they leave out. Rows: `id`, and the bytes of the event when it is
 * kept as text, else 0.
 */
export function matchingIds(
  pattern: FilterPattern,
  range: ArrivalRange,
  context: MatchContext,
  limit: number,
): CompiledQuery {
  const scan = scanOf(range);
  const where = conditions(pattern, range, context, scan);
  const bytes = hasText(context.shape) ? sql`coalesce(strlen(${scan.column('kept')}), 0)` : sql`0`;
  return compiled(
    scan,
    range,
    ['id', 'bytes'],
    sql`SELECT ${scan.column('id')}::VARCHAR, ${bytes}::VARCHAR FROM ${scan.write()} WHERE ${where}
      ORDER BY ${scan.column('id')} LIMIT ${bigint(limit)}`,
  );
}

/** The same events whole: `id`, `timestamp`, `ingestion_time`, `log_stream`, `message`. */
export function matchingLines(
  pattern: FilterPattern,
  range: ArrivalRange,
  context: MatchContext,
): CompiledQuery {
  const scan = scanOf(range);
  const where = conditions(pattern, range, context, scan);
  const columns = ['id', 'timestamp', 'ingestion_time', 'log_stream', 'message'];
  const values = columns.map((name) => sql`${scan.column(name)}::VARCHAR`);
  return compiled(
    scan,
    range,
    columns,
    sql`SELECT ${join(values)} FROM ${scan.write()} WHERE ${where} ORDER BY ${scan.column('id')}`,
  );
}

/** How many events came in the range. @param beforeMs only those of earlier times */
export function arrivalCount(range: ArrivalRange, beforeMs?: number): CompiledQuery {
  const scan = scanOf(range, beforeMs);
  return compiled(
    scan,
    range,
    ['count'],
    sql`SELECT count(*)::VARCHAR FROM ${scan.write()} WHERE ${within(range, scan)}`,
  );
}

const lastMs = 8.64e15;

function scanOf({ group }: ArrivalRange, beforeMs = lastMs + 1): ScanRelation {
  return new ScanRelation('scan_0', [group], 0, beforeMs - 1);
}

function compiled(
  scan: ScanRelation,
  { afterId }: ArrivalRange,
  columns: readonly string[],
  statement: Sql,
): CompiledQuery {
  const { text, parameters } = printSql(statement);
  return {
    scans: [{ ...scan.asked([statement]), afterId }],
    lookups: [],
    sql: text,
    parameters,
    columns,
    hasPointer: false,
  };
}

function within({ afterId, throughId }: ArrivalRange, scan: ScanRelation): Sql {
  const id = scan.column('id');
  return sql`${id} > ${bigint(afterId)} AND ${id} <= ${bigint(throughId)}`;
}

function conditions(
  { shape: asked }: FilterPattern,
  range: ArrivalRange,
  { shape, format }: MatchContext,
  scan: ScanRelation,
): Sql {
  const filters = shape.columnFormats.map((number) => {
    const column = (name: string) => scan.column(name);
    const filter = recordFilter(asked, {
      format: format(number),
      column,
      otherAddresses: shape.otherAddresses,
    });
    return { number, filter };
  });
  if (filters.every(({ filter }) => filter === undefined)) return within(range, scan);
  const isOne = filters.length === 1;
  const branches = filters.map(({ number, filter }) => {
    const isFormat = sql`${scan.column('format')} = ${bigint(number)}`;
    if (filter === undefined) return isFormat;
    return isOne ? filter : sql`(${isFormat} AND ${filter})`;
  });
  // Of texts the line itself tells.
  const texts = hasText(shape) ? [sql`${scan.column('kept')} IS NOT NULL`] : [];
  return sql`${within(range, scan)} AND (${join([...branches, ...texts], ' OR ')})`;
}

function hasText({ plain, textFormats }: ScanShape): boolean {
  return plain || textFormats.length > 0;
}
