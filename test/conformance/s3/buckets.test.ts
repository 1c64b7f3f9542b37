import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketAclCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../server.ts';
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

describe('buckets', () => {
  it('come and go', async () => {
    const name = account.served.name('s3');
    const made = await send(new CreateBucketCommand({ Bucket: name }));
    expect(made.Location).toBe(`/${name}`);
    expect(await send(new HeadBucketCommand({ Bucket: name }))).toMatchObject({
      BucketRegion: account.served.region,
    });
    const { Buckets } = await send(new ListBucketsCommand({}));
    expect(Buckets).toContainEqual(expect.objectContaining({ Name: name, CreationDate: expect.any(Date) }));
    await account.put(name, 'a');
    expect(await refusal(send(new DeleteBucketCommand({ Bucket: name })))).toEqual({
      code: 'BucketNotEmpty',
      status: 409,
      message: 'The bucket you tried to delete is not empty',
    });
    await send(new DeleteObjectCommand({ Bucket: name, Key: 'a' }));
    await send(new DeleteBucketCommand({ Bucket: name }));
    expect((await refusal(send(new HeadBucketCommand({ Bucket: name })))).status).toBe(404);
    expect(await refusal(send(new DeleteBucketCommand({ Bucket: name })))).toMatchObject({
      code: 'NoSuchBucket',
    });
  });

  it('us-east-1 makes what is there', async () => {
    await send(new CreateBucketCommand({ Bucket }));
  });

  it('are in Regions', async () => {
    const west = account.clientOf(undefined, { region: 'eu-west-1' });
    const name = account.served.name('s3');
    const create = (client: typeof west, LocationConstraint?: string) =>
      client.send(
        new CreateBucketCommand({
          Bucket: name,
          ...(LocationConstraint !== undefined && {
            CreateBucketConfiguration: { LocationConstraint: LocationConstraint as 'eu-west-1' },
          }),
        }),
      );
    expect(await refusal(create(account.client, 'mars-north-1'))).toEqual({
      code: 'InvalidLocationConstraint',
      status: 400,
      message: 'The specified location-constraint is not valid',
    });
    expect(await refusal(create(west, 'us-west-2'))).toEqual({
      code: 'IllegalLocationConstraintException',
      status: 400,
      message:
        'The us-west-2 location constraint is incompatible for the region specific endpoint this request was sent to.',
    });
    const { Location } = await create(west, 'eu-west-1');
    expect(Location).toBe(`http://${name}.s3.amazonaws.com/`);
    expect(await refusal(create(west, 'eu-west-1'))).toEqual({
      code: 'BucketAlreadyOwnedByYou',
      status: 409,
      message: 'Your previous request to create the named bucket succeeded and you already own it.',
    });
    const { LocationConstraint } = await west.send(new GetBucketLocationCommand({ Bucket: name }));
    expect(LocationConstraint).toBe('eu-west-1');
    await west.send(new DeleteBucketCommand({ Bucket: name }));
    const own = await send(new GetBucketLocationCommand({ Bucket }));
    expect(own.LocationConstraint).toBeUndefined();
  });

  it('are listed in pages', async () => {
    const prefix = account.served.name('paged');
    const names = ['a', 'b', 'c'].map((end) => `${prefix}-${end}`);
    for (const name of names) await send(new CreateBucketCommand({ Bucket: name }));
    const first = await send(new ListBucketsCommand({ Prefix: prefix, MaxBuckets: 2 }));
    expect(first.Buckets).toMatchObject([{ Name: names[0] }, { Name: names[1] }]);
    const { ContinuationToken } = first;
    const second = await send(new ListBucketsCommand({ Prefix: prefix, MaxBuckets: 2, ContinuationToken }));
    expect(second.Buckets).toMatchObject([{ Name: names[2] }]);
    expect(second.ContinuationToken).toBeUndefined();
    const elsewhere = await send(new ListBucketsCommand({ Prefix: prefix, BucketRegion: 'eu-west-1' }));
    expect(elsewhere.Buckets ?? []).toEqual([]);
    const wrong = new ListBucketsCommand({ Prefix: prefix, ContinuationToken: 'abc' });
    expect((await refusal(send(wrong))).code).toBe('InvalidArgument');
    for (const name of names) await send(new DeleteBucketCommand({ Bucket: name }));
  });

  it.each<[string, object, string]>([
    ['under a name that is none', { Bucket: 'No_Name' }, 'InvalidBucketName'],
    ['with an ACL', { ACL: 'public-read' }, 'InvalidBucketAclWithObjectOwnership'],
    [
      'with a tag twice',
      { CreateBucketConfiguration: { Tags: [1, 2].map(() => ({ Key: 'a', Value: '' })) } },
      'InvalidTag',
    ],
  ])('not %s', async (_name, more, code) => {
    const asked = new CreateBucketCommand({ Bucket: account.served.name('s3'), ...more });
    expect((await refusal(send(asked))).code).toBe(code);
  });
});

describe('what buckets are given', () => {
  it('is private from the beginning', async () => {
    const { PublicAccessBlockConfiguration } = await send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    const { OwnershipControls } = await send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(OwnershipControls).toEqual({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] });
    const { ServerSideEncryptionConfiguration } = await send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration.Rules).toMatchObject([
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
    ]);
    const { Grants, Owner } = await send(new GetBucketAclCommand({ Bucket }));
    expect(Grants).toEqual([
      { Grantee: { Type: 'CanonicalUser', ID: Owner.ID }, Permission: 'FULL_CONTROL' },
    ]);
  });

  it('PublicAccessBlock', async () => {
    const name = await account.newBucket();
    const given = { BlockPublicAcls: true, BlockPublicPolicy: false };
    await send(new PutPublicAccessBlockCommand({ Bucket: name, PublicAccessBlockConfiguration: given }));
    const { PublicAccessBlockConfiguration } = await send(new GetPublicAccessBlockCommand({ Bucket: name }));
    expect(PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
    await send(new DeletePublicAccessBlockCommand({ Bucket: name }));
    expect(await refusal(send(new GetPublicAccessBlockCommand({ Bucket: name })))).toEqual({
      code: 'NoSuchPublicAccessBlockConfiguration',
      status: 404,
      message: 'The public access block configuration was not found',
    });
  });

  it('OwnershipControls', async () => {
    const name = await account.newBucket();
    const Rules = [{ ObjectOwnership: 'BucketOwnerPreferred' as const }];
    await send(new PutBucketOwnershipControlsCommand({ Bucket: name, OwnershipControls: { Rules } }));
    const { OwnershipControls } = await send(new GetBucketOwnershipControlsCommand({ Bucket: name }));
    expect(OwnershipControls).toEqual({ Rules });
    await send(new PutBucketAclCommand({ Bucket: name, ACL: 'private' }));
    await send(new DeleteBucketOwnershipControlsCommand({ Bucket: name }));
    expect(await refusal(send(new GetBucketOwnershipControlsCommand({ Bucket: name })))).toMatchObject({
      code: 'OwnershipControlsNotFoundError',
      status: 404,
    });
  });

  it('tags', async () => {
    const TagSet = [
      { Key: 'a', Value: 'b' },
      { Key: 'c', Value: '' },
    ];
    const get = () => send(new GetBucketTaggingCommand({ Bucket }));
    expect(await refusal(get())).toEqual({
      code: 'NoSuchTagSet',
      status: 404,
      message: 'The TagSet does not exist',
    });
    await send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await get()).TagSet).toEqual(TagSet);
    await send(new DeleteBucketTaggingCommand({ Bucket }));
    expect((await refusal(get())).code).toBe('NoSuchTagSet');
    const many = Array.from({ length: 51 }, (_, at) => ({ Key: `${at}`, Value: '' }));
    const put = new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: many } });
    expect((await refusal(send(put))).code).toBe('BadRequest');
  });

  it('a lifecycle configuration', async () => {
    const get = () => send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(await refusal(get())).toEqual({
      code: 'NoSuchLifecycleConfiguration',
      status: 404,
      message: 'The lifecycle configuration does not exist',
    });
    const Rules = [
      {
        ID: 'cold',
        Status: 'Enabled' as const,
        Filter: { And: { Prefix: 'AWSLogs/', Tags: [{ Key: 'a', Value: 'b' }] } },
        Transitions: [{ Days: 30, StorageClass: 'GLACIER' as const }],
        Expiration: { Days: 90 },
      },
      {
        ID: 'uploads',
        Status: 'Disabled' as const,
        Filter: { Prefix: '' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: 'day',
        Status: 'Enabled' as const,
        Filter: { ObjectSizeGreaterThan: 5 },
        Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
      },
    ];
    await send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    const got = await get();
    expect(got.Rules).toEqual(Rules);
    expect(got.TransitionDefaultMinimumObjectSize).toBe('all_storage_classes_128K');
    const none = new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: [{ ID: 'r', Status: 'Enabled', Filter: {} }] },
    });
    expect(await refusal(send(none))).toEqual({
      code: 'InvalidRequest',
      status: 400,
      message: 'At least one action needs to be specified in a rule',
    });
    await send(new DeleteBucketLifecycleCommand({ Bucket }));
    expect((await refusal(get())).code).toBe('NoSuchLifecycleConfiguration');
  });
});

describe('policies', () => {
  const statement = (more: object = {}) => ({
    Effect: 'Allow',
    Principal: { Service: 'delivery.logs.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
    ...more,
  });
  const put = (...statements: object[]) =>
    send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    );

  it('are put, got and deleted as they are', async () => {
    const Policy = `{ "Version": "2012-10-17",\n "Statement": [${JSON.stringify(statement())}] }`;
    const { $metadata } = await send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect($metadata.httpStatusCode).toBe(204);
    expect((await send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
    const { PolicyStatus } = await send(new GetBucketPolicyStatusCommand({ Bucket }));
    expect(PolicyStatus).toEqual({ IsPublic: false });
    await send(new DeleteBucketPolicyCommand({ Bucket }));
    for (const command of [
      new GetBucketPolicyCommand({ Bucket }),
      new GetBucketPolicyStatusCommand({ Bucket }),
    ]) {
      expect(await refusal(send(command))).toEqual({
        code: 'NoSuchBucketPolicy',
        status: 404,
        message: 'The bucket policy does not exist',
      });
    }
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'no JSON',
      () => send(new PutBucketPolicyCommand({ Bucket, Policy: 'policy' })),
      "Policies must be valid JSON and the first byte must be '{'",
    ],
    ['nothing', () => put(), 'Could not parse the policy: Statement is empty!'],
    [
      'of another bucket',
      () => put(statement({ Resource: 'arn:aws:s3:::b/*' })),
      'Policy has invalid resource',
    ],
    [
      'of one that is called alike',
      () => put(statement({ Resource: `arn:aws:s3:::${Bucket}x/*` })),
      'Policy has invalid resource',
    ],
    ['for nobody', () => put(statement({ Principal: undefined })), 'Missing required field Principal'],
    ['with no effect', () => put(statement({ Effect: undefined })), 'Missing required field Effect'],
    ['of no action', () => put(statement({ Action: undefined })), 'Missing required field Action'],
    ['of an unknown action', () => put(statement({ Action: 's3:Fly' })), 'Policy has invalid action'],
    ['of another service', () => put(statement({ Action: 'ec2:RunInstances' })), 'Policy has invalid action'],
    [
      'of a bucket’s action on objects',
      () => put(statement({ Action: 's3:ListBucket' })),
      'Action does not apply to any resource(s) in statement',
    ],
    [
      'of an object’s action on the bucket',
      () => put(statement({ Resource: `arn:aws:s3:::${Bucket}` })),
      'Action does not apply to any resource(s) in statement',
    ],
    [
      'for who is not there',
      () => put(statement({ Principal: { AWS: `arn:aws:iam::${account.served.accountId}:user/nobody` } })),
      'Invalid principal in policy',
    ],
    [
      'of more than 20 KB',
      () => put(statement({ Sid: 'x'.repeat(20_480) })),
      'Policy exceeds the maximum allowed document size.',
    ],
  ])('not %s', async (_name, ask, message) => {
    expect(await refusal(ask())).toEqual({ code: 'MalformedPolicy', status: 400, message });
  });

  it('not public, unless that is allowed', async () => {
    const open = statement({ Principal: '*', Action: 's3:GetObject' });
    expect(await refusal(put(open))).toMatchObject({
      code: 'AccessDenied',
      status: 403,
      message: expect.stringContaining('BlockPublicPolicy'),
    });
    await send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { BlockPublicPolicy: false },
      }),
    );
    await put(open);
    const { PolicyStatus } = await send(new GetBucketPolicyStatusCommand({ Bucket }));
    expect(PolicyStatus).toEqual({ IsPublic: true });
    await send(new DeleteBucketPolicyCommand({ Bucket }));
  });
});
