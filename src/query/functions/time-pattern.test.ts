import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { columnValue, ExpressionTable, expressionOf } from '../../../test/expression-table.ts';
import { QueryError } from '../../fault/index.ts';

let table: ExpressionTable;
beforeAll(async () => {
  table = await ExpressionTable.over(`SELECT 1 AS id, '2026-01-02' AS t, 0::BIGINT AS time`, {
    t: columnValue('text', 't'),
    '@timestamp': columnValue('timestamp', 'time'),
  });
});
afterAll(() => table.close());

const java = [
  ...[
    'yyyy',
    'yy',
    'y',
    'M',
    'MM',
    'MMM',
    'MMMM',
    'd',
    'dd',
    'DDD',
    'E',
    'EEEE',
    'H',
    'hh',
    'mm',
    's',
    'SSS',
    'a',
  ],
  ...['SSSSSS', 'SSSSSSSSS', 'X', 'XXX', 'Z', 'z', 'VV', 'q', "'T'", "''", "'", '-', '%', ' ', 'é'],
];
const strftime = [...'aAbBcdDeEfFgGhHIjJkLmMnpQrRsStTuUVwWxXyYzZ%', '-d', '-y', '-Z', '', 'é'].map(
  (mark) => `%${mark}`,
);
const zones = ['', ', "Europe/Berlin"', ', "+01:30"'];

/** Whatever a pattern is, it is either refused or can be run. */
async function runs(text: string): Promise<void> {
  try {
    await table.run(expressionOf(text));
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
  }
}

it('patterns of Java', async () => {
  const pattern = fc.array(fc.constantFrom(...java), { maxLength: 4 }).map((parts) => parts.join(' '));
  await fc.assert(
    fc.asyncProperty(pattern, fc.constantFrom(...zones), (each, zone) =>
      runs(`parseDate(t, "${each}"${zone})`),
    ),
  );
});

it('formats of strftime', async () => {
  const format = fc.array(fc.constantFrom(...strftime), { maxLength: 4 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(format, fc.constantFrom(...zones), (each, zone) =>
      runs(`formatDate(@timestamp, "${each}"${zone})`),
    ),
  );
});
