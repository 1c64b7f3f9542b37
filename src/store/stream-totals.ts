/** What the rows of one stream amount to. UTF-8 bytes are those of the messages, rebuilt ones as if they were kept. */
export interface StreamTotal {
  rows: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
  lastIngestionMs: number;
}

/** Totals by group and stream. */
export class StreamTotals {
  readonly #groups = new Map<number, Map<number, StreamTotal>>();

  static of(entries: Iterable<readonly [group: number, stream: number, total: StreamTotal]>): StreamTotals {
    const totals = new StreamTotals();
    for (const [group, stream, total] of entries) totals.add(group, stream, total);
    return totals;
  }

  get(group: number, stream: number): StreamTotal | undefined {
    return this.#groups.get(group)?.get(stream);
  }

  ofGroup(group: number): ReadonlyMap<number, StreamTotal> {
    return this.#groups.get(group) ?? new Map();
  }

  *entries(): Generator<[group: number, stream: number, total: StreamTotal]> {
    for (const [group, streams] of this.#groups) {
      for (const [stream, total] of streams) yield [group, stream, total];
    }
  }

  add(group: number, stream: number, total: StreamTotal): void {
    let streams = this.#groups.get(group);
    if (!streams) {
      streams = new Map();
      this.#groups.set(group, streams);
    }
    const known = streams.get(stream);
    if (known) addTotal(known, total);
    else streams.set(stream, { ...total });
  }

  /** Rows that went, those before a time; the first of the others is not before it. */
  subtract(group: number, stream: number, gone: StreamTotal, beforeMs: number): void {
    const known = this.get(group, stream);
    if (!known) return;
    known.rows -= gone.rows;
    known.bytes -= gone.bytes;
    known.firstMs = Math.max(known.firstMs, beforeMs);
    if (known.rows <= 0) this.drop(group, stream);
  }

  /** Of one stream, or of a whole group. */
  drop(group: number, stream?: number): void {
    if (stream === undefined) this.#groups.delete(group);
    else this.#groups.get(group)?.delete(stream);
  }
}

export function addTotal(to: StreamTotal, more: StreamTotal): void {
  to.rows += more.rows;
  to.bytes += more.bytes;
  to.firstMs = Math.min(to.firstMs, more.firstMs);
  to.lastMs = Math.max(to.lastMs, more.lastMs);
  to.lastIngestionMs = Math.max(to.lastIngestionMs, more.lastIngestionMs);
}
