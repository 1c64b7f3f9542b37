import { CreateFlowLogsCommand, type CreateFlowLogsRequest, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  FirehoseClient,
  ListTagsForDeliveryStreamCommand,
} from '@aws-sdk/client-firehose';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, isRemote, refusal } from '../server.ts';
import { FlowLogAccount } from './flow-log-account.ts';

let account: FlowLogAccount;
let s3: S3Client;
let firehose: FirehoseClient;
let bucket: string;
beforeAll(async () => {
  account = await FlowLogAccount.open();
  s3 = new S3Client({ ...account.served.client(), forcePathStyle: true });
  firehose = new FirehoseClient(account.served.client());
  bucket = account.served.name('flows');
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterEach(async () => {
  await account.deleteFlowLogs();
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
});
afterAll(async () => {
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  await account.close();
  s3.destroy();
  firehose.destroy();
});

type Change = Partial<CreateFlowLogsRequest>;

function toBucket(destination: string, more: Change = {}): Change {
  return {
    LogDestinationType: 's3',
    LogDestination: destination,
    LogGroupName: undefined,
    DeliverLogsPermissionArn: undefined,
    ...more,
  };
}

interface Policy {
  readonly Id?: string;
  readonly Statement: readonly { readonly Sid?: string; readonly Resource: string | string[] }[];
}

async function policy(): Promise<Policy> {
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  return JSON.parse(Policy) as Policy;
}

const putPolicy = (document: object) =>
  s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(document) }));

/** A user's client of EC2, with these rights alone, for as long as it is used. */
async function asUser<T>(rights: object[], use: (ec2: EC2Client) => Promise<T>): Promise<T> {
  const iam = new IAMClient(account.served.client());
  const UserName = account.served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: rights });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'rights', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
  const credentials: ClientOptions['credentials'] = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
  };
  const ec2 = new EC2Client(account.served.client(credentials));
  try {
    return await use(ec2);
  } finally {
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'rights' }));
    await iam.send(new DeleteUserCommand({ UserName }));
    ec2.destroy();
    iam.destroy();
  }
}

const allow = (...Action: string[]) => ({ Effect: 'Allow', Action, Resource: '*' });
const mayCreate = allow('ec2:CreateFlowLogs', 'logs:CreateLogDelivery', 'logs:DeleteLogDelivery');

describe('CreateFlowLogs to buckets', () => {
  it('lets log delivery into a bucket whose policy its owner may change', async () => {
    const id = await account.createOne(toBucket(`arn:aws:s3:::${bucket}/a/`));
    expect(id).toMatch(/^fl-[0-9a-f]{17}$/);
    const { Id, Statement } = await policy();
    expect(Id).toBe('AWSLogDeliveryWrite20150319');
    expect(Statement.map(({ Sid }) => Sid)).toEqual(['AWSLogDeliveryWrite', 'AWSLogDeliveryAclCheck']);
    expect(Statement[0]?.Resource).toBe(`arn:aws:s3:::${bucket}/a/AWSLogs/${account.served.accountId}/*`);
  });

  it.each<{ name: string; change: () => Change; error: string }>([
    {
      name: 'a bucket that is not there',
      change: () => toBucket('arn:aws:s3:::headgate-no-such-bucket/logs/'),
      error: 'LogDestination: headgate-no-such-bucket does not exist',
    },
    {
      name: 'a stream that is not there',
      change: () =>
        toBucket(
          `arn:aws:firehose:${account.served.region}:${account.served.accountId}:deliverystream/headgate-none`,
          { LogDestinationType: 'kinesis-data-firehose' },
        ),
      error: 'LogDestination: headgate-none does not exist',
    },
  ])('tells of $name for each resource, in an answer', async ({ change, error }) => {
    const { FlowLogIds, Unsuccessful } = await account.create(change());
    expect(FlowLogIds).toEqual([]);
    expect(Unsuccessful).toEqual([{ ResourceId: account.vpcId, Error: { Code: '400', Message: error } }]);
  });

  it.each<{ name: string; rights: object[]; policy?: () => object }>([
    { name: 'its caller may not change the policy', rights: [mayCreate] },
    {
      name: 'its caller may only read the policy',
      rights: [mayCreate, allow('s3:GetBucketPolicy')],
    },
    {
      name: 'the policy denies log delivery',
      rights: [mayCreate, allow('s3:GetBucketPolicy', 's3:PutBucketPolicy')],
      policy: () => ({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Principal: { Service: 'delivery.logs.amazonaws.com' },
            Action: 's3:PutObject',
            Resource: `arn:aws:s3:::${bucket}/*`,
          },
        ],
      }),
    },
  ])('is denied a bucket when $name', async ({ rights, policy: document }) => {
    if (document) await putPolicy(document());
    const answer = await asUser(rights, (ec2) =>
      ec2.send(new CreateFlowLogsCommand(account.request(toBucket(`arn:aws:s3:::${bucket}`)))),
    );
    const Message = `Access Denied for LogDestination: ${bucket}. Please check LogDestination permission`;
    expect(answer.FlowLogIds).toEqual([]);
    expect(answer.Unsuccessful).toEqual([{ ResourceId: account.vpcId, Error: { Code: '400', Message } }]);
  });

  it('refuses who may not create deliveries of logs', async () => {
    const answer = asUser([allow('ec2:CreateFlowLogs')], (ec2) =>
      ec2.send(new CreateFlowLogsCommand(account.request(toBucket(`arn:aws:s3:::${bucket}`)))),
    );
    expect(await refusal(answer)).toMatchObject({ code: 'UnauthorizedOperation', status: 403 });
  });

  it.each<{ name: string; change: () => Change; message: unknown }>([
    {
      name: 'a role',
      change: () => toBucket(`arn:aws:s3:::${bucket}`, { DeliverLogsPermissionArn: account.roleArn }),
      message: 'DeliverLogsPermissionArn is not applicable for s3 delivery',
    },
    {
      name: 'a folder with the name that deliveries have',
      change: () => toBucket(`arn:aws:s3:::${bucket}/AWSLogs/`),
      message: expect.stringContaining('AWSLogs'),
    },
    {
      name: 'an ARN of something else',
      change: () => toBucket('arn:aws:sqs:us-east-1:123456789012:queue'),
      message: expect.any(String),
    },
  ])('refuses $name', async ({ change, message }) => {
    expect(await refusal(account.create(change()))).toEqual({
      code: 'InvalidParameter',
      message,
      status: 400,
    });
  });

  it('takes two folders of a bucket, and one folder once', async () => {
    await account.createOne(toBucket(`arn:aws:s3:::${bucket}`));
    await account.createOne(toBucket(`arn:aws:s3:::${bucket}/subfolder/`));
    const again = await account.create(toBucket(`arn:aws:s3:::${bucket}`)).catch((error: Error) => error);
    expect(JSON.stringify(again)).toContain('FlowLogAlreadyExists');
  });
});

describe.skipIf(isRemote)('CreateFlowLogs to streams', () => {
  it('marks the stream for log delivery', async () => {
    const iam = new IAMClient(account.served.client());
    const RoleName = account.served.name('firehose');
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'firehose.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const DeliveryStreamName = account.served.name('stream');
    const { DeliveryStreamARN } = await firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName,
        ExtendedS3DestinationConfiguration: { RoleARN: Role?.Arn, BucketARN: `arn:aws:s3:::${bucket}` },
      }),
    );
    await account.createOne(
      toBucket(DeliveryStreamARN ?? '', { LogDestinationType: 'kinesis-data-firehose' }),
    );
    const { Tags } = await firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName }));
    expect(Tags).toEqual([{ Key: 'LogDeliveryEnabled', Value: 'true' }]);
    await firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    iam.destroy();
  });
});
