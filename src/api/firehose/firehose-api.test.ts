import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
  UpdateDestinationCommand,
  type UpdateDestinationCommandInput,
} from '@aws-sdk/client-firehose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessKeyId, ServedActions, secretAccessKey } from '../../../test/api-server.ts';
import { OpenedStreams, roleArn } from '../../../test/open-streams.ts';
import type { DeliveryStreams } from '../../stream/index.ts';
import { firehoseApi } from './firehose-api.ts';

let opened: OpenedStreams;
let served: ServedActions;
let client: FirehoseClient;

beforeAll(async () => {
  opened = await OpenedStreams.open();
  const { resources } = opened.account;
  // The streams are opened anew between tests.
  const streams = new Proxy({} as DeliveryStreams, {
    get: (_, name: keyof DeliveryStreams) => (opened.streams[name] as () => unknown).bind(opened.streams),
  });
  served = await ServedActions.open([firehoseApi({ resources, streams })]);
  client = new FirehoseClient({
    region: 'us-east-1',
    endpoint: served.server.url,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
});
afterEach(() => opened.clear());
afterAll(async () => {
  client.destroy();
  await served.server.close();
  await opened.close();
});

type S3Given = NonNullable<CreateDeliveryStreamCommandInput['ExtendedS3DestinationConfiguration']>;
type HttpGiven = NonNullable<CreateDeliveryStreamCommandInput['HttpEndpointDestinationConfiguration']>;
const name = 'flows';
const named = { DeliveryStreamName: name };
const s3 = (more: Partial<S3Given> = {}) => ({
  ExtendedS3DestinationConfiguration: { RoleARN: roleArn, BucketARN: 'arn:aws:s3:::flows', ...more },
});
const http = (more: Partial<HttpGiven> = {}) => ({
  HttpEndpointDestinationConfiguration: {
    EndpointConfiguration: { Url: 'https://example.com/in', AccessKey: 'secret' },
    S3Configuration: { RoleARN: roleArn, BucketARN: 'arn:aws:s3:::flows' },
    ...more,
  },
});
const create = (more: Partial<CreateDeliveryStreamCommandInput> = s3()) =>
  client.send(new CreateDeliveryStreamCommand({ ...named, ...more }));
const describeIt = async () =>
  (await client.send(new DescribeDeliveryStreamCommand(named))).DeliveryStreamDescription!;
const update = (more: Partial<UpdateDestinationCommandInput>) =>
  client.send(
    new UpdateDestinationCommand({
      ...named,
      CurrentDeliveryStreamVersionId: '1',
      DestinationId: 'destinationId-000000000001',
      ...more,
    }),
  );
const refusal = async (sent: Promise<unknown>): Promise<string> => {
  const error: unknown = await sent.then(
    () => 'no error',
    (fault: unknown) => fault,
  );
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
};
const arn = 'arn:aws:firehose:us-east-1:123456789012:deliverystream/flows';

describe('streams', () => {
  it('to buckets are described as AWS does', async () => {
    expect(await create()).toMatchObject({ DeliveryStreamARN: arn });
    const bucket = {
      RoleARN: roleArn,
      BucketARN: 'arn:aws:s3:::flows',
      BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
      CompressionFormat: 'UNCOMPRESSED',
      EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
      CloudWatchLoggingOptions: { Enabled: false },
    };
    expect(await describeIt()).toEqual({
      DeliveryStreamName: name,
      DeliveryStreamARN: arn,
      DeliveryStreamStatus: 'ACTIVE',
      DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' },
      DeliveryStreamType: 'DirectPut',
      VersionId: '1',
      CreateTimestamp: expect.any(Date),
      Destinations: [
        {
          DestinationId: 'destinationId-000000000001',
          S3DestinationDescription: bucket,
          ExtendedS3DestinationDescription: { ...bucket, S3BackupMode: 'Disabled' },
        },
      ],
      HasMoreDestinations: false,
    });
  });

  it('to endpoints do not show their keys', async () => {
    await create(
      http({ RequestConfiguration: { CommonAttributes: [{ AttributeName: 'a', AttributeValue: 'b' }] } }),
    );
    const [{ HttpEndpointDestinationDescription }] = (await describeIt()).Destinations ?? [];
    expect(HttpEndpointDestinationDescription).toEqual({
      EndpointConfiguration: { Url: 'https://example.com/in' },
      BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
      CloudWatchLoggingOptions: { Enabled: false },
      RequestConfiguration: {
        ContentEncoding: 'NONE',
        CommonAttributes: [{ AttributeName: 'a', AttributeValue: 'b' }],
      },
      RoleARN: roleArn,
      RetryOptions: { DurationInSeconds: 300 },
      S3BackupMode: 'FailedDataOnly',
      S3DestinationDescription: expect.objectContaining({ BucketARN: 'arn:aws:s3:::flows' }),
    });
    expect(JSON.stringify(await describeIt())).not.toContain('secret');
  });

  it('are listed by name, page by page', async () => {
    const list = async (more: object = {}) => {
      const { DeliveryStreamNames, HasMoreDeliveryStreams } = await client.send(
        new ListDeliveryStreamsCommand(more),
      );
      return [DeliveryStreamNames, HasMoreDeliveryStreams];
    };
    for (const DeliveryStreamName of ['b', 'c', 'a']) await create({ DeliveryStreamName, ...s3() });
    expect(await list()).toEqual([['a', 'b', 'c'], false]);
    expect(await list({ Limit: 2 })).toEqual([['a', 'b'], true]);
    expect(await list({ Limit: 2, ExclusiveStartDeliveryStreamName: 'b' })).toEqual([['c'], false]);
    expect(await list({ DeliveryStreamType: 'KinesisStreamAsSource' })).toEqual([[], false]);
  });

  it('are there once, and gone when they are deleted', async () => {
    await create();
    expect(await refusal(create())).toBe(
      'ResourceInUseException: Firehose flows under accountId 123456789012 already exists',
    );
    await client.send(new DeleteDeliveryStreamCommand(named));
    const gone = 'ResourceNotFoundException: Firehose flows under account 123456789012 not found.';
    expect(await refusal(describeIt())).toBe(gone);
    expect(await refusal(client.send(new DeleteDeliveryStreamCommand(named)))).toBe(gone);
    await create();
  });

  it.each<[string, Partial<CreateDeliveryStreamCommandInput>, string]>([
    [
      'without a destination',
      {},
      'InvalidArgumentException: Exactly one destination configuration is supported for a Firehose',
    ],
    ['with two', { ...s3(), ...http() }, 'Exactly one destination configuration'],
    [
      'with a role that nobody trusts',
      s3({ RoleARN: 'arn:aws:iam::123456789012:role/absent' }),
      'InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::123456789012:role/absent. Please check the role provided.',
    ],
    [
      'with a role of another account',
      s3({ RoleARN: 'arn:aws:iam::210987654321:role/firehose' }),
      'unable to assume role',
    ],
    ['of Kinesis streams', { DeliveryStreamType: 'KinesisStreamAsSource', ...s3() }, 'KinesisStreamAsSource'],
    [
      'of MSK',
      {
        MSKSourceConfiguration: {
          MSKClusterARN: 'arn:aws:kafka:us-east-1:123456789012:cluster/a/b',
          TopicName: 'a',
          AuthenticationConfiguration: { RoleARN: roleArn, Connectivity: 'PUBLIC' },
        },
        ...s3(),
      },
      'MSKSourceConfiguration',
    ],
    [
      'that are encrypted',
      { DeliveryStreamEncryptionConfigurationInput: { KeyType: 'AWS_OWNED_CMK' }, ...s3() },
      'Server-side encryption is not supported by Headgate',
    ],
    [
      'to Splunk',
      {
        SplunkDestinationConfiguration: {
          HECEndpoint: 'https://a',
          HECEndpointType: 'Raw',
          S3Configuration: s3().ExtendedS3DestinationConfiguration,
        },
      },
      'The destination Splunk',
    ],
    ['compressed as ZIP', s3({ CompressionFormat: 'ZIP' }), 'The compression format ZIP'],
    [
      'with a key',
      s3({
        EncryptionConfiguration: {
          KMSEncryptionConfig: { AWSKMSKeyARN: 'arn:aws:kms:us-east-1:123456789012:key/a' },
        },
      }),
      'KMSEncryptionConfig',
    ],
    ['that convert', s3({ DataFormatConversionConfiguration: {} }), 'Data format conversion'],
    ['that partition', s3({ DynamicPartitioningConfiguration: { Enabled: true } }), 'Dynamic partitioning'],
    [
      'with a function',
      s3({ ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Lambda' }] } }),
      'The processor Lambda',
    ],
    [
      'that extract without decompression',
      s3({ ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'CloudWatchLogProcessing' }] } }),
      'requires the processor Decompression',
    ],
    [
      'that decompress something else',
      s3({
        ProcessingConfiguration: {
          Enabled: true,
          Processors: [
            {
              Type: 'Decompression',
              Parameters: [{ ParameterName: 'CompressionFormat', ParameterValue: 'ZIP' }],
            },
          ],
        },
      }),
      'CompressionFormat',
    ],
    ['with half a hint', s3({ BufferingHints: { SizeInMBs: 5 } }), 'BufferingHints'],
    [
      'with too large a hint',
      s3({ BufferingHints: { SizeInMBs: 129, IntervalInSeconds: 60 } }),
      'less than or equal to 128',
    ],
    [
      'with a prefix that is none',
      s3({ Prefix: '!{timestamp:yyyy}' }),
      'InvalidArgumentException: Ths supplied prefix(es) do not satisfy the following constraint: ErrorOutputPrefix cannot be null or empty when Prefix contains expressions',
    ],
    ['of no time zone', s3({ CustomTimeZone: 'Mars/Phobos' }), 'CustomTimeZone'],
    ['with a backup to nowhere', s3({ S3BackupMode: 'Enabled' }), 'S3BackupConfiguration'],
    ['that log nowhere', s3({ CloudWatchLoggingOptions: { Enabled: true } }), 'LogGroupName'],
    ['to endpoints without TLS', http({ EndpointConfiguration: { Url: 'http://example.com' } }), 'loopback'],
    ['to endpoints that are no URLs', http({ EndpointConfiguration: { Url: 'https://' } }), 'URL'],
    [
      'to endpoints with a password',
      http({ EndpointConfiguration: { Url: 'https://a:b@example.com' } }),
      'AccessKey',
    ],
    [
      'with a key that no header takes',
      http({ EndpointConfiguration: { Url: 'https://a.com', AccessKey: 'a\u00e9' } }),
      'ASCII',
    ],
    [
      'with secrets elsewhere',
      http({ SecretsManagerConfiguration: { Enabled: true } }),
      'SecretsManagerConfiguration',
    ],
    [
      'with an attribute twice',
      http({
        RequestConfiguration: {
          CommonAttributes: [1, 2].map(() => ({ AttributeName: 'a', AttributeValue: '' })),
        },
      }),
      'different names',
    ],
    ['with a tag twice', { ...s3(), Tags: [{ Key: 'a' }, { Key: 'a' }] }, 'Duplicate tag keys'],
    ['with a name that is none', { DeliveryStreamName: 'a/b', ...s3() }, 'deliveryStreamName'],
  ])('%s are refused', async (_, given, sentence) => {
    expect(await refusal(create(given))).toContain(sentence);
    expect(await client.send(new ListDeliveryStreamsCommand({}))).toMatchObject({ DeliveryStreamNames: [] });
  });

  it('to this machine need no TLS, and any port will do', async () => {
    await create(http({ EndpointConfiguration: { Url: 'http://[::1]:8080/' } }));
    await create({
      ...http({ EndpointConfiguration: { Url: 'https://example.com:8443/' } }),
      DeliveryStreamName: 'tls',
    });
  });
});

describe('UpdateDestination', () => {
  it('changes what is given, and the version', async () => {
    await create(s3({ Prefix: 'a/', CompressionFormat: 'GZIP' }));
    await update({
      ExtendedS3DestinationUpdate: { Prefix: 'b/', BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 } },
    });
    const { VersionId, LastUpdateTimestamp, Destinations } = await describeIt();
    expect({ VersionId, LastUpdateTimestamp }).toEqual({
      VersionId: '2',
      LastUpdateTimestamp: expect.any(Date),
    });
    expect(Destinations?.[0].ExtendedS3DestinationDescription).toMatchObject({
      RoleARN: roleArn,
      Prefix: 'b/',
      CompressionFormat: 'GZIP',
      BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
    });
    expect(await refusal(update({ ExtendedS3DestinationUpdate: {} }))).toBe(
      'ConcurrentModificationException: Cannot update firehose: flows since the current version id: 2 and specified version id: 1 do not match',
    );
  });

  it('keeps the key of an endpoint that is not given anew', async () => {
    await create(http());
    await update({
      HttpEndpointDestinationUpdate: { RetryOptions: { DurationInSeconds: 1 }, S3Update: { Prefix: 'x/' } },
    });
    const [{ HttpEndpointDestinationDescription: described }] = (await describeIt()).Destinations ?? [];
    expect(described).toMatchObject({
      EndpointConfiguration: { Url: 'https://example.com/in' },
      RetryOptions: { DurationInSeconds: 1 },
      S3DestinationDescription: { Prefix: 'x/', BucketARN: 'arn:aws:s3:::flows' },
    });
    const [stored] = opened.account.resources.list(
      { name: 'firehose-delivery-stream' },
      { accountId: '123456789012', region: 'us-east-1' },
    );
    expect(stored).toMatchObject({ httpAccessKey: 'secret' });
  });

  it.each<[string, Partial<UpdateDestinationCommandInput>, string]>([
    [
      'of another destination',
      { DestinationId: 'destinationId-2', ExtendedS3DestinationUpdate: {} },
      'Destination Id destinationId-2 not found',
    ],
    [
      'to another type',
      { HttpEndpointDestinationUpdate: {} },
      'Changing the destination type to or from HttpEndpoint is not supported at this time.',
    ],
    ['of nothing', {}, 'Exactly one destination'],
    [
      'to a role that nobody trusts',
      { ExtendedS3DestinationUpdate: { RoleARN: 'arn:aws:iam::123456789012:role/absent' } },
      'unable to assume role',
    ],
    ['to Redshift', { RedshiftDestinationUpdate: {} }, 'The destination Redshift'],
    [
      'of what is not there',
      { DeliveryStreamName: 'absent', ExtendedS3DestinationUpdate: {} },
      'ResourceNotFoundException',
    ],
  ])('%s is refused', async (_, given, sentence) => {
    await create();
    expect(await refusal(update(given))).toContain(sentence);
    expect(await describeIt()).toMatchObject({ VersionId: '1' });
  });
});

describe('records', () => {
  const put = (data: string | Uint8Array) =>
    client.send(new PutRecordCommand({ ...named, Record: { Data: Buffer.from(data) } }));
  const batch = (...records: (string | Uint8Array)[]) =>
    client.send(
      new PutRecordBatchCommand({ ...named, Records: records.map((data) => ({ Data: Buffer.from(data) })) }),
    );

  it('are taken, and delivered', async () => {
    await create(s3({ BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 } }));
    expect(await put('a')).toMatchObject({ RecordId: expect.stringMatching(/^.{128}$/), Encrypted: false });
    const { FailedPutCount, RequestResponses } = await batch('b', 'c');
    expect(FailedPutCount).toBe(0);
    expect(new Set(RequestResponses?.map(({ RecordId }) => RecordId)).size).toBe(2);
    await opened.pass(60);
    expect(await opened.contents()).toEqual(['abc']);
  });

  it('of a batch are throttled one by one', async () => {
    await opened.reopen({ bounds: { streamBytes: 3500, totalBytes: 10_000 } });
    await create();
    const { FailedPutCount, RequestResponses } = await batch(
      Buffer.alloc(1000),
      Buffer.alloc(1000),
      Buffer.alloc(1000),
    );
    expect(FailedPutCount).toBe(1);
    expect(RequestResponses?.[2]).toEqual({
      ErrorCode: 'ServiceUnavailableException',
      ErrorMessage: 'Slow down.',
    });
    expect(await refusal(put(Buffer.alloc(3000)))).toBe('ServiceUnavailableException: Slow down.');
  });

  it('have bounds', async () => {
    await create();
    expect(await refusal(put(Buffer.alloc(1_024_001)))).toBe(
      "ValidationException: 1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at 'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
    );
    expect(await refusal(batch(...Array(501).fill('a')))).toContain('less than or equal to 500');
    expect(await refusal(batch(...Array(5).fill(Buffer.alloc(900_000))))).toContain(
      'InvalidArgumentException: Records size exceeds 4 MB limit',
    );
    expect(opened.status(name).takenRecords).toBe(0);
  });

  it('need a stream', async () => {
    expect(await refusal(put('a'))).toContain('ResourceNotFoundException');
    expect(await refusal(batch('a'))).toContain('ResourceNotFoundException');
  });
});

describe('tags', () => {
  const tag = (...keys: string[]) =>
    client.send(
      new TagDeliveryStreamCommand({ ...named, Tags: keys.map((Key) => ({ Key, Value: `${Key}+` })) }),
    );
  const list = async (more: object = {}) => {
    const { Tags, HasMoreTags } = await client.send(
      new ListTagsForDeliveryStreamCommand({ ...named, ...more }),
    );
    return [Tags?.map(({ Key, Value }) => `${Key}=${Value}`), HasMoreTags];
  };

  it('are put, listed by pages, and taken off', async () => {
    await create({ ...s3(), Tags: [{ Key: 'c', Value: '' }] });
    await tag('b', 'a');
    expect(await list()).toEqual([['a=a+', 'b=b+', 'c='], false]);
    expect(await list({ Limit: 1, ExclusiveStartTagKey: 'a' })).toEqual([['b=b+'], true]);
    await tag('c');
    await client.send(new UntagDeliveryStreamCommand({ ...named, TagKeys: ['a', 'absent'] }));
    expect(await list()).toEqual([['b=b+', 'c=c+'], false]);
  });

  it('are at most 50', async () => {
    await create();
    await tag(...Array.from({ length: 50 }, (_, n) => `k${n}`));
    expect(await refusal(tag('one more'))).toContain('LimitExceededException');
    await tag('k0');
  });
});

describe('encryption', () => {
  it('is never on', async () => {
    await create();
    expect(await refusal(client.send(new StartDeliveryStreamEncryptionCommand(named)))).toContain(
      'Server-side encryption',
    );
    await client.send(new StopDeliveryStreamEncryptionCommand(named));
    expect(await describeIt()).toMatchObject({
      DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' },
    });
  });
});

describe('permissions', () => {
  const asked = async (sent: Promise<unknown>) => {
    served.permissions.length = 0;
    await sent;
    return served.permissions.map(({ action, resource }) => `${action} ${resource}`);
  };

  it('are of the stream, its tags, and the roles that are passed', async () => {
    const passed = `iam:PassRole ${roleArn}`;
    expect(await asked(create({ ...s3(), Tags: [{ Key: 'a', Value: 'b' }] }))).toEqual([
      `firehose:CreateDeliveryStream ${arn}`,
      `firehose:TagDeliveryStream ${arn}`,
      passed,
    ]);
    expect(served.permissions[0].keys).toMatchObject({ 'aws:RequestTag/a': 'b', 'aws:TagKeys': ['a'] });
    expect(served.permissions[2].keys).toMatchObject({ 'iam:PassedToService': 'firehose.amazonaws.com' });
    expect(await asked(describeIt())).toEqual([`firehose:DescribeDeliveryStream ${arn}`]);
    expect(served.permissions[0].keys).toMatchObject({ 'aws:ResourceTag/a': 'b' });
    expect(await asked(client.send(new ListDeliveryStreamsCommand({})))).toEqual([
      'firehose:ListDeliveryStreams *',
    ]);
    expect(await asked(update({ ExtendedS3DestinationUpdate: { RoleARN: roleArn } }))).toEqual([
      `firehose:UpdateDestination ${arn}`,
      passed,
    ]);
  });
});
