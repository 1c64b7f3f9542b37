import type { Drop } from './commit.ts';

/** Rows that are gone for who asks, although they may still be in a table or a file. */
export interface Cut {
  /** Of the commit that made it. */
  readonly sequence: number;
  readonly group: number;
  readonly stream?: number;
  /** Exclusive. */
  readonly beforeMs?: number;
  /** Rows that came later stay. */
  readonly belowId: number;
}

export function cutOf(drop: Drop, sequence: number, belowId: number): Cut {
  return { ...drop, sequence, belowId };
}

/** What cuts are held against: a segment, or an hour of a generation. */
export interface Extent {
  readonly group: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly minId: number;
  readonly maxId: number;
  /** Cuts up to this sequence have been made in it. */
  readonly cutsApplied: number;
  /** Absent: any. */
  readonly streams?: readonly number[];
}

/** Whether a cut takes rows of it. */
export function touches(cut: Cut, extent: Extent): boolean {
  return (
    cut.group === extent.group &&
    cut.sequence > extent.cutsApplied &&
    extent.minId < cut.belowId &&
    (cut.beforeMs === undefined || extent.firstMs < cut.beforeMs) &&
    (cut.stream === undefined || !extent.streams || extent.streams.includes(cut.stream))
  );
}

/** Whether a cut takes all rows of it. */
export function covers(cut: Cut, extent: Extent): boolean {
  return (
    touches(cut, extent) &&
    extent.maxId < cut.belowId &&
    (cut.beforeMs === undefined || extent.lastMs < cut.beforeMs) &&
    (cut.stream === undefined || extent.streams?.length === 1)
  );
}

/** SQL that holds for the rows that a cut leaves; names are those of columns. */
export function remains(
  cut: Cut,
  column: {
    readonly timestamp: string;
    readonly id: string;
    readonly stream: string;
    readonly group?: string;
  },
): string {
  const stays = [`${column.id} >= ${cut.belowId}`];
  if (column.group !== undefined) stays.push(`${column.group} <> ${cut.group}`);
  if (cut.stream !== undefined) stays.push(`${column.stream} <> ${cut.stream}`);
  if (cut.beforeMs !== undefined) stays.push(`${column.timestamp} >= ${cut.beforeMs}`);
  return `(${stays.join(' OR ')})`;
}
