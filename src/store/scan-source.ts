/**
 * A part of what a scan reads: a table in memory, or Parquet files that have the same columns. Expressions refer to
 * what `from` names.
 */
export interface ScanSource {
  /** The group of all rows, or the column that says it. */
  readonly group: number | { readonly column: string };
  /** Formats of rows that are kept as columns. */
  readonly columnFormats: readonly number[];
  readonly hasText: boolean;
  /** FROM, with what gives the columns. */
  from(columns: ReadonlySet<string>): string;
  /** Undefined where it is NULL in every row. */
  expression(column: string): string | undefined;
  /** All hold for every row that is to be seen. */
  readonly conditions: readonly string[];
}
