import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
});
afterEach(() => opened.close());

const lookupTableArn = 'arn:aws:logs:eu-central-1:123456789012:lookup-table:nets';
const create = (tableBody: string, lookupTableName = 'nets') =>
  opened.logs.createLookupTable({ lookupTableName, tableBody });

const files = () => readdirSync(path.join(opened.directory, 'store', 'lookup'));

describe('lookup tables', () => {
  it('are made, described, replaced and removed', async () => {
    expect(await create('cidr,owner\n10.0.0.0/8,"us, all"\n')).toEqual({ lookupTableArn, createdAt: noonMs });
    const described = {
      lookupTableArn,
      lookupTableName: 'nets',
      tableFields: ['cidr', 'owner'],
      recordsCount: 1,
      sizeBytes: 32,
      lastUpdatedTime: noonMs,
    };
    expect(opened.logs.describeLookupTables()).toEqual({ lookupTables: [described] });
    await opened.reopen();
    opened.nowMs += 1;
    await opened.logs.updateLookupTable({
      lookupTableArn,
      description: 'ours',
      tableBody: '\uFEFFa\n1\n2\n',
    });
    expect(opened.logs.describeLookupTables({ lookupTableNamePrefix: 'ne' }).lookupTables).toEqual([
      {
        ...described,
        description: 'ours',
        tableFields: ['a'],
        recordsCount: 2,
        sizeBytes: 9,
        lastUpdatedTime: noonMs + 1,
      },
    ]);
    await opened.logs.deleteLookupTable({ lookupTableArn });
    expect(opened.logs.describeLookupTables()).toEqual({ lookupTables: [] });
    expect(await refusal(() => opened.logs.deleteLookupTable({ lookupTableArn }))).toMatch(
      /^ResourceNotFound/,
    );
  });

  it.each([
    { name: 'a name with a hyphen', table: 'a-b', body: 'a\n', expected: /pattern: \[a-zA-Z0-9_\]\+$/ },
    {
      name: 'a name that is there',
      table: 'nets',
      body: 'a\n',
      expected: 'ResourceAlreadyExistsException: The specified lookup table already exists',
    },
    {
      name: 'no header',
      table: 't',
      body: '',
      expected: /^InvalidParameterException: Invalid lookup table: its body is no CSV/,
    },
    { name: 'a quotation without end', table: 't', body: 'a,"b\n', expected: /no CSV/ },
    { name: 'a column without a name', table: 't', body: 'a,,b\n', expected: /has no name/ },
    { name: 'two columns of one name', table: 't', body: 'a,A\n', expected: /one name/ },
    {
      name: 'a record that is too short',
      table: 't',
      body: 'a,b\n1,2\n1\n',
      expected: /record 2 has 1 values, the header 2$/,
    },
    {
      name: 'more than 10 MB',
      table: 't',
      body: `a\n${'x'.repeat(10 * 1024 * 1024)}`,
      expected: /exceeds 10 MB/,
    },
  ])('are refused with $name', async ({ table, body, expected }) => {
    await create('a\n');
    expect(await refusal(() => create(body, table))).toMatch(expected);
  });

  it('of one name are made once, also at the same time', async () => {
    const ends = await Promise.allSettled([create('a\n1\n'), create('a\n2\n3\n'), create('a\n4\n')]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(opened.logs.describeLookupTables().lookupTables).toHaveLength(1);
    expect(files()).toHaveLength(1);
  });

  it('leave one file, whatever comes together', async () => {
    await create('a\n1\n');
    const update = (tableBody: string) => opened.logs.updateLookupTable({ lookupTableArn, tableBody });
    await Promise.all([update('a\n2\n'), update('a\n3\n')]);
    expect(files()).toHaveLength(1);
    const ends = await Promise.allSettled([
      update('a\n4\n'),
      opened.logs.deleteLookupTable({ lookupTableArn }),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(files()).toEqual([]);
  });

  it('that a crash has left without a name go', async () => {
    await create('a\n1\n');
    const [kept] = files();
    await opened.store.putLookup('lost', Buffer.from('a\n'));
    await opened.logs.begin();
    expect(files()).toEqual([kept]);
  });

  it('are read to the end by a query that has begun', async () => {
    await create('a,b\n1,x\n');
    await opened.logs.createLogGroup({ logGroupName: 'g' });
    await opened.logs.createLogStream({ logGroupName: 'g', logStreamName: 's' });
    const logEvents = Array.from({ length: 500 }, () => ({ timestamp: noonMs, message: '{"id": "1"}' }));
    await opened.logs.putLogEvents({ logGroupName: 'g', logStreamName: 's', logEvents });
    const queryString = 'lookup nets a as id OUTPUT b | stats count(*) by b';
    const ask = () => opened.logs.runQuery({ logGroups: ['g'], startMs: 0, endMs: noonMs, queryString });
    const asked = Array.from({ length: 8 }, ask);
    const update = (tableBody: string) => opened.logs.updateLookupTable({ lookupTableArn, tableBody });
    for (const value of ['y', 'z', 'w']) await update(`a,b\n1,${value}\n`);
    for (const { rows } of await Promise.all(asked)) expect(rows).toEqual([[expect.any(String), '500']]);
    expect((await ask()).rows).toEqual([['w', '500']]);
    expect(files()).toHaveLength(1);
  });

  it('are a hundred at most', async () => {
    for (let i = 0; i < 100; i++) await create('a\n', `t${i}`);
    expect(await refusal(() => create('a\n'))).toBe('LimitExceededException: Resource limit exceeded.');
  });
});

describe('query definitions', () => {
  const definition = { name: 'Top/talkers', queryString: 'stats sum(bytes) by srcAddr | limit 5' };

  it('are made, described by name, replaced and removed', async () => {
    const { queryDefinitionId } = await opened.logs.putQueryDefinition(definition);
    await opened.logs.putQueryDefinition({ ...definition, name: 'A' });
    const put = { ...definition, queryDefinitionId, logGroupNames: ['g'] };
    expect(await opened.logs.putQueryDefinition(put)).toEqual({ queryDefinitionId });
    await opened.reopen();
    const { queryDefinitions } = opened.logs.describeQueryDefinitions();
    expect(queryDefinitions.map(({ name }) => name)).toEqual(['A', 'Top/talkers']);
    expect(queryDefinitions[1]).toEqual({ ...put, queryLanguage: 'CWLI', lastModified: noonMs });
    expect(
      opened.logs.describeQueryDefinitions({ queryDefinitionNamePrefix: 'To' }).queryDefinitions,
    ).toHaveLength(1);
    expect(await opened.logs.deleteQueryDefinition({ queryDefinitionId })).toEqual({ success: true });
    expect(await refusal(() => opened.logs.putQueryDefinition(put))).toMatch(/^ResourceNotFoundException/);
  });

  it('have the parameters that their text refers to', async () => {
    const queryString = 'filter srcAddr = "{{address}}" | limit {{ count }}';
    const parameters = [{ name: 'address' }, { name: 'count', defaultValue: '5' }];
    await opened.logs.putQueryDefinition({ ...definition, queryString, parameters });
    expect(opened.logs.describeQueryDefinitions().queryDefinitions[0].parameters).toEqual(parameters);
    expect(
      await refusal(() =>
        opened.logs.putQueryDefinition({ ...definition, queryString, parameters: parameters.slice(1) }),
      ),
    ).toMatch(/\{\{address\}\}/);
  });

  it('are in Insights QL', async () => {
    const put = () => opened.logs.putQueryDefinition({ ...definition, queryLanguage: 'PPL' });
    expect(await refusal(put)).toMatch(/^InvalidParameterException: Query language PPL/);
  });
});
