import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OpenedAccount } from '../../test/open-account.ts';
import { ServiceAccess } from '../iam/index.ts';
import { type BucketResource, bucketPlace, buckets, ObjectStore } from '../objects/index.ts';
import { BucketDestination } from './bucket-destination.ts';
import type { DeliveryOutcome, ObjectFile } from './destination.ts';

const accountId = '123456789012';
const place = { accountId, region: 'us-east-1' };
const key = `a/AWSLogs/${accountId}/vpcflowlogs/us-east-1/2026/03/01/x.log.gz`;

let account: OpenedAccount;
let objects: ObjectStore;
let folder: string;
let object: ObjectFile;
const reports: string[] = [];

beforeAll(async () => {
  account = await OpenedAccount.open();
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-bucket-'));
  objects = await ObjectStore.open({
    folder: path.join(folder, 's3'),
    indexFolder: path.join(folder, 'index'),
    archiveFolder: path.join(folder, 'archive'),
    restoreDelayMs: 0,
    clock: () => account.nowMs,
    report: (line) => reports.push(line),
  });
  await objects.makeBucket('flows');
  const file = path.join(folder, 'staged');
  writeFileSync(file, 'the bytes');
  object = { key, file, bytes: 9, records: 1 };
});
afterAll(async () => {
  await objects.close();
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await objects.remove('flows', key);
  await putBucket();
});

const allowing = (more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::flows/a/AWSLogs/${accountId}/*`,
      Condition: {
        StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' },
        ArnLike: { 'aws:SourceArn': `arn:aws:logs:us-east-1:${accountId}:*` },
      },
      ...more,
    },
  });
const putBucket = (more: Partial<BucketResource> = {}) =>
  account.resources.write((draft) =>
    draft.put(buckets, bucketPlace, 'flows', {
      Name: 'flows',
      ownerAccountId: accountId,
      BucketRegion: 'us-east-1',
      CreationDate: '2026-03-01T12:00:00.000Z',
      policy: allowing(),
      ...more,
    }),
  );
const destination = (arn = 'arn:aws:s3:::flows/a') =>
  new BucketDestination({
    resource: { LogDestination: arn },
    place,
    resources: account.resources,
    objects,
    access: new ServiceAccess(account.resources, account.authorizer),
  });
const said = (outcome: DeliveryOutcome): string =>
  outcome.kind === 'delivered' ? 'delivered' : `${outcome.message}: ${outcome.detail}`;

async function content(): Promise<string | undefined> {
  const entry = objects.head('flows', key);
  if (!entry) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of await objects.read('flows', entry)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('BucketDestination', () => {
  it.each([
    ['arn:aws:s3:::flows', ''],
    ['arn:aws:s3:::flows/', ''],
    ['arn:aws:s3:::flows/a/b', 'a/b/'],
    ['arn:aws-cn:s3:::flows/a/b/', 'a/b/'],
  ])('%s has the prefix "%s"', (arn, prefix) => {
    expect(destination(arn).prefix).toBe(prefix);
  });

  it('puts an object, again and again as the same one', async () => {
    for (let i = 0; i < 2; i++) expect(said(await destination().put(object))).toBe('delivered');
    expect(await content()).toBe('the bytes');
    expect(objects.head('flows', key)?.headers).toEqual({ 'content-type': 'application/octet-stream' });
    expect(objects.list({ bucket: 'flows', maxKeys: 10 }).entries).toHaveLength(1);
  });

  const denied = `Access error: the policy of bucket flows does not let log delivery put ${key}`;
  const refused: [string, Partial<BucketResource>][] = [
    ['no statement for it', { policy: allowing({ Action: 's3:GetBucketAcl' }) }],
    ['one for another folder', { policy: allowing({ Resource: 'arn:aws:s3:::flows/b/*' }) }],
    ['one for another service', { policy: allowing({ Principal: { Service: 'logging.s3.amazonaws.com' } }) }],
    [
      'one for another account',
      { policy: allowing({ Condition: { StringEquals: { 'aws:SourceAccount': '210987654321' } } }) },
    ],
    [
      'one for another Region',
      { policy: allowing({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:eu-west-1:*:*' } } }) },
    ],
    ['one that denies', { policy: allowing({ Effect: 'Deny' }) }],
  ];
  it.each(refused)('is refused under a policy with %s, until it is mended', async (_, bucket) => {
    await putBucket(bucket);
    const to = destination();
    expect(said(await to.put(object))).toBe(denied);
    expect(await content()).toBeUndefined();
    await putBucket();
    expect(said(await to.put(object))).toBe('delivered');
  });

  it('is refused where there is no policy, or no bucket', async () => {
    await account.resources.write((draft) => {
      const { policy: _, ...bucket } = draft.get(buckets, bucketPlace, 'flows')!;
      draft.put(buckets, bucketPlace, 'flows', bucket);
    });
    expect(said(await destination().put(object))).toBe(denied);
    await account.resources.write((draft) => draft.remove(buckets, bucketPlace, 'flows'));
    expect(said(await destination().put(object))).toBe('Access error: bucket flows does not exist');
  });

  it('is refused where the bucket became somebody else’s', async () => {
    const to = destination();
    await to.put(object);
    await putBucket({ ownerAccountId: '210987654321' });
    expect(said(await to.put(object))).toBe(
      `Access error: bucket flows belonged to ${accountId}, and now belongs to 210987654321`,
    );
    expect(said(await destination().put(object))).toBe('delivered');
  });

  it('tells what the store or the disk refuses', async () => {
    expect(said(await destination().put({ ...object, bytes: 10 }))).toMatch(
      /^Unknown error: IncompleteBody: /,
    );
    expect(said(await destination().put({ ...object, file: path.join(folder, 'none') }))).toMatch(
      /^Unknown error: (?:InternalError|ServiceUnavailable): /,
    );
    expect(reports).toEqual([expect.stringContaining('ENOENT')]);
    expect(await content()).toBeUndefined();
  });
});
