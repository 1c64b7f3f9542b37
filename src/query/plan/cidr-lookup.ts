import type { CidrLookup } from '../insights/tree.ts';
import { call, hold } from '../sql/held.ts';
import { textOf } from '../sql/readings.ts';
import { identifier, join, type Sql, sql } from '../sql/sql.ts';
import { scalar, type Value } from '../sql/value.ts';
import { LookupLines, outputs } from './lookup.ts';
import type { Planner } from './planner.ts';
import { Joined, Written, withMaterialized } from './relations.ts';
import { nest, type Rows } from './rows.ts';

/** Where IPv4 begins among all addresses: `::ffff:0:0`, as in mapped addresses. */
const mapped = sql`281470681743360::UHUGEINT`;
const lastAddress = sql`340282366920938463463374607431768211455::UHUGEINT`;

/**
 * Sets columns of a table beside the rows whose address is in one of its prefixes; the longest prefix counts. The table
 * is turned into ranges that do not overlap, so that each row looks for one place among them.
 */
export function planCidrLookup(command: CidrLookup, rows: Rows, planner: Planner): Rows {
  const lines = new LookupLines(command.table, planner);
  const prefixColumn = command.cidrColumn ? lines.column(command.cidrColumn) : defaultColumn(command, lines);
  const columns = command.output.map(({ column }) => identifier(lines.column(column)));
  const address = addressNumber(planner.expression(command.field, rows));
  const relation = new Written(planner.alias(), () => disjointRanges(lines, prefixColumn, columns));
  const nested = nest(rows, planner.alias(), 'carry', (left) => {
    const from = sql`${left.output(address)} >= ${relation.column('begins')}`;
    return new Joined(left, sql`ASOF LEFT JOIN`, relation, from);
  });
  const found = sql`coalesce(${relation.column('found')}, false)`;
  const value = (i: number) => scalar('text', relation.column(`v${i}`));
  return outputs(nested, command.output, value, found, planner, command.onlyNew);
}

function defaultColumn({ field }: CidrLookup, { columns }: LookupLines): string {
  return columns.includes(field.name) ? field.name : columns[0];
}

/** UHUGEINT; NULL for what is no address. */
function addressNumber(value: Value): Sql {
  if (value.kind === 'address') {
    const ipv4 = sql`(${value.ipv4}::UHUGEINT + ${mapped})`;
    return value.other ? sql`coalesce(${ipv4}, ${ipv6Number(value.other)})` : ipv4;
  }
  return hold([textOf(value)], ([text]) => textNumber(text));
}

function textNumber(text: Sql): Sql {
  return sql`coalesce(${call('text_ipv4', text)}::UHUGEINT + ${mapped}, ${ipv6Number(text)})`;
}

function ipv6Number(text: Sql): Sql {
  const half = (hex: Sql) => sql`('0x' || ${hex})::UBIGINT::UHUGEINT`;
  return hold(
    [call('text_ipv6', text)],
    ([hex]) => sql`((${half(sql`${hex}[1:16]`)} << 64) + ${half(sql`${hex}[17:32]`)})`,
  );
}

/** `begins`, and the columns of the longest prefix from there to where the next one begins; none where there is none. */
function disjointRanges(lines: LookupLines, prefixColumn: string, columns: readonly Sql[]): Sql {
  const size = (bits: Sql) => sql`(1::UHUGEINT << (128 - greatest(${bits}, 1))::UHUGEINT)`;
  const firstOf = (address: Sql, bits: Sql) =>
    sql`CASE WHEN ${bits} = 0 THEN 0::UHUGEINT ELSE ${address} - ${address} % ${size(bits)} END`;
  const values = columns.map((column, i) => sql`l.${column} AS ${identifier(`v${i}`)}`);
  const nets = sql`SELECT ${firstOf(sql`address`, sql`bits`)} AS first, bits, line FROM (${prefixes(lines, prefixColumn)})`;
  const edges = sql`SELECT first AS edge FROM nets UNION SELECT first + ${size(sql`bits`)} FROM nets
    WHERE bits > 0 AND first <= ${lastAddress} - ${size(sql`bits`)}`;
  const covered = sql`SELECT edge, line FROM (
      SELECT e.edge, n.line, row_number() OVER (PARTITION BY e.edge ORDER BY n.bits DESC, n.line) AS place
      FROM edges e CROSS JOIN (SELECT DISTINCT bits FROM nets) b
        JOIN nets n ON n.bits = b.bits AND n.first = ${firstOf(sql`e.edge`, sql`b.bits`)})
    WHERE place = 1`;
  return withMaterialized(
    [
      ['nets', nets],
      ['edges', edges],
    ],
    sql`SELECT ${join([sql`e.edge AS begins`, sql`c.line IS NOT NULL AS found`, ...values])} FROM edges e
      LEFT JOIN (${covered}) c ON c.edge = e.edge LEFT JOIN ${lines.numbered()} l ON l.line = c.line`,
  );
}

/** Valid prefixes of a table as `address`, `bits` of 128 and `line`; an address alone is a prefix of one. */
function prefixes(lines: LookupLines, prefixColumn: string): Sql {
  const text = sql`split_part(${identifier(prefixColumn)}, '/', 1)`;
  const length = sql`split_part(${identifier(prefixColumn)}, '/', 2)`;
  const width = sql`CASE WHEN contains(${text}, ':') THEN 128 ELSE 32 END`;
  const read = sql`SELECT ${textNumber(text)} AS address, line, ${width} AS width,
    CASE WHEN ${length} = '' THEN ${width} ELSE TRY_CAST(${length} AS INTEGER) END AS length FROM ${lines.numbered()}`;
  return sql`SELECT address, line, length + 128 - width AS bits FROM (${read})
    WHERE address IS NOT NULL AND length BETWEEN 0 AND width`;
}
