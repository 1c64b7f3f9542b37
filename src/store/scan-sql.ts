import { fields } from '../record/fields.ts';
import type { LogFormat } from '../record/log-format.ts';
import { type ColumnType, scanColumns } from './field-columns.ts';
import { messageColumns, messageSql } from './message-sql.ts';
import type { ScanSource } from './scan-source.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** What a scan needs to know of groups, streams and formats. */
export interface ScanNames {
  /** As the query sees it. */
  group(number: number): string;
  format(number: number): LogFormat;
  /** A table of streams: `number` INTEGER, `name` VARCHAR. */
  readonly streamTable: string;
}

/** `stream` and `group_number`, INTEGER, are for the store's own readers. */
const types: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ['timestamp', 'BIGINT'],
  ['ingestion_time', 'BIGINT'],
  ['id', 'BIGINT'],
  ['stream', 'INTEGER'],
  ['group_number', 'INTEGER'],
  ['log_group', 'VARCHAR'],
  ['log_stream', 'VARCHAR'],
  ['format', 'USMALLINT'],
  ['kept', 'VARCHAR'],
  ['message', 'VARCHAR'],
  ...fields.flatMap(scanColumns),
]);

export function isScanColumn(column: string): boolean {
  return types.has(column);
}

/** SQL for a relation that gives the columns, in their order, of all rows of the sources. */
export function scanSql(
  sources: readonly ScanSource[],
  columns: readonly string[],
  groups: readonly number[],
  names: ScanNames,
): string {
  // A relation has at least one column.
  const asked = columns.length === 0 ? ['id'] : columns;
  if (sources.length === 0) return `SELECT ${asked.map((column) => nullOf(column)).join(', ')} WHERE false`;
  return sources.map((source) => branchSql(source, asked, groups, names)).join(' UNION ALL ');
}

function branchSql(
  source: ScanSource,
  columns: readonly string[],
  groups: readonly number[],
  names: ScanNames,
): string {
  const selected = columns.map((column) => {
    const expression = expressionOf(source, column, groups, names);
    return expression === undefined ? nullOf(column) : `${expression} AS ${quoteName(column)}`;
  });
  const from = [source.from(neededColumns(source, columns, names)), ...streamJoin(columns, names)].join(' ');
  const where = source.conditions.length > 0 ? ` WHERE ${source.conditions.join(' AND ')}` : '';
  return `SELECT ${selected.join(', ')} FROM ${from}${where}`;
}

function neededColumns(
  source: ScanSource,
  columns: readonly string[],
  { format }: ScanNames,
): ReadonlySet<string> {
  if (!columns.includes('message')) return new Set(columns);
  return new Set([...columns, ...messageColumns(source.columnFormats.map((number) => format(number)))]);
}

function streamJoin(columns: readonly string[], { streamTable }: ScanNames): string[] {
  if (!columns.includes('log_stream')) return [];
  return [`LEFT JOIN ${quoteName(streamTable)} stream_name ON stream_name.number = r.stream`];
}

function expressionOf(
  source: ScanSource,
  column: string,
  groups: readonly number[],
  names: ScanNames,
): string | undefined {
  switch (column) {
    case 'message':
      return messageSql(source, (number) => names.format(number));
    case 'log_stream':
      return "coalesce(stream_name.name, '')";
    case 'log_group':
      return groupName(source, groups, names);
    case 'group_number':
      return typeof source.group === 'number' ? `${source.group}::INTEGER` : source.group.column;
    default:
      return source.expression(column);
  }
}

function groupName({ group }: ScanSource, groups: readonly number[], names: ScanNames): string {
  if (typeof group === 'number') return quoteText(names.group(group));
  if (groups.length === 1) return quoteText(names.group(groups[0]));
  const cases = groups.map((number) => `WHEN ${number} THEN ${quoteText(names.group(number))}`);
  return `CASE ${group.column} ${cases.join(' ')} END`;
}

function nullOf(column: string): string {
  return `NULL::${types.get(column) ?? 'VARCHAR'} AS ${quoteName(column)}`;
}
