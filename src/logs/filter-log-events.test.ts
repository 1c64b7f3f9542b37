import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import type { FilterLogEventsRequest } from './shapes.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  await opened.logs.createLogGroup({ logGroupName: 'g' });
  for (const logStreamName of ['a1', 'a2', 'b']) {
    await opened.logs.createLogStream({ logGroupName: 'g', logStreamName });
  }
});
afterEach(() => opened.close());

/** One event a call, so that each has an ingestion time of its own. */
async function put(logStreamName: string, afterNoonMs: number, message: string): Promise<void> {
  await opened.logs.putLogEvents({
    logGroupName: 'g',
    logStreamName,
    logEvents: [{ timestamp: noonMs + afterNoonMs, message }],
  });
  opened.nowMs += 1;
}

async function fill(): Promise<void> {
  await put('b', 2, 'c ERROR');
  await put('a1', 0, 'a');
  await put('a2', 1, 'b ERROR');
  await put('a1', 2, 'd');
  await put('b', 3, 'e ERROR');
}

async function find(request: FilterLogEventsRequest = {}): Promise<string> {
  const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g', ...request });
  return events.map(({ message }) => message[0]).join('');
}

describe('FilterLogEvents', () => {
  beforeEach(fill);

  it.each([
    { name: 'all streams in the order of timestamp and ingestion time', request: {}, expected: 'abcde' },
    { name: 'a pattern', request: { filterPattern: 'ERROR' }, expected: 'bce' },
    { name: 'the first that match', request: { filterPattern: 'ERROR', limit: 2 }, expected: 'bc' },
    { name: 'streams by name', request: { logStreamNames: ['a1', 'b'] }, expected: 'acde' },
    { name: 'streams by prefix', request: { logStreamNamePrefix: 'a' }, expected: 'abd' },
    { name: 'no stream of a prefix', request: { logStreamNamePrefix: 'z' }, expected: '' },
    {
      name: 'from a time and to a time, both inclusive',
      request: { startTime: noonMs + 1, endTime: noonMs + 2 },
      expected: 'bcd',
    },
    { name: 'the newest first', request: { startFromHead: false, startTime: noonMs }, expected: 'edcba' },
    {
      name: 'the newest first, some',
      request: { startFromHead: false, startTime: noonMs, limit: 2, endTime: noonMs + 2 },
      expected: 'dc',
    },
  ])('finds $name', async ({ request, expected }) => {
    expect(await find(request)).toBe(expected);
    await opened.store.flush();
    expect(await find(request)).toBe(expected);
  });

  it('tells where an event is, and its id', async () => {
    const { events, searchedLogStreams, nextToken } = await opened.logs.filterLogEvents({
      logGroupName: 'g',
    });
    expect(events[2]).toEqual({
      logStreamName: 'b',
      timestamp: noonMs + 2,
      message: 'c ERROR',
      ingestionTime: noonMs,
      eventId: expect.stringMatching(/^[0-9]{56}$/),
    });
    expect(searchedLogStreams).toEqual([]);
    expect(nextToken).toBeUndefined();
    const ids = events.map(({ eventId }) => eventId);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(5);
  });

  it.each([{ startFromHead: true }, { startFromHead: false, startTime: noonMs }])(
    'gives pages, %o',
    async (request) => {
      for (const limit of [1, 2, 5]) {
        let found = '';
        let nextToken: string | undefined;
        do {
          const page = await opened.logs.filterLogEvents({
            logGroupName: 'g',
            filterPattern: '?ERROR ?d',
            limit,
            // The token knows the direction.
            ...(nextToken === undefined ? request : { nextToken }),
          });
          found += page.events.map(({ message }) => message[0]).join('');
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
        expect(found).toBe(request.startFromHead ? 'bcde' : 'edcb');
      }
    },
  );

  it('ends when who asked has gone', async () => {
    const reason = new Error('gone');
    const asked = opened.logs.filterLogEvents({ logGroupName: 'g' }, { signal: AbortSignal.abort(reason) });
    await expect(asked).rejects.toBe(reason);
  });

  it('ends a page at 1 MB', async () => {
    for (const letter of ['x', 'y']) await put('b', 10, letter + ' '.repeat(700_000));
    const first = await opened.logs.filterLogEvents({ logGroupName: 'g', startTime: noonMs + 10 });
    expect(first.events.map(({ message }) => message[0])).toEqual(['x']);
    const second = await opened.logs.filterLogEvents({ logGroupName: 'g', nextToken: first.nextToken ?? '' });
    expect(second.events.map(({ message }) => message[0])).toEqual(['y']);
  });

  it.each([
    {
      name: 'names and a prefix of streams',
      request: { logStreamNames: ['b'], logStreamNamePrefix: 'a' },
      expected: /^InvalidParameterException: .*mutually exclusive/,
    },
    {
      name: 'an unknown stream',
      request: { logStreamNames: ['none'] },
      expected: 'ResourceNotFoundException: The specified log stream does not exist.',
    },
    {
      name: '101 streams',
      request: { logStreamNames: Array.from({ length: 101 }, (_, i) => String(i)) },
      expected: /Member must have length less than or equal to 100/,
    },
    {
      name: 'the newest first from long ago',
      request: { startFromHead: false, startTime: Date.UTC(2023, 11, 31) },
      expected: /^InvalidParameterException: startFromHead=false/,
    },
    {
      name: 'a pattern that is none',
      request: { filterPattern: '{ $.a = }' },
      expected: /^InvalidParameterException: Invalid filter pattern: /,
    },
    {
      name: 'a pattern of 1,025 characters',
      request: { filterPattern: 'x'.repeat(1025) },
      expected: /Member must have length less than or equal to 1024/,
    },
    {
      name: 'a token of nobody',
      request: { nextToken: 'abc' },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
    {
      name: 'a token with another event',
      request: { nextToken: Buffer.from('{"after":"1","descending":true}').toString('base64url') },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => find(request))).toMatch(expected);
  });
});
