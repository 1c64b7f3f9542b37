import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnValue, ExpressionTable, expressionOf } from '../../../test/expression-table.ts';
import { QueryError } from '../../fault/index.ts';
import { compileAggregate, isAggregate } from '../expression.ts';
import type { Call } from '../insights/tree.ts';
import { renderOf } from '../sql/readings.ts';
import { identifier, printSql } from '../sql/sql.ts';
import type { Value } from '../sql/value.ts';

/** The port is a `-` in the third event; the fourth has no size. */
const rows = `SELECT * FROM (VALUES
  (1::BIGINT, 60000::BIGINT, 5::BIGINT, 80::INTEGER, '10', 167772161::UINTEGER, 'b10'),
  (2, 0, 7, 443, '2.5', 167772170, 'b9'),
  (3, 120000, 5, NULL, '-', NULL, '-'),
  (4, 120000, 5, 80, NULL, 150994945, 'a'),
  (5, 120000, 4, 22, '30', 167772161, NULL)
) AS v(id, time, arrival, port, size, address, name)`;

const fields: Record<string, Value> = {
  port: columnValue('integer', 'port', 'dash'),
  size: columnValue('text', 'size'),
  address: { kind: 'address', ipv4: identifier('address'), presence: 'dash' },
  name: columnValue('text', 'name'),
  '@timestamp': columnValue('timestamp', 'time'),
};

let table: ExpressionTable;
beforeAll(async () => {
  table = await ExpressionTable.over(rows, fields);
});
afterAll(() => table.close());

const expected = {
  'count(*)': '5',
  'count()': '5',
  'COUNT(port)': '5',
  'count(size)': '4',
  'count(nosuch)': '0',
  'count_distinct(port)': '4',
  'count_distinct(size)': '4',
  'count_distinct(address)': '4',
  'sum(port)': '625',
  'sum(size)': '42.5',
  'sum(port * 2)': '1250',
  'sum(address)': undefined,
  'sum(nosuch)': undefined,
  'avg(port)': '156.25',
  'avg(size)': '14.1667',
  'min(port)': '22',
  'max(size)': '30',
  'min(name)': 'a',
  'max(name)': 'b10',
  'min(address)': '9.0.0.1',
  'max(address)': '10.0.0.10',
  'max(@timestamp)': '120000',
  'pct(port, 50)': '80',
  'pct(port, 75)': '80',
  'pct(port, 76)': '443',
  'pct(size, 0)': '2.5',
  'stddev(port)': '167.2399',
  'earliest(port)': '443',
  'latest(port)': '80',
  'latest(size)': '-',
  'latest(name)': 'a',
  'earliest(name)': 'b9',
  'latest(address)': '9.0.0.1',
  'earliest(@timestamp)': '0',
  'latest(nosuch)': undefined,
  'sortsFirst(port)': '-',
  'sortsLast(port)': '443',
  'sortsFirst(size)': '-',
  'sortsLast(size)': '30',
  'sortsFirst(address)': '-',
  'sortsLast(name)': 'b10',
  'values(size)': '["-","10","2.5","30"]',
  'rate(size, 1m)': '13.75',
  'count_over_time(size)': '4',
  'countOverTime(*)': '5',
  'sum_over_time(port)': '625',
  'sum(port) / count(*)': '125',
  'max(port) - min(port)': '421',
  'concat(max(name), "!")': 'b10!',
  'if(count(*) > 3, "many", "few")': 'many',
} as const;

describe('over all rows', () => {
  it.each(Object.entries(expected))('%s', async (text, cell) => {
    expect(await table.aggregated(text)).toBe(cell);
  });
});

describe('over no rows', () => {
  const none = {
    'count(*)': '0',
    'count_distinct(port)': '0',
    'sum(port)': undefined,
    'sum(size)': undefined,
    'max(address)': undefined,
    'latest(port)': undefined,
    'sortsFirst(port)': undefined,
    'values(size)': undefined,
    'rate(size, 1m)': undefined,
  } as const;
  it.each(Object.entries(none))('%s', async (text, cell) => {
    expect(await table.aggregated(text, 'false')).toBe(cell);
  });
});

it('percentiles of one field are one list', () => {
  const calls = ['pct(port, 95)', 'PCT(port, 50)', 'pct(size, 10)']
    .map(expressionOf)
    .filter(({ kind }) => kind === 'call');
  const texts = calls.map((call) => {
    const value = compileAggregate(call as Call, { ...table.scope(), siblings: calls as Call[] });
    return printSql(renderOf(value)).text;
  });
  const list = 'quantile_disc("port", [$1::DOUBLE, $2::DOUBLE])[$3::BIGINT]';
  expect(texts[0]).toContain(list);
  expect(texts[1]).toContain(list);
  expect(texts[2]).not.toContain(', $2');
});

describe('errors', () => {
  const broken = [
    {
      text: 'sum(count(*))',
      at: 'count(*)',
      message: 'count stands only in stats, and not in another aggregate',
    },
    { text: 'sum(*)', at: 'sum(*)', message: 'sum takes 1 argument, found *' },
    { text: 'pct(port, 101)', at: '101', message: '101 is no percentage' },
    { text: 'pct(port, size)', at: 'size', message: 'pct takes a number here' },
    { text: 'rate(port, 5)', at: '5', message: 'rate takes a period such as 5m here' },
  ];
  it.each(broken)('$text', ({ text, at, message }) => {
    const call = expressionOf(text);
    const compile = () => call.kind === 'call' && compileAggregate(call, table.scope());
    expect(compile).toThrow(QueryError);
    expect(compile).toThrow(message);
    const start = `fields ${text}`.indexOf(at);
    expect(compile).toThrow(expect.objectContaining({ start, end: start + at.length }));
  });

  it('earliest needs events', () => {
    const call = expressionOf('earliest(port)');
    const { eventOrder: _, ...scope } = table.scope();
    expect(() => call.kind === 'call' && compileAggregate(call, scope)).toThrow('needs the order of events');
  });

  it('names are found in any case', () => {
    expect(['COUNT', 'countovertime', 'sum', 'bin', 'x'].map(isAggregate)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
