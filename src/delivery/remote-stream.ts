import type { PutRecordBatchOutput } from '@aws-sdk/client-firehose';
import type { Batch, DeliveryOutcome, RecordDestination, Refusal } from './destination.ts';
import { streamAddress } from './log-delivery.ts';
import { messageRecords } from './message-records.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';
import { type RemoteRequest, RemoteRequests } from './remote-requests.ts';

/** AWS's limits for PutRecordBatch. */
const mostRecords = 500;
const mostBytes = 4 * 2 ** 20;

/** A delivery stream outside: at least once, as PutRecordBatch has nothing to tell a repeat by. */
export class RemoteStream implements RecordDestination {
  readonly takes = 'records';
  readonly #clients: RemoteClients;
  readonly #place: RemotePlace;
  readonly #name: string;
  readonly #requests: RemoteRequests;
  /** Entries that the stream did not take of a list that it did, while that is tried again. */
  #left: { readonly request: string; readonly records: readonly Uint8Array[] } | undefined;

  constructor(clients: RemoteClients, place: RemotePlace, destinationArn: string) {
    this.#clients = clients;
    this.#place = place;
    this.#name = streamAddress(destinationArn).name;
    this.#requests = new RemoteRequests(`delivery stream ${this.#name}`);
  }

  deliver(batch: Batch): Promise<DeliveryOutcome> {
    return this.#requests.send(batch, this.#requestsOf(batch));
  }

  *#requestsOf({ id, records }: Batch): Generator<RemoteRequest, void, undefined> {
    let number = 0;
    for (const list of messageRecords(records)) {
      for (const entries of requestLists(list)) {
        const request = `${id.spoolId} ${id.segment} ${id.piece} ${number++}`;
        yield () => this.#put(request, entries);
      }
    }
  }

  async #put(request: string, entries: readonly Uint8Array[]): Promise<Refusal | undefined> {
    const records = this.#left?.request === request ? this.#left.records : entries;
    const bytes = records.reduce((sum, { length }) => sum + length, 0);
    const answer = await this.#clients.send(
      'firehose',
      this.#place,
      (firehose, options) =>
        firehose.putRecordBatch(
          { DeliveryStreamName: this.#name, Records: records.map((Data) => ({ Data })) },
          options,
        ),
      { bytes },
    );
    const failed = failedOf(answer, records);
    this.#left = failed && { request, records: failed.records };
    return failed && this.#refusal(failed, records.length);
  }

  #refusal({ records, codes }: Failed, count: number): Refusal {
    const isThrottled =
      codes.size > 0 && [...codes].every((code) => /^(?:ServiceUnavailable|Throttl)/.test(code));
    return {
      kind: 'refused',
      message: isThrottled ? 'Rate limited' : 'Unknown error',
      detail: `delivery stream ${this.#name}: ${records.length} of ${count} records: ${[...codes].join(', ')}`,
      retryable: true,
    };
  }
}

interface Failed {
  readonly records: readonly Uint8Array[];
  readonly codes: ReadonlySet<string>;
}

/** The entries that were not taken, in their order; undefined when all were. */
function failedOf(
  { FailedPutCount = 0, RequestResponses = [] }: PutRecordBatchOutput,
  sent: readonly Uint8Array[],
): Failed | undefined {
  if (FailedPutCount === 0) return undefined;
  const records = sent.filter((_, i) => RequestResponses[i]?.RecordId === undefined);
  if (records.length === 0) return undefined;
  const codes = RequestResponses.map(({ ErrorCode }) => ErrorCode).filter((code) => code !== undefined);
  return { records, codes: new Set(codes) };
}

/** Records in lists that one request may have. */
function* requestLists(records: readonly Uint8Array[]): Generator<readonly Uint8Array[], void, undefined> {
  let list: Uint8Array[] = [];
  let bytes = 0;
  for (const record of records) {
    if (list.length === mostRecords || bytes + record.length > mostBytes) {
      yield list;
      list = [];
      bytes = 0;
    }
    list.push(record);
    bytes += record.length;
  }
  if (list.length > 0) yield list;
}
