import type { Action, Call } from '../action.ts';
import { bucketOf, entryOf, type NamesBucket, type NamesObject, onBucket, onObject } from './access.ts';
import { s3Errors } from './errors.ts';
import type { Actions, S3Parts } from './parts.ts';

type Output = Readonly<Record<string, unknown>>;

/** Of what a bucket never has here: IAM's action, and what S3 answers for a bucket that has none. */
const defaults: Readonly<Record<string, readonly [permission: string, output: Output]>> = {
  GetBucketAbac: ['GetBucketAbac', { AbacStatus: { Status: 'Disabled' } }],
  GetBucketAccelerateConfiguration: ['GetAccelerateConfiguration', {}],
  GetBucketEncryption: [
    'GetEncryptionConfiguration',
    {
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
      },
    },
  ],
  GetBucketLogging: ['GetBucketLogging', {}],
  GetBucketNotificationConfiguration: ['GetBucketNotification', {}],
  GetBucketRequestPayment: ['GetBucketRequestPayment', { Payer: 'BucketOwner' }],
  GetBucketVersioning: ['GetBucketVersioning', {}],
  ListBucketAnalyticsConfigurations: ['GetAnalyticsConfiguration', { IsTruncated: false }],
  ListBucketIntelligentTieringConfigurations: ['GetIntelligentTieringConfiguration', { IsTruncated: false }],
  ListBucketInventoryConfigurations: ['GetInventoryConfiguration', { IsTruncated: false }],
  ListBucketMetricsConfigurations: ['GetMetricsConfiguration', { IsTruncated: false }],
};

const noConfiguration = ['NoSuchConfiguration', 'The specified configuration does not exist.'] as const;

/** Where S3 answers an error, 404, instead. */
const missing: Readonly<Record<string, readonly [permission: string, code: string, sentence: string]>> = {
  GetBucketAnalyticsConfiguration: ['GetAnalyticsConfiguration', ...noConfiguration],
  GetBucketCors: ['GetBucketCORS', 'NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
  GetBucketIntelligentTieringConfiguration: ['GetIntelligentTieringConfiguration', ...noConfiguration],
  GetBucketInventoryConfiguration: ['GetInventoryConfiguration', ...noConfiguration],
  GetBucketMetricsConfiguration: ['GetMetricsConfiguration', ...noConfiguration],
  GetBucketReplication: [
    'GetReplicationConfiguration',
    'ReplicationConfigurationNotFoundError',
    'The replication configuration was not found',
  ],
  GetBucketWebsite: [
    'GetBucketWebsite',
    'NoSuchWebsiteConfiguration',
    'The specified bucket does not have a website configuration',
  ],
  GetObjectLockConfiguration: [
    'GetBucketObjectLockConfiguration',
    'ObjectLockConfigurationNotFoundError',
    'Object Lock configuration does not exist for this bucket',
  ],
  // What is not there cannot be deleted either, where S3 says so.
  DeleteBucketAnalyticsConfiguration: ['PutAnalyticsConfiguration', ...noConfiguration],
  DeleteBucketIntelligentTieringConfiguration: ['PutIntelligentTieringConfiguration', ...noConfiguration],
  DeleteBucketInventoryConfiguration: ['PutInventoryConfiguration', ...noConfiguration],
  DeleteBucketMetricsConfiguration: ['PutMetricsConfiguration', ...noConfiguration],
};

/** Where taking away what is not there is no fault. */
const nothingToDelete: Readonly<Record<string, string>> = {
  DeleteBucketCors: 'PutBucketCORS',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketReplication: 'PutReplicationConfiguration',
  DeleteBucketWebsite: 'DeleteBucketWebsite',
};

/** What is not kept of a bucket, answered as by a bucket that was never given it. */
export function absentActions(parts: S3Parts): Actions {
  return {
    ...mapped(defaults, ([permission, output]) => onBucketOnly(parts, permission, () => output)),
    ...mapped(missing, ([permission, code, sentence]) =>
      onBucketOnly(parts, permission, ({ Bucket }) => {
        throw s3Errors.refusal(code, sentence, 404, { BucketName: Bucket });
      }),
    ),
    ...mapped(nothingToDelete, (permission) => onBucketOnly(parts, permission, () => ({}))),
    GetObjectLegalHold: withoutLock(parts, 's3:GetObjectLegalHold'),
    GetObjectRetention: withoutLock(parts, 's3:GetObjectRetention'),
    PutObjectLegalHold: withoutLock(parts, 's3:PutObjectLegalHold'),
    PutObjectRetention: withoutLock(parts, 's3:PutObjectRetention'),
    GetObjectTorrent: {
      targets: onObject(parts, 's3:GetObjectTorrent'),
      run: () => {
        throw s3Errors.methodNotAllowed();
      },
    },
  };
}

function onBucketOnly(
  parts: S3Parts,
  permission: string,
  answer: (input: NamesBucket) => Output,
): Action<NamesBucket> {
  return {
    targets: onBucket(parts, `s3:${permission}`),
    run: (input: NamesBucket) => {
      bucketOf(parts, input);
      return answer(input);
    },
  };
}

function withoutLock(parts: S3Parts, permission: string): Action<NamesObject> {
  return {
    targets: onObject(parts, permission),
    run: (input: NamesObject, call: Call) => {
      entryOf(parts, bucketOf(parts, input), input, call);
      throw s3Errors.noObjectLock();
    },
  };
}

function mapped<Entry>(table: Readonly<Record<string, Entry>>, actionOf: (entry: Entry) => Action): Actions {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, actionOf(entry)]));
}
