import type { FlowLog, FlowLogResource } from '../flowlog/index.ts';
import type { ServiceAccess } from '../iam/service-access.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import { BucketDestination } from './bucket-destination.ts';
import type { Destination } from './destination.ts';
import type { DestinationFault } from './log-delivery.ts';
import { LogGroupDestination, type LogGroupStore } from './log-group-destination.ts';
import type { RemoteBucket } from './remote-bucket.ts';
import { type Addressed, RemoteDestinations, type RemoteDestinationsOptions } from './remote-destinations.ts';
import { StreamDestination, type StreamIntake } from './stream-destination.ts';

export interface DestinationsOptions extends RemoteDestinationsOptions {
  readonly resources: Pick<ResourceView, 'get'>;
  readonly logsAt: (place: Place) => LogGroupStore;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly streams: StreamIntake;
  readonly access: Pick<ServiceAccess, 'assume' | 'isAllowed'>;
}

/** Where the records of each flow log go: to what is Headgate's own, or outside where a rule says so. */
export class Destinations {
  readonly #options: DestinationsOptions;
  readonly #remote: RemoteDestinations;

  constructor(options: DestinationsOptions) {
    this.#options = options;
    this.#remote = new RemoteDestinations(options);
  }

  /** What lets log delivery in: asked again at each delivery. */
  get access(): DestinationsOptions['access'] {
    return this.#options.access;
  }

  of(resource: FlowLogResource, flowLog: Pick<FlowLog, 'format' | 'trafficType'>): Destination {
    const { place, resources, logsAt, objects, streams, access } = this.#options;
    const outside = this.#remote.of(resource, flowLog);
    if (outside) return outside;
    switch (resource.LogDestinationType) {
      case 's3':
        return new BucketDestination({ resource, place, resources, objects, access });
      case 'kinesis-data-firehose':
        return new StreamDestination({ resource, place, resources, streams, access });
      default:
        return new LogGroupDestination({ resource, flowLog, place, logs: logsAt(place), access });
    }
  }

  isOutside(addressed: Addressed): boolean {
    return this.#remote.has(addressed);
  }

  /** Why nothing can be delivered to a destination outside; undefined when it can. */
  checkOutside(addressed: Addressed): Promise<DestinationFault | undefined> {
    return this.#remote.check(addressed);
  }

  /** A bucket that a rule sends outside, for others than flow logs; undefined: it is Headgate's own. */
  remoteBucket(bucketArn: string): RemoteBucket | undefined {
    return this.#remote.bucket(bucketArn);
  }

  /** Connections to destinations outside end. */
  close(): Promise<void> {
    return this.#remote.close();
  }
}
