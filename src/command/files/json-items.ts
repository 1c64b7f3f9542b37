import { defaultLogFormat, type LogFormat } from '../../record/index.ts';
import type { FileEvent, FileItems } from './file-items.ts';
import { leadingTime } from './leading-time.ts';

/** Where a JSON event says when it happened, the first that does. */
const timeMembers = ['@timestamp', 'timestamp', 'time', 'ts', 'eventTime'] as const;
/** Numbers of 12 digits and more are milliseconds, not seconds. */
const leastMilliseconds = 1e11;

interface Placed {
  readonly event: FileEvent;
  readonly stream?: string;
  /** Whether the message is a record inside of the JSON, whose time is its own. */
  readonly isRecord: boolean;
}

/**
 * JSON texts as events. Members that CloudWatch writes (`timestamp`, `message`, `logStreamName`) are one; a record in
 * `body`, as OpenTelemetry and OpenSearch keep it, is that record; any other value is a JSON event, as it is written.
 * @param otherwiseMs the time of an event that tells none, where none before it did
 */
export function* jsonItems(
  texts: readonly string[],
  otherwiseMs: number,
  format: LogFormat | undefined,
): Generator<FileItems> {
  let lastMs = otherwiseMs;
  let run: Placed[] = [];
  for (const text of texts) {
    const placed = place(text, lastMs, format ?? defaultLogFormat);
    lastMs = placed.event.timestamp;
    if (run.length > 0 && !areAlike(run[0], placed)) {
      yield itemsOf(run, format);
      run = [];
    }
    run.push(placed);
  }
  if (run.length > 0) yield itemsOf(run, format);
}

const areAlike = (a: Placed, b: Placed): boolean => a.stream === b.stream && a.isRecord === b.isRecord;

function itemsOf(run: readonly Placed[], format: LogFormat | undefined): FileItems {
  const [{ isRecord, stream }] = run;
  if (isRecord) {
    return { kind: 'lines', lines: run.map(({ event }) => event.message), ...(format ? { format } : {}) };
  }
  return {
    kind: 'events',
    events: run.map(({ event }) => event),
    ...(stream === undefined ? {} : { stream }),
  };
}

function place(text: string, lastMs: number, format: LogFormat): Placed {
  const value = parsed(text);
  if (!value) return { event: { timestamp: lastMs, message: text }, isRecord: false };
  const { message, body, logStreamName } = value;
  if (typeof message === 'string' && typeof value.timestamp === 'number' && isCloudWatch(value)) {
    return {
      event: { timestamp: value.timestamp, message },
      isRecord: false,
      ...(typeof logStreamName === 'string' ? { stream: logStreamName } : {}),
    };
  }
  const timestamp = timeOf(value) ?? lastMs;
  if (typeof body === 'string' && mayBeRecord(body, format)) {
    return { event: { timestamp, message: body }, isRecord: true };
  }
  return { event: { timestamp, message: text }, isRecord: false };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A line of a text that is JSON otherwise: kept as any text.
    return undefined;
  }
}

const cloudWatchMembers: ReadonlySet<string> = new Set([
  'timestamp',
  'message',
  'logStreamName',
  'ingestionTime',
  'eventId',
  'id',
]);

/** An event as CloudWatch gives it out, not one of a program that calls its members alike. */
function isCloudWatch(value: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(value).every((name) => cloudWatchMembers.has(name));
}

function timeOf(value: Readonly<Record<string, unknown>>): number | undefined {
  for (const name of timeMembers) {
    const time = value[name];
    if (typeof time === 'number' && time > 0)
      return time >= leastMilliseconds ? Math.floor(time) : Math.floor(time * 1000);
    const told = typeof time === 'string' ? leadingTime(time)?.timeMs : undefined;
    if (told !== undefined) return told;
  }
  return undefined;
}

function mayBeRecord(text: string, format: LogFormat): boolean {
  return text.split(' ').length === format.fields.length && !text.includes('\n');
}
