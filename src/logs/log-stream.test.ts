import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  await opened.logs.createLogGroup({ logGroupName: 'g' });
});
afterEach(() => opened.close());

const groupArn = 'arn:aws:logs:eu-central-1:123456789012:log-group:g';

async function makeStream(logStreamName: string, ...times: number[]): Promise<void> {
  await opened.logs.createLogStream({ logGroupName: 'g', logStreamName });
  if (times.length === 0) return;
  const logEvents = times.map((timestamp) => ({ timestamp, message: 'x' }));
  await opened.logs.putLogEvents({ logGroupName: 'g', logStreamName, logEvents });
}

describe('CreateLogStream', () => {
  it('makes a stream that is described with the times of its events', async () => {
    await makeStream('a/b', noonMs - 5000, noonMs - 1000);
    expect(opened.logs.describeLogStreams({ logGroupIdentifier: groupArn })).toEqual({
      logStreams: [
        {
          logStreamName: 'a/b',
          creationTime: noonMs,
          firstEventTimestamp: noonMs - 5000,
          lastEventTimestamp: noonMs - 1000,
          lastIngestionTime: noonMs,
          uploadSequenceToken: expect.stringMatching(/^[0-9]{56}$/),
          arn: `${groupArn}:log-stream:a/b`,
          storedBytes: 0,
        },
      ],
    });
  });

  it.each([
    {
      name: 'a name that is there',
      logStreamName: 'there',
      expected: 'ResourceAlreadyExistsException: The specified log stream already exists',
    },
    {
      name: 'a colon',
      logStreamName: 'a:b',
      expected:
        "InvalidParameterException: 1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
    },
    { name: 'a star', logStreamName: '*', expected: /pattern/ },
    { name: 'no name', logStreamName: '', expected: /greater than or equal to 1/ },
    {
      name: '513 characters',
      logStreamName: 'x'.repeat(513),
      expected:
        'InvalidParameterException: Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
    },
  ])('refuses $name', async ({ logStreamName, expected }) => {
    await makeStream('there');
    expect(await refusal(() => makeStream(logStreamName))).toMatch(expected);
  });

  it('asks for a group', async () => {
    const create = () => opened.logs.createLogStream({ logGroupName: 'none', logStreamName: 's' });
    expect(await refusal(create)).toBe('ResourceNotFoundException: The specified log group does not exist.');
  });
});

describe('DeleteLogStream', () => {
  it('takes the events with it', async () => {
    await makeStream('a', noonMs);
    await makeStream('b', noonMs);
    await opened.logs.deleteLogStream({ logGroupName: 'g', logStreamName: 'a' });
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g' });
    expect(events.map(({ logStreamName }) => logStreamName)).toEqual(['b']);
    const remove = () => opened.logs.deleteLogStream({ logGroupName: 'g', logStreamName: 'a' });
    expect(await refusal(remove)).toBe('ResourceNotFoundException: The specified log stream does not exist.');
    await makeStream('a');
    expect((await opened.logs.getLogEvents({ logGroupName: 'g', logStreamName: 'a' })).events).toEqual([]);
  });
});

describe('DescribeLogStreams', () => {
  beforeEach(async () => {
    await makeStream('b', noonMs - 3);
    await makeStream('B', noonMs - 1);
    await makeStream('a1', noonMs - 2);
    await makeStream('a2');
    await makeStream('a0', noonMs - 1);
  });

  it.each([
    { name: 'by name', request: {}, expected: ['B', 'a0', 'a1', 'a2', 'b'] },
    { name: 'by name, descending', request: { descending: true }, expected: ['b', 'a2', 'a1', 'a0', 'B'] },
    { name: 'a prefix', request: { logStreamNamePrefix: 'a' }, expected: ['a0', 'a1', 'a2'] },
    {
      name: 'a prefix, descending',
      request: { logStreamNamePrefix: 'a', descending: true },
      expected: ['a2', 'a1', 'a0'],
    },
    {
      name: 'by time',
      request: { orderBy: 'LastEventTime' as const },
      expected: ['a2', 'b', 'a1', 'B', 'a0'],
    },
    {
      name: 'by time, descending',
      request: { orderBy: 'LastEventTime' as const, descending: true },
      expected: ['B', 'a0', 'a1', 'b', 'a2'],
    },
  ])('gives $name, in pages', ({ request, expected }) => {
    for (const limit of [1, 2, 5, 50]) {
      const found: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = opened.logs.describeLogStreams({
          logGroupName: 'g',
          limit,
          ...request,
          ...(nextToken === undefined ? {} : { nextToken }),
        });
        expect(page.logStreams.length).toBeGreaterThan(0);
        found.push(...page.logStreams.map(({ logStreamName }) => logStreamName));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      expect(found).toEqual(expected);
    }
  });

  it.each([
    {
      name: 'a prefix by time',
      request: { logGroupName: 'g', orderBy: 'LastEventTime' as const, logStreamNamePrefix: 'a' },
      expected: 'InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix.',
    },
    {
      name: 'a name and an ARN',
      request: { logGroupName: 'g', logGroupIdentifier: groupArn },
      expected: 'ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    },
    {
      name: 'a token of nobody',
      request: { logGroupName: 'g', nextToken: 'e30' },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
    {
      name: 'another order',
      request: { logGroupName: 'g', orderBy: 'Size' as 'LogStreamName' },
      expected:
        "InvalidParameterException: 1 validation error detected: Value 'Size' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]",
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => opened.logs.describeLogStreams(request))).toBe(expected);
  });
});
