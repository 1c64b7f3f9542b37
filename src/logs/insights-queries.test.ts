import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AskedLogs, hour, noonSeconds, plainRows, recordOf } from '../../test/asked-logs.ts';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import { QueryError } from '../fault/index.ts';

describe('StartQuery', () => {
  let asked: AskedLogs;
  beforeAll(async () => {
    asked = await AskedLogs.open();
  });
  afterAll(() => asked.close());

  it('ends with rows of texts, and statistics', async () => {
    const { queryId } = await asked.start({});
    expect(queryId).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await asked.finished(queryId);
    expect(answer).toMatchObject({ status: 'Complete', queryLanguage: 'CWLI' });
    expect(plainRows(answer)).toEqual([{ srcAddr: '10.0.0.1' }, { srcAddr: '10.0.0.2' }]);
    expect(answer.results[0].at(-1)?.field).toBe('@ptr');
    expect(answer.statistics).toMatchObject({ recordsMatched: 2, recordsScanned: 2, logGroupsScanned: 1 });
  });

  it.each([
    {
      name: 'seconds, the end inclusive to its last millisecond',
      request: { startTime: noonSeconds, endTime: noonSeconds },
      expected: 2,
    },
    { name: 'milliseconds', request: { startTime: noonMs, endTime: noonMs }, expected: 1 },
    { name: 'a limit', request: { limit: 1 }, expected: 1 },
    {
      name: 'a limit in the text, which wins',
      request: { limit: 1, queryString: 'fields @message | limit 2' },
      expected: 2,
    },
    {
      name: 'an ARN',
      request: {
        logGroupName: '',
        logGroupIdentifiers: ['arn:aws:logs:eu-central-1:123456789012:log-group:g'],
      },
      expected: 2,
    },
    { name: 'two groups', request: { logGroupName: '', logGroupNames: ['g', 'h'] }, expected: 4 },
    { name: 'a range without events', request: { startTime: noonSeconds + 10 }, expected: 0 },
  ])('takes $name', async ({ request, expected }) => {
    const { queryId } = await asked.start({ queryString: 'fields @message', ...request });
    expect((await asked.finished(queryId)).results).toHaveLength(expected);
  });

  it.each([
    {
      name: 'an unknown group',
      request: { logGroupName: 'none' },
      expected: /^ResourceNotFoundException: Log group 'none' does not exist for account ID '123456789012'/,
    },
    { name: 'a star', request: { logGroupName: 'g*' }, expected: /^ResourceNotFoundException/ },
    {
      name: 'no group',
      request: { logGroupName: '' },
      expected: /^InvalidParameterException: Exactly one of/,
    },
    {
      name: 'groups in two ways',
      request: { logGroupNames: ['h'] },
      expected: /^InvalidParameterException: Exactly one of/,
    },
    {
      name: 'groups beside SOURCE',
      request: { queryString: 'SOURCE "h" | limit 1' },
      expected: /^InvalidParameterException: Exactly one of/,
    },
    {
      name: '51 groups',
      request: { logGroupName: '', logGroupNames: new Array<string>(51).fill('g') },
      expected: /less than or equal to 50$/,
    },
    {
      name: 'a range that is turned around',
      request: { startTime: noonSeconds + 9999 },
      expected: /^InvalidParameterException: End time/,
    },
    {
      name: 'a range before the group was made',
      request: { startTime: 0, endTime: 1000 },
      expected: /^MalformedQueryException: Query's end date and time is either before/,
    },
    { name: 'a limit of 100,001', request: { limit: 100_001 }, expected: /less than or equal to 100000$/ },
    {
      name: 'SQL',
      request: { queryLanguage: 'SQL' as const },
      expected: /^InvalidParameterException: Query language SQL/,
    },
    {
      name: '10,001 characters',
      request: { queryString: ' '.repeat(10_001) },
      expected: /less than or equal to 10000$/,
    },
  ])('refuses $name', async ({ request, expected }) => {
    expect(await refusal(() => asked.start(request))).toMatch(expected);
  });

  it('tells where a text is wrong', async () => {
    const error: unknown = await asked
      .start({ queryString: 'fields @message | fliter a = 1' })
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ start: 18, end: 24 });
  });
});

describe('queries that were started', () => {
  let asked: AskedLogs;
  beforeEach(async () => {
    asked = await AskedLogs.open({ queryBounds: { concurrent: 2 } });
  });
  afterEach(() => asked.close());

  it('are described, the newest first, as AWS writes them', async () => {
    const first = await asked.start({ queryString: 'fields @message' });
    asked.opened.nowMs += 5;
    const second = await asked.start({ logGroupName: 'h', queryString: 'limit 1' });
    await asked.finished(first.queryId);
    await asked.finished(second.queryId);
    const { queries } = asked.opened.logs.describeQueries();
    expect(queries.map(({ queryId }) => queryId)).toEqual([second.queryId, first.queryId]);
    expect(queries[1]).toMatchObject({
      queryLanguage: 'CWLI',
      queryString: `SOURCE "g" START=${noonSeconds - 1800}000 END=${noonSeconds + 1800}999 | fields @message`,
      status: 'Complete',
      createTime: noonMs,
      logGroupName: 'g',
    });
    expect(asked.opened.logs.describeQueries({ logGroupName: 'h' }).queries).toHaveLength(1);
    expect(asked.opened.logs.describeQueries({ status: 'Running' }).queries).toEqual([]);
    const page = asked.opened.logs.describeQueries({ maxResults: 1 });
    expect(page.queries).toHaveLength(1);
    expect(asked.opened.logs.describeQueries({ nextToken: page.nextToken ?? '' }).queries[0].queryId).toBe(
      first.queryId,
    );
  });

  it('can be asked again as they are described', async () => {
    await asked.finished((await asked.start({ queryString: 'fields srcAddr | sort srcAddr' })).queryId);
    const [{ queryString }] = asked.opened.logs.describeQueries().queries;
    const { queryId } = await asked.opened.logs.startQuery({ queryString, ...hour });
    expect(plainRows(await asked.finished(queryId))).toHaveLength(2);
  });

  it('are read in pages', async () => {
    await put2000();
    const { queryId } = await asked.start({
      logGroupName: 'many',
      queryString: 'fields @message | sort @message',
    });
    await asked.finished(queryId);
    const sizes: number[] = [];
    const seen = new Set<string>();
    let nextToken: string | undefined;
    do {
      const page = asked.opened.logs.getQueryResults({
        queryId,
        maxItems: 900,
        ...(nextToken ? { nextToken } : {}),
      });
      sizes.push(page.results.length);
      for (const row of plainRows(page)) seen.add(row['@message']);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(sizes).toEqual([900, 900, 200]);
    expect(seen.size).toBe(2000);
    const { nextToken: stale } = asked.opened.logs.getQueryResults({ queryId, maxItems: 900 });
    asked.opened.nowMs += 3_600_001;
    expect(await refusal(() => asked.opened.logs.getQueryResults({ queryId, nextToken: stale ?? '' }))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
  });

  async function put2000(): Promise<void> {
    await asked.opened.logs.createLogGroup({ logGroupName: 'many' });
    await asked.put('many', ...Array.from({ length: 2000 }, (_, i) => `message ${i}`));
  }

  it('are stopped', async () => {
    await put2000();
    const ids = await Promise.all(
      Array.from({ length: 4 }, () =>
        asked.start({ logGroupName: 'many', queryString: 'stats count(*) by @message' }),
      ),
    );
    // The third waits for one of the two that run.
    expect(asked.opened.logs.getQueryResults(ids[2]).status).toBe('Scheduled');
    expect(await asked.opened.logs.stopQuery(ids[2])).toEqual({ success: true });
    expect(await asked.opened.logs.stopQuery(ids[1])).toEqual({ success: true });
    const ends = await Promise.all(ids.map(({ queryId }) => asked.finished(queryId)));
    expect(ends.map(({ status }) => status)).toEqual(['Complete', 'Cancelled', 'Cancelled', 'Complete']);
    expect(await refusal(() => asked.opened.logs.stopQuery(ids[0]))).toBe(
      'InvalidParameterException: The specified query is not running.',
    );
  });

  it('are a hundred at once', async () => {
    await Promise.all(Array.from({ length: 100 }, () => asked.start({})));
    expect(await refusal(() => asked.start({}))).toMatch(/^LimitExceededException/);
    await asked.opened.logs.close();
    expect(new Set(asked.opened.logs.describeQueries().queries.map(({ status }) => status))).toEqual(
      new Set(['Cancelled']),
    );
  });

  it('find what came while they waited', async () => {
    await asked.opened.logs.createLogGroup({ logGroupName: 'new' });
    await put2000();
    const slow = { logGroupName: 'many', queryString: 'stats count_distinct(sha256(@message)) by @message' };
    for (let i = 0; i < 6; i++) await asked.start(slow);
    const text = 'filter @message like /x/ | fields @message, srcAddr';
    const { queryId } = await asked.start({ logGroupName: 'new', queryString: text });
    await asked.put('new', 'x', `${recordOf('10.0.0.1', 80)}x`, recordOf('10.0.0.1', 80));
    expect(asked.opened.logs.getQueryResults({ queryId }).status).toBe('Scheduled');
    expect(plainRows(await asked.finished(queryId))).toEqual([
      expect.objectContaining({ srcAddr: '10.0.0.1' }),
      { '@message': 'x' },
    ]);
  });

  it('are forgotten after seven days', async () => {
    const { queryId } = await asked.start({});
    await asked.finished(queryId);
    asked.opened.nowMs += 7 * 86_400_000 + 1;
    expect(asked.opened.logs.describeQueries().queries).toEqual([]);
    expect(await refusal(() => asked.opened.logs.getQueryResults({ queryId }))).toMatch(
      /^ResourceNotFoundException/,
    );
  });
});

describe('bounds of queries', () => {
  it('end a query that takes too long', async () => {
    const bounded = await OpenedLogs.open({ queryBounds: { timeoutMs: 1 } });
    try {
      const file = await bounded.logs.beginImport({
        logGroupName: 'g',
        logStreamName: 's',
        sha256: '1',
        fileName: 'x',
      });
      const events = Array.from({ length: 200_000 }, (_, i) => ({
        timestamp: noonMs,
        message: `message ${i}`,
      }));
      await file?.addEvents(events);
      await file?.finish();
      const queryString = 'stats count_distinct(sha256(@message)) as n by md5(@message) | sort n';
      const { queryId } = await bounded.logs.startQuery({ logGroupName: 'g', queryString, ...hour });
      await expect.poll(() => bounded.logs.getQueryResults({ queryId }).status).toBe('Timeout');
    } finally {
      await bounded.close();
    }
  });

  it('end a query whose result is too large', async () => {
    const bounded = await OpenedLogs.open({ queryBounds: { resultUnits: 100 } });
    try {
      const stream = { logGroupName: 'g', logStreamName: 's' };
      await bounded.logs.createLogGroup(stream);
      await bounded.logs.createLogStream(stream);
      await bounded.logs.putLogEvents({
        ...stream,
        logEvents: [{ timestamp: noonMs, message: 'x'.repeat(200) }],
      });
      const { queryId } = await bounded.logs.startQuery({
        logGroupName: 'g',
        queryString: 'fields @message',
        ...hour,
      });
      await expect.poll(() => bounded.logs.getQueryResults({ queryId }).status).toBe('Failed');
    } finally {
      await bounded.close();
    }
  });
});
