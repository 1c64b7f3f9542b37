import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let logs: CloudWatchLogsClient;
let group: string;
const hourMs = 3_600_000;
/** So that ends of windows are the same in all of a run. */
const nowMs = Date.now() - 60_000;

beforeAll(async () => {
  served = await ServedAccount.open();
  logs = new CloudWatchLogsClient(served.client());
  group = served.name('events');
  await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
});

afterAll(async () => {
  await logs.send(new DeleteLogGroupCommand({ logGroupName: group }));
  await served.close();
});

const arn = (stream = '') =>
  `arn:aws:logs:${served.region}:${served.accountId}:log-group:${group}${stream && `:log-stream:${stream}`}`;

async function stream(): Promise<string> {
  const logStreamName = served.name('stream');
  await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
  return logStreamName;
}

const put = (logStreamName: string, ...logEvents: { timestamp: number; message: string }[]) =>
  logs.send(new PutLogEventsCommand({ logGroupName: group, logStreamName, logEvents }));

const get = (logStreamName: string, more: object = {}) =>
  logs.send(new GetLogEventsCommand({ logGroupName: group, logStreamName, ...more }));

const filter = (more: object) => logs.send(new FilterLogEventsCommand({ logGroupName: group, ...more }));

const messages = ({ events = [] }: { events?: { message?: string | undefined }[] | undefined }) =>
  events.map(({ message }) => message);

describe('serialization', () => {
  it('CreateLogStream, DescribeLogStreams', async () => {
    const name = await stream();
    const request = { logGroupName: group, logStreamNamePrefix: name };
    const empty = await logs.send(new DescribeLogStreamsCommand(request));
    expect(empty.logStreams).toEqual([
      {
        logStreamName: name,
        arn: arn(name),
        creationTime: expect.any(Number),
        storedBytes: 0,
        uploadSequenceToken: expect.any(String),
      },
    ]);
    await put(name, { timestamp: nowMs, message: 'one' }, { timestamp: nowMs + 5, message: 'two' });
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand(request));
    expect(logStreams).toMatchObject([
      { firstEventTimestamp: nowMs, lastEventTimestamp: nowMs + 5, lastIngestionTime: expect.any(Number) },
    ]);
  });

  it('PutLogEvents, GetLogEvents, FilterLogEvents', async () => {
    const name = await stream();
    const message = 'ü \u{1f600} "quoted" \\ \u0001\n<&> \u2028';
    const { nextSequenceToken, rejectedLogEventsInfo } = await put(name, { timestamp: nowMs, message });
    expect(nextSequenceToken).toEqual(expect.any(String));
    expect(rejectedLogEventsInfo).toBeUndefined();
    const page = await get(name, { startFromHead: true });
    expect(page.events).toEqual([{ timestamp: nowMs, message, ingestionTime: expect.any(Number) }]);
    expect(page.nextForwardToken).toMatch(/^f\//);
    expect(page.nextBackwardToken).toMatch(/^b\//);
    const found = await filter({ logStreamNames: [name] });
    expect(found.events).toEqual([
      {
        logStreamName: name,
        timestamp: nowMs,
        message,
        ingestionTime: expect.any(Number),
        eventId: expect.stringMatching(/^\d{56}$/),
      },
    ]);
    expect(found.searchedLogStreams).toEqual([]);
    expect(found).not.toHaveProperty('nextToken');
  });
});

type Refused = readonly [string, () => Promise<unknown>, string, string];
const refused: readonly Refused[] = [
  [
    'PutLogEvents out of order',
    async () =>
      put(await stream(), { timestamp: nowMs, message: 'b' }, { timestamp: nowMs - 1, message: 'a' }),
    'InvalidParameterException',
    'Log events in a single PutLogEvents request must be in chronological order.',
  ],
  [
    'PutLogEvents of more than a day',
    async () =>
      put(
        await stream(),
        { timestamp: nowMs - 25 * hourMs, message: 'a' },
        { timestamp: nowMs, message: 'b' },
      ),
    'InvalidParameterException',
    'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
  ],
  [
    'PutLogEvents of nothing',
    async () => put(await stream()),
    'InvalidParameterException',
    "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    'PutLogEvents into no stream',
    () => put('nowhere', { timestamp: nowMs, message: 'a' }),
    'ResourceNotFoundException',
    'The specified log stream does not exist.',
  ],
  [
    'PutLogEvents into no group',
    () =>
      logs.send(
        new PutLogEventsCommand({
          logGroupName: 'nowhere',
          logStreamName: 'nowhere',
          logEvents: [{ timestamp: nowMs, message: 'a' }],
        }),
      ),
    'ResourceNotFoundException',
    'The specified log group does not exist.',
  ],
  [
    'a stream twice',
    async () => {
      const logStreamName = await stream();
      return logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
    },
    'ResourceAlreadyExistsException',
    'The specified log stream already exists',
  ],
  [
    'a stream with a colon',
    () => logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'a:b' })),
    'InvalidParameterException',
    "1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*",
  ],
  [
    'DeleteLogStream of none',
    () => logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: 'nowhere' })),
    'ResourceNotFoundException',
    'The specified log stream does not exist.',
  ],
  [
    'DescribeLogStreams by time with a prefix',
    () =>
      logs.send(
        new DescribeLogStreamsCommand({
          logGroupName: group,
          orderBy: 'LastEventTime',
          logStreamNamePrefix: 'a',
        }),
      ),
    'InvalidParameterException',
    'Cannot order by LastEventTime with a logStreamNamePrefix.',
  ],
  [
    'DescribeLogStreams by name and ARN',
    () => logs.send(new DescribeLogStreamsCommand({ logGroupName: group, logGroupIdentifier: arn() })),
    'ValidationException',
    'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
  ],
  [
    'GetLogEvents of too many',
    async () => get(await stream(), { limit: 10_001 }),
    'InvalidParameterException',
    "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
  ],
  [
    'GetLogEvents with a token of nobody',
    async () => get(await stream(), { nextToken: 'n/1' }),
    'InvalidParameterException',
    'The specified nextToken is invalid.',
  ],
  [
    'FilterLogEvents by names and prefix',
    () => filter({ logStreamNames: ['a'], logStreamNamePrefix: 'b' }),
    'InvalidParameterException',
    'logStreamNames and logStreamNamePrefix are mutually exclusive.',
  ],
];

describe('validation', () => {
  it.each(refused)('%s', async (_name, ask, code, message) => {
    expect(await refusal(ask())).toEqual({ code, status: 400, message });
  });
});

describe('behaviour', () => {
  it('takes what is neither too old nor too new, and says what it has not taken', async () => {
    const name = await stream();
    const { rejectedLogEventsInfo } = await put(
      name,
      { timestamp: nowMs, message: 'kept' },
      { timestamp: nowMs + 3 * hourMs, message: 'too new' },
    );
    expect(rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    const old = await put(name, { timestamp: nowMs - 15 * 24 * hourMs, message: 'too old' });
    expect(old.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(messages(await get(name))).toEqual(['kept']);
  });

  it('GetLogEvents: the last page first, an end that is not in it, tokens that stay at the end', async () => {
    const name = await stream();
    await put(name, ...[0, 1, 2, 3].map((at) => ({ timestamp: nowMs + at, message: String(at) })));
    expect(messages(await get(name, { limit: 2 }))).toEqual(['2', '3']);
    expect(messages(await get(name, { startTime: nowMs + 1, endTime: nowMs + 3 }))).toEqual(['1', '2']);
    const head = await get(name, { limit: 3, startFromHead: true });
    expect(messages(head)).toEqual(['0', '1', '2']);
    const rest = await get(name, { limit: 3, startFromHead: true, nextToken: head.nextForwardToken });
    expect(messages(rest)).toEqual(['3']);
    const end = await get(name, { startFromHead: true, nextToken: rest.nextForwardToken });
    expect(messages(end)).toEqual([]);
    expect(end.nextForwardToken).toBe(rest.nextForwardToken);
    const byArn = new GetLogEventsCommand({ logGroupIdentifier: arn(), logStreamName: name });
    expect(messages(await logs.send(byArn))).toHaveLength(4);
  });

  it('FilterLogEvents: both ends are in it, streams are interleaved, pages follow each other', async () => {
    const prefix = served.name('many');
    for (const [at, end] of ['a', 'b'].entries()) {
      const logStreamName = `${prefix}${end}`;
      await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName }));
      await put(
        logStreamName,
        { timestamp: nowMs + at, message: `first ${end}` },
        { timestamp: nowMs + 10 + at, message: `second ${end}` },
      );
    }
    const all = { logStreamNamePrefix: prefix };
    const ordered = ['first a', 'first b', 'second a', 'second b'];
    expect(messages(await filter(all))).toEqual(ordered);
    expect(messages(await filter({ ...all, startTime: nowMs + 1, endTime: nowMs + 10 }))).toEqual(
      ordered.slice(1, 3),
    );
    expect(messages(await filter({ ...all, filterPattern: '"second"' }))).toEqual(ordered.slice(2));
    const paged: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page = await filter({ ...all, limit: 1, ...(nextToken && { nextToken }) });
      paged.push(...messages(page));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(paged).toEqual(ordered);
  });

  it('DescribeLogStreams by the time of the last event', async () => {
    const [older, newer] = [await stream(), await stream()];
    await put(older, { timestamp: nowMs + 20_000, message: 'a' });
    await put(newer, { timestamp: nowMs + 30_000, message: 'b' });
    const { logStreams } = await logs.send(
      new DescribeLogStreamsCommand({
        logGroupName: group,
        orderBy: 'LastEventTime',
        descending: true,
        limit: 2,
      }),
    );
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual([newer, older]);
  });

  it('DeleteLogStream takes its events along', async () => {
    const name = await stream();
    await put(name, { timestamp: nowMs, message: 'gone' });
    await logs.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: name }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: name }));
    expect(messages(await get(name))).toEqual([]);
  });
});
