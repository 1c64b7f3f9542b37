import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import { ReceivingSink } from '../../test/subscription-sink.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  for (const logGroupName of ['g', 'h']) await opened.logs.createLogGroup({ logGroupName });
  await opened.logs.createLogGroup({ logGroupName: 'cold', logGroupClass: 'INFREQUENT_ACCESS' });
});
afterEach(() => opened.close());

const transformation = { metricName: 'm', metricNamespace: 'n', metricValue: '1' };
const metricFilter = (filterName: string, logGroupName = 'g') => ({
  logGroupName,
  filterName,
  filterPattern: 'ERROR',
  metricTransformations: [transformation],
});

describe('metric filters', () => {
  it('are described by name, also after a restart', async () => {
    for (const name of ['b', 'a', 'B']) await opened.logs.putMetricFilter(metricFilter(name));
    await opened.logs.putMetricFilter({ ...metricFilter('a', 'h'), filterPattern: '' });
    await opened.reopen();
    const { metricFilters } = opened.logs.describeMetricFilters({ logGroupName: 'g' });
    expect(metricFilters.map(({ filterName }) => filterName)).toEqual(['B', 'a', 'b']);
    expect(metricFilters[1]).toEqual({
      ...metricFilter('a'),
      creationTime: noonMs,
      applyOnTransformedLogs: false,
    });
    expect(opened.logs.describeMetricFilters({ filterNamePrefix: 'a' }).metricFilters).toHaveLength(2);
    expect(
      opened.logs.describeMetricFilters({ metricName: 'm', metricNamespace: 'x' }).metricFilters,
    ).toEqual([]);
    const first = opened.logs.describeMetricFilters({ limit: 3 });
    expect(first.metricFilters).toHaveLength(3);
    expect(
      opened.logs.describeMetricFilters({ nextToken: first.nextToken ?? '' }).metricFilters,
    ).toHaveLength(1);
  });

  it('are replaced and removed', async () => {
    await opened.logs.putMetricFilter(metricFilter('a'));
    await opened.logs.putMetricFilter({ ...metricFilter('a'), filterPattern: 'WARN' });
    expect(opened.logs.describeMetricFilters().metricFilters).toMatchObject([{ filterPattern: 'WARN' }]);
    const remove = () => opened.logs.deleteMetricFilter({ logGroupName: 'g', filterName: 'a' });
    await remove();
    expect(opened.logs.describeMetricFilters().metricFilters).toEqual([]);
    expect(await refusal(remove)).toMatch(/^ResourceNotFoundException/);
  });

  it.each([
    {
      name: 'no transformation',
      change: { metricTransformations: [] },
      expected: /^InvalidParameterException/,
    },
    {
      name: 'two transformations',
      change: { metricTransformations: [transformation, transformation] },
      expected: /^InvalidParameterException/,
    },
    {
      name: 'a value of 101 characters',
      change: { metricTransformations: [{ ...transformation, metricValue: '1'.repeat(101) }] },
      expected: /'metricValue' failed.*100$/,
    },
    {
      name: 'dimensions and a default',
      change: { metricTransformations: [{ ...transformation, defaultValue: 0, dimensions: { a: '$a' } }] },
      expected: /mutually exclusive/,
    },
    {
      name: 'a pattern that is none',
      change: { filterPattern: '%(%' },
      expected: /^InvalidParameterException: Invalid filter pattern/,
    },
    { name: 'an unknown group', change: { logGroupName: 'none' }, expected: /^ResourceNotFoundException/ },
    { name: 'the Infrequent Access class', change: { logGroupName: 'cold' }, expected: /Infrequent Access/ },
    { name: 'a colon in the name', change: { filterName: 'a:b' }, expected: /pattern: \[\^:\*\]\*$/ },
  ])('are refused with $name', async ({ change, expected }) => {
    expect(await refusal(() => opened.logs.putMetricFilter({ ...metricFilter('a'), ...change }))).toMatch(
      expected,
    );
  });

  it('are a hundred at most', async () => {
    for (let i = 0; i < 100; i++) await opened.logs.putMetricFilter(metricFilter(`f${i}`));
    expect(await refusal(() => opened.logs.putMetricFilter(metricFilter('another')))).toBe(
      'LimitExceededException: Resource limit exceeded.',
    );
    expect(await refusal(() => opened.logs.putMetricFilter(metricFilter('f0')))).toBe('no error');
  });
});

describe('TestMetricFilter', () => {
  const line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534';

  it('gives what the pattern takes out of each event', () => {
    const { matches } = opened.logs.testMetricFilter({
      filterPattern: '[..., status_code=200, size]',
      logEventMessages: ['no', line],
    });
    expect(matches).toEqual([
      {
        eventNumber: 1,
        eventMessage: line,
        extractedValues: {
          $1: '127.0.0.1',
          $2: '-',
          $3: 'frank',
          $4: '10/Oct/2000:13:25:15 -0700',
          $5: 'GET /apache_pb.gif HTTP/1.0',
          $status_code: '200',
          $size: '1534',
        },
      },
    ]);
  });

  it('takes 50 messages', async () => {
    const test = (count: number) =>
      opened.logs.testMetricFilter({
        filterPattern: '',
        logEventMessages: new Array<string>(count).fill('x'),
      });
    expect(test(50).matches).toHaveLength(50);
    expect(await refusal(() => test(51))).toMatch(/less than or equal to 50$/);
  });
});

describe('subscription filters', () => {
  const subscription = (filterName: string) => ({
    logGroupName: 'g',
    filterName,
    filterPattern: '',
    destinationArn: 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/d',
    roleArn: 'arn:aws:iam::123456789012:role/r',
  });
  beforeEach(() => opened.logs.beginSubscriptions(new ReceivingSink()));

  it('are described, two of a group', async () => {
    await opened.logs.putSubscriptionFilter(subscription('b'));
    await opened.logs.putSubscriptionFilter({ ...subscription('a'), distribution: 'Random' });
    expect(opened.logs.describeSubscriptionFilters({ logGroupName: 'g' }).subscriptionFilters).toEqual([
      { ...subscription('a'), distribution: 'Random', creationTime: noonMs, applyOnTransformedLogs: false },
      {
        ...subscription('b'),
        distribution: 'ByLogStream',
        creationTime: noonMs,
        applyOnTransformedLogs: false,
      },
    ]);
    expect(await refusal(() => opened.logs.putSubscriptionFilter(subscription('c')))).toBe(
      'LimitExceededException: Resource limit exceeded.',
    );
    await opened.logs.deleteSubscriptionFilter({ logGroupName: 'g', filterName: 'b' });
    await opened.logs.putSubscriptionFilter(subscription('c'));
    const { subscriptionFilters } = opened.logs.describeSubscriptionFilters({
      logGroupName: 'g',
      filterNamePrefix: 'c',
    });
    expect(subscriptionFilters).toHaveLength(1);
    expect(
      await refusal(() => opened.logs.deleteSubscriptionFilter({ logGroupName: 'g', filterName: 'b' })),
    ).toMatch(/^ResourceNotFoundException/);
  });

  it.each([
    { name: 'the Infrequent Access class', change: { logGroupName: 'cold' }, expected: /Infrequent Access/ },
    { name: 'a pattern that is none', change: { filterPattern: '[a' }, expected: /Invalid filter pattern/ },
    {
      name: 'another distribution',
      change: { distribution: 'Even' as 'Random' },
      expected: /enum value set: \[Random, ByLogStream\]$/,
    },
  ])('are refused with $name', async ({ change, expected }) => {
    const put = () => opened.logs.putSubscriptionFilter({ ...subscription('a'), ...change });
    expect(await refusal(put)).toMatch(expected);
  });
});
