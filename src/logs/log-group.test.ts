import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
});
afterEach(() => opened.close());

const arn = (name: string) => `arn:aws:logs:eu-central-1:123456789012:log-group:${name}`;
const names = () => opened.logs.describeLogGroups().logGroups.map(({ logGroupName }) => logGroupName);

describe('CreateLogGroup', () => {
  it('makes a group that is described, also after a restart', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'web/access.log#1', tags: { team: 'net' } });
    const described = {
      logGroups: [
        {
          logGroupName: 'web/access.log#1',
          creationTime: noonMs,
          metricFilterCount: 0,
          arn: `${arn('web/access.log#1')}:*`,
          storedBytes: 0,
          logGroupClass: 'STANDARD',
          logGroupArn: arn('web/access.log#1'),
          deletionProtectionEnabled: false,
        },
      ],
    };
    expect(opened.logs.describeLogGroups()).toEqual(described);
    await opened.reopen();
    expect(opened.logs.describeLogGroups()).toEqual(described);
    expect(opened.logs.listTagsLogGroup({ logGroupName: 'web/access.log#1' })).toEqual({
      tags: { team: 'net' },
    });
  });

  it.each([
    {
      name: 'a name that is there',
      request: { logGroupName: 'there' },
      expected: 'ResourceAlreadyExistsException: The specified log group already exists',
    },
    {
      name: 'a name of 513 characters',
      request: { logGroupName: 'x'.repeat(513) },
      expected:
        'InvalidParameterException: Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
    },
    {
      name: 'an empty name',
      request: { logGroupName: '' },
      expected:
        "InvalidParameterException: 1 validation error detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    },
    {
      name: 'a name with a space',
      request: { logGroupName: 'a b' },
      expected:
        "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
    },
    {
      name: "a name of AWS's",
      request: { logGroupName: 'aws/x' },
      expected: 'InvalidParameterException: Log groups starting with AWS/ are reserved for AWS.',
    },
    {
      name: 'an unknown class',
      request: { logGroupName: 'x', logGroupClass: 'CHEAP' as 'STANDARD' },
      expected:
        "InvalidParameterException: 1 validation error detected: Value 'CHEAP' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]",
    },
    {
      name: '51 tags',
      request: {
        logGroupName: 'x',
        tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])),
      },
      expected: 'TooManyTagsException: A log group can have no more than 50 tags.',
    },
  ])('refuses $name', async ({ request, expected }) => {
    await opened.logs.createLogGroup({ logGroupName: 'there' });
    expect(await refusal(() => opened.logs.createLogGroup(request))).toBe(expected);
    expect(names()).toEqual(['there']);
  });

  it('makes one of two that are asked for at once', async () => {
    const made = await Promise.allSettled(
      [1, 2].map(() => opened.logs.createLogGroup({ logGroupName: 'one' })),
    );
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('what the store refuses', () => {
  it('is not there', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'kept', tags: { a: '1' } });
    await opened.store.close();
    await expect(opened.logs.createLogGroup({ logGroupName: 'refused' })).rejects.toThrow();
    await expect(opened.logs.tagLogGroup({ logGroupName: 'kept', tags: { a: '2' } })).rejects.toThrow();
    await expect(opened.logs.deleteLogGroup({ logGroupName: 'kept' })).rejects.toThrow();
    expect(names()).toEqual(['kept']);
    expect(opened.logs.listTagsLogGroup({ logGroupName: 'kept' })).toEqual({ tags: { a: '1' } });
  });
});

describe('DeleteLogGroup', () => {
  it('takes streams, events and filters with it; a new group of the name is empty', async () => {
    const stream = { logGroupName: 'g', logStreamName: 's' };
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    await opened.logs.createLogStream(stream);
    await opened.logs.putLogEvents({ ...stream, logEvents: [{ timestamp: noonMs, message: 'old' }] });
    await opened.logs.putMetricFilter({
      logGroupName: 'g',
      filterName: 'f',
      filterPattern: '',
      metricTransformations: [{ metricName: 'm', metricNamespace: 'n', metricValue: '1' }],
    });
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    expect(names()).toEqual([]);
    expect(opened.logs.describeMetricFilters()).toEqual({ metricFilters: [] });
    expect(await refusal(() => opened.logs.describeLogStreams({ logGroupName: 'g' }))).toBe(
      'ResourceNotFoundException: The specified log group does not exist.',
    );
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    expect(opened.logs.describeLogStreams({ logGroupName: 'g' })).toEqual({ logStreams: [] });
    await opened.logs.createLogStream(stream);
    expect((await opened.logs.getLogEvents(stream)).events).toEqual([]);
  });

  it('refuses what is missing or protected', async () => {
    const remove = () => opened.logs.deleteLogGroup({ logGroupName: 'g' });
    expect(await refusal(remove)).toBe('ResourceNotFoundException: The specified log group does not exist.');
    await opened.logs.createLogGroup({ logGroupName: 'g', deletionProtectionEnabled: true });
    expect(await refusal(remove)).toMatch(/^ValidationException: .*protected/);
    const protection = { logGroupIdentifier: arn('g'), deletionProtectionEnabled: false };
    await opened.logs.putLogGroupDeletionProtection(protection);
    await remove();
    expect(names()).toEqual([]);
  });
});

describe('DescribeLogGroups', () => {
  beforeEach(async () => {
    for (const logGroupName of ['b', 'B', 'a/2', 'a/10', '_'])
      await opened.logs.createLogGroup({ logGroupName });
    await opened.logs.createLogGroup({ logGroupName: 'cold', logGroupClass: 'INFREQUENT_ACCESS' });
  });

  it.each([
    { name: 'all, in ASCII order', request: {}, expected: ['B', '_', 'a/10', 'a/2', 'b', 'cold'] },
    { name: 'a prefix', request: { logGroupNamePrefix: 'a/' }, expected: ['a/10', 'a/2'] },
    { name: 'a substring in its case', request: { logGroupNamePattern: 'b' }, expected: ['b'] },
    {
      name: 'an empty substring',
      request: { logGroupNamePattern: '' },
      expected: ['B', '_', 'a/10', 'a/2', 'b', 'cold'],
    },
    { name: 'a class', request: { logGroupClass: 'INFREQUENT_ACCESS' as const }, expected: ['cold'] },
    {
      name: 'names and ARNs',
      request: { logGroupIdentifiers: ['b', `${arn('a/2')}:*`, 'none', 'arn:aws:logs:x:1:log-group:B'] },
      expected: ['a/2', 'b'],
    },
  ])('gives $name', ({ request, expected }) => {
    expect(opened.logs.describeLogGroups(request).logGroups.map(({ logGroupName }) => logGroupName)).toEqual(
      expected,
    );
  });

  it('gives pages', () => {
    const pages: string[][] = [];
    let nextToken: string | undefined;
    do {
      const page = opened.logs.describeLogGroups({
        limit: 2,
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      pages.push(page.logGroups.map(({ logGroupName }) => logGroupName));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(pages).toEqual([
      ['B', '_'],
      ['a/10', 'a/2'],
      ['b', 'cold'],
    ]);
  });

  it('leaves bytes out of the answer to a pattern', () => {
    expect(opened.logs.describeLogGroups({ logGroupNamePattern: 'b' }).logGroups[0]).not.toHaveProperty(
      'storedBytes',
    );
  });

  it.each([
    {
      name: 'prefix and pattern',
      request: { logGroupNamePrefix: 'a', logGroupNamePattern: 'a' },
      expected:
        'InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    },
    {
      name: 'a token of nobody',
      request: { nextToken: '?' },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
    {
      name: 'a page of 51',
      request: { limit: 51 },
      expected:
        "InvalidParameterException: 1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    },
    {
      name: 'two faults at once',
      request: { limit: 0, logGroupNamePrefix: '%' },
      expected:
        "InvalidParameterException: 2 validation errors detected: Value '%' at 'logGroupNamePrefix' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => opened.logs.describeLogGroups(request))).toBe(expected);
  });

  it('counts the bytes of messages and the filters', async () => {
    const stream = { logGroupName: 'b', logStreamName: 's' };
    await opened.logs.createLogStream(stream);
    await opened.logs.putLogEvents({ ...stream, logEvents: [{ timestamp: noonMs, message: 'abcü' }] });
    await opened.logs.putMetricFilter({
      logGroupName: 'b',
      filterName: 'f',
      filterPattern: '',
      metricTransformations: [{ metricName: 'm', metricNamespace: 'n', metricValue: '1' }],
    });
    const [group] = opened.logs.describeLogGroups({ logGroupNamePrefix: 'b' }).logGroups;
    expect(group).toMatchObject({ storedBytes: 5, metricFilterCount: 1 });
  });

  it('ListLogGroups takes several patterns', () => {
    const list = (logGroupNamePattern: string) =>
      opened.logs.listLogGroups({ logGroupNamePattern }).logGroups.map(({ logGroupName }) => logGroupName);
    expect(list('^a/|col')).toEqual(['a/10', 'a/2', 'cold']);
    expect(list('^/10')).toEqual([]);
  });
});

describe('tags', () => {
  it('are one set by name and by ARN', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'g', tags: { a: '1', b: '2' } });
    await opened.logs.tagResource({ resourceArn: arn('g'), tags: { b: '3', c: '4' } });
    await opened.logs.untagLogGroup({ logGroupName: 'g', tags: ['a', 'z'] });
    await opened.logs.tagLogGroup({ logGroupName: 'g', tags: { d: '' } });
    await opened.logs.untagResource({ resourceArn: arn('g'), tagKeys: ['c'] });
    const tags = { b: '3', d: '' };
    expect(opened.logs.listTagsForResource({ resourceArn: arn('g') })).toEqual({ tags });
    expect(opened.logs.listTagsLogGroup({ logGroupName: 'g' })).toEqual({ tags });
  });

  it('keeps what is tagged at the same time', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    await Promise.all(
      ['a', 'b', 'c'].map((key) => opened.logs.tagLogGroup({ logGroupName: 'g', tags: { [key]: key } })),
    );
    await opened.reopen();
    expect(opened.logs.listTagsLogGroup({ logGroupName: 'g' })).toEqual({ tags: { a: 'a', b: 'b', c: 'c' } });
  });

  it.each([
    { name: 'the ARN with :*', resourceArn: `${arn('g')}:*` },
    { name: 'an ARN of another account', resourceArn: 'arn:aws:logs:eu-central-1:999999999999:log-group:g' },
    { name: 'a name', resourceArn: 'g' },
  ])('does not know $name', async ({ resourceArn }) => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    expect(await refusal(() => opened.logs.listTagsForResource({ resourceArn }))).toMatch(
      /^ResourceNotFoundException/,
    );
  });

  it.each([
    {
      name: 'a key of 129 characters',
      tags: { ['k'.repeat(129)]: '' },
      expected: /^InvalidParameter.*'key'.*128/,
    },
    {
      name: 'a value of 257 characters',
      tags: { k: 'v'.repeat(257) },
      expected: /^InvalidParameter.*'value'.*256/,
    },
    { name: "a key of AWS's", tags: { 'aws:x': '' }, expected: /^InvalidParameter.*reserved/ },
    { name: 'a character that no tag has', tags: { 'a*': '' }, expected: /^InvalidParameter.*pattern/ },
  ])('refuses $name', async ({ tags, expected }) => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    expect(await refusal(() => opened.logs.tagLogGroup({ logGroupName: 'g', tags }))).toMatch(expected);
  });
});

describe('retention', () => {
  const dayMs = 86_400_000;

  it('takes what is older away, and shows itself', async () => {
    await opened.logs.ensureLogGroup('g');
    const ages = [0, 2.5, 4, 13];
    for (const age of ages.toReversed()) {
      const file = await opened.logs.beginImport({
        logGroupName: 'g',
        logStreamName: 's',
        sha256: `${age}`,
        fileName: 'x',
      });
      await file?.addEvents([{ timestamp: noonMs - age * dayMs, message: String(age) }]);
      await file?.finish();
    }
    const shown = async () =>
      (await opened.logs.filterLogEvents({ logGroupName: 'g' })).events.map(({ message }) => message);
    expect(await shown()).toEqual(['13', '4', '2.5', '0']);
    await opened.logs.putRetentionPolicy({ logGroupName: 'g', retentionInDays: 5 });
    expect(await shown()).toEqual(['4', '2.5', '0']);
    expect(opened.logs.describeLogGroups().logGroups[0].retentionInDays).toBe(5);
    opened.nowMs += 1.5 * dayMs;
    await opened.logs.expire();
    expect(await shown()).toEqual(['2.5', '0']);
    await opened.logs.deleteRetentionPolicy({ logGroupName: 'g' });
    expect(opened.logs.describeLogGroups().logGroups[0]).not.toHaveProperty('retentionInDays');
    opened.nowMs += 100 * dayMs;
    await opened.logs.expire();
    expect(await shown()).toEqual(['2.5', '0']);
  });

  it('removes hours as a whole, and leaves younger rows where they are', async () => {
    await opened.logs.ensureLogGroup('g');
    const request = { logGroupName: 'g', logStreamName: 's', sha256: '1', fileName: 'x' };
    const file = await opened.logs.beginImport(request);
    const events = Array.from({ length: 60 }, (_, i) => ({
      timestamp: noonMs + i * 60_000,
      message: `${i}`,
    }));
    await file?.addEvents(events);
    await opened.logs.putRetentionPolicy({ logGroupName: 'g', retentionInDays: 1 });
    const { sequence } = opened.store.status();
    opened.nowMs = noonMs + dayMs + 30 * 60_000;
    await opened.logs.expire();
    const { events: shown } = await opened.logs.filterLogEvents({ logGroupName: 'g' });
    expect(shown.map(({ message }) => message)).toEqual(events.slice(30).map(({ message }) => message));
    expect(opened.store.status()).toMatchObject({ sequence, recentRows: 60, segments: 0 });
    opened.nowMs += 30 * 60_000;
    await opened.logs.expire();
    await opened.logs.expire();
    expect(opened.store.status()).toMatchObject({ sequence: sequence + 1, segments: 0 });
    expect((await opened.logs.filterLogEvents({ logGroupName: 'g' })).events).toEqual([]);
    await opened.store.flush();
    expect(opened.store.groupSummary(1)).toEqual({ rows: 0, bytes: 0, diskBytes: 0 });
  });

  it.each([0, 2, 31, 4000])('refuses %i days', async (retentionInDays) => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    expect(
      await refusal(() => opened.logs.putRetentionPolicy({ logGroupName: 'g', retentionInDays })),
    ).toMatch(
      `InvalidParameterException: 1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5,`,
    );
  });
});

describe('index policies', () => {
  it('are kept', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    const policyDocument = '{"Fields":["action"]}';
    const indexPolicy = {
      logGroupIdentifier: arn('g'),
      lastUpdateTime: noonMs,
      policyDocument,
      source: 'LOG_GROUP',
    };
    expect(await opened.logs.putIndexPolicy({ logGroupIdentifier: 'g', policyDocument })).toEqual({
      indexPolicy,
    });
    await opened.reopen();
    const described = () => opened.logs.describeIndexPolicies({ logGroupIdentifiers: [arn('g')] });
    expect(described()).toEqual({ indexPolicies: [indexPolicy] });
    await opened.logs.deleteIndexPolicy({ logGroupIdentifier: 'g' });
    expect(described()).toEqual({ indexPolicies: [] });
    expect(await refusal(() => opened.logs.deleteIndexPolicy({ logGroupIdentifier: 'g' }))).toMatch(
      /^ResourceNotFoundException/,
    );
  });

  it.each([
    { name: 'no JSON', policyDocument: '{' },
    { name: 'no list', policyDocument: '{"Fields":"action"}' },
    { name: 'names that are none', policyDocument: '{"Fields":[1]}' },
    {
      name: '21 fields',
      policyDocument: JSON.stringify({ Fields: Array.from({ length: 21 }, (_, i) => `f${i}`) }),
    },
    { name: 'an empty name', policyDocument: '{"Fields":[""]}' },
  ])('with $name are refused', async ({ policyDocument }) => {
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    expect(
      await refusal(() => opened.logs.putIndexPolicy({ logGroupIdentifier: 'g', policyDocument })),
    ).toMatch(/^InvalidParameterException: Invalid index policy document/);
  });
});
