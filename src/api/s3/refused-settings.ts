import { bucketOf, type NamesBucket, type NamesObject, onBucket, onObject } from './access.ts';
import { s3Errors } from './errors.ts';
import type { Actions, S3Parts } from './parts.ts';

// biome-ignore lint/suspicious/noExplicitAny: each action's own input, checked by the model
type Input = any;

/** Of what is not kept: IAM's action, the beginning of the sentence, and which inputs only say what holds anyway. */
interface Refused {
  readonly permission: string;
  readonly what: string;
  readonly isDefault?: (input: Input) => boolean;
}

const refused: Readonly<Record<string, Refused>> = {
  PutBucketAbac: {
    permission: 'PutBucketAbac',
    what: 'Attribute-based access control of buckets is',
    isDefault: ({ AbacStatus }) => AbacStatus.Status !== 'Enabled',
  },
  PutBucketAccelerateConfiguration: {
    permission: 'PutAccelerateConfiguration',
    what: 'S3 Transfer Acceleration is',
    isDefault: ({ AccelerateConfiguration }) => AccelerateConfiguration.Status === 'Suspended',
  },
  PutBucketAnalyticsConfiguration: { permission: 'PutAnalyticsConfiguration', what: 'S3 analytics is' },
  PutBucketCors: { permission: 'PutBucketCORS', what: 'Cross-origin resource sharing (CORS) of buckets is' },
  PutBucketEncryption: {
    permission: 'PutEncryptionConfiguration',
    what: 'Server-side encryption with AWS KMS keys (SSE-KMS) is',
    isDefault: ({ ServerSideEncryptionConfiguration: { Rules } }) =>
      Rules.every(
        (rule: Input) => (rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? 'AES256') === 'AES256',
      ),
  },
  PutBucketIntelligentTieringConfiguration: {
    permission: 'PutIntelligentTieringConfiguration',
    what: 'S3 Intelligent-Tiering is',
  },
  PutBucketInventoryConfiguration: { permission: 'PutInventoryConfiguration', what: 'S3 Inventory is' },
  PutBucketLogging: {
    permission: 'PutBucketLogging',
    what: 'Server access logging is',
    isDefault: ({ BucketLoggingStatus }) => BucketLoggingStatus.LoggingEnabled === undefined,
  },
  PutBucketMetricsConfiguration: {
    permission: 'PutMetricsConfiguration',
    what: 'Request metrics of buckets are',
  },
  PutBucketNotificationConfiguration: {
    permission: 'PutBucketNotification',
    what: 'S3 Event Notifications are',
    isDefault: ({ NotificationConfiguration }) =>
      Object.values(NotificationConfiguration).every((each) => Array.isArray(each) && each.length === 0),
  },
  PutBucketReplication: { permission: 'PutReplicationConfiguration', what: 'S3 Replication is' },
  PutBucketRequestPayment: {
    permission: 'PutBucketRequestPayment',
    what: 'Requester Pays is',
    isDefault: ({ RequestPaymentConfiguration }) => RequestPaymentConfiguration.Payer === 'BucketOwner',
  },
  PutBucketVersioning: {
    permission: 'PutBucketVersioning',
    what: 'S3 Versioning is',
    isDefault: ({ VersioningConfiguration: { Status, MFADelete } }) => {
      if (Status === undefined) {
        throw s3Errors.refusal(
          'IllegalVersioningConfigurationException',
          'The Versioning element must be specified',
          400,
        );
      }
      return Status === 'Suspended' && MFADelete !== 'Enabled';
    },
  },
  PutBucketWebsite: { permission: 'PutBucketWebsite', what: 'Static website hosting is' },
  PutObjectLockConfiguration: { permission: 'PutBucketObjectLockConfiguration', what: 'S3 Object Lock is' },
};

/** What is not kept is not taken for kept; what changes nothing is taken. */
export function refusedActions(parts: S3Parts): Actions {
  const actions = Object.entries(refused).map(([name, { permission, what, isDefault = () => false }]) => [
    name,
    {
      targets: onBucket(parts, `s3:${permission}`),
      run: (input: NamesBucket) => {
        bucketOf(parts, input);
        if (!isDefault(input)) throw s3Errors.notImplemented(what);
        return {};
      },
    },
  ]);
  return {
    ...Object.fromEntries(actions),
    UpdateObjectEncryption: {
      targets: onObject<NamesObject>(parts, 's3:UpdateObjectEncryption'),
      run: () => {
        throw s3Errors.notImplemented('Changing the encryption of objects is');
      },
    },
  };
}
