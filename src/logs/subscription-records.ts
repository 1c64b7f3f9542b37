import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** An event as it is delivered; these and their names are AWS's. */
export interface SubscribedEvent {
  readonly id: string;
  readonly timestamp: number;
  readonly message: string;
}

export interface SubscriptionEnvelope {
  readonly owner: string;
  readonly logGroup: string;
  readonly subscriptionFilters: readonly string[];
}

/** A record of a stream holds so much. */
const maxRecordBytes = 1_000 * 1024;
/** Besides what gzip adds to what it cannot make smaller. */
const maxTextBytes = maxRecordBytes - 1024;

const compress = promisify(gzip);

/** What Firehose is sent before a filter comes to be. */
export function controlRecord(nowMs: number): Promise<Uint8Array> {
  return compress(
    JSON.stringify({
      messageType: 'CONTROL_MESSAGE',
      owner: 'CloudwatchLogs',
      logGroup: '',
      logStream: '',
      subscriptionFilters: [],
      logEvents: [
        {
          id: '',
          timestamp: nowMs,
          message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.',
        },
      ],
    }),
  );
}

export interface SubscriptionRecords {
  readonly records: readonly Uint8Array[];
  /** Events that no record can hold. */
  readonly tooLarge: number;
}

/** Records of one log stream each, with its events in the order in which they are given. */
export async function subscriptionRecords(
  envelope: SubscriptionEnvelope,
  events: Iterable<SubscribedEvent & { readonly logStream: string }>,
): Promise<SubscriptionRecords> {
  const byStream = new Map<string, RecordText[]>();
  for (const { logStream, id, timestamp, message } of events) {
    const text = JSON.stringify({ id, timestamp, message } satisfies SubscribedEvent);
    const texts = byStream.get(logStream) ?? [new RecordText(envelope, logStream)];
    byStream.set(logStream, texts);
    if (!texts[texts.length - 1].add(text)) {
      const next = new RecordText(envelope, logStream);
      next.add(text);
      texts.push(next);
    }
  }
  const records: Uint8Array[] = [];
  let tooLarge = 0;
  for (const text of [...byStream.values()].flat()) {
    const record = await compress(text.toString());
    if (record.length <= maxRecordBytes) records.push(record);
    else tooLarge += text.length;
  }
  return { records, tooLarge };
}

/** A record in the making. */
class RecordText {
  readonly #head: string;
  readonly #events: string[] = [];
  #bytes: number;

  constructor({ owner, logGroup, subscriptionFilters }: SubscriptionEnvelope, logStream: string) {
    const members = { messageType: 'DATA_MESSAGE', owner, logGroup, logStream, subscriptionFilters };
    this.#head = `${JSON.stringify(members).slice(0, -1)},"logEvents":[`;
    this.#bytes = Buffer.byteLength(this.#head) + ']}'.length;
  }

  /** Of events. */
  get length(): number {
    return this.#events.length;
  }

  /** False when it is too much; the first event always fits, since it may become small enough. */
  add(event: string): boolean {
    const bytes = Buffer.byteLength(event) + 1;
    if (this.#bytes + bytes > maxTextBytes && this.#events.length > 0) return false;
    this.#events.push(event);
    this.#bytes += bytes;
    return true;
  }

  toString(): string {
    return `${this.#head}${this.#events.join(',')}]}`;
  }
}

/** Of one PutRecordBatch. */
const maxBatchRecords = 500;
const maxBatchBytes = 4 * 1024 * 1024;

/** Records in as few requests as take them. */
export function batchesOf(records: readonly Uint8Array[]): Uint8Array[][] {
  const batches: Uint8Array[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const last = batches.at(-1);
    if (last && last.length < maxBatchRecords && bytes + record.length <= maxBatchBytes) {
      last.push(record);
      bytes += record.length;
    } else {
      batches.push([record]);
      bytes = record.length;
    }
  }
  return batches;
}
