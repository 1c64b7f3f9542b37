import {
  GetBucketAccelerateConfigurationCommand,
  GetBucketAnalyticsConfigurationCommand,
  GetBucketCorsCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetBucketInventoryConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketMetricsConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  ListBucketAnalyticsConfigurationsCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  ListBucketInventoryConfigurationsCommand,
  ListBucketMetricsConfigurationsCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketRequestPaymentCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;

beforeAll(async () => {
  account = await S3Account.open();
  Bucket = await account.newBucket();
});

afterAll(() => account.close());

// biome-ignore lint/suspicious/noExplicitAny: any command of the client
const send = (command: any): Promise<any> => account.client.send(command);

describe('what is not kept', () => {
  const config = { Id: 'none' };
  const absent: readonly (readonly [string, (bucket: { Bucket: string }) => object, object])[] = [
    ['versioning', (bucket) => new GetBucketVersioningCommand(bucket), {}],
    ['logging', (bucket) => new GetBucketLoggingCommand(bucket), {}],
    ['acceleration', (bucket) => new GetBucketAccelerateConfigurationCommand(bucket), {}],
    ['notifications', (bucket) => new GetBucketNotificationConfigurationCommand(bucket), {}],
    ['payment', (bucket) => new GetBucketRequestPaymentCommand(bucket), { Payer: 'BucketOwner' }],
    ['analytics', (bucket) => new ListBucketAnalyticsConfigurationsCommand(bucket), { IsTruncated: false }],
    ['inventory', (bucket) => new ListBucketInventoryConfigurationsCommand(bucket), { IsTruncated: false }],
    ['metrics', (bucket) => new ListBucketMetricsConfigurationsCommand(bucket), { IsTruncated: false }],
    [
      'tiering',
      (bucket) => new ListBucketIntelligentTieringConfigurationsCommand(bucket),
      { IsTruncated: false },
    ],
  ];
  it.each(absent)('%s is empty', async (_name, command, expected) => {
    const { $metadata: _, ...answer } = await send(command({ Bucket }));
    expect(answer).toEqual(expected);
  });

  const missing: readonly (readonly [string, (bucket: { Bucket: string }) => object])[] = [
    ['NoSuchCORSConfiguration', (bucket) => new GetBucketCorsCommand(bucket)],
    ['NoSuchWebsiteConfiguration', (bucket) => new GetBucketWebsiteCommand(bucket)],
    ['ReplicationConfigurationNotFoundError', (bucket) => new GetBucketReplicationCommand(bucket)],
    ['ObjectLockConfigurationNotFoundError', (bucket) => new GetObjectLockConfigurationCommand(bucket)],
    ['NoSuchConfiguration', (bucket) => new GetBucketAnalyticsConfigurationCommand({ ...bucket, ...config })],
    ['NoSuchConfiguration', (bucket) => new GetBucketInventoryConfigurationCommand({ ...bucket, ...config })],
    ['NoSuchConfiguration', (bucket) => new GetBucketMetricsConfigurationCommand({ ...bucket, ...config })],
    [
      'NoSuchConfiguration',
      (bucket) => new GetBucketIntelligentTieringConfigurationCommand({ ...bucket, ...config }),
    ],
  ];
  it.each(missing)('%s', async (code, command) => {
    expect(await refusal(send(command({ Bucket })))).toMatchObject({ code, status: 404 });
  });

  it('retention', async () => {
    await account.put(Bucket, 'kept');
    const asked = new GetObjectRetentionCommand({ Bucket, Key: 'kept' });
    expect(await refusal(send(asked))).toEqual({
      code: 'InvalidRequest',
      status: 400,
      message: 'Bucket is missing Object Lock Configuration',
    });
  });

  const taken: readonly (readonly [string, (bucket: { Bucket: string }) => object])[] = [
    [
      'versioning that is suspended',
      (bucket) =>
        new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    ],
    [
      'no notifications',
      (bucket) => new PutBucketNotificationConfigurationCommand({ ...bucket, NotificationConfiguration: {} }),
    ],
    [
      'the owner who pays',
      (bucket) =>
        new PutBucketRequestPaymentCommand({
          ...bucket,
          RequestPaymentConfiguration: { Payer: 'BucketOwner' },
        }),
    ],
    [
      'AES256',
      (bucket) =>
        new PutBucketEncryptionCommand({
          ...bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
    ],
  ];
  it.each(taken)('%s is taken', async (_name, command) => {
    expect((await send(command({ Bucket }))).$metadata.httpStatusCode).toBe(200);
  });

  const refused: readonly (readonly [string, (bucket: { Bucket: string }) => object])[] = [
    [
      'S3 Versioning is not implemented by Headgate.',
      (bucket) =>
        new PutBucketVersioningCommand({ ...bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    ],
    [
      'Static website hosting is not implemented by Headgate.',
      (bucket) =>
        new PutBucketWebsiteCommand({
          ...bucket,
          WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } },
        }),
    ],
    [
      'Cross-origin resource sharing (CORS) of buckets is not implemented by Headgate.',
      (bucket) =>
        new PutBucketCorsCommand({
          ...bucket,
          CORSConfiguration: { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] },
        }),
    ],
    [
      'Server-side encryption with AWS KMS keys (SSE-KMS) is not implemented by Headgate.',
      (bucket) =>
        new PutBucketEncryptionCommand({
          ...bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
          },
        }),
    ],
  ];
  it.skipIf(isRemote).each(refused)('%s', async (message, command) => {
    expect(await refusal(send(command({ Bucket })))).toEqual({
      code: 'NotImplemented',
      status: 501,
      message,
    });
  });

  it.each(['private', 'public-read'] as const)('the ACL %s, where the owner owns all', async (ACL) => {
    expect(await refusal(send(new PutBucketAclCommand({ Bucket, ACL })))).toEqual({
      code: 'AccessControlListNotSupported',
      status: 400,
      message: 'The bucket does not allow ACLs',
    });
  });
});
