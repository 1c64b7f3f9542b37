import type { EventCursor, StoredEvent } from '../store/index.ts';
import { type Engine, identifiedGroup, knownStream } from './engine.ts';
import { errors } from './errors.ts';
import { cursorOf, eventId } from './event-place.ts';
import { lastMoment } from './moments.ts';
import { keptFromMs } from './retention.ts';
import type { GetLogEventsRequest, GetLogEventsResponse } from './shapes.ts';
import { validate } from './validation.ts';

const maxEvents = 10_000;
const maxBytes = 1_048_576;
const eventOverheadBytes = 26;

/**
 * A page of a stream, oldest event first; without a token the newest page, or with `startFromHead` the oldest. A token
 * says itself in which direction it goes. Both tokens are always there; one that comes back unchanged is at the end.
 */
export async function getLogEvents(
  engine: Engine,
  request: GetLogEventsRequest,
): Promise<GetLogEventsResponse> {
  const { nextToken, limit = maxEvents, startTime = 0, endTime, startFromHead = false } = request;
  validate(request, {
    logStreamName: { required: true, minLength: 1, maxLength: 512 },
    limit: { min: 1, max: maxEvents },
    startTime: { min: 0 },
    endTime: { min: 0 },
  });
  const group = identifiedGroup(engine, request);
  if (group.logGroupClass === 'INFREQUENT_ACCESS') throw errors.notInThisClass('GetLogEvents');
  const stream = knownStream(engine, group, request.logStreamName);
  const place = nextToken === undefined ? undefined : readToken(nextToken);
  const descending = place ? place.isBackward : !startFromHead;
  const found = await engine.store.readEvents({
    group: group.number,
    streams: [stream.number],
    startMs: Math.max(startTime, keptFromMs(engine, group) ?? 0),
    endMs: endTime === undefined ? lastMoment : endTime - 1,
    descending,
    limit,
    maxBytes,
    ...(place?.after ? { after: place.after } : {}),
  });
  const page = withinBytes(found);
  if (descending) page.reverse();
  return {
    events: page.map(({ timestampMs, message, ingestionMs }) => ({
      timestamp: timestampMs,
      message,
      ingestionTime: ingestionMs,
    })),
    ...(page.length > 0 ? tokens(eventId(page.at(-1)!), eventId(page[0])) : tokensOfNothing(nextToken)),
  };
}

interface TokenPlace {
  readonly isBackward: boolean;
  readonly after?: EventCursor;
}

/** Before all events, and behind them. */
const beginning = `1${'0'.repeat(55)}`;
const ending = `1${'9'.repeat(55)}`;

function readToken(token: string): TokenPlace {
  const parts = /^([fb])\/([0-9]{56})\/s$/.exec(token);
  if (!parts) throw errors.badToken();
  const [, direction, id] = parts;
  const isBackward = direction === 'b';
  return id === (isBackward ? ending : beginning) ? { isBackward } : { isBackward, after: cursorOf(id) };
}

/**
 * The tokens of a page without events. The one that was sent comes back: whoever sends it again finds what is new by
 * then. The other leads to what is there in its direction.
 */
function tokensOfNothing(token: string | undefined): Tokens {
  if (token === undefined) return tokens(beginning, beginning);
  const id = token.slice(2, -2);
  return token.startsWith('f') ? tokens(id, ending) : tokens(beginning, id);
}

type Tokens = Pick<GetLogEventsResponse, 'nextForwardToken' | 'nextBackwardToken'>;

function tokens(forward: string, backward: string): Tokens {
  return { nextForwardToken: `f/${forward}/s`, nextBackwardToken: `b/${backward}/s` };
}

/** As many as fit, one at least. */
function withinBytes(events: readonly StoredEvent[]): StoredEvent[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of events) {
    bytes += Buffer.byteLength(message) + eventOverheadBytes;
    if (bytes > maxBytes && count > 0) break;
    count++;
  }
  return events.slice(0, count);
}
