import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { OpenedAccount, policy, trust } from '../../test/open-account.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { createAccount, ServiceAccess } from '../iam/index.ts';
import { bucketPlace, buckets, ObjectStore } from '../objects/index.ts';
import { buildRecords, defaultLogFormat, renderLines } from '../record/index.ts';
import {
  type DeliveryStreamResource,
  DeliveryStreams,
  deliveryStreams,
  logDeliveryTag,
} from '../stream/index.ts';
import type { Batch, DeliveryOutcome } from './destination.ts';
import { StreamDestination } from './stream-destination.ts';

const accountId = '123456789012';
const place = { accountId, region: 'us-east-1' };
const streamArn = `arn:aws:firehose:us-east-1:${accountId}:deliverystream/flows`;
const linkedService = { AWSServiceName: 'delivery.logs.amazonaws.com' };
const linkedRole = { RoleName: 'AWSServiceRoleForLogDelivery' };

const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
view.load(testNetwork({ interfaces: [{ id: 'eni-0', addresses: ['10.0.1.10'] }] }));

let account: OpenedAccount;
let folder: string;
let objects: ObjectStore;
let streams: DeliveryStreams;
const reports: string[] = [];

beforeAll(async () => {
  account = await OpenedAccount.open();
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-stream-'));
  objects = await ObjectStore.open({
    folder: path.join(folder, 's3'),
    indexFolder: path.join(folder, 'index'),
    archiveFolder: path.join(folder, 'archive'),
    restoreDelayMs: 0,
    report: (line) => reports.push(line),
  });
  await objects.makeBucket('target');
  const AssumeRolePolicyDocument = trust({ Service: 'firehose.amazonaws.com' });
  await account.call('iam:CreateRole', { RoleName: 'firehose', AssumeRolePolicyDocument });
  const writing = { RoleName: 'firehose', PolicyName: 'p', PolicyDocument: policy('s3:*') };
  await account.call('iam:PutRolePolicy', writing);
  await account.call('iam:CreateServiceLinkedRole', linkedService);
  await account.resources.write((draft) =>
    draft.put(buckets, bucketPlace, 'target', {
      Name: 'target',
      ownerAccountId: accountId,
      BucketRegion: 'us-east-1',
      CreationDate: '2026-03-01T12:00:00.000Z',
    }),
  );
  streams = await openStreams();
});
afterAll(async () => {
  await streams.close();
  await objects.close();
  await account.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const { key } of objects.list({ bucket: 'target', maxKeys: 1000 }).entries) {
    await objects.remove('target', key);
  }
  if (account.resources.get(deliveryStreams, place, 'flows')) await streams.remove({ place, name: 'flows' });
  await streams.create({ place, name: 'flows' }, () => streamResource());
});

const openStreams = () =>
  DeliveryStreams.open({
    resources: account.resources,
    folder: path.join(folder, 'firehose'),
    objects,
    access: new ServiceAccess(account.resources, account.authorizer),
    clock: () => account.nowMs,
    pollMs: 0,
    report: (line) => reports.push(line),
  });
const streamResource = (): DeliveryStreamResource => {
  const target = {
    RoleARN: `arn:aws:iam::${accountId}:role/firehose`,
    BucketARN: 'arn:aws:s3:::target',
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 },
    CompressionFormat: 'GZIP',
    EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
  } as const;
  return {
    DeliveryStreamName: 'flows',
    DeliveryStreamARN: streamArn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: 'DirectPut',
    VersionId: '1',
    Destinations: [{ DestinationId: 'destinationId-000000000001', ExtendedS3DestinationDescription: target }],
    tags: [logDeliveryTag],
  };
};
const setTags = (tags: DeliveryStreamResource['tags']) =>
  account.resources.write((draft) =>
    draft.put(deliveryStreams, place, 'flows', { ...draft.get(deliveryStreams, place, 'flows')!, tags }),
  );

const records = (count: number) =>
  buildRecords(
    testRows(
      Array.from({ length: count }, (_, i) => ({ srcPort: i % 65_536, dstPort: Math.floor(i / 65_536) })),
    ),
    view,
    defaultLogFormat,
  );
const batchOf = (count: number, segment: number): Batch => ({
  id: { flowLogId: 'fl-1', spoolId: 's', segment, piece: 0 },
  records: records(count),
});
const linesOf = ({ records: some }: Batch) => renderLines(some, { header: false }).trimEnd().split('\n');
const destination = () =>
  new StreamDestination({
    resource: { FlowLogId: 'fl-1', LogDestination: streamArn },
    place,
    resources: account.resources,
    streams,
    access: new ServiceAccess(account.resources, account.authorizer),
  });
const said = (outcome: DeliveryOutcome): string =>
  outcome.kind === 'delivered' ? 'delivered' : `${outcome.message}: ${outcome.detail}`;

/** What has come to the stream's bucket, once its buffers have been delivered. */
async function messages(): Promise<string[]> {
  account.nowMs += 3_600_000;
  await streams.poll();
  const found: string[] = [];
  for (const entry of objects.list({ bucket: 'target', maxKeys: 1000 }).entries) {
    const pieces: Uint8Array[] = [];
    for await (const piece of await objects.read('target', entry)) pieces.push(piece);
    const text = gunzipSync(Buffer.concat(pieces)).toString().replaceAll('}{', '}\n{');
    found.push(...text.split('\n').map((record) => JSON.parse(record).message));
  }
  return found;
}

describe('StreamDestination', () => {
  it('puts each record as JSON, in its order', async () => {
    const batch = batchOf(12_000, 1);
    expect(said(await destination().deliver(batch))).toBe('delivered');
    expect(await messages()).toEqual(linesOf(batch));
  });

  it('has the stream take a batch once, also after a restart', async () => {
    const batches = [batchOf(12_000, 1), batchOf(3, 2)];
    const to = destination();
    for (const batch of batches) await to.deliver(batch);
    expect(said(await to.deliver(batches[1]))).toBe('delivered');
    await streams.close();
    streams = await openStreams();
    for (const batch of [...batches, batchOf(2, 3)]) {
      expect(said(await destination().deliver(batch))).toBe('delivered');
    }
    expect(await messages()).toEqual([...batches, batchOf(2, 3)].flatMap(linesOf));
  });

  it('takes the same names anew when the flow log was forgotten', async () => {
    await destination().deliver(batchOf(1, 5));
    await destination().forget();
    await destination().deliver(batchOf(1, 5));
    expect(await messages()).toHaveLength(2);
  });

  it.each([
    ['has lost its tag', [{ Key: 'team', Value: 'a' }]],
    ['has another value', [{ Key: 'LogDeliveryEnabled', Value: 'false' }]],
  ])('is refused by a stream that %s, until it is mended', async (_, tags) => {
    await setTags(tags);
    expect(said(await destination().deliver(batchOf(1, 1)))).toBe(
      `Access error: firehose:PutRecordBatch on ${streamArn} is not allowed; is its tag LogDeliveryEnabled still "true"?`,
    );
    await setTags([logDeliveryTag]);
    expect(said(await destination().deliver(batchOf(1, 1)))).toBe('delivered');
  });

  it('is refused without the role, and without the stream', async () => {
    await account.call('iam:DeleteServiceLinkedRole', linkedRole);
    expect(said(await destination().deliver(batchOf(1, 1)))).toMatch(
      /^Access error: .*AWSServiceRoleForLogDelivery cannot be assumed by log delivery$/,
    );
    await account.call('iam:CreateServiceLinkedRole', linkedService);
    await streams.remove({ place, name: 'flows' });
    expect(said(await destination().deliver(batchOf(1, 1)))).toBe(
      'Access error: delivery stream flows does not exist',
    );
  });

  it('comes to another account’s stream by a role of each, as long as both let it', async () => {
    const other = { accountId: '210987654321', region: 'us-east-1' };
    const source = `arn:aws:iam::${other.accountId}:role/source`;
    const destinationRole = `arn:aws:iam::${accountId}:role/AWSLogDeliveryFirehoseCrossAccountRole`;
    const { accessKeyId } = await account.resources.write((draft) =>
      createAccount(draft, account.vault, {
        accountId: other.accountId,
        name: 'other',
        isHome: false,
        nowMs: account.nowMs,
      }),
    );
    const their = account.callerOf(accessKeyId);
    const RoleName = 'AWSLogDeliveryFirehoseCrossAccountRole';
    await account.call(
      'iam:CreateRole',
      {
        RoleName: 'source',
        AssumeRolePolicyDocument: trust({ Service: 'delivery.logs.amazonaws.com' }),
      },
      their,
    );
    const assuming = { RoleName: 'source', PolicyName: 'p', PolicyDocument: policy('sts:AssumeRole') };
    await account.call('iam:PutRolePolicy', assuming, their);
    await account.call('iam:CreateRole', { RoleName, AssumeRolePolicyDocument: trust({ AWS: source }) });
    const to = new StreamDestination({
      resource: {
        FlowLogId: 'fl-2',
        LogDestination: streamArn,
        DeliverLogsPermissionArn: source,
        DeliverCrossAccountRole: destinationRole,
      },
      place: other,
      resources: account.resources,
      streams,
      access: new ServiceAccess(account.resources, account.authorizer),
    });
    expect(said(await to.deliver(batchOf(1, 1)))).toBe('delivered');
    await account.call('iam:DeleteRolePolicy', { RoleName: 'source', PolicyName: 'p' }, their);
    expect(said(await to.deliver(batchOf(1, 2)))).toBe(
      `Access error: the roles ${source} and ${destinationRole} do not lead to account ${accountId}`,
    );
  });
});
