import type { Catalog } from './catalog.ts';
import { addTotal, type StreamTotal, type StreamTotals } from './stream-totals.ts';

/** UTF-8 bytes are those of the messages, rebuilt ones as if they were kept. */
export interface StreamSummary {
  readonly rows: number;
  readonly bytes: number;
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
  readonly lastIngestionMs?: number;
}

export interface GroupSummary {
  readonly rows: number;
  readonly bytes: number;
  /** Of segments; what is still in the journal is nobody's. */
  readonly diskBytes: number;
}

export function streamSummary(catalog: Catalog, group: number, stream: number): StreamSummary {
  let sum: StreamTotal | undefined;
  for (const totals of totalsOf(catalog)) {
    const total = totals.get(group, stream);
    if (!total) continue;
    if (sum) addTotal(sum, total);
    else sum = { ...total };
  }
  if (!sum) return { rows: 0, bytes: 0 };
  const { rows, bytes, firstMs, lastMs, lastIngestionMs } = sum;
  const firstEventMs = Math.max(firstMs, cutTime(catalog, group));
  return { rows, bytes, firstEventMs, lastEventMs: lastMs, lastIngestionMs };
}

export function groupSummary(catalog: Catalog, group: number): GroupSummary {
  let rows = 0;
  let bytes = 0;
  for (const totals of totalsOf(catalog)) {
    for (const total of totals.ofGroup(group).values()) {
      rows += total.rows;
      bytes += total.bytes;
    }
  }
  const segments = catalog.segmentsOf(group);
  return { rows, bytes, diskBytes: segments.reduce((sum, { fileBytes }) => sum + fileBytes, 0) };
}

function* totalsOf({ totals, generations }: Catalog): Generator<StreamTotals> {
  yield totals;
  for (const generation of generations) yield generation.totals;
}

function cutTime({ cuts }: Catalog, group: number): number {
  const times = cuts.filter((cut) => cut.group === group).map(({ beforeMs }) => beforeMs);
  return Math.max(Number.NEGATIVE_INFINITY, ...times.map((time) => time ?? Number.NEGATIVE_INFINITY));
}
