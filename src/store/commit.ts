import type { Change } from './documents.ts';
import type { RowBatch } from './row-batch.ts';

/** What becomes durable together, or not at all. Documents are changed in order; `drop` and `rows` do not go together. */
export interface Commit {
  readonly documents?: readonly Change[];
  readonly drop?: readonly Drop[];
  /** Their arrays stay as they are until the commit is fulfilled. */
  readonly rows?: readonly RowBatch[];
}

/** Rows of earlier commits that go: of a group, of a stream, or of a group before a time (exclusive). */
export type Drop =
  | { readonly group: number }
  | { readonly group: number; readonly stream: number }
  | { readonly group: number; readonly beforeMs: number };

export interface Committed {
  /**
   * Of the first row; the others follow without gaps, in the order of the batches. The next one to be given when
   * there were no rows.
   */
  readonly firstId: number;
}

export function rowCount(batches: readonly RowBatch[]): number {
  return batches.reduce((sum, { timestampsMs }) => sum + timestampsMs.length, 0);
}
