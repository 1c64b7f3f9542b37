import type { RowBatch } from '../store/index.ts';
import { type Engine, groupOf } from './engine.ts';
import { errors } from './errors.ts';
import { readFilterPattern } from './filter-pattern.ts';
import { groupArn } from './names.ts';
import type { OutputLogEvent } from './shapes.ts';
import { validate } from './validation.ts';

export interface TailRequest {
  /** Names or ARNs. */
  readonly logGroupIdentifiers: readonly string[];
  readonly logStreamNames?: readonly string[];
  readonly logStreamNamePrefixes?: readonly string[];
  readonly logEventFilterPattern?: string;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

export interface TailedEvent extends OutputLogEvent {
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** The group's ARN. */
  readonly logGroupIdentifier: string;
}

/** What has come since the reader asked last. */
export interface TailUpdate {
  readonly events: readonly TailedEvent[];
  /** Matching events that the reader was too slow for, oldest first. */
  readonly dropped: number;
}

const maxGroups = 10;
const maxTails = 15;
/** What AWS buffers before it drops the oldest. */
const bufferEvents = 5_000;
const bufferUnits = 16 * 1024 * 1024;

/**
 * New events, as they become durable, until the iteration is left or the signal says so.
 * @throws ServiceError for a request that cannot be served
 */
export function startLiveTail(engine: Engine, request: TailRequest): AsyncIterableIterator<TailUpdate> {
  validate(request, { logGroupIdentifiers: { required: true, minLength: 1, maxLength: maxGroups } });
  const { logGroupIdentifiers, logStreamNames, logStreamNamePrefixes, logEventFilterPattern = '' } = request;
  if (logStreamNames && logStreamNamePrefixes) throw errors.tailStreamsAndPrefixes();
  if ((logStreamNames || logStreamNamePrefixes) && logGroupIdentifiers.length > 1) {
    throw errors.tailStreamsOfOneGroup();
  }
  const groups = new Set(logGroupIdentifiers.map((identifier) => groupOf(engine, identifier).number));
  const pattern = readFilterPattern(logEventFilterPattern);
  if (engine.tails.size >= maxTails) throw errors.limitReached();
  const tail = new LiveTail(engine, {
    groups,
    hasStream: (name) =>
      (!logStreamNames || logStreamNames.includes(name)) &&
      (!logStreamNamePrefixes || logStreamNamePrefixes.some((prefix) => name.startsWith(prefix))),
    matches: (message) => pattern.matches(message),
  });
  engine.tails.add(tail);
  if (request.signal) tail.endWith(request.signal);
  return tail;
}

interface TailFilter {
  readonly groups: ReadonlySet<number>;
  readonly hasStream: (name: string) => boolean;
  readonly matches: (message: string) => boolean;
}

/** One reader's bounded buffer. */
export class LiveTail implements AsyncIterableIterator<TailUpdate> {
  readonly #engine: Engine;
  readonly #filter: TailFilter;
  #events: TailedEvent[] = [];
  #units = 0;
  #dropped = 0;
  #isEnded = false;
  #wake: (() => void) | undefined;
  #forget: (() => void) | undefined;

  constructor(engine: Engine, filter: TailFilter) {
    this.#engine = engine;
    this.#filter = filter;
  }

  watches(group: number, stream: number): boolean {
    if (!this.#filter.groups.has(group)) return false;
    const known = this.#engine.catalog.streamByNumber(stream);
    return known !== undefined && this.#filter.hasStream(known.name);
  }

  offer(batch: RowBatch, streamNumber: number, timestamp: number, message: string): void {
    const { catalog } = this.#engine;
    const group = catalog.groupByNumber(batch.group);
    const stream = catalog.streamByNumber(streamNumber);
    if (!group || !stream || !this.#filter.matches(message)) return;
    this.#events.push({
      timestamp,
      message,
      ingestionTime: batch.ingestionMs,
      logGroupName: group.name,
      logStreamName: stream.name,
      logGroupIdentifier: groupArn(this.#engine, group.name),
    });
    this.#units += message.length;
    if (this.#events.length > bufferEvents || this.#units > bufferUnits) this.#dropOldest();
    this.#wake?.();
  }

  endWith(signal: AbortSignal): void {
    const end = () => this.end();
    this.#forget = () => signal.removeEventListener('abort', end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) this.end();
  }

  end(): void {
    this.#isEnded = true;
    this.#forget?.();
    this.#engine.tails.remove(this);
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<TailUpdate>> {
    while (this.#events.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#events.length === 0) return { done: true, value: undefined };
    const value = { events: this.#events, dropped: this.#dropped };
    this.#events = [];
    this.#units = 0;
    this.#dropped = 0;
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<TailUpdate>> {
    this.#events = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A half at once, so that a flood is not moved for each event of it. */
  #dropOldest(): void {
    const kept = this.#events.slice(Math.ceil(this.#events.length / 2));
    this.#dropped += this.#events.length - kept.length;
    this.#events = kept;
    this.#units = kept.reduce((sum, { message }) => sum + message.length, 0);
  }
}
