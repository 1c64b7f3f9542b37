import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AskedLogs, hour, plainRows } from '../../test/asked-logs.ts';
import { QueryError } from '../fault/index.ts';

let asked: AskedLogs;
beforeAll(async () => {
  asked = await AskedLogs.open();
});
afterAll(() => asked.close());

describe('SOURCE', () => {
  const groupsOf = async (source: string) => {
    const { queryId } = await asked.opened.logs.startQuery({
      queryString: `SOURCE ${source} | stats count(*) as n by @log | sort @log`,
      ...hour,
    });
    return plainRows(await asked.finished(queryId)).map((row) => row['@log'].split(':')[1]);
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
