import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../../../src/iam/index.ts';
import { Sha256 } from '../../api-server.ts';
import { isRemote, refusal } from '../server.ts';
import { S3Account } from './s3-account.ts';

let account: S3Account;
let Bucket: string;
let iam: IAMClient;
let UserName: string;
let user: S3Client;

beforeAll(async () => {
  account = await S3Account.open();
  if (isRemote) return;
  Bucket = await account.newBucket();
  await account.put(Bucket, 'open/a', 'text');
  await account.put(Bucket, 'closed/b', 'text', { Tagging: 'level=secret' });
  iam = new IAMClient(account.served.client());
  UserName = account.served.name('user');
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  user = account.clientOf({
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  });
});

afterAll(() => account.close());

/** What the user may from now on. */
const allow = (...statements: object[]) =>
  iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
      }),
    }),
  );
const objects = (rest = '*') => `arn:aws:s3:::${Bucket}/${rest}`;
const get = (client: S3Client, Key: string) =>
  client.send(new GetObjectCommand({ Bucket, Key })).then(({ Body }) => Body?.transformToString());
const put = (Key: string, more: object = {}) =>
  user.send(new PutObjectCommand({ Bucket, Key, Body: 'x', ...more }));
const denied = (action: string, resource: string) => ({
  code: 'AccessDenied',
  status: 403,
  message: `User: arn:aws:iam::${account.served.accountId}:user/${UserName} is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`,
});

describe.skipIf(isRemote)('what users may', () => {
  it('by prefix', async () => {
    await allow({ Action: 's3:GetObject', Resource: objects('open/*') });
    expect(await get(user, 'open/a')).toBe('text');
    expect(await refusal(get(user, 'closed/b'))).toEqual(denied('s3:GetObject', objects('closed/b')));
    expect(await refusal(put('open/c'))).toEqual(denied('s3:PutObject', objects('open/c')));
  });

  it('who may not list is not told what is missing', async () => {
    await allow({ Action: 's3:GetObject', Resource: objects() });
    expect(await refusal(get(user, 'nowhere'))).toEqual(denied('s3:ListBucket', `arn:aws:s3:::${Bucket}`));
    await allow({ Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' });
    expect((await refusal(get(user, 'nowhere'))).code).toBe('NoSuchKey');
  });

  it('whether there is a bucket everybody is told', async () => {
    await allow({ Action: 's3:GetObject', Resource: objects() });
    const nowhere = new ListObjectsV2Command({ Bucket: account.served.name('none') });
    expect((await refusal(user.send(nowhere))).code).toBe('NoSuchBucket');
    expect((await refusal(user.send(new HeadBucketCommand({ Bucket })))).status).toBe(403);
  });

  it('listing below a prefix', async () => {
    await allow({
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
      Condition: { StringLike: { 's3:prefix': 'open/*' } },
    });
    const list = (Prefix?: string) =>
      user.send(new ListObjectsV2Command({ Bucket, ...(Prefix !== undefined && { Prefix }) }));
    expect((await list('open/')).KeyCount).toBe(1);
    expect((await refusal(list('closed/'))).code).toBe('AccessDenied');
    expect((await refusal(list())).code).toBe('AccessDenied');
  });

  it('writing with tags, a class, an ACL', async () => {
    await allow({ Action: 's3:PutObject', Resource: objects() });
    await put('plain', { ACL: 'bucket-owner-full-control' });
    expect(await refusal(put('tagged', { Tagging: 'a=b' }))).toEqual(
      denied('s3:PutObjectTagging', objects('tagged')),
    );
    await allow({
      Action: ['s3:PutObject', 's3:PutObjectTagging'],
      Resource: objects(),
      Condition: {
        StringEquals: { 's3:RequestObjectTag/team': 'blue', 's3:x-amz-storage-class': 'STANDARD_IA' },
      },
    });
    await put('tagged', { Tagging: 'team=blue', StorageClass: 'STANDARD_IA' });
    expect((await refusal(put('tagged', { Tagging: 'team=red', StorageClass: 'STANDARD_IA' }))).code).toBe(
      'AccessDenied',
    );
    expect((await refusal(put('tagged', { Tagging: 'team=blue' }))).code).toBe('AccessDenied');
  });

  it('by the tags that objects have', async () => {
    await allow(
      { Action: ['s3:GetObject', 's3:PutObjectTagging'], Resource: objects() },
      {
        Effect: 'Deny',
        Action: 's3:*',
        Resource: objects(),
        Condition: { StringEquals: { 's3:ExistingObjectTag/level': 'secret' } },
      },
    );
    expect(await get(user, 'open/a')).toBe('text');
    expect((await refusal(get(user, 'closed/b'))).code).toBe('AccessDenied');
    const untag = new PutObjectTaggingCommand({ Bucket, Key: 'closed/b', Tagging: { TagSet: [] } });
    expect((await refusal(user.send(untag))).code).toBe('AccessDenied');
  });

  it('copying needs reading, and tags theirs', async () => {
    const copy = (from: string) =>
      user.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${from}` }));
    await allow({ Action: 's3:PutObject', Resource: objects() });
    expect(await refusal(copy('open/a'))).toEqual(denied('s3:GetObject', objects('open/a')));
    await allow({ Action: ['s3:PutObject', 's3:GetObject'], Resource: objects() });
    await copy('open/a');
    expect((await refusal(copy('closed/b'))).message).toContain('s3:PutObjectTagging');
  });

  it('each key of DeleteObjects', async () => {
    await allow({ Action: 's3:DeleteObject', Resource: objects('mine/*') });
    await account.put(Bucket, 'mine/a');
    const { Deleted, Errors } = await user.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'mine/a' }, { Key: 'open/a' }] } }),
    );
    expect(Deleted).toEqual([{ Key: 'mine/a' }]);
    const { code: Code, message: Message } = denied('s3:DeleteObject', objects('open/a'));
    expect(Errors).toEqual([{ Key: 'open/a', Code, Message }]);
    expect(await account.text(Bucket, 'open/a')).toBe('text');
  });

  it('all buckets, as AWS’s documents write it', async () => {
    for (const Resource of ['*', 'arn:aws:s3:::*']) {
      await allow({ Action: 's3:ListAllMyBuckets', Resource });
      expect((await user.send(new ListBucketsCommand({}))).Buckets).not.toHaveLength(0);
    }
    await allow({ Action: 's3:ListAllMyBuckets', Resource: `arn:aws:s3:::${Bucket}` });
    expect((await refusal(user.send(new ListBucketsCommand({})))).code).toBe('AccessDenied');
  });
});

describe.skipIf(isRemote)('what policies of buckets say', () => {
  const putPolicy = (...statements: object[]) =>
    account.client.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    );
  const userArn = () => `arn:aws:iam::${account.served.accountId}:user/${UserName}`;

  it('lets in, and keeps out', async () => {
    await allow({ Action: 's3:ListBucket', Resource: '*' });
    await putPolicy(
      { Effect: 'Allow', Principal: { AWS: userArn() }, Action: 's3:GetObject', Resource: objects() },
      { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: objects('closed/*') },
    );
    expect(await get(user, 'open/a')).toBe('text');
    expect(await refusal(get(user, 'closed/b'))).toMatchObject({
      code: 'AccessDenied',
      message: expect.stringMatching(/ with an explicit deny in a resource-based policy$/),
    });
    expect((await refusal(get(account.client, 'closed/b'))).code).toBe('AccessDenied');
    await account.client.send(new DeleteBucketPolicyCommand({ Bucket }));
  });

  it('across accounts both sides must let in', async () => {
    const { resources, vault } = account.served.local;
    const other = await resources.write((draft) =>
      createAccount(draft, vault, {
        accountId: '999999999999',
        name: 'other',
        isHome: false,
        nowMs: Date.now(),
      }),
    );
    const stranger = account.clientOf(other);
    expect((await refusal(get(stranger, 'open/a'))).code).toBe('AccessDenied');
    await putPolicy({
      Effect: 'Allow',
      Principal: { AWS: '999999999999' },
      Action: ['s3:GetObject', 's3:GetBucketPolicy'],
      Resource: [objects(), `arn:aws:s3:::${Bucket}`],
    });
    expect(await get(stranger, 'open/a')).toBe('text');
    expect((await refusal(stranger.send(new ListObjectsV2Command({ Bucket })))).code).toBe('AccessDenied');
    expect(await refusal(stranger.send(new GetBucketPolicyCommand({ Bucket })))).toEqual({
      code: 'MethodNotAllowed',
      status: 405,
      message: 'The specified method is not allowed against this resource.',
    });
    expect(await refusal(stranger.send(new CreateBucketCommand({ Bucket })))).toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    });
    expect((await stranger.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
    await account.client.send(new DeleteBucketPolicyCommand({ Bucket }));
  });
});

describe.skipIf(isRemote)('presigned URLs', () => {
  const presigned = async (method: string, key: string, query: Record<string, string> = {}) => {
    const { region, credentials } = account.served.client();
    const { url } = account.served.local.server;
    const signer = new SignatureV4({
      service: 's3',
      region,
      credentials: credentials ?? { accessKeyId: '', secretAccessKey: '' },
      sha256: Sha256,
      uriEscapePath: false,
    });
    const { host, hostname } = new URL(url);
    const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const signed = await signer.presign(
      { method, protocol: 'http:', hostname, path: `/${Bucket}/${key}`, query, headers },
      { expiresIn: 60 },
    );
    return `${url}${signed.path}?${new URLSearchParams(signed.query as Record<string, string>)}`;
  };

  it('are got and put', async () => {
    const put = await fetch(await presigned('PUT', 'signed%20one'), { method: 'PUT', body: 'by URL' });
    expect([put.status, await put.text()]).toEqual([200, '']);
    const url = await presigned('GET', 'signed%20one', { 'response-content-type': 'text/css' });
    const got = await fetch(url);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([
      200,
      'text/css',
      'by URL',
    ]);
    const forged = await fetch(url.replace('text%2Fcss', 'text%2Fhtml'));
    expect(forged.status).toBe(403);
    expect(await forged.text()).toContain('<Code>SignatureDoesNotMatch</Code>');
  });
});
