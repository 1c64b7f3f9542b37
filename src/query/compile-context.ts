import type { LogFormat } from '../record/log-format.ts';
import type { Range, Source } from './insights/tree.ts';
import type { ScanShape } from './scan.ts';

/** What a query is compiled against: the clock, the time range and the log groups, as they are at this moment. */
export interface CompileContext {
  /** Inclusive epoch milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  readonly nowMs: number;
  /** Rows to give when the text has no `limit`; 10,000 at AWS. */
  readonly defaultLimit: number;
  /** The log groups of the request, which the main query reads unless it begins with SOURCE. */
  readonly groups: readonly number[];
  /**
   * The log groups that SOURCE items name.
   * @throws QueryError at `range` (of the whole SOURCE) when there is no such group or the selection is not allowed
   */
  resolve(sources: readonly Source[], range: Range): readonly number[];
  shape(groups: readonly number[], startMs: number, endMs: number): ScanShape;
  format(id: number): LogFormat;
  /** The columns of an uploaded lookup table, in the order of its header; undefined when there is none. */
  lookupColumns(table: string): readonly string[] | undefined;
}
