import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteIndexPolicyCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteResourcePolicyCommand,
  DeleteSubscriptionFilterCommand,
  DescribeIndexPoliciesCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeResourcePoliciesCommand,
  DescribeSubscriptionFiltersCommand,
  PutIndexPolicyCommand,
  PutMetricFilterCommand,
  PutResourcePolicyCommand,
  PutSubscriptionFilterCommand,
  TestMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReceivingSink } from '../../subscription-sink.ts';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let logs: CloudWatchLogsClient;
let logGroupName: string;

beforeAll(async () => {
  served = await ServedAccount.open();
  if (!isRemote) served.local.placedLogs.beginSubscriptions(new ReceivingSink());
  logs = new CloudWatchLogsClient(served.client());
  logGroupName = served.name('filters');
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
});

afterAll(async () => {
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  await served.close();
});

const transformation = { metricName: 'Rejects', metricNamespace: 'Net', metricValue: '1' };
const metricFilter = (filterName: string, more: object = {}) =>
  new PutMetricFilterCommand({
    logGroupName,
    filterName,
    filterPattern: 'REJECT',
    metricTransformations: [transformation],
    ...more,
  });
const subscription = (filterName: string, more: object = {}) =>
  new PutSubscriptionFilterCommand({
    logGroupName,
    filterName,
    filterPattern: '',
    destinationArn: firehose(),
    roleArn: `arn:aws:iam::${served.accountId}:role/r`,
    ...more,
  });
const firehose = () => `arn:aws:firehose:${served.region}:${served.accountId}:deliverystream/s`;
const kinesis = () => `arn:aws:kinesis:${served.region}:${served.accountId}:stream/s`;

describe('serialization', () => {
  it('PutMetricFilter, DescribeMetricFilters, DeleteMetricFilter', async () => {
    const filterName = served.name('metric');
    const fractional = { ...transformation, defaultValue: 0.5, unit: 'Count' as const };
    await logs.send(metricFilter(filterName, { metricTransformations: [fractional] }));
    const { metricFilters } = await logs.send(new DescribeMetricFiltersCommand({ logGroupName }));
    expect(metricFilters).toEqual([
      {
        filterName,
        logGroupName,
        filterPattern: 'REJECT',
        metricTransformations: [fractional],
        creationTime: expect.any(Number),
        applyOnTransformedLogs: false,
      },
    ]);
    const described = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    expect(described.logGroups).toMatchObject([{ metricFilterCount: 1 }]);
    await logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName }));
  });

  it('TestMetricFilter', async () => {
    const { matches } = await logs.send(
      new TestMetricFilterCommand({
        filterPattern: '[version, action=REJECT]',
        logEventMessages: ['2 ACCEPT', '2 REJECT'],
      }),
    );
    expect(matches).toEqual([
      {
        eventNumber: expect.any(Number),
        eventMessage: '2 REJECT',
        extractedValues: { $version: '2', $action: 'REJECT' },
      },
    ]);
  });

  // At AWS the stream and the role would have to be there.
  it.skipIf(isRemote)(
    'PutSubscriptionFilter, DescribeSubscriptionFilters, DeleteSubscriptionFilter',
    async () => {
      const filterName = served.name('subscription');
      await logs.send(subscription(filterName));
      const { subscriptionFilters } = await logs.send(
        new DescribeSubscriptionFiltersCommand({ logGroupName, filterNamePrefix: filterName }),
      );
      expect(subscriptionFilters).toEqual([
        {
          filterName,
          logGroupName,
          filterPattern: '',
          destinationArn: firehose(),
          roleArn: `arn:aws:iam::${served.accountId}:role/r`,
          distribution: 'ByLogStream',
          applyOnTransformedLogs: false,
          creationTime: expect.any(Number),
        },
      ]);
      await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName }));
    },
  );

  it('PutIndexPolicy, DescribeIndexPolicies, DeleteIndexPolicy', async () => {
    const policyDocument = '{"Fields":["action"]}';
    const logGroupIdentifier = logGroupName;
    const put = await logs.send(new PutIndexPolicyCommand({ logGroupIdentifier, policyDocument }));
    const describing = new DescribeIndexPoliciesCommand({ logGroupIdentifiers: [logGroupName] });
    expect((await logs.send(describing)).indexPolicies).toEqual([put.indexPolicy]);
    expect(put.indexPolicy).toMatchObject({ policyDocument, source: 'LOG_GROUP' });
    await logs.send(new DeleteIndexPolicyCommand({ logGroupIdentifier }));
    expect((await logs.send(describing)).indexPolicies).toEqual([]);
  });

  it('PutResourcePolicy, DescribeResourcePolicies, DeleteResourcePolicy', async () => {
    const policyName = served.name('policy');
    const policyDocument = '{"Version":"2012-10-17","Statement":[]}';
    const { resourcePolicy } = await logs.send(new PutResourcePolicyCommand({ policyName, policyDocument }));
    expect(resourcePolicy).toMatchObject({ policyName, policyDocument, lastUpdatedTime: expect.any(Number) });
    const { resourcePolicies } = await logs.send(new DescribeResourcePoliciesCommand({}));
    expect(resourcePolicies?.find((each) => each.policyName === policyName)).toEqual(resourcePolicy);
    await logs.send(new DeleteResourcePolicyCommand({ policyName }));
    expect(await refusal(logs.send(new DeleteResourcePolicyCommand({ policyName })))).toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});

type Refused = readonly [string, () => Promise<unknown>, string, string | RegExp];
const refused: readonly Refused[] = [
  [
    'PutMetricFilter without a group',
    () => logs.send(metricFilter('f', { logGroupName: 'nowhere' })),
    'ResourceNotFoundException',
    'The specified log group does not exist.',
  ],
  [
    'PutMetricFilter of a pattern that is none',
    () => logs.send(metricFilter('f', { filterPattern: '{ $.a = ' })),
    'InvalidParameterException',
    /^Invalid filter pattern/,
  ],
  [
    'PutMetricFilter under a name with a colon',
    () => logs.send(metricFilter('a:b')),
    'InvalidParameterException',
    "1 validation error detected: Value 'a:b' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
  ],
  [
    'PutMetricFilter without a transformation',
    () => logs.send(metricFilter('f', { metricTransformations: [] })),
    'InvalidParameterException',
    "1 validation error detected: Value '[]' at 'metricTransformations' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    'PutMetricFilter of dimensions with a default',
    () =>
      logs.send(
        metricFilter('f', {
          metricTransformations: [{ ...transformation, dimensions: { a: '$b' }, defaultValue: 0 }],
        }),
      ),
    'InvalidParameterException',
    'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
  ],
  [
    'DeleteMetricFilter of none',
    () => logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: 'nobody' })),
    'ResourceNotFoundException',
    'The specified filter name does not exist.',
  ],
  [
    'TestMetricFilter of too many messages',
    () =>
      logs.send(
        new TestMetricFilterCommand({ filterPattern: '', logEventMessages: Array(51).fill('m') as string[] }),
      ),
    'InvalidParameterException',
    /failed to satisfy constraint: Member must have length less than or equal to 50$/,
  ],
  [
    'PutSubscriptionFilter to Kinesis without a role',
    () => logs.send(subscription('s', { destinationArn: kinesis(), roleArn: undefined })),
    'InvalidParameterException',
    'destinationArn for vendor kinesis cannot be used without roleArn',
  ],
  [
    'DeleteSubscriptionFilter of none',
    () => logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName: 'nobody' })),
    'ResourceNotFoundException',
    'The specified subscription filter does not exist.',
  ],
  [
    'PutIndexPolicy of no JSON',
    () => logs.send(new PutIndexPolicyCommand({ logGroupIdentifier: logGroupName, policyDocument: '{' })),
    'InvalidParameterException',
    /^Invalid index policy document/,
  ],
  [
    'PutResourcePolicy of no JSON',
    () => logs.send(new PutResourcePolicyCommand({ policyName: 'p', policyDocument: '{' })),
    'InvalidParameterException',
    /policy document/,
  ],
];

describe('validation', () => {
  it.each(refused)('%s', async (_name, ask, code, message) => {
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(await refusal(ask())).toEqual({ code, status: 400, message: expected });
  });
});

describe('behaviour', () => {
  it.skipIf(isRemote)('a group has two subscriptions at most', async () => {
    await logs.send(subscription('one'));
    await logs.send(subscription('two'));
    await logs.send(subscription('two', { filterPattern: 'changed' }));
    expect(await refusal(logs.send(subscription('three')))).toEqual({
      code: 'LimitExceededException',
      status: 400,
      message: 'Resource limit exceeded.',
    });
  });

  it('a metric filter is replaced under its name', async () => {
    await logs.send(metricFilter('same'));
    await logs.send(metricFilter('same', { filterPattern: 'ACCEPT' }));
    const { metricFilters } = await logs.send(
      new DescribeMetricFiltersCommand({ metricName: 'Rejects', metricNamespace: 'Net' }),
    );
    expect(metricFilters).toMatchObject([{ filterName: 'same', filterPattern: 'ACCEPT' }]);
    await logs.send(new DeleteMetricFilterCommand({ logGroupName, filterName: 'same' }));
  });
});
