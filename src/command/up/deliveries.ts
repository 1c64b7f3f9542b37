import path from 'node:path';
import { captureDefaults, serviceDefaults } from '../../config/index.ts';
import { Destinations, FlowLogs, StreamSubscriptionSink } from '../../delivery/index.ts';
import type { ServiceAccess } from '../../iam/index.ts';
import type { PlacedLogs } from '../../logs/index.ts';
import { bucketPlace, buckets, ObjectStore } from '../../objects/index.ts';
import type { Resources } from '../../resource/index.ts';
import { FlowSpool } from '../../spool/index.ts';
import { type BucketTarget, DeliveryStreams } from '../../stream/index.ts';
import type { Identity, Network } from '../../vpc/index.ts';
import type { NetworkView } from '../capture/network-view.ts';
import { parseSources } from '../capture/options.ts';
import { objectFolders } from '../data-folders.ts';
import { deviceCounters } from './device-counters.ts';
import type { UpOptions } from './options.ts';

export interface DeliveriesParts {
  readonly options: UpOptions;
  readonly identity: Identity;
  readonly resources: Resources;
  readonly placedLogs: PlacedLogs;
  readonly access: ServiceAccess;
  readonly view: NetworkView;
  readonly network: () => Network;
  readonly report: (sentence: string) => void;
}

/** What records, objects and streams of a data folder are delivered by. */
export class Deliveries {
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly destinations: Destinations;
  readonly flowLogs: FlowLogs;
  readonly #placedLogs: PlacedLogs;
  readonly #opened: Opened;
  readonly #sweeping: NodeJS.Timeout;

  private constructor(parts: DeliveriesParts, opened: Opened) {
    const { options, identity, resources, placedLogs, view, report } = parts;
    this.#placedLogs = placedLogs;
    this.objects = opened.objects;
    this.streams = opened.streams;
    this.destinations = opened.destinations;
    this.#opened = opened;
    this.flowLogs = new FlowLogs({
      resources,
      place: identity,
      view,
      windowSeconds: options.windowSeconds,
      maxFlows: captureDefaults.maxFlows,
      spool: opened.spool,
      stateFolder: path.join(spoolFolder(options), 'flow-logs'),
      destinationOf: (resource, flowLog) => opened.destinations.of(resource, flowLog),
      onNotice: report,
      nowMs: Date.now,
    });
    this.#sweeping = setInterval(() => {
      const all = resources.list(buckets, bucketPlace);
      this.objects
        .sweep(all)
        .catch((error: Error) => report(`lifecycle rules cannot be applied: ${error.message}`));
    }, serviceDefaults.lifecycleMs).unref();
  }

  static async open(parts: DeliveriesParts): Promise<Deliveries> {
    const closing: (() => Promise<void>)[] = [];
    try {
      return new Deliveries(parts, await openParts(parts, closing));
    } catch (error) {
      for (const close of closing.reverse()) await close();
      throw error;
    }
  }

  /** What is captured is delivered, or stays in the spool for the next start. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.flowLogs.close();
    const { spool, streams, destinations, objects } = this.#opened;
    await spool.close();
    await this.#placedLogs.endSubscriptions();
    await streams.close();
    await destinations.close();
    await objects.close();
  }
}

interface Opened {
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly destinations: Destinations;
  readonly spool: FlowSpool;
}

/** @param closing gets what ends each part that was opened */
async function openParts(parts: DeliveriesParts, closing: (() => Promise<void>)[]): Promise<Opened> {
  const { options, identity, resources, placedLogs, access, view, network, report } = parts;
  const objects = await ObjectStore.open({
    ...objectFolders(options.dataDirectory, options.archiveDirectory),
    restoreDelayMs: options.restoreDelayMs,
    report,
  });
  closing.push(() => objects.close());
  // A crash may have come between a bucket and its folder.
  for (const { Name } of resources.list(buckets, bucketPlace)) await objects.makeBucket(Name);
  const destinations = new Destinations({
    place: identity,
    rules: options.destinations,
    resources,
    logsAt: (place) => placedLogs.at(place),
    objects,
    // Nothing is delivered before all is open.
    streams: {
      putRecords: (...records) => streams.putRecords(...records),
      forgetOrigin: (...origin) => streams.forgetOrigin(...origin),
    },
    access,
    report,
  });
  closing.push(() => destinations.close());
  const streams = await DeliveryStreams.open({
    resources,
    folder: path.join(options.dataDirectory, 'firehose'),
    objects,
    access,
    bucketTarget: ({ bucketArn }) => outsideBucket(destinations, bucketArn),
    report,
  });
  closing.push(() => streams.close());
  placedLogs.beginSubscriptions(new StreamSubscriptionSink({ view: resources, access, intake: streams }));
  const { devices } = parseSources(options.sources);
  const spool = await FlowSpool.open({
    folder: spoolFolder(options),
    windowSeconds: options.windowSeconds,
    names: view,
    ...options.spool,
    ...(options.captures ? { deviceCounters: () => deviceCounters(network(), identity, devices) } : {}),
    report,
  });
  closing.push(() => spool.close());
  return { objects, streams, destinations, spool };
}

/** A stream's bucket that a rule sends outside. */
function outsideBucket(destinations: Destinations, bucketArn: string): BucketTarget | undefined {
  const bucket = destinations.remoteBucket(bucketArn);
  return (
    bucket && {
      put: async (object) => {
        const outcome = await bucket.put({ ...object, records: 0 });
        if (outcome.kind === 'delivered') return { kind: 'taken' };
        const code = outcome.message === 'Access error' ? 'S3.AccessDenied' : 'S3.InternalError';
        return { kind: 'refused', code, message: outcome.detail };
      },
    }
  );
}

function spoolFolder({ dataDirectory }: UpOptions): string {
  return path.join(dataDirectory, 'spool');
}
