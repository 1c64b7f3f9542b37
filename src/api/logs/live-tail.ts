import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Logs, TailRequest, TailUpdate } from '../../logs/index.ts';
import type { Call } from '../action.ts';

/** What AWS documents: an update every second of at most so many events, for three hours. */
const updateMs = 1000;
const maxEvents = 500;
const sessionMs = 3 * 3_600_000;
/** Ten updates' worth waits for a slow reader; then the oldest go. */
const maxWaiting = 10 * maxEvents;
/** UTF-16 units: few events may be large. */
const maxWaitingUnits = 16 * 1024 * 1024;

type Event = TailUpdate['events'][number];

/** The events of a session's stream. Ends with the client, or after three hours with SessionTimeoutException. */
export async function* liveTail(
  logs: Logs,
  request: TailRequest,
  { requestId, signal }: Pick<Call, 'requestId' | 'signal'>,
): AsyncGenerator<Record<string, unknown>> {
  const tail = logs.tail({ ...request, signal });
  const waiting = new WaitingEvents();
  const pumped = pump(tail, waiting);
  try {
    yield { sessionStart: sessionStart(request, requestId) };
    const endMs = performance.now() + sessionMs;
    while (await waited(signal)) {
      if (performance.now() > endMs) {
        yield { SessionTimeoutException: { message: 'The session has timed out.' } };
        return;
      }
      const { events, isSampled } = waiting.take();
      yield { sessionUpdate: { sessionMetadata: { sampled: isSampled }, sessionResults: events } };
    }
  } finally {
    await tail.return?.();
    await pumped;
  }
}

function sessionStart(request: TailRequest, requestId: string): Record<string, unknown> {
  const { logGroupIdentifiers, logStreamNames = [], logStreamNamePrefixes = [] } = request;
  return {
    requestId,
    sessionId: randomUUID(),
    logGroupIdentifiers,
    logStreamNames,
    logStreamNamePrefixes,
    logEventFilterPattern: request.logEventFilterPattern ?? '',
  };
}

/** A second, or the end of the client. */
async function waited(signal: AbortSignal): Promise<boolean> {
  return setTimeout(updateMs, true, { signal }).catch(() => false);
}

async function pump(tail: AsyncIterable<TailUpdate>, waiting: WaitingEvents): Promise<void> {
  for await (const { events, dropped } of tail) waiting.add(events, dropped);
}

/** Events between two updates. */
class WaitingEvents {
  #events: Event[] = [];
  #units = 0;
  #isIncomplete = false;

  add(events: readonly Event[], dropped: number): void {
    this.#events.push(...events);
    for (const { message } of events) this.#units += message.length;
    let surplus = Math.max(0, this.#events.length - maxWaiting);
    for (let at = 0; at < surplus; at++) this.#units -= this.#events[at].message.length;
    while (this.#units > maxWaitingUnits) this.#units -= this.#events[surplus++].message.length;
    if (surplus > 0) this.#events.splice(0, surplus);
    if (surplus > 0 || dropped > 0) this.#isIncomplete = true;
  }

  /** All of them, or a sample spread evenly over them. */
  take(): { readonly events: readonly Event[]; readonly isSampled: boolean } {
    const events = this.#events;
    const isSampled = this.#isIncomplete || events.length > maxEvents;
    this.#events = [];
    this.#units = 0;
    this.#isIncomplete = false;
    if (events.length <= maxEvents) return { events, isSampled };
    const step = events.length / maxEvents;
    const sample = Array.from({ length: maxEvents }, (_, number) => events[Math.floor(number * step)]);
    return { events: sample, isSampled };
  }
}
