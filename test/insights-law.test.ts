import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifier } from '../src/query/sql/sql.ts';
import { type Presence, scalar, type Value } from '../src/query/sql/value.ts';
import { ExpressionTable } from './expression-table.ts';
import { runs } from './runs.ts';

/*
 * The law of Insights over columns: a field gives the same rows whether it is a column of numbers or of addresses, in
 * which NULL is a `-`, or the token of its record's line. `undefined` is a record whose format lacks the field.
 */

type Token = string | undefined;
interface Row {
  readonly port: Token;
  readonly port2: Token;
  readonly bytes: Token;
  readonly source: Token;
  readonly target: Token;
  readonly action: Token;
}

const dash = fc.constant('-');
const ports = fc.oneof(fc.constantFrom('0', '22', '80', '443', '65535'), dash);
const bytes = fc.oneof(fc.constantFrom('0', '7', '40', '1500', '9007199254740991', '4503599627370497'), dash);
const addresses = fc.oneof(
  fc.constantFrom('10.0.0.1', '10.0.0.2', '9.255.0.1', '192.168.1.10', '203.0.113.9', '8.8.8.8', '224.0.0.1'),
  fc.constantFrom('2001:db8::1', 'fe80::1', '::ffff:10.0.0.1', '2606:4700::1111'),
  dash,
);
const rowOf = (absent: number): fc.Arbitrary<Row> => {
  const field = (tokens: fc.Arbitrary<string>): fc.Arbitrary<Token> =>
    fc.oneof({ weight: 5, arbitrary: tokens }, { weight: absent, arbitrary: fc.constant(undefined) });
  return fc.record({
    port: field(ports),
    port2: field(ports),
    bytes: field(bytes),
    source: field(addresses),
    target: field(addresses.filter((address) => !address.includes(':'))),
    action: field(fc.constantFrom('ACCEPT', 'REJECT', '-')),
  });
};

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const typed = (token: Token, type: string) =>
  `${token === undefined || token === '-' ? 'NULL' : token}::${type}`;
const text = (token: Token) => `${token === undefined ? 'NULL' : quoted(token)}::VARCHAR`;
const isIpv4 = (token: Token) => token !== undefined && /^[\d.]+$/.test(token);
const ipv4 = (token: Token) =>
  `${
    isIpv4(token)
      ? String(token)
          .split('.')
          .reduce((all, octet) => all * 256 + Number(octet), 0)
      : 'NULL'
  }::UINTEGER`;
const other = (token: Token) =>
  `${isIpv4(token) || token === '-' || token === undefined ? 'NULL' : quoted(token)}::VARCHAR`;
const names = ['port', 'port2', 'bytes', 'source', 'target', 'action'] as const;

function rowSql(row: Row, id: number): string {
  const columns = [
    `${id}::BIGINT AS id, ${1_767_225_600_000 + (id % 7) * 30_000}::BIGINT AS time, ${id % 3}::BIGINT AS arrival`,
    `${typed(row.port, 'INTEGER')} AS port, ${typed(row.port2, 'INTEGER')} AS port2, ${typed(row.bytes, 'BIGINT')} AS bytes`,
    `${ipv4(row.source)} AS source, ${other(row.source)} AS source_text, ${ipv4(row.target)} AS target`,
    `${row.action === '-' ? 'NULL::VARCHAR' : text(row.action)} AS action`,
    ...names.map(
      (name) => `${text(row[name])} AS "${name} as text", ${row[name] !== undefined} AS "has ${name}"`,
    ),
  ];
  return `SELECT ${columns.join(', ')}`;
}

function columnFields(presence: (name: string) => Presence): Record<string, Value> {
  return {
    port: scalar('integer', identifier('port'), presence('port')),
    port2: scalar('integer', identifier('port2'), presence('port2')),
    bytes: scalar('integer', identifier('bytes'), presence('bytes')),
    source: {
      kind: 'address',
      ipv4: identifier('source'),
      other: identifier('source_text'),
      presence: presence('source'),
    },
    target: { kind: 'address', ipv4: identifier('target'), presence: presence('target') },
    action: scalar('text', identifier('action'), presence('action')),
    '@timestamp': scalar('timestamp', identifier('time')),
  };
}

const textFields: Record<string, Value> = {
  ...Object.fromEntries(names.map((name) => [name, scalar('text', identifier(`${name} as text`))])),
  '@timestamp': scalar('timestamp', identifier('time')),
};

const field = fc.constantFrom(...names);

/** Expressions over the fields, as their text. */
const expression = fc.letrec<{ any: string; number: string; truth: string; text: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field,
    tie('number'),
    tie('text'),
    tie('truth'),
  ),
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field,
    fc.constantFrom('0', '1', '-1', '80', '1500', '2.5', '1e3', '9007199254740991', '"80"', '"-"'),
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number'))
      .map((all) => `(${all.join(' ')})`),
    call(['abs', 'floor', 'ceil', 'toLong', 'strlen', 'ipv4ToNumber', 'hexToDec', 'sqrt'], tie('any')),
    fc.tuple(tie('number'), tie('number')).map(([a, b]) => `greatest(${a}, ${b})`),
  ),
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    field,
    fc.constantFrom('"10.0.0.1"', '"ACCEPT"', '"-"', '"fe80::1"', '"80"', '"x"', '""'),
    call(['toupper', 'trim', 'urlencode', 'md5', 'base64encode', 'jsonStringify', 'decToHex'], tie('any')),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `concat(${a}, ${b})`),
    fc.tuple(tie('any'), fc.constantFrom('0', '1', '3')).map(([a, b]) => `substr(${a}, ${b}, 4)`),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => `coalesce(${a}, ${b})`),
    fc.tuple(tie('truth'), tie('any'), tie('any')).map(([c, a, b]) => `if(${c}, ${a}, ${b})`),
  ),
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(tie('any'), fc.constantFrom('=', '!=', '<', '<=', '>', '>='), tie('any'))
      .map((all) => `(${all.join(' ')})`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('in', 'not in'),
        fc.array(tie('any'), { minLength: 1, maxLength: 4 }),
      )
      .map(([a, operator, items]) => `(${a} ${operator} [${items.join(', ')}])`),
    fc
      .tuple(
        tie('any'),
        fc.constantFrom('like', 'not like'),
        fc.constantFrom('"0"', '"10."', '/^1/', '"-"', '""'),
      )
      .map((all) => `(${all.join(' ')})`),
    fc.tuple(tie('any'), fc.constantFrom('and', 'or'), tie('truth')).map((all) => `(${all.join(' ')})`),
    tie('any').map((a) => `(not ${a})`),
    call(
      [
        'ispresent',
        'isempty',
        'isNumeric',
        'isValidIp',
        'isValidIpV6',
        'isPrivateIP',
        'isReservedIP',
        'isPublicIP',
      ],
      tie('any'),
    ),
    tie('any').map((a) => `isIpv4InSubnet(${a}, "10.0.0.0/31")`),
    tie('any').map((a) => `isIpInSubnet(${a}, "2001:db8::/32")`),
  ),
}));

function call(functions: readonly string[], argument: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...functions), argument).map(([name, a]) => `${name}(${a})`);
}

const aggregate = fc.oneof(
  call(
    [
      'count',
      'count_distinct',
      'sum',
      'avg',
      'min',
      'max',
      'stddev',
      'earliest',
      'latest',
      'sortsFirst',
      'sortsLast',
      'values',
    ],
    fc.oneof(field, expression.any),
  ),
  field.map((name) => `pct(${name}, 50)`),
  field.map((name) => `rate(${name}, 1m)`),
  fc.tuple(field, field).map(([a, b]) => `sum(${a}) / count(${b})`),
);

const presences = [
  { name: 'every format has the fields', absent: 0, presence: (): Presence => 'dash' },
  {
    name: 'some formats lack fields',
    absent: 2,
    presence: (name: string): Presence => ({ when: identifier(`has ${name}`) }),
  },
];

describe.each(presences)('columns and text give the same: $name', ({ absent, presence }) => {
  let columns: ExpressionTable;
  let lines: ExpressionTable;
  beforeAll(async () => {
    const rows = fc.sample(rowOf(absent), { numRuns: 40, seed: 3 }).map(rowSql).join(' UNION ALL ');
    columns = await ExpressionTable.over(rows, columnFields(presence));
    lines = await ExpressionTable.over(rows, textFields);
  });
  afterAll(() => {
    columns.close();
    lines.close();
  });

  const both = async <T>(ask: (table: ExpressionTable) => Promise<T>): Promise<void> => {
    expect(await ask(columns)).toEqual(await ask(lines));
  };

  it('values', async () => {
    await fc.assert(
      fc.asyncProperty(expression.any, (text) => both((table) => table.values(text))),
      { numRuns: runs(20, 120) },
    );
  });
  it('filters', async () => {
    await fc.assert(
      fc.asyncProperty(expression.any, (text) => both((table) => table.filtered(text))),
      { numRuns: runs(20, 120) },
    );
  });
  it('orders', async () => {
    const direction = fc.boolean();
    const property = fc.asyncProperty(fc.oneof(field, expression.any), direction, (text, descending) =>
      both((table) => table.sorted(text, descending)),
    );
    await fc.assert(property, { numRuns: runs(20, 120) });
  });
  it('aggregates', async () => {
    const some = fc.constantFrom('true', 'id % 2 = 0', 'id < 3', 'false');
    const property = fc.asyncProperty(aggregate, some, (text, where) =>
      both((table) => table.aggregated(text, where)),
    );
    await fc.assert(property, { numRuns: runs(20, 120) });
  });
});
