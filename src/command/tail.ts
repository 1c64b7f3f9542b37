import { setTimeout } from 'node:timers/promises';
import { ConfigError } from '../fault/index.ts';
import type { FilteredLogEvent } from '../logs/index.ts';
import { parseFilterPattern } from '../query/index.ts';
import { formatCount, type OutputStream, type Terminal } from '../report/index.ts';
import { printable } from './output/text-width.ts';
import { withQueryText } from './query-error-text.ts';
import type { LogsAccess } from './store/logs-access.ts';

export interface TailOptions {
  readonly group: string;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
  readonly pattern?: string;
  readonly follow: boolean;
  /** An object on each line, instead of time, stream and message. */
  readonly isJson: boolean;
  readonly output: OutputStream;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface Connect {
  /** Opens the store, or finds who serves it. */
  readonly first: () => Promise<LogsAccess>;
  /** As `first`, when somebody serves it, or has committed something since the last time and let it go. */
  readonly again: () => Promise<LogsAccess | undefined>;
}

/**
 * Prints the events of a group since a time, then those that come, until it is told to stop. They come through the
 * process that owns the store; while there is none, what other commands commit is looked for now and then.
 */
export async function tail(connect: Connect, options: TailOptions): Promise<void> {
  const { pattern = '', follow: follows, output, signal } = options;
  // The store refuses it too, without saying where it is wrong.
  await withQueryText('--filter-pattern', pattern, () => parseFilterPattern(pattern), 'pattern');
  const printer = new EventPrinter(options);
  await printThrough(await connect.first(), printer, options);
  while (follows && !output.isClosed) {
    await setTimeout(reconnectMs, undefined, { signal });
    const access = await connect.again();
    if (access) await printThrough(access, printer, options);
  }
}

/** Until the owner ends, when it is followed. */
async function printThrough(access: LogsAccess, printer: EventPrinter, options: TailOptions): Promise<void> {
  const follows = options.follow && !access.isOpenHere;
  try {
    await (follows ? followOwner : printPast)(access, printer, options);
  } catch (error) {
    if (!follows || !(error instanceof ConfigError) || error.code !== 'HolderGone') throw error;
  } finally {
    await access.close();
  }
}

/** Followed first and looked back afterwards, so that nothing is missed between the two. */
async function followOwner(access: LogsAccess, printer: EventPrinter, options: TailOptions): Promise<void> {
  const updates = await follow(access, options);
  const past = await printPast(access, printer, options);
  for await (const { events, dropped } of updates) {
    if (dropped > 0) options.terminal.line(`${formatCount(dropped)} events came too fast and are not shown`);
    await printer.print(events.filter((event) => !past.take(event)));
    if (options.output.isClosed) return;
  }
}

function follow(access: LogsAccess, { group, pattern, signal }: TailOptions): ReturnType<LogsAccess['tail']> {
  return access.tail({
    logGroupIdentifiers: [group],
    signal,
    ...(pattern === undefined ? {} : { logEventFilterPattern: pattern }),
  });
}

/** Prints what is there and was not printed; gives what may come once more when it is followed. */
async function printPast(
  access: LogsAccess,
  printer: EventPrinter,
  { group, pattern, sinceMs, signal, output }: TailOptions,
): Promise<RecentEvents> {
  const recent = new RecentEvents(Date.now() - overlapMs);
  const printedMs = printer.lastIngestionMs;
  let nextToken: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await access.filterLogEvents({
      logGroupName: group,
      startTime: Math.max(0, sinceMs),
      ...(pattern === undefined ? {} : { filterPattern: pattern }),
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const events = page.events.filter(({ ingestionTime }) => ingestionTime > printedMs);
    await printer.print(events);
    for (const event of events) recent.add(event);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && !output.isClosed);
  return recent;
}

type Event = Omit<FilteredLogEvent, 'eventId'>;

/** How often it is looked whether there is something new. */
const reconnectMs = 500;
/** Between the two processes' looks at their clocks, and a commit under way. */
const overlapMs = 10_000;
const maxRecent = 100_000;

/** Events that were printed and ingested since a time; equal ones count. */
class RecentEvents {
  readonly #sinceMs: number;
  readonly #counts = new Map<string, number>();

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  add(event: Event): void {
    if (event.ingestionTime < this.#sinceMs || this.#counts.size >= maxRecent) return;
    const key = keyOf(event);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Whether the event is one of them, which then is forgotten. */
  take(event: Event): boolean {
    const key = keyOf(event);
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
    return count > 0;
  }
}

function keyOf({ timestamp, ingestionTime, logStreamName, message }: Event): string {
  return `${timestamp} ${ingestionTime} ${logStreamName} ${message}`;
}

class EventPrinter {
  lastIngestionMs = Number.NEGATIVE_INFINITY;
  readonly #output: OutputStream;
  readonly #text: (event: Event) => string;

  constructor({ output, isJson }: TailOptions) {
    this.#output = output;
    this.#text = isJson ? jsonText : plainText;
  }

  async print(events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    for (const { ingestionTime } of events) {
      this.lastIngestionMs = Math.max(this.lastIngestionMs, ingestionTime);
    }
    await this.#output.write(`${events.map(this.#text).join('\n')}\n`);
  }
}

function plainText({ timestamp, logStreamName, message }: Event): string {
  return `${new Date(timestamp).toISOString()} ${printable(logStreamName)} ${printable(message)}`;
}

function jsonText({ timestamp, ingestionTime, logStreamName, message }: Event): string {
  return JSON.stringify({ timestamp, ingestionTime, logStreamName, message });
}
