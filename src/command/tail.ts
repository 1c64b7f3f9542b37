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

/** Prints the events of a group since a time, then those that come, until it is told to stop. */
export async function tail(access: LogsAccess, options: TailOptions): Promise<void> {
  const { pattern = '' } = options;
  await withQueryText('--filter-pattern', pattern, async () => {
    // The store refuses it too, without saying where it is wrong.
    parseFilterPattern(pattern);
    if (!options.follow) {
      await printPast(access, options);
      return;
    }
    // Followed first and looked back afterwards, so that nothing is missed between the two.
    const updates = await follow(access, options);
    const printed = await printPast(access, options);
    for await (const { events, dropped } of updates) {
      if (dropped > 0)
        options.terminal.line(`${formatCount(dropped)} events came too fast and are not shown`);
      await print(
        events.filter((event) => !printed.take(event)),
        options,
      );
      if (options.output.isClosed) return;
    }
  });
}

function follow(access: LogsAccess, { group, pattern, signal }: TailOptions): ReturnType<LogsAccess['tail']> {
  return access.tail({
    logGroupIdentifiers: [group],
    signal,
    ...(pattern === undefined ? {} : { logEventFilterPattern: pattern }),
  });
}

/** Prints what is there; gives what may come once more when it is followed. */
async function printPast(access: LogsAccess, options: TailOptions): Promise<RecentEvents> {
  const { group, pattern, sinceMs, signal } = options;
  const recent = new RecentEvents(Date.now() - overlapMs);
  let nextToken: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await access.filterLogEvents({
      logGroupName: group,
      startTime: Math.max(0, sinceMs),
      ...(pattern === undefined ? {} : { filterPattern: pattern }),
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    await print(page.events, options);
    if (options.follow) for (const event of page.events) recent.add(event);
    nextToken = page.nextToken;
  } while (nextToken !== undefined && !options.output.isClosed);
  return recent;
}

type Event = Omit<FilteredLogEvent, 'eventId'>;

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

async function print(events: readonly Event[], { output, isJson }: TailOptions): Promise<void> {
  if (events.length === 0) return;
  const lines = events.map((event) => (isJson ? jsonText(event) : plainText(event)));
  await output.write(`${lines.join('\n')}\n`);
}

function plainText({ timestamp, logStreamName, message }: Event): string {
  return `${new Date(timestamp).toISOString()} ${printable(logStreamName)} ${printable(message)}`;
}

function jsonText({ timestamp, ingestionTime, logStreamName, message }: Event): string {
  return JSON.stringify({ timestamp, ingestionTime, logStreamName, message });
}
