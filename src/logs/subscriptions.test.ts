import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import { ReceivingSink, until } from '../../test/subscription-sink.ts';
import { DeliveryError, ServiceError } from '../fault/index.ts';
import { parseHeader, parseLines } from '../record/index.ts';
import type { PutSubscriptionFilterRequest } from './shapes.ts';
import type { SubscriptionBounds } from './subscription-shapes.ts';

const place = 'eu-central-1:123456789012';
const stream = `arn:aws:firehose:${place}:deliverystream/d`;
const otherStream = `arn:aws:firehose:${place}:deliverystream/e`;
const roleArn = 'arn:aws:iam::123456789012:role/r';
const bounds: Partial<SubscriptionBounds> = { lingerMs: 0, firstRetryMs: 2, lastRetryMs: 8 };

let opened: OpenedLogs;
let sink: ReceivingSink;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  sink = new ReceivingSink();
  opened.logs.beginSubscriptions(sink, bounds);
  for (const logGroupName of ['g', 'h']) {
    await opened.logs.createLogGroup({ logGroupName });
    for (const logStreamName of ['s', 't'])
      await opened.logs.createLogStream({ logGroupName, logStreamName });
  }
});
afterEach(() => opened.close());

const put = (change: Partial<PutSubscriptionFilterRequest> = {}) =>
  opened.logs.putSubscriptionFilter({
    logGroupName: 'g',
    filterName: 'f',
    filterPattern: '',
    destinationArn: stream,
    roleArn,
    ...change,
  });

async function log(
  messages: readonly string[],
  change: { group?: string; stream?: string } = {},
): Promise<void> {
  const { group = 'g', stream: logStreamName = 's' } = change;
  const logEvents = messages.map((message, i) => ({ timestamp: noonMs + i, message }));
  await opened.logs.putLogEvents({ logGroupName: group, logStreamName, logEvents });
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
const received = (count: number, destinationArn?: string) =>
  until(
    () => sink.messages(destinationArn).length >= count,
    () => [sink.messages(destinationArn).length, opened.logs.subscriptions()],
  );

/** Records of a flow log, to the group `flows`. */
async function putLines(lines: readonly string[], streamOf: (line: number) => string): Promise<void> {
  const zeros = new Float64Array(lines.length);
  const records = {
    ...parseLines(lines.join('\n'), parseHeader('start srcport action')),
    interfaceIds: lines.map(() => 'eni-1'),
    endSeconds: zeros,
    packets: zeros,
    bytes: zeros,
  };
  const logStreamName = lines.map((_, i) => streamOf(i));
  await opened.logs.putRecords({ logGroupName: 'flows', logStreamName, records });
}

async function restart(change: Partial<SubscriptionBounds> = {}): Promise<void> {
  await opened.reopen();
  opened.logs.beginSubscriptions(sink, { ...bounds, ...change });
}

describe('a subscription filter', () => {
  it('is behind until all is delivered, also while it reads', async () => {
    await put();
    await log(numbered(0, 500));
    const behind: number[] = [];
    while (sink.messages().length < 500) {
      behind.push(opened.logs.subscriptions()[0].behind);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(behind.length).toBeGreaterThan(1);
    expect(Math.min(...behind)).toBe(500);
    await until(() => opened.logs.subscriptions()[0].behind === 0);
  });

  it('sends a control message, then the events that come after', async () => {
    await log(['before']);
    await put({ filterPattern: 'a' });
    await log(['a1', 'b', 'a2']);
    await received(2);
    const id = expect.stringMatching(/^[0-9]{56}$/);
    expect(sink.records.map(({ destinationArn: _, ...record }) => record)).toEqual([
      {
        messageType: 'CONTROL_MESSAGE',
        owner: 'CloudwatchLogs',
        logGroup: '',
        logStream: '',
        subscriptionFilters: [],
        logEvents: [
          {
            id: '',
            timestamp: noonMs,
            message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.',
          },
        ],
      },
      {
        messageType: 'DATA_MESSAGE',
        owner: '123456789012',
        logGroup: 'g',
        logStream: 's',
        subscriptionFilters: ['f'],
        logEvents: [
          { id, timestamp: noonMs, message: 'a1' },
          { id, timestamp: noonMs + 2, message: 'a2' },
        ],
      },
    ]);
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g', filterPattern: 'a' });
    expect(sink.data()[0].logEvents.map((event) => event.id)).toEqual(events.map(({ eventId }) => eventId));
    // Also when nobody closes it.
    const cursors = opened.store.documents.table<{ after: number }>('subscriptionCursors');
    await until(() => [...cursors.values()][0].after === opened.store.lastId);
  });

  it('sends records of one stream each', async () => {
    await put();
    const open = sink.hold(stream);
    await log(['first']);
    await until(() => sink.puts === 2);
    await log(['s1'], { stream: 's' });
    await log(['t1'], { stream: 't' });
    await log(['s2'], { stream: 's' });
    await log(['elsewhere'], { group: 'h' });
    open();
    await received(4);
    expect(sink.data().map(({ logStream, logEvents }) => [logStream, logEvents.length])).toEqual([
      ['s', 1],
      ['s', 2],
      ['t', 1],
    ]);
  });

  it('goes on after a restart, also with what came while nobody delivered', async () => {
    await put();
    await log(numbered(0, 5));
    await received(5);
    await opened.reopen();
    await log(numbered(5, 20));
    expect(opened.logs.subscriptions()).toEqual([]);
    opened.logs.beginSubscriptions(sink, bounds);
    await log(numbered(20, 25));
    await received(25);
    await restart();
    await log(['last']);
    await received(26);
    expect(sink.messages()).toEqual([...numbered(0, 25), 'last']);
  });

  it('catches up in pieces, in the order of arrival', async () => {
    await put({ filterPattern: '-"7"' });
    sink.refusals.set(stream, new DeliveryError(stream, true, 'away'));
    for (let i = 0; i < 12; i++) await log(numbered(i * 10, i * 10 + 10), { stream: i % 2 ? 's' : 't' });
    await opened.store.flush();
    await restart({ pageEvents: 7, pageBytes: 60 });
    sink.refusals.clear();
    const expected = numbered(0, 120).filter((line) => !line.includes('7'));
    await received(expected.length);
    expect(sink.messages()).toEqual(expected);
    await until(() => opened.logs.subscriptions()[0].behind === 0);
  });

  it('waits for a destination that is away, and says so', async () => {
    await put();
    await put({ filterName: 'other', destinationArn: otherStream });
    sink.refusals.set(stream, new DeliveryError(stream, true, 'no room'));
    await log(numbered(0, 3));
    await received(3, otherStream);
    await log(numbered(3, 5));
    await received(5, otherStream);
    await until(() => opened.logs.subscriptions().some(({ behind }) => behind === 5));
    const status = () => opened.logs.subscriptions().find(({ filterName }) => filterName === 'f');
    expect(status()).toEqual({
      accountId: '123456789012',
      region: 'eu-central-1',
      logGroupName: 'g',
      filterName: 'f',
      destinationArn: stream,
      behind: 5,
      lost: 0,
      lastError: `${stream}: no room`,
      failingSinceMs: noonMs,
    });
    sink.refusals.clear();
    await received(5, stream);
    expect(sink.messages(stream)).toEqual(numbered(0, 5));
    await until(() => status()?.lastError === undefined && status()?.behind === 0);
    expect(opened.reports).toEqual([
      `subscription filter f of g cannot deliver: ${stream}: no room`,
      'subscription filter f of g delivers again',
    ]);
  });

  it('goes on where it is when it is put again', async () => {
    await put({ filterPattern: 'line' });
    sink.refusals.set(stream, new DeliveryError(stream, false, 'denied'));
    await log(['line 0', 'other 0']);
    await until(() => opened.logs.subscriptions()[0].lastError !== undefined);
    opened.nowMs += 1000;
    await put({ filterPattern: '0', destinationArn: otherStream });
    await received(2, otherStream);
    expect(sink.messages()).toEqual(['line 0', 'other 0']);
    expect(opened.logs.describeSubscriptionFilters({ logGroupName: 'g' }).subscriptionFilters).toMatchObject([
      { filterPattern: '0', destinationArn: otherStream, creationTime: noonMs },
    ]);
  });

  it('is delivered by one at a time, also while it is put again', async () => {
    await put();
    const open = sink.hold(stream);
    await log(['one']);
    await until(() => sink.puts === 2);
    await put({ destinationArn: otherStream });
    await log(['two']);
    open();
    await received(2);
    expect([sink.messages(stream), sink.messages(otherStream)]).toEqual([['one'], ['two']]);
  });

  it('that ends in the middle of a page goes on with the rest of it', async () => {
    const lines = numbered(0, 520).map((_, i) => `1600000000 ${i} ACCEPT`);
    await opened.logs.ensureLogGroup('flows');
    await put({ logGroupName: 'flows' });
    const open = sink.hold(stream);
    await putLines(lines, (i) => `eni-${i}`);
    await until(() => sink.puts === 2);
    const restarted = restart();
    open();
    await restarted;
    await until(
      () => new Set(sink.messages()).size === lines.length,
      () => sink.messages().length,
    );
    expect(sink.data().length).toBeGreaterThan(500);
  });

  it('that is gone sends nothing more, nor does one of its name what came before', async () => {
    await put();
    sink.refusals.set(stream, new DeliveryError(stream, true, 'away'));
    await log(['lost']);
    await until(() => opened.logs.subscriptions()[0].lastError !== undefined);
    await opened.logs.deleteSubscriptionFilter({ logGroupName: 'g', filterName: 'f' });
    sink.refusals.clear();
    await put();
    await log(['new']);
    await received(1);
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    expect(opened.logs.subscriptions()).toEqual([]);
    expect(opened.store.documents.table('subscriptionCursors').size).toBe(0);
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    await opened.logs.createLogStream({ logGroupName: 'g', logStreamName: 's' });
    await log(['of another group']);
    await restart();
    expect(sink.messages()).toEqual(['new']);
  });

  it('counts what retention takes before it came to it', async () => {
    await opened.logs.putRetentionPolicy({ logGroupName: 'g', retentionInDays: 1 });
    await put();
    sink.refusals.set(stream, new DeliveryError(stream, true, 'away'));
    await log(['held']);
    await until(() => opened.logs.subscriptions()[0].lastError !== undefined);
    await log(['lost 1', 'lost 2']);
    opened.nowMs += 26 * 3_600_000;
    const logEvents = [{ timestamp: opened.nowMs, message: 'kept' }];
    await opened.logs.putLogEvents({ logGroupName: 'g', logStreamName: 's', logEvents });
    await opened.logs.expire();
    sink.refusals.clear();
    await received(2);
    expect(sink.messages()).toEqual(['held', 'kept']);
    expect(opened.logs.subscriptions()).toMatchObject([{ lost: 2 }]);
    expect(opened.reports).toContain(
      'subscription filter f of g had not come to 2 events that the group does not keep any longer',
    );
    await restart();
    expect(opened.logs.subscriptions()).toMatchObject([{ lost: 2, behind: 0 }]);
  });

  it('sends events of any size that is allowed, in records of less than 1,000 KiB', async () => {
    await put();
    const random = Array.from(randomBytes(700_000), (byte) => String.fromCharCode(byte | 0x80)).join('');
    const messages = [random.slice(0, 520_000), 'x'.repeat(1_048_000), '\u0001'.repeat(400_000)];
    for (const message of messages) await log([message]);
    await received(3);
    expect(sink.messages()).toEqual(messages);
    expect(sink.recordBytes).toBeLessThanOrEqual(1_024_000);
  });

  it('selects records by their columns', async () => {
    const lines = Array.from(
      { length: 200 },
      (_, i) => `16000000${10 + (i % 60)} ${i} ${i % 50 ? 'ACCEPT' : 'REJECT'}`,
    );
    await opened.logs.ensureLogGroup('flows');
    await put({ logGroupName: 'flows', filterPattern: '[start, port > 10, action = REJECT]' });
    await putLines(lines, () => 'eni-1-all');
    await received(3);
    expect(sink.messages().sort()).toEqual([lines[100], lines[150], lines[50]].sort());
  });
});

describe('PutSubscriptionFilter', () => {
  it('makes two filters of a group when many are asked for at once', async () => {
    const made = await Promise.all(
      ['a', 'b', 'c', 'd'].map((filterName) => refusal(() => put({ filterName }))),
    );
    expect(made.sort()).toEqual([
      ...new Array<string>(2).fill('LimitExceededException: Resource limit exceeded.'),
      ...new Array<string>(2).fill('no error'),
    ]);
  });

  it('makes none of a group that goes meanwhile', async () => {
    const open = sink.hold(stream);
    const made = refusal(() => put());
    await until(() => sink.puts === 1);
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    open();
    expect(await made).toMatch(/^ResourceNotFoundException/);
    expect(opened.store.documents.table('subscriptionFilters').size).toBe(0);
  });

  it('gives no reason when the destination does not take the message', async () => {
    const undelivered =
      'InvalidParameterException: Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.';
    sink.refusals.set(stream, new DeliveryError(stream, false, 'the role is not allowed to'));
    expect(await refusal(() => put())).toBe(undelivered);
    sink.refusals.set(stream, new ServiceError('InvalidParameterException', 'It feeds itself.'));
    expect(await refusal(() => put())).toBe('InvalidParameterException: It feeds itself.');
    await opened.reopen();
    expect(await refusal(() => put())).toBe(undelivered);
  });

  it.each([
    {
      name: 'no role',
      change: { roleArn: undefined },
      expected: 'destinationArn for vendor firehose cannot be used without roleArn',
    },
    {
      name: 'another account',
      change: { destinationArn: 'arn:aws:firehose:eu-central-1:210987654321:deliverystream/d' },
      expected: /^InvalidParameterException: Could not deliver test message to specified Firehose stream/,
    },
    {
      name: 'another Region',
      change: { destinationArn: 'arn:aws:firehose:us-east-1:123456789012:deliverystream/d' },
      expected: /^InvalidParameterException: Could not deliver test message to specified Firehose stream/,
    },
    {
      name: 'Kinesis',
      change: { destinationArn: `arn:aws:kinesis:${place}:stream/s` },
      expected: /^InvalidParameterException: Could not deliver test message to specified Kinesis stream/,
    },
    {
      name: 'Kinesis without a role',
      change: { destinationArn: `arn:aws:kinesis:${place}:stream/s`, roleArn: undefined },
      expected: 'destinationArn for vendor kinesis cannot be used without roleArn',
    },
    {
      name: 'Lambda',
      change: { destinationArn: `arn:aws:lambda:${place}:function:f`, roleArn: undefined },
      expected: /^InvalidParameterException: Could not execute the lambda function/,
    },
    {
      name: 'Lambda with a role',
      change: { destinationArn: `arn:aws:lambda:${place}:function:f` },
      expected: 'destinationArn for vendor lambda cannot be used with roleArn',
    },
    {
      name: "others' Lambda",
      change: { destinationArn: 'arn:aws:lambda:eu-central-1:210987654321:function:f', roleArn: undefined },
      expected: /^AccessDeniedException: Cross-account lambda/,
    },
    {
      name: 'a logical destination',
      change: { destinationArn: 'arn:aws:logs:eu-central-1:210987654321:destination:d' },
      expected: 'PutSubscriptionFilter operation cannot work with destinationArn for vendor logs',
    },
    { name: 'no ARN', change: { destinationArn: 'd' }, expected: /^InvalidParameterException/ },
    { name: 'an unknown group', change: { logGroupName: 'none' }, expected: /^ResourceNotFoundException/ },
  ])('refuses $name', async ({ change, expected }) => {
    const { roleArn: role, ...request } = {
      logGroupName: 'g',
      filterName: 'f',
      filterPattern: '',
      destinationArn: stream,
      roleArn: roleArn as string | undefined,
      ...change,
    };
    const made = () =>
      opened.logs.putSubscriptionFilter({ ...request, ...(role === undefined ? {} : { roleArn: role }) });
    const answer = await refusal(made);
    if (typeof expected === 'string') expect(answer).toBe(`InvalidParameterException: ${expected}`);
    else expect(answer).toMatch(expected);
    expect(sink.puts).toBe(0);
  });
});
