import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import { QueryError } from '../fault/index.ts';
import type { GetQueryResultsResponse, StartQueryRequest } from './query-shapes.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open({ queryBounds: { concurrent: 2 } });
  opened.nowMs -= 3_600_000;
  await opened.logs.createLogGroup({ logGroupName: 'g', tags: { team: 'net', stage: 'prod-1' } });
  await opened.logs.createLogGroup({ logGroupName: 'h' });
  await opened.logs.createLogGroup({ logGroupName: 'cold', logGroupClass: 'INFREQUENT_ACCESS' });
  opened.nowMs = noonMs;
  await put('g', record('10.0.0.1', 80), record('10.0.0.2', 443));
  await put('h', '{"a": {"b": 1}, "list": [1, "x"], "@c": "d"}', 'plain');
});
afterEach(() => opened.close());

const noonSeconds = noonMs / 1000;
const record = (address: string, port: number) =>
  `2 123456789010 eni-1 ${address} 10.0.0.9 1000 ${port} 6 20 4249 ${noonSeconds} ${noonSeconds + 60} ACCEPT OK`;

async function put(logGroupName: string, ...messages: string[]): Promise<void> {
  const stream = { logGroupName, logStreamName: 's' };
  await opened.logs.createLogStream(stream);
  await opened.logs.putLogEvents({
    ...stream,
    logEvents: messages.map((message, i) => ({ timestamp: noonMs + i, message })),
  });
}

const hour = { startTime: noonSeconds - 1800, endTime: noonSeconds + 1800 };
const start = (request: Partial<StartQueryRequest>) =>
  opened.logs.startQuery({
    logGroupName: 'g',
    queryString: 'fields srcAddr | sort srcAddr',
    ...hour,
    ...request,
  });

async function finished(queryId: string): Promise<GetQueryResultsResponse> {
  for (;;) {
    const answer = opened.logs.getQueryResults({ queryId });
    if (answer.status !== 'Scheduled' && answer.status !== 'Running') return answer;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const plainRows = ({ results }: GetQueryResultsResponse) =>
  results.map((row) =>
    Object.fromEntries(row.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value])),
  );

describe('StartQuery', () => {
  it('ends with rows of texts, and statistics', async () => {
    const { queryId } = await start({});
    expect(queryId).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await finished(queryId);
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
    const { queryId } = await start({ queryString: 'fields @message', ...request });
    expect((await finished(queryId)).results).toHaveLength(expected);
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
    expect(await refusal(() => start(request))).toMatch(expected);
  });

  it('tells where a text is wrong', async () => {
    const error: unknown = await start({ queryString: 'fields @message | fliter a = 1' }).catch(
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ start: 18, end: 24 });
  });

  it('is not asked for what is before the creation of the group, but for what comes then', async () => {
    const file = await opened.logs.beginImport({
      logGroupName: 'g',
      logStreamName: 'old',
      sha256: '1',
      fileName: 'x',
    });
    await file?.addEvents([{ timestamp: noonMs - 86_400_000, message: 'old' }]);
    await file?.finish();
    const { queryId } = await start({ queryString: 'fields @message', startTime: 0 });
    expect((await finished(queryId)).results).toHaveLength(3);
  });
});

describe('a query over several groups', () => {
  it('looks as far back in each as that was made', async () => {
    const file = await opened.logs.beginImport({
      logGroupName: 'old',
      logStreamName: 's',
      sha256: '1',
      fileName: 'x',
    });
    await file?.addEvents([{ timestamp: noonMs - 86_400_000, message: '{"port": "443", "name": "https"}' }]);
    await file?.finish();
    const queryString =
      'fields dstPort | join left=l right=r where l.dstPort = r.port (SOURCE "old" | fields port, name) | fields r.name';
    const { queryId } = await start({ queryString, startTime: 0 });
    expect(plainRows(await finished(queryId))).toMatchObject([{ 'r.name': 'https' }]);
  });

  it('lacks some commands where one of them is of the Infrequent Access class', async () => {
    const ask = (queryString: string) => () => start({ logGroupName: 'cold', queryString });
    await expect(ask('pattern @message')).rejects.toMatchObject({ start: 0, end: 16 });
    const three = 'stats count(*) as a by @log | stats sum(a) as b by @log | stats max(b)';
    await expect(ask(three)).rejects.toMatchObject({ name: 'QueryError', start: three.lastIndexOf('stats') });
    expect(await refusal(ask('stats count(*)'))).toBe('no error');
  });
});

describe('queries that were started', () => {
  it('are described, the newest first, as AWS writes them', async () => {
    const first = await start({ queryString: 'fields @message' });
    opened.nowMs += 5;
    const second = await start({ logGroupName: 'h', queryString: 'limit 1' });
    await finished(first.queryId);
    await finished(second.queryId);
    const { queries } = opened.logs.describeQueries();
    expect(queries.map(({ queryId }) => queryId)).toEqual([second.queryId, first.queryId]);
    expect(queries[1]).toMatchObject({
      queryLanguage: 'CWLI',
      queryString: `SOURCE "g" START=${noonSeconds - 1800}000 END=${noonSeconds + 1800}999 | fields @message`,
      status: 'Complete',
      createTime: noonMs,
      logGroupName: 'g',
    });
    expect(opened.logs.describeQueries({ logGroupName: 'h' }).queries).toHaveLength(1);
    expect(opened.logs.describeQueries({ status: 'Running' }).queries).toEqual([]);
    const page = opened.logs.describeQueries({ maxResults: 1 });
    expect(page.queries).toHaveLength(1);
    expect(opened.logs.describeQueries({ nextToken: page.nextToken ?? '' }).queries[0].queryId).toBe(
      first.queryId,
    );
  });

  it('can be asked again as they are described', async () => {
    await finished((await start({ queryString: 'fields srcAddr | sort srcAddr' })).queryId);
    const [{ queryString }] = opened.logs.describeQueries().queries;
    const { queryId } = await opened.logs.startQuery({ queryString, ...hour });
    expect(plainRows(await finished(queryId))).toHaveLength(2);
  });

  it('are read in pages', async () => {
    await put2000();
    const { queryId } = await start({ logGroupName: 'many', queryString: 'fields @message | sort @message' });
    await finished(queryId);
    const sizes: number[] = [];
    const seen = new Set<string>();
    let nextToken: string | undefined;
    do {
      const page = opened.logs.getQueryResults({
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
    const { nextToken: stale } = opened.logs.getQueryResults({ queryId, maxItems: 900 });
    opened.nowMs += 3_600_001;
    expect(await refusal(() => opened.logs.getQueryResults({ queryId, nextToken: stale ?? '' }))).toBe(
      'InvalidParameterException: The specified nextToken is invalid.',
    );
  });

  async function put2000(): Promise<void> {
    await opened.logs.createLogGroup({ logGroupName: 'many' });
    await put('many', ...Array.from({ length: 2000 }, (_, i) => `message ${i}`));
  }

  it('are stopped', async () => {
    await put2000();
    const ids = await Promise.all(
      Array.from({ length: 4 }, () =>
        start({ logGroupName: 'many', queryString: 'stats count(*) by @message' }),
      ),
    );
    // The third waits for one of the two that run.
    expect(opened.logs.getQueryResults(ids[2]).status).toBe('Scheduled');
    expect(await opened.logs.stopQuery(ids[2])).toEqual({ success: true });
    expect(await opened.logs.stopQuery(ids[1])).toEqual({ success: true });
    const ends = await Promise.all(ids.map(({ queryId }) => finished(queryId)));
    expect(ends.map(({ status }) => status)).toEqual(['Complete', 'Cancelled', 'Cancelled', 'Complete']);
    expect(await refusal(() => opened.logs.stopQuery(ids[0]))).toBe(
      'InvalidParameterException: The specified query is not running.',
    );
  });

  it('are a hundred at once', async () => {
    await Promise.all(Array.from({ length: 100 }, () => start({})));
    expect(await refusal(() => start({}))).toMatch(/^LimitExceededException/);
    await opened.logs.close();
    expect(new Set(opened.logs.describeQueries().queries.map(({ status }) => status))).toEqual(
      new Set(['Cancelled']),
    );
  });

  it('are forgotten after seven days', async () => {
    const { queryId } = await start({});
    await finished(queryId);
    opened.nowMs += 7 * 86_400_000 + 1;
    expect(opened.logs.describeQueries().queries).toEqual([]);
    expect(await refusal(() => opened.logs.getQueryResults({ queryId }))).toMatch(
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

describe('SOURCE', () => {
  const groupsOf = async (source: string) => {
    const { queryId } = await opened.logs.startQuery({
      queryString: `SOURCE ${source} | stats count(*) as n by @log | sort @log`,
      ...hour,
    });
    return plainRows(await finished(queryId)).map((row) => row['@log'].split(':')[1]);
  };

  it.each([
    { source: '"g"', expected: ['g'] },
    { source: '"h" | SOURCE "g"', expected: ['g', 'h'] },
    { source: 'logGroups()', expected: ['g', 'h'] },
    { source: "logGroups(namePrefix: ['h', 'x'])", expected: ['h'] },
    { source: "logGroups(accountIdentifiers: ['123456789012'])", expected: ['g', 'h'] },
    { source: 'logGroupTags([{"key": "team"}])', expected: ['g'] },
    { source: 'logGroupTags([{"key": "stage", "values": ["prod-*", "test"]}])', expected: ['g'] },
    { source: "dataSource(['amazon_vpc.flow'])", expected: ['g'] },
    { source: "dataSource(['amazon_vpc.flow']) logGroups(namePrefix: ['g'])", expected: ['g'] },
  ])('$source', async ({ source, expected }) => {
    expect(await groupsOf(source)).toEqual(expected);
  });

  it.each([
    { source: '"none"', message: "Log group 'none' does not exist for account ID '123456789012'" },
    { source: "logGroups(namePrefix: ['none'])", message: 'SOURCE selects no log group' },
    {
      source: "logGroups(namePrefix: ['a','b','c','d','e','f'])",
      message: 'SOURCE takes at most 5 name prefixes',
    },
    { source: "logGroups(accountIdentifiers: ['1'])", message: 'SOURCE selects no log group' },
    {
      source: 'logGroupTags([{"key": "stage", "values": ["!prod*"]}])',
      message: 'SOURCE selects no log group',
    },
    { source: "dataSource(['aws_waf.x'])", message: 'SOURCE selects no log group' },
    { source: '"g" logGroups()', message: 'SOURCE either names log groups or selects them' },
  ])('$source is refused', async ({ source, message }) => {
    const error: unknown = await groupsOf(source).catch((reason) => reason);
    expect(error).toBeInstanceOf(QueryError);
    expect(error).toMatchObject({ message });
  });
});

describe('a query of the same process', () => {
  const ask = (request: Partial<Parameters<typeof opened.logs.runQuery>[0]>) =>
    opened.logs.runQuery({
      logGroups: ['g'],
      startMs: noonMs - 3_600_000,
      endMs: noonMs + 3_600_000,
      queryString: 'fields srcAddr, none | sort srcAddr',
      ...request,
    });

  it('gives columns and rows', async () => {
    expect(await ask({})).toMatchObject({
      columns: ['srcAddr', 'none', '@ptr'],
      hasPointer: true,
      rows: [
        ['10.0.0.1', null, expect.any(String)],
        ['10.0.0.2', null, expect.any(String)],
      ],
      statistics: { recordsScanned: 2 },
    });
  });

  it('knows beginnings of names', async () => {
    const { statistics } = await ask({ logGroups: ['*'] });
    expect(statistics).toMatchObject({ recordsScanned: 4, logGroupsScanned: 3 });
    expect(await refusal(() => ask({ logGroups: ['x*'] }))).toMatch(
      /^ResourceNotFoundException: Log group 'x\*'/,
    );
    expect(await refusal(() => ask({ logGroups: [] }))).toMatch(/^InvalidParameterException: Exactly one/);
  });

  it('finds nothing before its group was made', async () => {
    expect((await ask({ startMs: 0, endMs: 1000 })).rows).toEqual([]);
  });

  it('ends when it is aborted', async () => {
    const reason = new Error('stop');
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('GetLogRecord', () => {
  const pointerTo = async (logGroupName: string, text: string) => {
    const { queryId } = await start({
      logGroupName,
      queryString: `fields @message | filter @message like '${text}'`,
    });
    return (await finished(queryId)).results[0].at(-1)?.value ?? '';
  };

  it('gives all fields of a record', async () => {
    const logRecordPointer = await pointerTo('g', '10.0.0.2');
    expect(await opened.logs.getLogRecord({ logRecordPointer })).toEqual({
      logRecord: {
        '@ingestionTime': String(noonMs),
        '@log': '123456789012:g',
        '@logStream': 's',
        '@message': record('10.0.0.2', 443),
        '@ptr': logRecordPointer,
        '@timestamp': String(noonMs + 1),
        accountId: '123456789010',
        action: 'ACCEPT',
        bytes: '4249',
        dstAddr: '10.0.0.9',
        dstPort: '443',
        endTime: String(noonSeconds + 60),
        interfaceId: 'eni-1',
        logStatus: 'OK',
        packets: '20',
        protocol: '6',
        srcAddr: '10.0.0.2',
        srcPort: '1000',
        startTime: String(noonSeconds),
        version: '2',
      },
    });
  });

  it('gives the fields of JSON', async () => {
    const logRecordPointer = await pointerTo('h', 'list');
    const { logRecord } = await opened.logs.getLogRecord({ logRecordPointer });
    expect(logRecord).toMatchObject({ 'a.b': '1', 'list.0': '1', 'list.1': 'x', '@@c': 'd' });
  });

  it.each([
    { name: 'no pointer', logRecordPointer: '?', expected: /^InvalidParameterException/ },
    {
      name: 'a group that is gone',
      logRecordPointer: btoa('1:1:1:none'),
      expected: /^ResourceNotFoundException/,
    },
    {
      name: 'an event that is gone',
      logRecordPointer: btoa('1:1:123456789012:g'),
      expected: /^ResourceNotFoundException/,
    },
  ])('refuses $name', async ({ logRecordPointer, expected }) => {
    expect(await refusal(() => opened.logs.getLogRecord({ logRecordPointer }))).toMatch(expected);
  });
});

describe('GetLogGroupFields', () => {
  it('tells how many events have a field', async () => {
    opened.nowMs += 60_000;
    const { logGroupFields } = await opened.logs.getLogGroupFields({ logGroupName: 'h' });
    expect(logGroupFields).toEqual([
      ...['@ingestionTime', '@log', '@logStream', '@message', '@timestamp'].map((name) => ({
        name,
        percent: 100,
      })),
      ...['@@c', 'a.b', 'list.0', 'list.1'].map((name) => ({ name, percent: 50 })),
    ]);
  });

  it('looks around a time', async () => {
    const at = async (time: number) =>
      (await opened.logs.getLogGroupFields({ logGroupIdentifier: 'g', time })).logGroupFields.length;
    expect(await at(noonSeconds + 400)).toBe(19);
    expect(await at(noonSeconds + 500)).toBe(0);
  });
});
