import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { Firehose } from '@aws-sdk/client-firehose';
import { S3 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { hasMoto, MotoServer, withoutMoto } from '../../test/moto-server.ts';
import { isLong } from '../../test/runs.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import type { FlowLogResource } from '../flowlog/index.ts';
import { buildRecords, defaultLogFormat, renderLines } from '../record/index.ts';
import type { Batch, Destination } from './destination.ts';
import { RemoteDestinations } from './remote-destinations.ts';

const isHere = isLong && hasMoto();
const place = { accountId: '123456789012', region: 'eu-central-1' } as const;

const view = new NetworkView(testIdentity, {}, () => undefined);
view.causes.push('cause');
const interfaces = [0, 1].map((i) => ({ id: `eni-${i}`, addresses: [`10.0.1.1${i}`] }));
view.load(testNetwork({ interfaces }));
const nowSeconds = Math.floor(Date.now() / 1000) - 300;
const rows = testRows(
  Array.from({ length: 12_000 }, (_, srcPort) => ({
    srcPort,
    interfaceIndex: srcPort % 2,
    firstMs: (nowSeconds + (srcPort % 60)) * 1000,
    lastMs: (nowSeconds + 60) * 1000,
  })),
);
const records = buildRecords(rows, view, defaultLogFormat);
const lines = renderLines(records, { header: false }).trimEnd().split('\n');
const batch: Batch = { id: { flowLogId: 'fl-1', spoolId: 's', segment: 1, piece: 0 }, records };

describe.skipIf(!isLong)(isHere ? 'moto' : withoutMoto, () => {
  let moto: MotoServer;
  let folder: string;
  let endpoint: string;
  let destinations: RemoteDestinations;
  const reports: string[] = [];

  beforeAll(async () => {
    if (!isHere) return;
    moto = await MotoServer.start();
    endpoint = moto.endpoint;
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-moto-'));
    destinations = new RemoteDestinations({
      place,
      rules: [
        { match: 'arn:aws:s3:::old-*', endpoint, forcePathStyle: true, checksums: 'WHEN_REQUIRED' },
        { match: '*', endpoint, forcePathStyle: true },
      ],
      report: (line) => reports.push(line),
    });
  });
  afterAll(async () => {
    if (!isHere) return;
    await destinations.close();
    await moto.stop();
    rmSync(folder, { recursive: true, force: true });
    vi.unstubAllEnvs();
  });

  const client = () => ({ endpoint, region: place.region });
  const addressOf = (type: string, arn: string) =>
    ({ LogDestinationType: type, LogDestination: arn }) as FlowLogResource;
  const destinationOf = (resource: FlowLogResource): Destination =>
    destinations.of(resource, { trafficType: 'ALL' }) ?? expect.fail('a rule sends it outside');

  it.skipIf(!isHere).each(['new-bucket', 'old-bucket'])('keeps an object of 20 MB in %s', async (Bucket) => {
    const s3 = new S3({ ...client(), forcePathStyle: true });
    const arn = `arn:aws:s3:::${Bucket}/folder`;
    const resource = addressOf('s3', arn);
    expect(await destinations.check(resource)).toBe('missing');
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: place.region } });
    expect(await destinations.check(resource)).toBeUndefined();
    const uploads = await s3.listMultipartUploads({ Bucket });
    expect(uploads.Uploads ?? []).toEqual([]);
    const bytes = Buffer.alloc(20_000_000, 'some bytes of an object; ');
    const file = path.join(folder, Bucket);
    writeFileSync(file, bytes);
    const destination = destinationOf(resource);
    if (destination.takes !== 'objects') return expect.fail('a bucket takes objects');
    const Key = `${destination.prefix}AWSLogs/ä +.log.gz`;
    for (let i = 0; i < 2; i++) {
      expect(await destination.put({ key: Key, file, bytes: bytes.length, records: 1 })).toEqual({
        kind: 'delivered',
      });
    }
    const found = await s3.getObject({ Bucket, Key });
    expect(Buffer.from((await found.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    expect(found.ContentType).toBe('application/octet-stream');
    expect((await s3.listObjectsV2({ Bucket })).Contents).toHaveLength(1);
    s3.destroy();
  });

  it.skipIf(!isHere)('keeps 12,000 records in a log group', async () => {
    const logs = new CloudWatchLogs(client());
    const destination = destinationOf({ LogGroupName: 'flows' } as FlowLogResource);
    if (destination.takes !== 'records') return expect.fail('a log group takes records');
    expect(await destination.deliver(batch)).toEqual({ kind: 'delivered' });
    const found: string[] = [];
    for (const logStreamName of ['eni-0-all', 'eni-1-all']) {
      let nextToken: string | undefined;
      for (;;) {
        const page = await logs.getLogEvents({
          logGroupName: 'flows',
          logStreamName,
          startFromHead: true,
          ...(nextToken !== undefined && { nextToken }),
        });
        found.push(...(page.events ?? []).map(({ message = '' }) => message));
        if (page.nextForwardToken === nextToken) break;
        nextToken = page.nextForwardToken;
      }
    }
    expect(found.sort()).toEqual(lines.toSorted());
    logs.destroy();
  });

  it.skipIf(!isHere)('keeps 12,000 records in a delivery stream', async () => {
    const firehose = new Firehose(client());
    const s3 = new S3({ ...client(), forcePathStyle: true });
    const arn = `arn:aws:firehose:${place.region}:${place.accountId}:deliverystream/flows`;
    const resource = addressOf('kinesis-data-firehose', arn);
    expect(await destinations.check(resource)).toBe('missing');
    const Bucket = 'stream-bucket';
    await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: place.region } });
    await firehose.createDeliveryStream({
      DeliveryStreamName: 'flows',
      S3DestinationConfiguration: {
        BucketARN: `arn:aws:s3:::${Bucket}`,
        RoleARN: 'arn:aws:iam::123456789012:role/r',
      },
    });
    expect(await destinations.check(resource)).toBeUndefined();
    const destination = destinationOf(resource);
    if (destination.takes !== 'records') return expect.fail('a stream takes records');
    expect(await destination.deliver(batch)).toEqual({ kind: 'delivered' });
    const found: string[] = [];
    const { Contents = [] } = await s3.listObjectsV2({ Bucket });
    for (const { Key = '' } of Contents) {
      const text = (await (await s3.getObject({ Bucket, Key })).Body?.transformToString()) ?? '';
      const list = JSON.parse(`[${text.replaceAll('}{', '},{')}]`) as { message: string }[];
      found.push(...list.map(({ message }) => message));
    }
    expect(found.sort()).toEqual(lines.toSorted());
    firehose.destroy();
    s3.destroy();
  });
});
