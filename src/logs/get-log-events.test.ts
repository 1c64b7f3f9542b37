import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import type { GetLogEventsRequest } from './shapes.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  await opened.logs.createLogGroup({ logGroupName: 'g' });
  await opened.logs.createLogStream(stream);
  await opened.logs.createLogStream({ ...stream, logStreamName: 'other' });
});
afterEach(() => opened.close());

const stream = { logGroupName: 'g', logStreamName: 's' };

/** Events at 0 ms, 1 ms … after noon. */
async function put(...messages: string[]): Promise<void> {
  const logEvents = messages.map((message, i) => ({ timestamp: noonMs + i, message }));
  await opened.logs.putLogEvents({ ...stream, logEvents });
  await opened.logs.putLogEvents({ logGroupName: 'g', logStreamName: 'other', logEvents });
}

async function page(request: Partial<GetLogEventsRequest> = {}) {
  const { events, nextForwardToken, nextBackwardToken } = await opened.logs.getLogEvents({
    ...stream,
    ...request,
  });
  return { text: events.map(({ message }) => message).join(''), nextForwardToken, nextBackwardToken };
}

describe('GetLogEvents', () => {
  it.each([
    { name: 'all', request: {}, expected: 'abcde' },
    { name: 'the newest', request: { limit: 2 }, expected: 'de' },
    { name: 'the oldest', request: { limit: 2, startFromHead: true }, expected: 'ab' },
    { name: 'from a time, inclusive', request: { startTime: noonMs + 3 }, expected: 'de' },
    { name: 'to a time, exclusive', request: { endTime: noonMs + 3 }, expected: 'abc' },
    { name: 'nothing between equal times', request: { startTime: noonMs, endTime: noonMs }, expected: '' },
    {
      name: 'the oldest from a time',
      request: { startTime: noonMs + 1, startFromHead: true, limit: 2 },
      expected: 'bc',
    },
  ])('gives $name', async ({ request, expected }) => {
    await put('a', 'b', 'c', 'd', 'e');
    expect((await page(request)).text).toBe(expected);
  });

  it('gives timestamp, message and ingestion time', async () => {
    await put('a');
    expect((await opened.logs.getLogEvents(stream)).events).toEqual([
      { timestamp: noonMs, message: 'a', ingestionTime: noonMs },
    ]);
  });

  it('goes forward to the end, and on when more comes', async () => {
    await put('a', 'b', 'c');
    const first = await page({ limit: 2, startFromHead: true });
    const second = await page({ limit: 2, startFromHead: true, nextToken: first.nextForwardToken });
    const third = await page({ limit: 2, startFromHead: true, nextToken: second.nextForwardToken });
    expect([first.text, second.text, third.text]).toEqual(['ab', 'c', '']);
    expect(third.nextForwardToken).toBe(second.nextForwardToken);
    opened.nowMs += 60_000;
    await opened.logs.putLogEvents({ ...stream, logEvents: [{ timestamp: opened.nowMs, message: 'd' }] });
    expect((await page({ nextToken: third.nextForwardToken })).text).toBe('d');
  });

  it('goes backward to the beginning, each page oldest first', async () => {
    await put('a', 'b', 'c', 'd', 'e');
    const first = await page({ limit: 2 });
    const second = await page({ limit: 2, nextToken: first.nextBackwardToken });
    const third = await page({ limit: 2, nextToken: second.nextBackwardToken });
    const fourth = await page({ limit: 2, nextToken: third.nextBackwardToken });
    expect([first.text, second.text, third.text, fourth.text]).toEqual(['de', 'bc', 'a', '']);
    expect(fourth.nextBackwardToken).toBe(third.nextBackwardToken);
    expect((await page({ limit: 2, nextToken: third.nextForwardToken })).text).toBe('bc');
    expect((await page({ limit: 2, nextToken: fourth.nextForwardToken })).text).toBe('ab');
  });

  it('turns around at the end', async () => {
    await put('a', 'b', 'c');
    const all = await page();
    const end = await page({ nextToken: all.nextForwardToken });
    expect(end.text).toBe('');
    expect((await page({ limit: 2, nextToken: end.nextBackwardToken })).text).toBe('bc');
  });

  it.each([{ startFromHead: true }, { startFromHead: false }])(
    'waits at an empty stream, %o',
    async (request) => {
      const empty = await page(request);
      expect(empty.text).toBe('');
      const again = await page({ nextToken: empty.nextForwardToken });
      expect(again).toMatchObject({ text: '', nextForwardToken: empty.nextForwardToken });
      await put('a', 'b');
      expect((await page({ nextToken: empty.nextForwardToken })).text).toBe('ab');
    },
  );

  it('tells equal times apart', async () => {
    const logEvents = Array.from({ length: 6 }, (_, i) => ({ timestamp: noonMs, message: String(i) }));
    await opened.logs.putLogEvents({ ...stream, logEvents });
    let text = '';
    let nextToken: string | undefined;
    for (let i = 0; i < 3; i++) {
      const got = await page({ limit: 2, startFromHead: true, ...(nextToken ? { nextToken } : {}) });
      text += got.text;
      nextToken = got.nextForwardToken;
    }
    expect(text).toBe('012345');
  });

  it('reads no more long messages than a page has', async () => {
    const file = await opened.logs.beginImport({ ...stream, sha256: '1', fileName: 'x' });
    const message = 'x'.repeat(1_000_000);
    const events = Array.from({ length: 20 }, (_, i) => ({ timestamp: noonMs + i, message }));
    await file?.addEvents(events);
    const range = { group: 1, startMs: 0, endMs: noonMs * 2, limit: 10_000 };
    for (const maxBytes of [1, 2_500_000]) {
      for (const state of ['recent', 'in segments']) {
        const read = await opened.store.readEvents({ ...range, maxBytes });
        expect([state, read.length]).toEqual([state, Math.ceil(maxBytes / 1_000_000)]);
        await opened.store.flush();
      }
    }
    expect((await page({ startFromHead: true })).text).toHaveLength(1_000_000);
    const found = await opened.logs.filterLogEvents({ logGroupName: 'g', filterPattern: 'nowhere' });
    expect(found).toEqual({ events: [], searchedLogStreams: [] });
  });

  it('gives a page of 1 MB at most, and one event at least', async () => {
    const long = 'x'.repeat(600_000);
    for (const letter of ['a', 'b']) {
      await opened.logs.putLogEvents({
        ...stream,
        logEvents: [{ timestamp: noonMs, message: letter + long }],
      });
    }
    const newest = await page();
    expect(newest.text[0]).toBe('b');
    expect(newest.text.length).toBe(long.length + 1);
    expect((await page({ nextToken: newest.nextBackwardToken })).text[0]).toBe('a');
  });

  it.each([
    {
      name: 'a token of nobody',
      request: { nextToken: 'x' },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
    {
      name: 'a token without its end',
      request: { nextToken: `f/${'1'.repeat(56)}` },
      expected: 'InvalidParameterException: The specified nextToken is invalid.',
    },
    {
      name: 'a limit of 10,001',
      request: { limit: 10_001 },
      expected:
        "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
    },
    {
      name: 'a limit of one and a half',
      request: { limit: 1.5 },
      expected:
        "InvalidParameterException: 1 validation error detected: Value '1.5' at 'limit' failed to satisfy constraint: Member must be a whole number",
    },
    {
      name: 'an unknown stream',
      request: { logStreamName: 'none' },
      expected: 'ResourceNotFoundException: The specified log stream does not exist.',
    },
    {
      name: 'an unknown group',
      request: { logGroupName: 'none' },
      expected: 'ResourceNotFoundException: The specified log group does not exist.',
    },
    {
      name: 'a name and an ARN',
      request: { logGroupIdentifier: 'g' },
      expected: 'ValidationException: LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => page(request))).toBe(expected);
  });

  it('is not for the Infrequent Access class', async () => {
    await opened.logs.createLogGroup({ logGroupName: 'cold', logGroupClass: 'INFREQUENT_ACCESS' });
    await opened.logs.createLogStream({ logGroupName: 'cold', logStreamName: 's' });
    expect(await refusal(() => page({ logGroupName: 'cold' }))).toMatch(
      /^InvalidParameterException: GetLogEvents/,
    );
    expect(await refusal(() => opened.logs.filterLogEvents({ logGroupName: 'cold' }))).toMatch(
      /^InvalidParameterException: FilterLogEvents/,
    );
  });
});
