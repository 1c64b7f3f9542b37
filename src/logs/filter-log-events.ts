import type { EventCursor, StoredEvent } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import { type Engine, identifiedGroup, knownStream } from './engine.ts';
import { errors } from './errors.ts';
import { cursorOf, eventId } from './event-place.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { lastMoment } from './moments.ts';
import { decodeToken, encodeToken } from './pages.ts';
import { keptFromMs } from './retention.ts';
import type { FilteredLogEvent, FilterLogEventsRequest, FilterLogEventsResponse } from './shapes.ts';
import { validate } from './validation.ts';

const maxEvents = 10_000;
const maxStreams = 100;
const maxBytes = 1_048_576;
const eventOverheadBytes = 26;
/** A call looks at no more events than so many, so that it ends; the page may be empty then, as at AWS. */
const maxLookedAt = 500_000;
const maxLookedAtBytes = 512 * 1024 * 1024;
/** Where the pattern is met seldom each read is followed by a larger one, up to so much. */
const firstRead = 1_000;
const readAtOnce = 10_000;
const readBytes = 16 * 1024 * 1024;
/** From here on a search may begin at the newest event. */
const reverseFromMs = Date.UTC(2024, 0, 1);

/**
 * Events that match, of all streams in one order. No `nextToken` means that there are no more.
 * @throws ServiceError; the signal's reason when it was aborted
 */
export async function filterLogEvents(
  engine: Engine,
  request: FilterLogEventsRequest,
  signal?: AbortSignal,
): Promise<FilterLogEventsResponse> {
  check(request);
  const { filterPattern = '', limit = maxEvents } = request;
  const group = identifiedGroup(engine, request);
  if (group.logGroupClass === 'INFREQUENT_ACCESS') throw errors.notInThisClass('FilterLogEvents');
  const pattern = readFilterPattern(filterPattern);
  const token = request.nextToken === undefined ? undefined : decodeToken(request.nextToken, isToken);
  const search = new Search(engine, group, request, token);
  const events: FilteredLogEvent[] = [];
  let bytes = 0;
  const wanted = filterPattern === '' ? limit : firstRead;
  for await (const event of search.events(Math.min(wanted, readAtOnce), signal)) {
    if (!pattern.matches(event.message)) continue;
    bytes += Buffer.byteLength(event.message) + eventOverheadBytes;
    if (bytes > maxBytes && events.length > 0) return page(events, search.tokenBefore(event));
    events.push(shown(engine, event));
    if (events.length === limit) return page(events, search.tokenAfter(event));
  }
  return page(events, search.tokenOfRest());
}

function check(request: FilterLogEventsRequest): void {
  const { logStreamNames, logStreamNamePrefix, startFromHead = true, startTime = 0, nextToken } = request;
  validate(request, {
    logStreamNames: { minLength: 1, maxLength: maxStreams },
    logStreamNamePrefix: { minLength: 1, maxLength: 512 },
    limit: { min: 1, max: maxEvents },
    startTime: { min: 0 },
    endTime: { min: 0 },
  });
  if (logStreamNames && logStreamNamePrefix !== undefined) throw errors.namesAndPrefix();
  if (!startFromHead && nextToken === undefined && startTime < reverseFromMs) throw errors.reverseTooOld();
}

interface Token {
  /** Of the last event that was looked at. */
  readonly after: string;
  readonly descending: boolean;
}

const isToken = (value: unknown): value is Token =>
  typeof value === 'object' &&
  value !== null &&
  'after' in value &&
  typeof value.after === 'string' &&
  'descending' in value &&
  typeof value.descending === 'boolean';

class Search {
  readonly #engine: Engine;
  readonly #group: LogGroup;
  readonly #streams: readonly number[] | undefined;
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #descending: boolean;
  #after: EventCursor | undefined;
  #hasMore = true;

  constructor(engine: Engine, group: LogGroup, request: FilterLogEventsRequest, token: Token | undefined) {
    this.#engine = engine;
    this.#group = group;
    this.#streams = searchedStreams(engine, group, request);
    this.#startMs = Math.max(request.startTime ?? 0, keptFromMs(engine, group) ?? 0);
    this.#endMs = request.endTime ?? lastMoment;
    this.#descending = token ? token.descending : request.startFromHead === false;
    this.#after = token && cursorOf(token.after);
    this.#hasMore = this.#streams?.length !== 0;
  }

  /** @param first how many are likely to be enough */
  async *events(first: number, signal?: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    let lookedAt = 0;
    let lookedAtBytes = 0;
    for (let limit = first; this.#hasMore; limit = Math.min(readAtOnce, limit * 4)) {
      if (lookedAt >= maxLookedAt || lookedAtBytes >= maxLookedAtBytes) return;
      signal?.throwIfAborted();
      const events = await this.#engine.store.readEvents({
        group: this.#group.number,
        ...(this.#streams ? { streams: this.#streams } : {}),
        startMs: this.#startMs,
        endMs: this.#endMs,
        descending: this.#descending,
        limit,
        maxBytes: readBytes,
        ...(this.#after ? { after: this.#after } : {}),
      });
      lookedAt += events.length;
      let bytes = 0;
      for (const event of events) {
        bytes += Buffer.byteLength(event.message);
        yield event;
        this.#after = event;
      }
      lookedAtBytes += bytes;
      this.#hasMore = events.length === limit || bytes >= readBytes;
    }
  }

  tokenAfter(event: EventCursor): string {
    return encodeToken({ after: eventId(event), descending: this.#descending } satisfies Token);
  }

  /** The event itself is for the next page. */
  tokenBefore(_event: EventCursor): string | undefined {
    return this.#after && this.tokenAfter(this.#after);
  }

  tokenOfRest(): string | undefined {
    return this.#hasMore && this.#after ? this.tokenAfter(this.#after) : undefined;
  }
}

/** All of the group when nothing is said. */
function searchedStreams(
  engine: Engine,
  group: LogGroup,
  { logStreamNames, logStreamNamePrefix: prefix }: FilterLogEventsRequest,
): number[] | undefined {
  if (logStreamNames) return logStreamNames.map((name) => knownStream(engine, group, name).number);
  if (prefix === undefined) return undefined;
  return [...engine.catalog.streams(group)]
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ number }) => number);
}

function shown({ catalog }: Engine, event: StoredEvent): FilteredLogEvent {
  return {
    logStreamName: catalog.streamByNumber(event.stream)?.name ?? '',
    timestamp: event.timestampMs,
    message: event.message,
    ingestionTime: event.ingestionMs,
    eventId: eventId(event),
  };
}

function page(events: readonly FilteredLogEvent[], nextToken: string | undefined): FilterLogEventsResponse {
  return { events, searchedLogStreams: [], ...(nextToken === undefined ? {} : { nextToken }) };
}
