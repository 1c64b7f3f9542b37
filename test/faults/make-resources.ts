import { ensureServiceLinkedRole } from '../../src/api/iam/service-linked-roles.ts';
import { type FlowLogResource, flowLogs } from '../../src/flowlog/index.ts';
import { roles } from '../../src/iam/index.ts';
import { bucketPlace, buckets, type ObjectStore } from '../../src/objects/index.ts';
import { defaultLogFormat } from '../../src/record/index.ts';
import { type Draft, iamPlace, type Resources } from '../../src/resource/index.ts';
import { type DeliveryStreams, deliveryStreams, logDeliveryTag, streamArn } from '../../src/stream/index.ts';
import { policy, trust } from '../open-account.ts';
import { type Delivered, delivered, faultPlace as place, streamBucket, targetName } from './delivered.ts';

export interface MadeIn {
  readonly resources: Resources;
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly seed: number;
}

const { accountId, region } = place;
const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;
const madeAt = '2026-01-01T00:00:00.000Z';

/** The flow logs, and what of their destinations is Headgate's own; what is there already stays. */
export async function makeResources({ resources, objects, streams, seed }: MadeIn): Promise<void> {
  await resources.write((draft) => {
    putRole(draft, 'flow-logs', 'vpc-flow-logs.amazonaws.com', 'logs:*');
    putRole(draft, 'firehose', 'firehose.amazonaws.com', 's3:*');
    ensureServiceLinkedRole(draft, accountId, 'AWSServiceRoleForLogDelivery', Date.now());
  });
  for (const one of delivered) {
    const target = targetName(seed, one);
    if (one.isOutside || one.kind === 'group') continue;
    await makeBucket(resources, objects, one.kind === 'stream' ? streamBucket(target) : target);
    if (one.kind === 'stream' && !resources.get(deliveryStreams, place, target))
      await makeStream(streams, target);
  }
  await resources.write((draft) => {
    for (const one of delivered) {
      if (draft.get(flowLogs, place, one.flowLogId)) continue;
      draft.put(flowLogs, place, one.flowLogId, resourceOf(one, targetName(seed, one)));
    }
  });
}

function putRole(draft: Draft, RoleName: string, Service: string, action: string): void {
  if (draft.get(roles, iamPlace(accountId), RoleName)) return;
  draft.put(roles, iamPlace(accountId), RoleName, {
    RoleName,
    RoleId: `AROA${RoleName.toUpperCase()
      .replace(/[^A-Z]/g, '')
      .padEnd(17, 'X')}`,
    Path: '/',
    Arn: roleArn(RoleName),
    CreateDate: madeAt,
    AssumeRolePolicyDocument: trust({ Service }),
    MaxSessionDuration: 3600,
    Tags: [],
    inlinePolicies: { deliver: policy(action) },
    attachedPolicies: [],
  });
}

async function makeBucket(resources: Resources, objects: ObjectStore, Name: string): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Name}/*`,
  };
  await objects.makeBucket(Name);
  await resources.write((draft) => {
    if (draft.get(buckets, bucketPlace, Name)) return;
    draft.put(buckets, bucketPlace, Name, {
      Name,
      ownerAccountId: accountId,
      BucketRegion: region,
      CreationDate: madeAt,
      policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    });
  });
}

function makeStream(streams: DeliveryStreams, name: string): Promise<void> {
  const at = { place, name };
  return streams.create(at, () => ({
    DeliveryStreamName: name,
    DeliveryStreamARN: streamArn(at),
    DeliveryStreamStatus: 'CREATING',
    DeliveryStreamType: 'DirectPut',
    VersionId: '1',
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationDescription: {
          RoleARN: roleArn('firehose'),
          BucketARN: `arn:aws:s3:::${streamBucket(name)}`,
          BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 300 },
          CompressionFormat: 'GZIP',
          EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
        },
      },
    ],
    tags: [logDeliveryTag],
  }));
}

function resourceOf(one: Delivered, target: string): FlowLogResource {
  return {
    FlowLogId: one.flowLogId,
    ResourceId: 'vpc-1',
    resourceType: 'VPC',
    TrafficType: 'ALL',
    LogFormat: defaultLogFormat.text,
    MaxAggregationInterval: one.interval,
    Tags: [],
    clientToken: one.flowLogId,
    ...destinationOf(one, target),
  };
}

function destinationOf(
  { kind, format }: Delivered,
  target: string,
): Pick<
  FlowLogResource,
  'LogDestinationType' | 'LogDestination' | 'LogGroupName' | 'DeliverLogsPermissionArn' | 'DestinationOptions'
> {
  switch (kind) {
    case 'group':
      return {
        LogDestinationType: 'cloud-watch-logs',
        LogGroupName: target,
        DeliverLogsPermissionArn: roleArn('flow-logs'),
      };
    case 'stream':
      return {
        LogDestinationType: 'kinesis-data-firehose',
        LogDestination: `arn:aws:firehose:${region}:${accountId}:deliverystream/${target}`,
      };
    case 'bucket':
      return {
        LogDestinationType: 's3',
        LogDestination: `arn:aws:s3:::${target}/of/flows`,
        DestinationOptions: {
          FileFormat: format,
          HiveCompatiblePartitions: format === 'parquet',
          PerHourPartition: format === 'parquet',
        },
      };
  }
}
