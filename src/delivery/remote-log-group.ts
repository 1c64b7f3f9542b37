import type { CloudWatchLogs, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import type { FlowLog } from '../flowlog/index.ts';
import type { Batch, DeliveryOutcome, RecordDestination } from './destination.ts';
import { type EventRequest, eventRequests } from './event-requests.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';
import { type RemoteRequest, RemoteRequests } from './remote-requests.ts';
import { StreamNames } from './stream-names.ts';

export interface RemoteLogGroupOptions {
  readonly clients: RemoteClients;
  readonly place: RemotePlace;
  readonly groupName: string;
  readonly flowLog: Pick<FlowLog, 'trafficType'>;
  /** Told, as one line, what the group did not keep. */
  readonly report: (line: string) => void;
}

/** A log group outside: at least once, as PutLogEvents has nothing to tell a repeat by. */
export class RemoteLogGroup implements RecordDestination {
  readonly takes = 'records';
  readonly #options: RemoteLogGroupOptions;
  readonly #streams: StreamNames;
  readonly #requests: RemoteRequests;

  constructor(options: RemoteLogGroupOptions) {
    const { groupName, flowLog } = options;
    this.#options = options;
    this.#streams = new StreamNames(flowLog.trafficType);
    this.#requests = new RemoteRequests(`log group ${groupName}`);
  }

  deliver(batch: Batch): Promise<DeliveryOutcome> {
    return this.#requests.send(batch, this.#requestsOf(batch));
  }

  *#requestsOf({ records }: Batch): Generator<RemoteRequest, void, undefined> {
    for (const request of eventRequests(records, this.#streams)) yield () => this.#put(request);
  }

  async #put(request: EventRequest): Promise<undefined> {
    try {
      await this.#putEvents(request);
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      await this.#create(request.logStreamName);
      await this.#putEvents(request);
    }
  }

  async #putEvents({ logStreamName, events }: EventRequest): Promise<void> {
    const { clients, place, groupName: logGroupName, report } = this.#options;
    const answer = await clients.send(
      'logs',
      place,
      (logs, options) => logs.putLogEvents({ logGroupName, logStreamName, logEvents: [...events] }, options),
      // More than any request has: they are about as large.
      { bytes: 2 ** 20 },
    );
    const rejected = rejectedCount(answer.rejectedLogEventsInfo, events.length);
    if (rejected === 0) return;
    report(
      `log group ${logGroupName} does not keep ${rejected} of ${events.length} records: they are too old, or of the future`,
    );
  }

  /** The group may be there already, and so may the stream: others make them too. */
  async #create(logStreamName: string): Promise<void> {
    const { groupName: logGroupName } = this.#options;
    await this.#unlessThere((logs, options) => logs.createLogGroup({ logGroupName }, options));
    await this.#unlessThere((logs, options) =>
      logs.createLogStream({ logGroupName, logStreamName }, options),
    );
  }

  async #unlessThere(
    create: (logs: CloudWatchLogs, options: { readonly abortSignal: AbortSignal }) => Promise<unknown>,
  ): Promise<void> {
    const { clients, place } = this.#options;
    try {
      await clients.send('logs', place, create);
    } catch (error) {
      if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
    }
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Indexes of events in the order of time: expired and too old ones end before theirs, too new ones begin at it. */
function rejectedCount(rejected: RejectedLogEventsInfo | undefined, count: number): number {
  if (!rejected) return 0;
  const { expiredLogEventEndIndex = 0, tooOldLogEventEndIndex = 0, tooNewLogEventStartIndex } = rejected;
  const old = Math.max(expiredLogEventEndIndex, tooOldLogEventEndIndex);
  return old + (tooNewLogEventStartIndex === undefined ? 0 : count - tooNewLogEventStartIndex);
}
