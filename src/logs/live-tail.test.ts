import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import type { TailRequest } from './live-tail.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  for (const logGroupName of ['g', 'h']) {
    await opened.logs.createLogGroup({ logGroupName });
    for (const logStreamName of ['a', 'b'])
      await opened.logs.createLogStream({ logGroupName, logStreamName });
  }
});
afterEach(() => opened.close());

const record = '2 123456789010 eni-1 10.0.0.1 ::1 1 2 6 20 4249 1418530010 1418530070 ACCEPT OK';

async function put(logGroupName: string, logStreamName: string, ...messages: string[]): Promise<void> {
  const logEvents = messages.map((message) => ({ timestamp: noonMs, message }));
  await opened.logs.putLogEvents({ logGroupName, logStreamName, logEvents });
}

/** What a tail gives until it has ended. */
async function messagesOf(tail: ReturnType<OpenedLogs['logs']['tail']>): Promise<string[]> {
  const found: string[] = [];
  for await (const { events } of tail) found.push(...events.map(({ message }) => message));
  return found;
}

describe('a live tail', () => {
  it.each([
    { name: 'a group', request: { logGroupIdentifiers: ['g'] }, expected: [record, 'x', 'y'] },
    {
      name: 'two groups',
      request: { logGroupIdentifiers: ['g', 'arn:aws:logs:eu-central-1:123456789012:log-group:h'] },
      expected: [record, 'x', 'y', 'z'],
    },
    { name: 'a stream', request: { logGroupIdentifiers: ['g'], logStreamNames: ['b'] }, expected: ['y'] },
    {
      name: 'a prefix of streams',
      request: { logGroupIdentifiers: ['g'], logStreamNamePrefixes: ['a', 'z'] },
      expected: [record, 'x'],
    },
    {
      name: 'a pattern',
      request: { logGroupIdentifiers: ['g', 'h'], logEventFilterPattern: '?x ?z' },
      expected: ['x', 'z'],
    },
    {
      name: 'a pattern on records',
      request: { logGroupIdentifiers: ['g'], logEventFilterPattern: '[v, a, e, s, d, sp, dp = 2, ...]' },
      expected: [record],
    },
  ])('shows what comes to $name', async ({ request, expected }) => {
    await put('g', 'a', 'before');
    const end = new AbortController();
    const tail = opened.logs.tail({ ...request, signal: end.signal });
    const found = messagesOf(tail);
    await put('g', 'a', record, 'x');
    await put('g', 'b', 'y');
    await put('h', 'a', 'z');
    end.abort();
    await put('g', 'a', 'after');
    expect(await found).toEqual(expected);
  });

  it('tells where an event is', async () => {
    const tail = opened.logs.tail({ logGroupIdentifiers: ['g'] });
    await put('g', 'a', 'x');
    expect(await tail.next()).toEqual({
      done: false,
      value: {
        dropped: 0,
        events: [
          {
            timestamp: noonMs,
            message: 'x',
            ingestionTime: noonMs,
            logGroupName: 'g',
            logStreamName: 'a',
            logGroupIdentifier: 'arn:aws:logs:eu-central-1:123456789012:log-group:g',
          },
        ],
      },
    });
    await tail.return?.();
    expect(await tail.next()).toEqual({ done: true, value: undefined });
  });

  it('drops the oldest for a reader who does not come, and counts them', async () => {
    const tail = opened.logs.tail({ logGroupIdentifiers: ['g'] });
    await put('g', 'a', ...Array.from({ length: 10_000 }, (_, i) => String(i)));
    const { value } = await tail.next();
    expect(value.dropped + value.events.length).toBe(10_000);
    expect(value.events.length).toBeLessThanOrEqual(5_000);
    expect(value.events.at(-1).message).toBe('9999');
    await put('g', 'a', 'x');
    expect((await tail.next()).value).toMatchObject({ dropped: 0, events: [{ message: 'x' }] });
  });

  it('ends with the logs', async () => {
    const found = messagesOf(opened.logs.tail({ logGroupIdentifiers: ['g'] }));
    await opened.logs.close();
    expect(await found).toEqual([]);
  });

  it.each<{ name: string; request: TailRequest; expected: string | RegExp }>([
    {
      name: 'names and prefixes',
      request: { logGroupIdentifiers: ['g'], logStreamNames: ['a'], logStreamNamePrefixes: ['a'] },
      expected:
        'InvalidParameterException: Only one of logStreamNames or logStreamNamePrefixes can be provided.',
    },
    {
      name: 'streams of two groups',
      request: { logGroupIdentifiers: ['g', 'h'], logStreamNames: ['a'] },
      expected:
        'InvalidParameterException: logStreamNames and logStreamNamePrefixes can only be used with a single log group.',
    },
    { name: 'no group', request: { logGroupIdentifiers: [] }, expected: /greater than or equal to 1$/ },
    {
      name: 'an unknown group',
      request: { logGroupIdentifiers: ['none'] },
      expected: 'ResourceNotFoundException: The specified log group does not exist.',
    },
    {
      name: 'a pattern that is none',
      request: { logGroupIdentifiers: ['g'], logEventFilterPattern: '[' },
      expected: /^InvalidParameterException: Invalid filter pattern/,
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => opened.logs.tail(request))).toMatch(expected);
  });

  it('is for 15 readers', async () => {
    const tails = Array.from({ length: 15 }, () => opened.logs.tail({ logGroupIdentifiers: ['g'] }));
    const another = () => opened.logs.tail({ logGroupIdentifiers: ['g'] });
    expect(await refusal(another)).toBe('LimitExceededException: Resource limit exceeded.');
    await tails[0].return?.();
    expect(await refusal(another)).toBe('no error');
  });
});
