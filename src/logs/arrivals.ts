import { arrivalCount, type FilterPattern, matchingIds, matchingLines } from '../query/index.ts';
import type { Store } from '../store/index.ts';
import type { Catalog, LogGroup } from './catalog.ts';
import { eventId } from './event-place.ts';
import { lastMoment } from './moments.ts';
import type { SubscribedEvent } from './subscription-records.ts';

export interface ArrivalPage {
  /** Those that match, in the order of their arrival. */
  readonly events: readonly (SubscribedEvent & { readonly logStream: string })[];
  /** Of the last event that was looked at, and all before it. */
  readonly throughId: number;
  /** Whether that was all that there is. */
  readonly isLast: boolean;
}

/** Ids, which other groups have as well, that are looked at in one piece: more where few events are found. */
const leastSpan = 20_000;
const mostSpan = 1_000_000_000;
const spanGrowth = 8;
/** Of the line of a record, roughly; how long it is nobody knows before it is made. */
const lineBytes = 256;

/** Reads the events of a log group in the order of their arrival. */
export class Arrivals {
  readonly #store: Store;
  readonly #catalog: Catalog;
  readonly #group: LogGroup;
  #span = leastSpan;

  constructor(store: Store, catalog: Catalog, group: LogGroup) {
    this.#store = store;
    this.#catalog = catalog;
    this.#group = group;
  }

  /** @param bounds what is read at once at most: events, and bytes of their text unless one event has more */
  async page(
    pattern: FilterPattern,
    afterId: number,
    bounds: { readonly events: number; readonly bytes: number },
  ): Promise<ArrivalPage> {
    const { lastId } = this.#store;
    let from = afterId;
    while (from < lastId) {
      const range = {
        group: this.#group.number,
        afterId: from,
        throughId: Math.min(lastId, from + this.#span),
      };
      const found = await this.#store.run(() => matchingIds(pattern, range, this.#context(), bounds.events));
      const cutId = lastOfPage(found.rows, bounds);
      this.#span = cutId === undefined ? Math.min(mostSpan, this.#span * spanGrowth) : leastSpan;
      if (found.rows.length > 0) {
        const throughId = cutId ?? range.throughId;
        const events = await this.#events(pattern, { ...range, throughId });
        return { events, throughId, isLast: throughId === lastId };
      }
      from = range.throughId;
    }
    return { events: [], throughId: Math.max(afterId, lastId), isLast: true };
  }

  /** How many events came after one. @param beforeMs only those of earlier times */
  async countAfter(afterId: number, beforeMs?: number): Promise<number> {
    const { lastId } = this.#store;
    if (afterId >= lastId) return 0;
    const range = { group: this.#group.number, afterId, throughId: lastId };
    const { rows } = await this.#store.run(() => arrivalCount(range, beforeMs));
    return Number(rows[0][0]);
  }

  async #events(pattern: FilterPattern, range: Parameters<typeof matchingLines>[1]) {
    const { rows } = await this.#store.run(() => matchingLines(pattern, range, this.#context()));
    const events: ArrivalPage['events'][number][] = [];
    for (const [id, timestamp, ingestion, logStream, message] of rows) {
      if (message === null || !pattern.matches(message)) continue;
      const timestampMs = Number(timestamp);
      const place = { timestampMs, ingestionMs: Number(ingestion), id: Number(id) };
      events.push({ id: eventId(place), timestamp: timestampMs, message, logStream: logStream ?? '' });
    }
    return events;
  }

  #context() {
    return {
      shape: this.#store.shape([this.#group.number], 0, lastMoment),
      format: (number: number) => this.#catalog.format(number),
    };
  }
}

/** The last of the events that fit; undefined when they are all that there are. */
function lastOfPage(
  rows: readonly (readonly (string | null)[])[],
  bounds: { readonly events: number; readonly bytes: number },
): number | undefined {
  let bytes = 0;
  for (const [i, [id, kept]] of rows.entries()) {
    bytes += Number(kept) || lineBytes;
    if (bytes >= bounds.bytes && i < rows.length - 1) return Number(id);
  }
  return rows.length < bounds.events ? undefined : Number(rows[rows.length - 1][0]);
}
