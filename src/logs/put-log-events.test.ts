import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  await opened.logs.createLogGroup({ logGroupName: 'g' });
  await opened.logs.createLogStream(stream);
});
afterEach(() => opened.close());

const stream = { logGroupName: 'g', logStreamName: 's' };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const put = (...logEvents: { timestamp: number; message: string }[]) =>
  opened.logs.putLogEvents({ ...stream, logEvents });
const event = (agoMs: number, message = `${agoMs} ago`) => ({ timestamp: noonMs - agoMs, message });
const messages = async () =>
  (await opened.logs.getLogEvents({ ...stream, startFromHead: true })).events.map(({ message }) => message);

const record = '2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1418530010 1418530070 ACCEPT OK';

describe('PutLogEvents', () => {
  it('keeps events, also over a restart', async () => {
    const { nextSequenceToken, ...rest } = await put(event(3), event(2), event(2, 'again'));
    expect(nextSequenceToken).toMatch(/^[0-9]{56}$/);
    expect(rest).toEqual({});
    await opened.reopen();
    expect(await messages()).toEqual(['3 ago', '2 ago', 'again']);
  });

  it.each([
    {
      name: 'too new',
      events: [0, -2 * hourMs, -2 * hourMs - 1],
      info: { tooNewLogEventStartIndex: 2 },
      kept: 2,
    },
    { name: 'too old', events: [14 * dayMs + 1, 5, 0], info: { tooOldLogEventEndIndex: 1 }, kept: 2 },
    { name: 'not too old', events: [14 * dayMs], info: undefined, kept: 1 },
    {
      name: 'all too old',
      events: [15 * dayMs, 14 * dayMs + 1],
      info: { tooOldLogEventEndIndex: 2 },
      kept: 0,
    },
    {
      name: 'old, kept and new',
      events: [20 * dayMs, 16 * dayMs, 1, -3 * hourMs],
      info: { tooOldLogEventEndIndex: 2, tooNewLogEventStartIndex: 3 },
      kept: 1,
    },
    {
      name: 'expired',
      retentionInDays: 3,
      events: [15 * dayMs, 3 * dayMs + 1, 2],
      info: { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 2 },
      kept: 1,
    },
  ])('reports what is $name', async ({ events, info, kept, retentionInDays }) => {
    if (retentionInDays) await opened.logs.putRetentionPolicy({ logGroupName: 'g', retentionInDays });
    const { rejectedLogEventsInfo } = await put(...events.map((agoMs) => event(agoMs)));
    expect(rejectedLogEventsInfo).toEqual(info);
    expect(await messages()).toHaveLength(kept);
  });

  it.each([
    {
      name: 'an order that is none',
      events: [event(1), event(2)],
      expected:
        'InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.',
    },
    {
      name: 'a span of more than a day',
      events: [event(dayMs), event(-1)],
      expected: /^InvalidParameterException: .*24 hours/,
    },
    {
      name: 'no events',
      events: [],
      expected:
        "InvalidParameterException: 1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1",
    },
    {
      name: '10,001 events',
      events: Array.from({ length: 10_001 }, () => event(1, 'x')),
      expected:
        /'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000$/,
    },
    {
      name: 'an empty message',
      events: [event(1), event(1, '')],
      expected:
        "InvalidParameterException: 1 validation error detected: Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1",
    },
    {
      name: 'a time before 1970',
      events: [{ timestamp: -1, message: 'x' }],
      expected:
        "InvalidParameterException: 1 validation error detected: Value '-1' at 'logEvents.1.member.timestamp' failed to satisfy constraint: Member must have value greater than or equal to 0",
    },
    {
      name: 'a message that is too long',
      events: [event(1, 'x'.repeat(1_048_551))],
      expected: 'InvalidParameterException: Log event too large: 1048577 bytes exceeds limit of 1048576',
    },
    {
      name: 'too many bytes',
      events: [event(1, 'ü'.repeat(262_144)), event(1, 'ü'.repeat(262_144))],
      expected: 'InvalidParameterException: Upload too large: 1048628 bytes exceeds limit of 1048576',
    },
  ])('refuses $name, and keeps nothing', async ({ events, expected }) => {
    expect(await refusal(() => put(...events))).toMatch(expected);
    expect(await messages()).toEqual([]);
  });

  it('takes as many bytes as AWS', async () => {
    await put(event(1, 'x'.repeat(1_048_576 - 26)));
    await put(...Array.from({ length: 10_000 }, () => event(0, 'x'.repeat(78))));
    expect(opened.logs.describeLogGroups().logGroups[0].storedBytes).toBe(1_048_550 + 780_000);
  });

  it.each([
    {
      name: 'group',
      request: { logGroupName: 'none', logStreamName: 's' },
      expected: 'ResourceNotFoundException: The specified log group does not exist.',
    },
    {
      name: 'stream',
      request: { logGroupName: 'g', logStreamName: 'none' },
      expected: 'ResourceNotFoundException: The specified log stream does not exist.',
    },
    {
      name: 'name of a stream',
      request: { logGroupName: 'g' } as { logGroupName: string; logStreamName: string },
      expected:
        "InvalidParameterException: 1 validation error detected: Value null at 'logStreamName' failed to satisfy constraint: Member must not be null",
    },
  ])('asks for the $name', async ({ request, expected }) => {
    const operation = () => opened.logs.putLogEvents({ ...request, logEvents: [event(1)] });
    expect(await refusal(operation)).toBe(expected);
  });

  it('gives every line back byte for byte, in the order in which they came', async () => {
    const lines = [
      record,
      record.replace(' 4249 ', ' 080 '),
      '{"a": 1}',
      record.replace('10.0.0.1', '2001:DB8::1'),
      record.replaceAll(' ', '  '),
      `${record} `,
      ` ${record}`,
      record.replace('OK', '-'),
      'two\nlines\u0000 ü😀',
      record,
    ];
    await put(...lines.map((message) => event(1, message)));
    expect(await messages()).toEqual(lines);
    await opened.store.flush();
    expect(await messages()).toEqual(lines);
    await opened.reopen();
    expect(await messages()).toEqual(lines);
  });

  it('takes many batches at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => put(event(100 - i, `${i} a`), event(100 - i, `${i} b`))),
    );
    const expected = Array.from({ length: 50 }, (_, i) => [`${i} a`, `${i} b`]).flat();
    expect(await messages()).toEqual(expected);
  });
});
