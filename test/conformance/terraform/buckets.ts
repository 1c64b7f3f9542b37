import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import {
  idOf,
  type Provider,
  type Replayed,
  shownTags,
  shownTagsConfigured,
  tags,
  unlessGone,
} from './provider.ts';

const bucketType = 'aws_s3_bucket';

/** What the provider asks of a bucket, whatever of it is configured, and the answers that are none. */
async function settingsOf({ s3 }: Provider, Bucket: string) {
  const named = { Bucket };
  const acl = await s3.send(new GetBucketAclCommand(named));
  const cors = await unlessGone(s3.send(new GetBucketCorsCommand(named)), 'NoSuchCORSConfiguration');
  const website = await unlessGone(s3.send(new GetBucketWebsiteCommand(named)), 'NoSuchWebsiteConfiguration');
  const versioning = await s3.send(new GetBucketVersioningCommand(named));
  const acceleration = await s3.send(new GetBucketAccelerateConfigurationCommand(named));
  const payment = await s3.send(new GetBucketRequestPaymentCommand(named));
  const logging = await s3.send(new GetBucketLoggingCommand(named));
  const replication = await unlessGone(
    s3.send(new GetBucketReplicationCommand(named)),
    'ReplicationConfigurationNotFoundError',
  );
  const encryption = await s3.send(new GetBucketEncryptionCommand(named));
  const lock = await unlessGone(
    s3.send(new GetObjectLockConfigurationCommand(named)),
    'ObjectLockConfigurationNotFoundError',
  );
  return {
    grant: acl.Grants?.map(({ Grantee, Permission }) => [Grantee?.ID === acl.Owner?.ID, Permission]),
    cors_rule: cors?.CORSRules,
    website: website?.IndexDocument,
    versioning: versioning.Status,
    acceleration_status: acceleration.Status,
    request_payer: payment.Payer,
    logging: logging.LoggingEnabled,
    replication_configuration: replication?.ReplicationConfiguration,
    server_side_encryption_configuration: encryption.ServerSideEncryptionConfiguration?.Rules?.map(
      (rule) => rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
    ),
    object_lock_configuration: lock?.ObjectLockConfiguration,
  };
}

export const bucket: Replayed = {
  type: bucketType,
  create: async ({ s3, name }) => {
    // A name that is taken would be somebody else's bucket.
    const taken = await unlessGone(s3.send(new HeadBucketCommand({ Bucket: name })), 'NotFound');
    if (taken) throw new Error(`${name} is taken`);
    await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: false }));
    await s3.send(new HeadBucketCommand({ Bucket: name }));
    await s3.send(new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: [...tags] } }));
    return name;
  },
  read: async (provider, id) => {
    const { s3 } = provider;
    const head = await unlessGone(s3.send(new HeadBucketCommand({ Bucket: id })), 'NotFound');
    if (!head) return undefined;
    const settings = await settingsOf(provider, id);
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: id }));
    return {
      region: head.BucketRegion,
      ...settings,
      tags: shownTags(TagSet),
      'tags of s3control': await provider.bucketTags(id),
    };
  },
  delete: async ({ s3 }, id) => {
    await s3.send(new DeleteBucketCommand({ Bucket: id }));
  },
  configured: ({ region }) => ({
    region,
    grant: [[true, 'FULL_CONTROL']],
    cors_rule: undefined,
    website: undefined,
    versioning: undefined,
    acceleration_status: undefined,
    request_payer: 'BucketOwner',
    logging: undefined,
    replication_configuration: undefined,
    server_side_encryption_configuration: ['AES256'],
    object_lock_configuration: undefined,
    tags: shownTagsConfigured,
    'tags of s3control': shownTagsConfigured,
  }),
};

const allBlocked = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};

export const publicAccessBlock: Replayed = {
  type: 'aws_s3_bucket_public_access_block',
  create: async (provider) => {
    const Bucket = idOf(provider, bucketType);
    await provider.s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: allBlocked }),
    );
    return Bucket;
  },
  read: async ({ s3 }, id) => {
    const asked = s3.send(new GetPublicAccessBlockCommand({ Bucket: id }));
    const found = await unlessGone(asked, 'NoSuchPublicAccessBlockConfiguration');
    return found && { ...found.PublicAccessBlockConfiguration };
  },
  delete: async ({ s3 }, id) => {
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: id }));
  },
  configured: () => allBlocked,
};

const ownership = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };

export const ownershipControls: Replayed = {
  type: 'aws_s3_bucket_ownership_controls',
  create: async (provider) => {
    const Bucket = idOf(provider, bucketType);
    await provider.s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: ownership }));
    return Bucket;
  },
  read: async ({ s3 }, id) => {
    const asked = s3.send(new GetBucketOwnershipControlsCommand({ Bucket: id }));
    const found = await unlessGone(asked, 'OwnershipControlsNotFoundError');
    return found && { ...found.OwnershipControls };
  },
  delete: async ({ s3 }, id) => {
    await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket: id }));
  },
  configured: () => ownership,
};

/** Whoever has the delivery of flow logs in it finds no difference later: nothing is to be added. */
function deliveryPolicy({ name, accountId }: Provider) {
  const condition = { StringEquals: { 'aws:SourceAccount': accountId } };
  const service = { Service: 'delivery.logs.amazonaws.com' };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AWSLogDeliveryWrite',
        Effect: 'Allow',
        Principal: service,
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${name}/AWSLogs/aws-account-id=${accountId}/*`,
        Condition: {
          StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' },
        },
      },
      {
        Sid: 'AWSLogDeliveryAclCheck',
        Effect: 'Allow',
        Principal: service,
        Action: 's3:GetBucketAcl',
        Resource: `arn:aws:s3:::${name}`,
        Condition: condition,
      },
    ],
  };
}

export const bucketPolicy: Replayed = {
  type: 'aws_s3_bucket_policy',
  create: async (provider) => {
    const Bucket = idOf(provider, bucketType);
    const Policy = JSON.stringify(deliveryPolicy(provider));
    await provider.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    return Bucket;
  },
  read: async ({ s3 }, id) => {
    const asked = s3.send(new GetBucketPolicyCommand({ Bucket: id }));
    const found = await unlessGone(asked, 'NoSuchBucketPolicy');
    return found && { policy: JSON.parse(found.Policy ?? '') };
  },
  delete: async ({ s3 }, id) => {
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: id }));
  },
  configured: (provider) => ({ policy: deliveryPolicy(provider) }),
};

const rules: LifecycleRule[] = [
  {
    ID: 'old',
    Status: 'Enabled',
    Filter: { Prefix: 'AWSLogs/' },
    Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }],
    Expiration: { Days: 90 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
];

export const lifecycleConfiguration: Replayed = {
  type: 'aws_s3_bucket_lifecycle_configuration',
  create: async (provider) => {
    const Bucket = idOf(provider, bucketType);
    await provider.s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        ExpectedBucketOwner: provider.accountId,
        LifecycleConfiguration: { Rules: rules },
        TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K',
      }),
    );
    return Bucket;
  },
  read: async ({ s3 }, id) => {
    const asked = s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: id }));
    const found = await unlessGone(asked, 'NoSuchLifecycleConfiguration');
    return (
      found && {
        rule: found.Rules,
        transition_default_minimum_object_size: found.TransitionDefaultMinimumObjectSize,
      }
    );
  },
  delete: async ({ s3 }, id) => {
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket: id }));
  },
  configured: () => ({
    rule: rules,
    transition_default_minimum_object_size: 'all_storage_classes_128K',
  }),
};

const content = '{"name": "terraform"}';

export const object: Replayed = {
  type: 'aws_s3_object',
  create: async (provider) => {
    const put = {
      Bucket: idOf(provider, bucketType),
      Key: 'a folder/configuration.json',
      Body: content,
      ContentType: 'application/json',
      Metadata: { made: 'terraform' },
      Tagging: 'Name=terraform&empty=',
      ServerSideEncryption: 'AES256' as const,
    };
    await provider.s3.send(new PutObjectCommand(put));
    return put.Key;
  },
  read: async (provider, id) => {
    const { s3 } = provider;
    const named = { Bucket: idOf(provider, bucketType), Key: id };
    const head = await unlessGone(
      s3.send(new HeadObjectCommand({ ...named, ChecksumMode: 'ENABLED' })),
      'NotFound',
    );
    if (!head) return undefined;
    const { TagSet } = await s3.send(new GetObjectTaggingCommand(named));
    return {
      etag: head.ETag,
      content_type: head.ContentType,
      content_length: head.ContentLength,
      metadata: head.Metadata,
      storage_class: head.StorageClass ?? 'STANDARD',
      server_side_encryption: head.ServerSideEncryption,
      version_id: head.VersionId,
      tags: shownTags(TagSet),
    };
  },
  delete: async (provider, id) => {
    const Bucket = idOf(provider, bucketType);
    await provider.s3.send(new DeleteObjectCommand({ Bucket, Key: id }));
    const { KeyCount } = await provider.s3.send(new ListObjectsV2Command({ Bucket }));
    if (KeyCount !== 0) throw new Error('there are objects that Terraform has not made');
  },
  configured: () => ({
    etag: `"${createHash('md5').update(content).digest('hex')}"`,
    content_type: 'application/json',
    content_length: content.length,
    metadata: { made: 'terraform' },
    storage_class: 'STANDARD',
    server_side_encryption: 'AES256',
    version_id: undefined,
    tags: shownTagsConfigured,
  }),
};
