import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policy, trust } from '../../test/open-account.ts';
import { refusal } from '../../test/open-logs.ts';
import { at, OpenedStreams, place, s3Part } from '../../test/open-streams.ts';
import { until } from '../../test/subscription-sink.ts';
import { ServiceAccess } from '../iam/service-access.ts';
import { type Logs, PlacedLogs } from '../logs/index.ts';
import { deliveryStreams, streamArn } from '../stream/index.ts';
import { StreamSubscriptionSink } from './subscription-sink.ts';

const RoleName = 'subscriptions';
const roleArn = `arn:aws:iam::${place.accountId}:role/${RoleName}`;
const service = { Service: 'logs.amazonaws.com' };
const undelivered = /^InvalidParameterException: Could not deliver test message to specified Firehose stream/;

let opened: OpenedStreams;
let placed: PlacedLogs;
let logs: Logs;
beforeEach(async () => {
  opened = await OpenedStreams.open();
  const { account } = opened;
  await opened.toBucket('d');
  await account.call('iam:CreateRole', { RoleName, AssumeRolePolicyDocument: trust(service) });
  await allow('firehose:PutRecord');
  placed = new PlacedLogs({ store: account.store, clock: () => account.nowMs });
  logs = placed.at(place);
  const access = new ServiceAccess(account.resources, account.authorizer);
  // Waits of milliseconds are the tests' own; the program's are longer.
  logs.beginSubscriptions(
    new StreamSubscriptionSink({ view: account.resources, access, intake: opened.streams }),
    { lingerMs: 0, firstRetryMs: 2, lastRetryMs: 8 },
  );
  await logs.createLogGroup({ logGroupName: 'g' });
  await logs.createLogStream({ logGroupName: 'g', logStreamName: 's' });
});
afterEach(async () => {
  await placed.close();
  await opened.streams.close();
  await opened.account.close();
});

const allow = (action: string, more: object = {}) =>
  opened.account.call('iam:PutRolePolicy', {
    RoleName,
    PolicyName: 'deliver',
    PolicyDocument: policy(action, more),
  });
const trusts = (Principal: unknown, more: object = {}) =>
  opened.account.call('iam:UpdateAssumeRolePolicy', { RoleName, PolicyDocument: trust(Principal, more) });
const put = (change: { readonly destinationArn?: string; readonly roleArn?: string } = {}) =>
  logs.putSubscriptionFilter({
    logGroupName: 'g',
    filterName: 'f',
    filterPattern: '',
    destinationArn: streamArn(at('d')),
    roleArn,
    ...change,
  });
const log = (message: string) =>
  logs.putLogEvents({
    logGroupName: 'g',
    logStreamName: 's',
    logEvents: [{ timestamp: opened.account.nowMs, message }],
  });
const status = () => logs.subscriptions()[0];

/** Of all records that the stream has written to its bucket. */
async function delivered(): Promise<string[]> {
  await opened.pass(61);
  const texts = await Promise.all(
    opened.keys().map(async (key) => {
      const [entry] = opened.objects.list({ bucket: 'flows', prefix: key, maxKeys: 1 }).entries;
      const chunks: Uint8Array[] = [];
      for await (const chunk of await opened.objects.read('flows', entry)) chunks.push(chunk);
      return gunzipSync(Buffer.concat(chunks)).toString();
    }),
  );
  return [...texts.join('').matchAll(/"message":"(.*?)"/g)].map(([, message]) => message);
}

describe('subscription filters to delivery streams', () => {
  it('deliver in the name of the role, and wait while it may not', async () => {
    await put();
    await log('one');
    await until(() => status().lastDeliveryMs !== undefined, status);
    await allow('firehose:PutRecord', { Effect: 'Deny' });
    await log('two');
    await until(() => status().lastError !== undefined, status);
    expect(status()).toMatchObject({
      behind: 1,
      lastError: `${streamArn(at('d'))}: the role ${roleArn} does not allow firehose:PutRecord`,
    });
    await allow('firehose:PutRecordBatch');
    await until(() => status().lastError === undefined && status().behind === 0, status);
    await trusts({ Service: 'ec2.amazonaws.com' });
    await log('three');
    await until(() => status().lastError !== undefined, status);
    expect(status().lastError).toContain('cannot be assumed by logs.amazonaws.com');
    await trusts({ Service: `logs.${place.region}.amazonaws.com` });
    await until(() => status().lastError === undefined && status().behind === 0, status);
    expect(await delivered()).toEqual([
      'CWL CONTROL MESSAGE: Checking health of destination Firehose.',
      'one',
      'two',
      'three',
    ]);
  });

  it('wait for a stream that is gone, and go on when there is one of its name', async () => {
    await put();
    await opened.streams.remove(at('d'));
    await log('one');
    await until(() => status().lastError !== undefined, status);
    expect(status().lastError).toContain('not found');
    await opened.toBucket('d');
    await until(() => status().behind === 0 && status().lastError === undefined, status);
    expect(await delivered()).toEqual(['one']);
  });

  it('name the log group as the source, for conditions of trust policies', async () => {
    const condition = (arn: string) => ({
      Condition: {
        StringLike: { 'aws:SourceArn': arn },
        StringEquals: { 'aws:SourceAccount': place.accountId },
      },
    });
    await trusts(service, condition(`arn:aws:logs:${place.region}:${place.accountId}:log-group:other:*`));
    expect(await refusal(put)).toMatch(undelivered);
    await trusts(service, condition(`arn:aws:logs:${place.region}:${place.accountId}:*`));
    expect(await refusal(put)).toBe('no error');
  });

  it.each([
    { name: 'no such stream', change: { destinationArn: streamArn(at('none')) } },
    { name: 'no such role', change: { roleArn: `arn:aws:iam::${place.accountId}:role/none` } },
    { name: "another account's role", change: { roleArn: 'arn:aws:iam::210987654321:role/subscriptions' } },
    { name: 'what is no ARN of a stream', change: { destinationArn: `${streamArn(at('d'))}/x` } },
  ])('are not made with $name', async ({ change }) => {
    expect(await refusal(() => put(change))).toMatch(undelivered);
    expect(logs.describeSubscriptionFilters({ logGroupName: 'g' }).subscriptionFilters).toEqual([]);
  });

  it('are not made with a stream that is not ACTIVE', async () => {
    await opened.account.resources.write((draft) => {
      const found = draft.get(deliveryStreams, place, 'd')!;
      draft.put(deliveryStreams, place, 'd', { ...found, DeliveryStreamStatus: 'CREATING' });
    });
    expect(await refusal(put)).toMatch(undelivered);
  });

  it('are not made with a stream that logs its errors to the group', async () => {
    const CloudWatchLoggingOptions = { Enabled: true, LogGroupName: 'g', LogStreamName: 's' };
    await opened.toBucket('own', { ...s3Part(), CloudWatchLoggingOptions });
    await opened.toBucket('other', {
      ...s3Part(),
      CloudWatchLoggingOptions: { ...CloudWatchLoggingOptions, LogGroupName: 'gg' },
    });
    expect(await refusal(() => put({ destinationArn: streamArn(at('own')) }))).toBe(
      'InvalidParameterException: The log group provided is reserved for the error logs of the destination Firehose stream.',
    );
    expect(await refusal(() => put({ destinationArn: streamArn(at('other')) }))).toBe('no error');
  });
});
