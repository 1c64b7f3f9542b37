import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnValue, ExpressionTable, expressionOf } from '../../../test/expression-table.ts';
import { compileExpression } from '../expression.ts';
import { conditionOf } from './readings.ts';
import { identifier, printSql } from './sql.ts';
import type { Value } from './value.ts';

/** Rows 1 to 5; 3 has `-` in its columns, 4 is of a format without `flags`. */
const rows = `SELECT * FROM (VALUES
  (1::BIGINT, 80::INTEGER, 1500::BIGINT, 167772161::UINTEGER, NULL::VARCHAR, 'ACCEPT', 2::INTEGER, true),
  (2, 443, 40, 150994945, NULL, 'REJECT', NULL, true),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, true),
  (4, 443, 9007199254740991, NULL, 'fe80::1', 'OK', NULL, false),
  (5, 22, 0, 3221226241, NULL, '-', 18, true)
) AS v(id, port, bytes, ipv4, other, action, flags, has_flags)`;

const fields: Record<string, Value> = {
  port: columnValue('integer', 'port', 'dash'),
  bytes: columnValue('integer', 'bytes', 'dash'),
  address: { kind: 'address', ipv4: identifier('ipv4'), other: identifier('other'), presence: 'dash' },
  ipv4: { kind: 'address', ipv4: identifier('ipv4'), presence: 'dash' },
  action: columnValue('text', 'action', 'dash'),
  flags: columnValue('integer', 'flags', { when: identifier('has_flags') }),
};

let table: ExpressionTable;
beforeAll(async () => {
  table = await ExpressionTable.over(rows, fields);
});
afterAll(() => table.close());

const conditionText = (text: string): string =>
  printSql(conditionOf(compileExpression(expressionOf(text), table.scope()))).text;

describe('filters', () => {
  const filters = [
    { text: 'port = 443', ids: '24', sql: '("port" = $1::BIGINT)' },
    { text: 'port = "443"', ids: '24', sql: '("port" = $1::BIGINT)' },
    { text: 'port != 443', ids: '135', sql: '("port" <> $1::BIGINT OR "port" IS NULL)' },
    { text: 'port = "-"', ids: '3' },
    { text: 'port != "-"', ids: '1245' },
    { text: 'port = "x"', ids: '', sql: 'false' },
    { text: 'port != "x"', ids: '12345', sql: 'true' },
    { text: 'port = 80.5', ids: '', sql: 'false' },
    { text: 'port < 80.5', ids: '15', sql: '("port" < $1::BIGINT)' },
    { text: 'port > 79.5', ids: '124', sql: '("port" > $1::BIGINT)' },
    { text: '80 <= port', ids: '124', sql: '("port" >= $1::BIGINT)' },
    { text: 'port < 1e30', ids: '1245', sql: '("port" IS NOT NULL)' },
    { text: 'port > 1e30', ids: '', sql: 'false' },
    { text: 'port >= "a"', ids: '', sql: 'false' },
    { text: 'port in [80, "22", 1.5, "x"]', ids: '15', sql: '("port" IN ($1::BIGINT, $2::BIGINT))' },
    { text: 'port in [80]', ids: '1', sql: '("port" = $1::BIGINT)' },
    { text: 'port in [80, "-"]', ids: '13' },
    { text: 'port not in [80, 22]', ids: '234' },
    { text: 'bytes > 10 * 100', ids: '14', sql: '("bytes" > $1::BIGINT)' },
    { text: 'bytes = 9007199254740991', ids: '4', sql: '("bytes" = $1::BIGINT)' },
    { text: 'address = "10.0.0.1"', ids: '1', sql: '("ipv4" = $1::UINTEGER)' },
    { text: 'address != "10.0.0.1"', ids: '2345', sql: '("ipv4" <> $1::UINTEGER OR "ipv4" IS NULL)' },
    { text: 'address = "fe80::1"', ids: '4', sql: '("other" = $1::VARCHAR)' },
    { text: 'address = "-"', ids: '3' },
    { text: 'address = "010.0.0.1"', ids: '' },
    { text: 'ipv4 = "fe80::1"', ids: '', sql: 'false' },
    { text: 'ipv4 != "fe80::1"', ids: '12345', sql: 'true' },
    {
      text: 'address in ["10.0.0.1", "9.0.0.1"]',
      ids: '12',
      sql: '("ipv4" IN ($1::UINTEGER, $2::UINTEGER))',
    },
    { text: 'address not in ["10.0.0.1", "fe80::1"]', ids: '235' },
    { text: 'address > 5', ids: '' },
    {
      text: 'isIpv4InSubnet(address, "10.0.0.0/8")',
      ids: '1',
      sql: '("ipv4" BETWEEN $1::UINTEGER AND $2::UINTEGER)',
    },
    { text: 'action = "REJECT"', ids: '2', sql: '("action" = $1::VARCHAR)' },
    { text: 'action != "REJECT"', ids: '1345', sql: '("action" <> $1::VARCHAR OR "action" IS NULL)' },
    { text: 'action = "-"', ids: '35' },
    { text: 'action like "E"', ids: '12' },
    { text: 'action not like "E"', ids: '345' },
    { text: 'flags = 2', ids: '1', sql: '("flags" = $1::BIGINT)' },
    { text: 'flags != 2', ids: '235' },
    { text: 'flags = "-"', ids: '23' },
    { text: 'not flags = 2', ids: '2345' },
    { text: 'ispresent(flags)', ids: '1235' },
    { text: 'flags not in [2]', ids: '235' },
    { text: 'port = flags', ids: '3' },
    { text: 'flags', ids: '15' },
  ] as const;
  it.each(filters)('$text', async (row) => {
    expect((await table.filtered(row.text)).join('')).toBe(row.ids);
    if ('sql' in row) expect(conditionText(row.text)).toBe(row.sql);
  });
});

/** Parameters are constants by the time that a statement is planned, so that segments are skipped by them. */
describe('what reaches the storage', () => {
  const pushed = [
    { text: 'port = 443', filters: 'port=443' },
    { text: 'port >= 80.5 and port < 500', filters: 'port>=81ANDport<500' },
    { text: 'bytes > 10 * 100', filters: 'bytes>1000' },
    { text: 'action = "REJECT"', filters: "action='REJECT'" },
    { text: 'address = "10.0.0.1"', filters: 'ipv4=167772161' },
    { text: 'isIpv4InSubnet(address, "10.0.0.0/8")', filters: 'ipv4>=167772160ANDipv4<=184549375' },
  ];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'headgate-expressions-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  it.each(pushed)('$text', async ({ text, filters }) => {
    expect(await table.pushedDown(text, path.join(folder, 'rows.parquet'))).toBe(filters);
  });
});

describe('orders', () => {
  const orders = [
    { text: 'port', ascending: '35124', descending: '24153' },
    { text: 'flags', ascending: '42315', descending: '51234' },
    { text: 'address', ascending: '32154', descending: '45123' },
    { text: 'ipv4', ascending: '34215', descending: '51234' },
  ];
  it.each(orders)('$text', async ({ text, ascending, descending }) => {
    expect((await table.sorted(text)).join('')).toBe(ascending);
    expect((await table.sorted(text, true)).join('')).toBe(descending);
  });

  it('the documented order', async () => {
    const documented = [
      ...['!:', '#', '*%04', '0#', '5A', '111A', '2345_', '@', '@_', 'A', 'A9876fghj', 'a12345hfh'],
      ...['0', '01', '1', '2', '3'],
    ];
    const shuffled = [...documented]
      .sort()
      .map((text) => `SELECT ${documented.indexOf(text)} AS id, '${text}' AS t`);
    const texts = await ExpressionTable.over(shuffled.join(' UNION ALL '), { t: columnValue('text', 't') });
    const inOrder = documented.map((_, i) => String(i));
    expect(await texts.sorted('t')).toEqual(inOrder);
    expect(await texts.sorted('t', true)).toEqual(inOrder.toReversed());
    texts.close();
  });
});
