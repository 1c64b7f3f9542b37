import { setTimeout } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  CreateLookupTableCommand,
  DeleteLogGroupCommand,
  DeleteLookupTableCommand,
  DeleteQueryDefinitionCommand,
  DescribeLookupTablesCommand,
  DescribeQueriesCommand,
  DescribeQueryDefinitionsCommand,
  GetLogGroupFieldsCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  MalformedQueryException,
  PutLogEventsCommand,
  PutQueryDefinitionCommand,
  StartQueryCommand,
  StopQueryCommand,
  UpdateLookupTableCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let logs: CloudWatchLogsClient;
let logGroupName: string;
const nowMs = Date.now();
/** Queries find nothing that is older than its group. */
let firstMs: number;
const range = { startTime: Math.floor(nowMs / 1000) - 3600, endTime: Math.floor(nowMs / 1000) + 60 };

beforeAll(async () => {
  served = await ServedAccount.open();
  logs = new CloudWatchLogsClient(served.client());
  logGroupName = served.name('queries');
  const logStreamName = 'stream';
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  firstMs = Date.now();
  const logEvents = ['a', 'b', 'c'].map((text, at) => ({
    timestamp: firstMs + at,
    message: JSON.stringify({ text, at }),
  }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
});

afterAll(async () => {
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  await served.close();
});

const start = (queryString: string, more: object = {}) =>
  logs.send(new StartQueryCommand({ logGroupName, ...range, queryString, ...more }));

async function results(queryId: string | undefined, more: object = {}) {
  for (;;) {
    const answer = await logs.send(new GetQueryResultsCommand({ queryId, ...more }));
    if (answer.status !== 'Scheduled' && answer.status !== 'Running') return answer;
    await setTimeout(20);
  }
}

describe('serialization', () => {
  it('StartQuery, GetQueryResults', async () => {
    const { queryId } = await start('fields @timestamp, text, at | sort at desc | limit 2');
    expect(queryId).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await results(queryId);
    expect(answer).toMatchObject({
      status: 'Complete',
      queryLanguage: 'CWLI',
      statistics: { recordsMatched: 3, recordsScanned: 3, bytesScanned: expect.any(Number) },
    });
    const shown = new Date(firstMs + 2).toISOString().replace('T', ' ').replace('Z', '');
    expect(answer.results?.[0]).toEqual([
      { field: '@timestamp', value: shown },
      { field: 'text', value: 'c' },
      { field: 'at', value: '2' },
      { field: '@ptr', value: expect.any(String) },
    ]);
    expect(answer.results).toHaveLength(2);
  });

  it('GetLogRecord of a pointer', async () => {
    const { queryId } = await start('fields @message | filter text = "b"');
    const { results: [row] = [] } = await results(queryId);
    const logRecordPointer = row?.find(({ field }) => field === '@ptr')?.value;
    const { logRecord } = await logs.send(new GetLogRecordCommand({ logRecordPointer }));
    expect(logRecord).toMatchObject({
      '@message': '{"text":"b","at":1}',
      '@logStream': 'stream',
      '@log': `${served.accountId}:${logGroupName}`,
      text: 'b',
      at: '1',
    });
  });

  it('GetLogGroupFields', async () => {
    const { logGroupFields } = await logs.send(new GetLogGroupFieldsCommand({ logGroupName }));
    expect(logGroupFields).toEqual(
      expect.arrayContaining([
        { name: '@message', percent: 100 },
        { name: 'text', percent: 100 },
      ]),
    );
  });

  it('DescribeQueries', async () => {
    const { queryId } = await start('fields @message | limit 1');
    await results(queryId);
    const { queries } = await logs.send(new DescribeQueriesCommand({ logGroupName, status: 'Complete' }));
    expect(queries?.find((query) => query.queryId === queryId)).toMatchObject({
      queryLanguage: 'CWLI',
      status: 'Complete',
      createTime: expect.any(Number),
      logGroupName,
      queryString: expect.stringContaining('fields @message | limit 1'),
    });
  });

  it('PutQueryDefinition, DescribeQueryDefinitions, DeleteQueryDefinition', async () => {
    const name = served.name('definition');
    const queryString = 'fields @message';
    const { queryDefinitionId } = await logs.send(new PutQueryDefinitionCommand({ name, queryString }));
    const describing = new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: name });
    expect((await logs.send(describing)).queryDefinitions).toEqual([
      {
        queryDefinitionId,
        name,
        queryString,
        queryLanguage: 'CWLI',
        lastModified: expect.any(Number),
        logGroupNames: [],
      },
    ]);
    const changed = { name, queryString: 'fields @ptr', queryDefinitionId, logGroupNames: [logGroupName] };
    await logs.send(new PutQueryDefinitionCommand(changed));
    expect((await logs.send(describing)).queryDefinitions).toMatchObject([changed]);
    expect(await logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }))).toMatchObject({
      success: true,
    });
    expect((await logs.send(describing)).queryDefinitions).toEqual([]);
  });

  it('CreateLookupTable, UpdateLookupTable, DescribeLookupTables, DeleteLookupTable', async () => {
    const lookupTableName = served.name('table').replaceAll('-', '_');
    const made = await logs.send(
      new CreateLookupTableCommand({ lookupTableName, description: 'who', tableBody: 'text,who\na,Ann\n' }),
    );
    const { lookupTableArn } = made;
    expect(lookupTableArn).toMatch(new RegExp(`:lookup-table:${lookupTableName}$`));
    const tableBody = 'text,who\na,Ann\nb,Bo\n';
    await logs.send(new UpdateLookupTableCommand({ lookupTableArn, tableBody }));
    const described = await logs.send(
      new DescribeLookupTablesCommand({ lookupTableNamePrefix: lookupTableName }),
    );
    expect(described.lookupTables).toMatchObject([
      { lookupTableArn, lookupTableName, description: 'who', recordsCount: 2, tableFields: ['text', 'who'] },
    ]);
    await logs.send(new DeleteLookupTableCommand({ lookupTableArn }));
  });
});

type Refused = readonly [string, () => Promise<unknown>, string, string | RegExp];
const unknownQuery = '00000000-0000-4000-8000-000000000000';
const refused: readonly Refused[] = [
  [
    'StartQuery of no group',
    () => start('fields @message', { logGroupName: 'nowhere' }),
    'ResourceNotFoundException',
    `Log group 'nowhere' does not exist for account ID '123456789012'`,
  ],
  [
    'StartQuery of a range that ends before it begins',
    () => start('fields @message', { endTime: range.startTime - 1 }),
    'InvalidParameterException',
    'End time should not be before start time.',
  ],
  [
    'StartQuery of too many rows',
    () => start('fields @message', { limit: 100_001 }),
    'InvalidParameterException',
    /^1 validation error detected: Value '100001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to /,
  ],
  [
    'StartQuery without a text',
    () => logs.send(new StartQueryCommand({ logGroupName, ...range, queryString: undefined })),
    'InvalidParameterException',
    "1 validation error detected: Value null at 'queryString' failed to satisfy constraint: Member must not be null",
  ],
  [
    'GetQueryResults of no query',
    () => logs.send(new GetQueryResultsCommand({ queryId: unknownQuery })),
    'ResourceNotFoundException',
    'The specified query does not exist.',
  ],
  [
    'StopQuery of no query',
    () => logs.send(new StopQueryCommand({ queryId: unknownQuery })),
    'ResourceNotFoundException',
    'The specified query does not exist.',
  ],
  [
    'StopQuery of one that has ended',
    async () => {
      const { queryId } = await start('fields @message');
      await results(queryId);
      return logs.send(new StopQueryCommand({ queryId }));
    },
    'InvalidParameterException',
    'The specified query is not running.',
  ],
  [
    'GetLogRecord of no pointer',
    () => logs.send(new GetLogRecordCommand({ logRecordPointer: 'nobody' })),
    'InvalidParameterException',
    'The specified log record pointer is invalid.',
  ],
  [
    'DeleteQueryDefinition of none',
    () => logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId: unknownQuery })),
    'ResourceNotFoundException',
    'The specified query definition does not exist.',
  ],
  [
    'CreateLookupTable under another name',
    () => logs.send(new CreateLookupTableCommand({ lookupTableName: 'a-b', tableBody: 'a\n1\n' })),
    'InvalidParameterException',
    /^1 validation error detected: Value 'a-b' at 'lookupTableName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
  ],
];

describe('validation', () => {
  it.each(refused)('%s', async (_name, ask, code, message) => {
    const expected = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(await refusal(ask())).toEqual({ code, status: 400, message: expected });
  });

  it('a text that is no query is shown where it is wrong', async () => {
    const error: unknown = await start('fields @message | sortt at').catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(MalformedQueryException);
    expect(error).toMatchObject({
      queryCompileError: { location: { startCharOffset: 18, endCharOffset: expect.any(Number) } },
    });
  });

  it.skipIf(isRemote)('languages that Headgate does not have', async () => {
    expect(await refusal(start('SELECT 1', { queryLanguage: 'SQL' }))).toMatchObject({
      code: 'InvalidParameterException',
    });
  });
});

describe('behaviour', () => {
  it('results come in pages', async () => {
    const { queryId } = await start('fields text | sort at asc');
    const first = await results(queryId, { maxItems: 2 });
    expect(first.results).toHaveLength(2);
    const second = await results(queryId, { maxItems: 2, nextToken: first.nextToken });
    expect(second.results).toHaveLength(1);
    expect(second.nextToken).toBeUndefined();
  });

  it('groups are named in one way: by ARN, too', async () => {
    const arn = `arn:aws:logs:${served.region}:${served.accountId}:log-group:${logGroupName}`;
    const byArn = await start('stats count(*) as n', { logGroupName: undefined, logGroupIdentifiers: [arn] });
    expect((await results(byArn.queryId)).results).toEqual([[{ field: 'n', value: '3' }]]);
    const two = start('fields @message', { logGroupNames: [logGroupName] });
    expect(await refusal(two)).toMatchObject({ code: 'InvalidParameterException' });
  });
});
