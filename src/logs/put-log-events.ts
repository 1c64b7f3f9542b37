import { defaultLogFormat, parseLogFormat } from '../record/index.ts';
import type { Change, RowBatch } from '../store/index.ts';
import type { LogGroup } from './catalog.ts';
import { type Engine, knownGroup, knownStream } from './engine.ts';
import { errors } from './errors.ts';
import { guessedFormat, type LineFormat, sortLines } from './event-rows.ts';
import { dayMs, keptFromMs } from './retention.ts';
import { sequenceToken } from './sequence-token.ts';
import type {
  InputLogEvent,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from './shapes.ts';
import { validate } from './validation.ts';

const maxEvents = 10_000;
const maxBytes = 1_048_576;
/** What AWS adds to each message's UTF-8. */
const eventOverheadBytes = 26;
const named = { required: true, minLength: 1, maxLength: 512 };
const maxFutureMs = 2 * 3_600_000;
const maxAgeMs = 14 * dayMs;

/** Durable when fulfilled. Events that are too old or too new are not kept, and reported. */
export async function putLogEvents(
  engine: Engine,
  request: PutLogEventsRequest,
): Promise<PutLogEventsResponse> {
  const { logEvents } = request;
  validate(request, { logGroupName: named, logStreamName: named });
  checkBatch(logEvents);
  const group = knownGroup(engine, request.logGroupName);
  const stream = knownStream(engine, group, request.logStreamName);
  const { from, to, rejected } = acceptedRange(logEvents, engine.clock(), keptFromMs(engine, group));
  if (from >= to) return { nextSequenceToken: sequenceToken(0), ...rejected };
  if (logEvents[to - 1].timestamp - logEvents[from].timestamp > dayMs) throw errors.spanTooLong();
  const documents: Change[] = [];
  const { batches } = sortLines(
    { group: group.number, stream: stream.number, ingestionMs: engine.clock() },
    lineFormatOf(engine, group, documents),
    messagesOf(logEvents, from, to),
    timesOf(logEvents, from, to),
  );
  const firstId = await keep(engine, documents, batches);
  return { nextSequenceToken: sequenceToken(firstId + to - from), ...rejected };
}

/** Commits rows, and shows them to who watches and who delivers. */
export async function keep(
  engine: Engine,
  documents: readonly Change[],
  rows: readonly RowBatch[],
): Promise<number> {
  const { firstId } = await engine.catalog.commit({ documents, rows });
  engine.tails.publish(rows);
  engine.subscriptions.publish(rows);
  return firstId;
}

/** What a group's lines are when nobody says more: what its flow log delivers, or the default format where it fits. */
export function lineFormatOf({ catalog }: Engine, group: LogGroup, changes: Change[]): LineFormat {
  if (group.deliveryFormat === undefined) {
    return guessedFormat(catalog.formatNumber(defaultLogFormat, changes));
  }
  const format = parseLogFormat(group.deliveryFormat);
  return { format, number: catalog.formatNumber(format, changes), isSaid: true };
}

function checkBatch(logEvents: readonly InputLogEvent[]): void {
  validate({ logEvents }, { logEvents: { required: true, minLength: 1, maxLength: maxEvents } });
  let bytes = 0;
  for (let i = 0; i < logEvents.length; i++) {
    const { message, timestamp } = logEvents[i];
    if (typeof message !== 'string' || message === '' || !(timestamp >= 0))
      throw invalidEvent(logEvents[i], i);
    const eventBytes = Buffer.byteLength(message) + eventOverheadBytes;
    if (eventBytes > maxBytes) throw errors.eventTooLarge(eventBytes);
    bytes += eventBytes;
  }
  if (bytes > maxBytes) throw errors.batchTooLarge(bytes);
  for (let i = 1; i < logEvents.length; i++) {
    if (logEvents[i].timestamp < logEvents[i - 1].timestamp) throw errors.notChronological();
  }
}

function invalidEvent({ message, timestamp }: Partial<InputLogEvent>, index: number): Error {
  const member = `logEvents.${index + 1}.member`;
  const [name, value, fault] =
    message === undefined || message === null
      ? ['message', 'null', 'not be null']
      : message === ''
        ? ['message', "''", 'have length greater than or equal to 1']
        : timestamp === undefined || timestamp === null
          ? ['timestamp', 'null', 'not be null']
          : ['timestamp', `'${timestamp}'`, 'have value greater than or equal to 0'];
  return errors.invalidParameter(
    `1 validation error detected: Value ${value} at '${member}.${name}' failed to satisfy constraint: Member must ${fault}`,
  );
}

interface Accepted {
  /** Events in between are kept. */
  readonly from: number;
  readonly to: number;
  readonly rejected: { readonly rejectedLogEventsInfo?: RejectedLogEventsInfo };
}

function acceptedRange(
  events: readonly InputLogEvent[],
  nowMs: number,
  keptFrom = Number.NEGATIVE_INFINITY,
): Accepted {
  const tooOld = countBefore(events, nowMs - maxAgeMs);
  const expired = countBefore(events, keptFrom);
  const tooNew = countBefore(events, nowMs + maxFutureMs + 1);
  const info: RejectedLogEventsInfo = {
    ...(tooNew < events.length ? { tooNewLogEventStartIndex: tooNew } : {}),
    ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
    ...(expired > 0 ? { expiredLogEventEndIndex: expired } : {}),
  };
  const isWhole = Object.keys(info).length === 0;
  return {
    from: Math.max(tooOld, expired),
    to: tooNew,
    rejected: isWhole ? {} : { rejectedLogEventsInfo: info },
  };
}

/** How many events, which are in order, are earlier than a time. */
function countBefore(events: readonly InputLogEvent[], timeMs: number): number {
  let low = 0;
  for (let high = events.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (events[middle].timestamp < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function messagesOf(events: readonly InputLogEvent[], from: number, to: number): string[] {
  const messages = new Array<string>(to - from);
  for (let i = from; i < to; i++) messages[i - from] = events[i].message;
  return messages;
}

function timesOf(events: readonly InputLogEvent[], from: number, to: number): Float64Array {
  const times = new Float64Array(to - from);
  for (let i = from; i < to; i++) times[i - from] = Math.trunc(events[i].timestamp);
  return times;
}
