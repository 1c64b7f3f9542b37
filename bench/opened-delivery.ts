import { join } from 'node:path';
import { ensureServiceLinkedRole } from '../src/api/iam/service-linked-roles.ts';
import { NetworkView } from '../src/command/capture/network-view.ts';
import { objectFolders } from '../src/command/data-folders.ts';
import { Destinations, FlowLogs, StreamSubscriptionSink } from '../src/delivery/index.ts';
import { type FlowLogResource, flowLogs } from '../src/flowlog/index.ts';
import { Authorizer, roles, ServiceAccess } from '../src/iam/index.ts';
import { PlacedLogs } from '../src/logs/index.ts';
import { bucketPlace, buckets, ObjectStore } from '../src/objects/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { defaultLogFormat } from '../src/record/index.ts';
import { iamPlace, Resources } from '../src/resource/index.ts';
import { FlowSpool } from '../src/spool/index.ts';
import { Store } from '../src/store/index.ts';
import { DeliveryStreams, logDeliveryTag, streamArn } from '../src/stream/index.ts';
import { policy, trust } from '../test/open-account.ts';
import { testNetwork } from '../test/test-network.ts';
import type { MixRows } from './mix-rows.ts';

export const place = { accountId: '123456789010', region: 'eu-central-1' };
export const groupName = 'flows';
const bucketName = 'flows-of-123456789010';
export const stream = { place, name: 'flows' };
const roleArn = `arn:aws:iam::${place.accountId}:role/delivery`;
const madeAt = '2026-01-01T00:00:00.000Z';

export interface DeliveryOptions {
  readonly directory: string;
  readonly rows: MixRows;
  /** Moved by whoever feeds flows. */
  readonly clock: () => number;
  readonly spoolBytes: number;
  /** Of the one flow log; none when absent. */
  readonly flowLog: Pick<FlowLogResource, 'LogDestinationType' | 'DestinationOptions'> | undefined;
  readonly logFormat?: string;
}

export const bucketFolder = (directory: string): string => join(objectFolders(directory).folder, bucketName);

/** What `headgate up` delivers with, without capture and server. */
export class OpenedDelivery {
  readonly flowLogs: FlowLogs;
  readonly logs: PlacedLogs;
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly spool: FlowSpool;
  readonly resources: Resources;
  readonly #store: Store;

  private constructor(
    parts: Pick<OpenedDelivery, 'flowLogs' | 'logs' | 'objects' | 'streams' | 'spool' | 'resources'>,
    store: Store,
  ) {
    this.flowLogs = parts.flowLogs;
    this.logs = parts.logs;
    this.objects = parts.objects;
    this.streams = parts.streams;
    this.spool = parts.spool;
    this.resources = parts.resources;
    this.#store = store;
  }

  static async open(options: DeliveryOptions): Promise<OpenedDelivery> {
    const { directory, rows, clock } = options;
    const report = (line: string): void => {
      process.stderr.write(`${line}\n`);
    };
    const view = new NetworkView({ ...place, azId: 'euc1-az1' }, {}, () => undefined);
    view.addCauses(['sg-1/ingress/default']);
    view.load(testNetwork({ vpcId: 'vpc-1', account: place.accountId, interfaces: rows.interfaces }));
    const store = await Store.open({
      directory: join(directory, 'store'),
      macros: queryMacros,
      clock,
      report,
    });
    const logs = new PlacedLogs({ store, report, clock });
    await logs.at(place).begin();
    const resources = await Resources.open(store);
    const access = new ServiceAccess(resources, new Authorizer(resources));
    const objects = await ObjectStore.open({ ...objectFolders(directory), restoreDelayMs: 0, report });
    const destinations = new Destinations({
      place,
      rules: [],
      resources,
      logsAt: (at) => logs.at(at),
      objects,
      streams: {
        putRecords: (...records) => streams.putRecords(...records),
        forgetOrigin: (...origin) => streams.forgetOrigin(...origin),
      },
      access,
      report,
    });
    const streams = await DeliveryStreams.open({
      resources,
      folder: join(directory, 'firehose'),
      objects,
      access,
      clock,
      pollMs: 20,
      report,
    });
    logs.beginSubscriptions(new StreamSubscriptionSink({ view: resources, access, intake: streams }));
    await makeResources(resources, objects, streams, options);
    const spool = await FlowSpool.open({
      folder: join(directory, 'spool'),
      windowSeconds: 60,
      names: view,
      maxBytes: options.spoolBytes,
      maxAgeMs: 86_400_000,
      clock,
      report,
    });
    const running = new FlowLogs({
      resources,
      place,
      view,
      windowSeconds: 60,
      maxFlows: 65_536,
      spool,
      stateFolder: join(directory, 'spool', 'flow-logs'),
      destinationOf: (resource, flowLog) => destinations.of(resource, flowLog),
      onNotice: report,
      nowMs: clock,
    });
    return new OpenedDelivery({ flowLogs: running, logs, objects, streams, spool, resources }, store);
  }

  /** Everything is sealed, rendered and taken by the flow log's destination. */
  get isTaken(): boolean {
    return this.flowLogs
      .report()
      .flowLogs.every(
        ({ delivery: { waiting, waitingSegments }, heldPackets }) =>
          waiting + waitingSegments + heldPackets === 0,
      );
  }

  async close(): Promise<void> {
    await this.flowLogs.close();
    await this.spool.close();
    await this.logs.endSubscriptions();
    await this.streams.close();
    await this.objects.close();
    await this.logs.close();
    await this.#store.close();
  }
}

/** Whether log delivery may write to the bucket: a bucket without that policy refuses all. */
export async function allowBucket(resources: Resources, isAllowed: boolean): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${bucketName}/*`,
  };
  await resources.write((draft) =>
    draft.put(buckets, bucketPlace, bucketName, {
      Name: bucketName,
      ownerAccountId: place.accountId,
      BucketRegion: place.region,
      CreationDate: madeAt,
      ...(isAllowed && { policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) }),
    }),
  );
}

async function makeResources(
  resources: Resources,
  objects: ObjectStore,
  streams: DeliveryStreams,
  { flowLog, logFormat }: DeliveryOptions,
): Promise<void> {
  await objects.makeBucket(bucketName);
  await allowBucket(resources, true);
  await resources.write((draft) => {
    ensureServiceLinkedRole(draft, place.accountId, 'AWSServiceRoleForLogDelivery', 0);
    draft.put(roles, iamPlace(place.accountId), 'delivery', {
      RoleName: 'delivery',
      RoleId: 'AROAEXAMPLEEXAMPLEEXA',
      Path: '/',
      Arn: roleArn,
      CreateDate: madeAt,
      AssumeRolePolicyDocument: trust({
        Service: ['vpc-flow-logs.amazonaws.com', 'firehose.amazonaws.com', 'logs.amazonaws.com'],
      }),
      MaxSessionDuration: 3600,
      Tags: [],
      inlinePolicies: { deliver: policy('*') },
      attachedPolicies: [],
    });
  });
  await streams.create(stream, () => ({
    DeliveryStreamName: stream.name,
    DeliveryStreamARN: streamArn(stream),
    DeliveryStreamStatus: 'CREATING',
    DeliveryStreamType: 'DirectPut',
    VersionId: '1',
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationDescription: {
          RoleARN: roleArn,
          BucketARN: `arn:aws:s3:::${bucketName}`,
          BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
          CompressionFormat: 'GZIP',
          EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
        },
      },
    ],
    tags: [logDeliveryTag],
  }));
  if (!flowLog) return;
  await resources.write((draft) =>
    draft.put(flowLogs, place, 'fl-00000000000000001', {
      FlowLogId: 'fl-00000000000000001',
      ResourceId: 'vpc-1',
      resourceType: 'VPC',
      TrafficType: 'ALL',
      LogFormat: logFormat ?? defaultLogFormat.text,
      MaxAggregationInterval: 60,
      Tags: [],
      clientToken: 'bench',
      ...destinationOf(flowLog.LogDestinationType),
      ...flowLog,
    }),
  );
}

function destinationOf(type: FlowLogResource['LogDestinationType']) {
  if (type === 's3') return { LogDestination: `arn:aws:s3:::${bucketName}` };
  if (type === 'kinesis-data-firehose') return { LogDestination: streamArn(stream) };
  return { LogGroupName: groupName, DeliverLogsPermissionArn: roleArn };
}

/** All events of the group, or those that the pattern matches, to the stream. */
export async function subscribe({ logs }: OpenedDelivery, filterPattern: string): Promise<void> {
  await logs.at(place).ensureLogGroup(groupName);
  await logs.at(place).putSubscriptionFilter({
    logGroupName: groupName,
    filterName: 'to-stream',
    filterPattern,
    destinationArn: streamArn(stream),
    roleArn,
  });
}
