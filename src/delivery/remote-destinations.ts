import type { FlowLog, FlowLogResource } from '../flowlog/index.ts';
import type { Place } from '../resource/index.ts';
import type { Destination } from './destination.ts';
import { type DestinationRule, destinationRuleOf } from './destination-rules.ts';
import { type DestinationFault, destinationArn } from './log-delivery.ts';
import { RemoteBucket } from './remote-bucket.ts';
import { checkRemoteBucket, checkRemoteStream, type RemoteFault } from './remote-checks.ts';
import { RemoteClients, type RemotePlace, type RemoteTimeouts } from './remote-clients.ts';
import { RemoteLogGroup } from './remote-log-group.ts';
import { RemoteStream } from './remote-stream.ts';

export interface RemoteDestinationsOptions {
  /** Of the flow logs. */
  readonly place: Place;
  readonly rules: readonly DestinationRule[];
  /** Told, as one line, what the operator should know. */
  readonly report: (line: string) => void;
  readonly timeouts?: RemoteTimeouts;
}

/** How a flow log says where its records go. */
export type Addressed = Pick<FlowLogResource, 'LogDestinationType' | 'LogDestination' | 'LogGroupName'>;

/** Destinations that a rule sends outside: at AWS, or at what speaks its protocols. */
export class RemoteDestinations {
  readonly #options: RemoteDestinationsOptions;
  readonly #clients: RemoteClients;

  constructor(options: RemoteDestinationsOptions) {
    this.#options = options;
    this.#clients = new RemoteClients(options.timeouts);
  }

  has(addressed: Addressed): boolean {
    return this.#placeOf(addressed) !== undefined;
  }

  /** Undefined: it is Headgate's own. */
  of(resource: Addressed, flowLog: Pick<FlowLog, 'trafficType'>): Destination | undefined {
    const place = this.#placeOf(resource);
    if (!place) return undefined;
    const { report } = this.#options;
    const clients = this.#clients;
    const { LogDestinationType, LogDestination = '', LogGroupName: groupName = '' } = resource;
    switch (LogDestinationType) {
      case 's3':
        return new RemoteBucket(clients, place, LogDestination);
      case 'kinesis-data-firehose':
        return new RemoteStream(clients, place, LogDestination);
      default:
        return new RemoteLogGroup({ clients, place, groupName, flowLog, report });
    }
  }

  /** A bucket, for others than flow logs; undefined: it is Headgate's own. */
  bucket(bucketArn: string): RemoteBucket | undefined {
    const place = this.#placeOf({ LogDestinationType: 's3', LogDestination: bucketArn });
    return place && new RemoteBucket(this.#clients, place, bucketArn);
  }

  /** Why nothing can be delivered there; undefined when it can. */
  async check(addressed: Addressed): Promise<DestinationFault | undefined> {
    const place = this.#placeOf(addressed);
    const found = place && (await this.#checkAt(place, addressed));
    if (found) this.#options.report(`CreateFlowLogs: ${found.detail}`);
    return found?.fault;
  }

  /** Connections end. */
  close(): Promise<void> {
    return this.#clients.close();
  }

  async #checkAt(
    place: RemotePlace,
    { LogDestinationType, LogDestination = '' }: Addressed,
  ): Promise<RemoteFault | undefined> {
    switch (LogDestinationType) {
      case 's3':
        return checkRemoteBucket(this.#clients, place, LogDestination, this.#options.report);
      case 'kinesis-data-firehose':
        return checkRemoteStream(this.#clients, place, LogDestination);
      default:
        // A log group comes to be with the first records, and what is wrong with it is told of deliveries.
        return undefined;
    }
  }

  #placeOf(addressed: Addressed): RemotePlace | undefined {
    const { rules, place } = this.#options;
    const arn = destinationArn(addressed, place);
    const rule = destinationRuleOf(rules, arn);
    // ARNs of buckets have no Region.
    return rule && { rule, region: rule.region ?? (arn.split(':')[3] || place.region) };
  }
}
