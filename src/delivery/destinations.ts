import type { FlowLog, FlowLogResource } from '../flowlog/index.ts';
import type { ServiceAccess } from '../iam/service-access.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import type { RecordIntake } from '../stream/shapes.ts';
import { BucketDestination } from './bucket-destination.ts';
import type { Destination } from './destination.ts';
import { type DestinationRule, destinationRuleOf } from './destination-rules.ts';
import { type DestinationFault, destinationArn } from './log-delivery.ts';
import { LogGroupDestination, type LogGroupStore } from './log-group-destination.ts';
import { RemoteBucket } from './remote-bucket.ts';
import { checkRemoteBucket, checkRemoteStream, type RemoteFault } from './remote-checks.ts';
import { RemoteClients, type RemotePlace, type RemoteTimeouts } from './remote-clients.ts';
import { RemoteLogGroup } from './remote-log-group.ts';
import { RemoteStream } from './remote-stream.ts';
import { StreamDestination } from './stream-destination.ts';

export interface DestinationsOptions {
  /** Of the flow logs. */
  readonly place: Place;
  readonly resources: Pick<ResourceView, 'get'>;
  readonly logsAt: (place: Place) => LogGroupStore;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly streams: RecordIntake;
  readonly access: Pick<ServiceAccess, 'assume' | 'isAllowed'>;
  readonly rules: readonly DestinationRule[];
  /** Told, as one line, what the operator should know. */
  readonly report: (line: string) => void;
  readonly timeouts?: RemoteTimeouts;
}

type Addressed = Pick<FlowLogResource, 'LogDestinationType' | 'LogDestination' | 'LogGroupName'>;

/** Where the records of each flow log go: to what is Headgate's own, or outside where a rule says so. */
export class Destinations {
  readonly #options: DestinationsOptions;
  readonly #clients: RemoteClients;

  constructor(options: DestinationsOptions) {
    this.#options = options;
    this.#clients = new RemoteClients(options.timeouts);
  }

  /** What lets log delivery in: asked again at each delivery. */
  get access(): DestinationsOptions['access'] {
    return this.#options.access;
  }

  of(resource: FlowLogResource, flowLog: FlowLog): Destination {
    const remote = this.#remotePlace(resource);
    return remote ? this.#outside(resource, flowLog, remote) : this.#inside(resource, flowLog);
  }

  isOutside(addressed: Addressed): boolean {
    return this.#remotePlace(addressed) !== undefined;
  }

  /** A bucket that a rule sends outside, for others than flow logs; undefined: it is Headgate's own. */
  remoteBucket(bucketArn: string): RemoteBucket | undefined {
    const place = this.#remotePlace({ LogDestinationType: 's3', LogDestination: bucketArn });
    return place && new RemoteBucket(this.#clients, place, bucketArn);
  }

  /** Why a destination outside cannot be delivered to; undefined when it can. */
  async checkOutside(addressed: Addressed): Promise<DestinationFault | undefined> {
    const place = this.#remotePlace(addressed);
    const found = place && (await this.#checkAt(place, addressed));
    if (found) this.#options.report(`CreateFlowLogs: ${found.detail}`);
    return found?.fault;
  }

  /** Connections to destinations outside end. */
  close(): Promise<void> {
    return this.#clients.close();
  }

  async #checkAt(
    place: RemotePlace,
    { LogDestinationType, LogDestination = '' }: Addressed,
  ): Promise<RemoteFault | undefined> {
    if (LogDestinationType === 's3') return checkRemoteBucket(this.#clients, place, LogDestination);
    if (LogDestinationType === 'kinesis-data-firehose') {
      return checkRemoteStream(this.#clients, place, LogDestination);
    }
    // A log group comes to be with the first records, and what is wrong with it is told of deliveries.
    return undefined;
  }

  #remotePlace(addressed: Addressed): RemotePlace | undefined {
    const { rules, place } = this.#options;
    const arn = destinationArn(addressed, place);
    const rule = destinationRuleOf(rules, arn);
    // ARNs of buckets have no Region.
    return rule && { rule, region: rule.region ?? (arn.split(':')[3] || place.region) };
  }

  #outside(resource: FlowLogResource, flowLog: FlowLog, place: RemotePlace): Destination {
    const { report } = this.#options;
    const arn = destinationArn(resource, this.#options.place);
    switch (resource.LogDestinationType) {
      case 's3':
        return new RemoteBucket(this.#clients, place, arn);
      case 'kinesis-data-firehose':
        return new RemoteStream(this.#clients, place, arn);
      default: {
        const groupName = resource.LogGroupName ?? '';
        return new RemoteLogGroup({ clients: this.#clients, place, groupName, flowLog, report });
      }
    }
  }

  #inside(resource: FlowLogResource, flowLog: FlowLog): Destination {
    const { place, resources, logsAt, objects, streams, access } = this.#options;
    switch (resource.LogDestinationType) {
      case 's3':
        return new BucketDestination({ resource, place, resources, objects, access });
      case 'kinesis-data-firehose':
        return new StreamDestination({ resource, place, resources, streams, access });
      default:
        return new LogGroupDestination({ resource, flowLog, place, logs: logsAt(place), access });
    }
  }
}
