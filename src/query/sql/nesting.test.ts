import { afterAll, beforeAll, expect, it } from 'vitest';
import { columnValue, ExpressionTable } from '../../../test/expression-table.ts';
import { QueryError } from '../../fault/index.ts';

let table: ExpressionTable;
beforeAll(async () => {
  table = await ExpressionTable.over(`SELECT 1 AS id, '7' AS i, 'text' AS t, '[1]' AS list`, {
    i: columnValue('text', 'i'),
    t: columnValue('text', 't'),
    list: columnValue('text', 'list'),
  });
});
afterAll(() => table.close());

/** What stands in itself at the dots; each of them has taken a time that doubled with the depth, or could. */
const forms = [
  'i = (…)',
  'i != (…)',
  '1 / (…)',
  '9 % (…)',
  'i ^ (…)',
  '(…) in [i, "a", 3]',
  '(…) not in ["x", 1]',
  'concat(i, "") = concat("", …)',
  'concat(i, "") != (…)',
  'jsonParse(concat("{", …, "}")).a',
  'haversine(1, abs(i), 3, …)',
  'substr(concat(t, t), 0, …)',
  'jsonArrayContains(list, …)',
  'strcontains(t, …, 1)',
  'isIpInSubnet(…, "10.0.0.0/8")',
  'isPublicIP(…)',
  'dateceil(…, 1mo)',
  'formatDate(…, "%Y %z")',
] as const;

it.each(forms)(
  '%s in itself is prepared in a time that does not double',
  async (form) => {
    const [before, after] = form.split('…');
    const depth = 20;
    try {
      await table.values(`${before.repeat(depth)}i${after.repeat(depth)}`);
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
    }
  },
  2500,
);
