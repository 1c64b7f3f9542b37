import {
  DeleteSubscriptionFilterCommand,
  DescribeSubscriptionFiltersCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  ListTagsForDeliveryStreamCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { idOf, type Provider, type Replayed, shownTags, single, tags, unlessGone } from './provider.ts';

async function roleArn({ iam, name }: Provider): Promise<string | undefined> {
  return (await iam.send(new GetRoleCommand({ RoleName: name }))).Role?.Arn;
}

/** Flow logs give the last one to the streams that they go to; configurations have it from the beginning. */
const streamTags = [...tags, { Key: 'LogDeliveryEnabled', Value: 'true' }];

const destination = {
  BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 5 },
  CompressionFormat: 'GZIP' as const,
  CustomTimeZone: 'UTC',
  EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' as const },
  Prefix: 'streamed/',
  CloudWatchLoggingOptions: { Enabled: false },
};

async function described({ firehose }: Provider, id: string) {
  const asked = firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: id }));
  return (await unlessGone(asked, 'ResourceNotFoundException'))?.DeliveryStreamDescription;
}

/** Asks as often as the provider may while something is not there yet, or still there. */
async function waited(provider: Provider, id: string, until: string | undefined): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await described(provider, id);
    if (found?.DeliveryStreamStatus === until) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the stream did not become ${until}`);
}

export const deliveryStream: Replayed = {
  type: 'aws_kinesis_firehose_delivery_stream',
  create: async (provider) => {
    const DeliveryStreamName = provider.name;
    const RoleARN = await roleArn(provider);
    const BucketARN = `arn:aws:s3:::${idOf(provider, 'aws_s3_bucket')}`;
    await provider.firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        DeliveryStreamType: 'DirectPut',
        ExtendedS3DestinationConfiguration: {
          ...destination,
          BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
          BucketARN,
          RoleARN,
          S3BackupMode: 'Disabled',
        },
        Tags: streamTags,
      }),
    );
    await waited(provider, DeliveryStreamName, 'ACTIVE');
    // What a changed configuration asks for.
    const before = await described(provider, DeliveryStreamName);
    await provider.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: before?.VersionId,
        DestinationId: single(before?.Destinations).DestinationId,
        ExtendedS3DestinationUpdate: { ...destination, BucketARN, RoleARN, S3BackupMode: 'Disabled' },
      }),
    );
    return DeliveryStreamName;
  },
  read: async (provider, id) => {
    const found = await described(provider, id);
    if (!found) return undefined;
    const { Tags, HasMoreTags } = await provider.firehose.send(
      new ListTagsForDeliveryStreamCommand({ DeliveryStreamName: id }),
    );
    const { DestinationId, ExtendedS3DestinationDescription: s3 } = single(found.Destinations);
    return {
      name: found.DeliveryStreamName,
      is_of_the_account: found.DeliveryStreamARN?.includes(`:${provider.accountId}:deliverystream/${id}`),
      version_id: found.VersionId,
      destination_id: DestinationId,
      is_encrypted: found.DeliveryStreamEncryptionConfiguration?.Status ?? 'DISABLED',
      is_from_a_stream: found.Source !== undefined,
      is_of_the_role: s3?.RoleARN === (await roleArn(provider)),
      bucket_arn: s3?.BucketARN,
      buffering: s3?.BufferingHints,
      compression_format: s3?.CompressionFormat,
      custom_time_zone: s3?.CustomTimeZone,
      prefix: s3?.Prefix,
      s3_backup_mode: s3?.S3BackupMode,
      cloudwatch_logging_options: s3?.CloudWatchLoggingOptions?.Enabled,
      has_more_tags: HasMoreTags,
      tags: shownTags(Tags),
    };
  },
  delete: async (provider, id) => {
    await provider.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: id }));
    await waited(provider, id, undefined);
  },
  configured: (provider) => ({
    name: provider.name,
    is_of_the_account: true,
    version_id: '2',
    destination_id: 'destinationId-000000000001',
    is_encrypted: 'DISABLED',
    is_from_a_stream: false,
    is_of_the_role: true,
    bucket_arn: `arn:aws:s3:::${idOf(provider, 'aws_s3_bucket')}`,
    buffering: { IntervalInSeconds: 300, SizeInMBs: 5 },
    compression_format: 'GZIP',
    custom_time_zone: 'UTC',
    prefix: 'streamed/',
    s3_backup_mode: 'Disabled',
    cloudwatch_logging_options: false,
    has_more_tags: false,
    tags: shownTags(streamTags),
  }),
};

/** The ARN of the stream that was made. */
export async function deliveryStreamArn(provider: Provider): Promise<string> {
  const found = await described(provider, idOf(provider, 'aws_kinesis_firehose_delivery_stream'));
  return found?.DeliveryStreamARN ?? '';
}

export const subscriptionFilter: Replayed = {
  type: 'aws_cloudwatch_log_subscription_filter',
  create: async (provider) => {
    const filterName = `${provider.name}-filter`;
    await provider.logs.send(
      new PutSubscriptionFilterCommand({
        filterName,
        logGroupName: idOf(provider, 'aws_cloudwatch_log_group'),
        filterPattern: 'REJECT',
        destinationArn: await deliveryStreamArn(provider),
        roleArn: await roleArn(provider),
        distribution: 'ByLogStream',
      }),
    );
    return filterName;
  },
  read: async (provider, id) => {
    const asked = provider.logs.send(
      new DescribeSubscriptionFiltersCommand({
        logGroupName: idOf(provider, 'aws_cloudwatch_log_group'),
        filterNamePrefix: id,
      }),
    );
    const found = await unlessGone(asked, 'ResourceNotFoundException');
    const one = found?.subscriptionFilters?.find(({ filterName }) => filterName === id);
    return (
      one && {
        filter_pattern: one.filterPattern,
        distribution: one.distribution,
        is_to_the_stream: one.destinationArn === (await deliveryStreamArn(provider)),
        is_of_the_role: one.roleArn === (await roleArn(provider)),
      }
    );
  },
  delete: async (provider, id) => {
    const logGroupName = idOf(provider, 'aws_cloudwatch_log_group');
    await provider.logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName: id }));
  },
  configured: () => ({
    filter_pattern: 'REJECT',
    distribution: 'ByLogStream',
    is_to_the_stream: true,
    is_of_the_role: true,
  }),
};
