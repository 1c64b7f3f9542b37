import fc from 'fast-check';
import { type Field, fields } from '../../src/record/fields.ts';
import { type LogFormat, logFormat } from '../../src/record/log-format.ts';

/** Random flow log records, and questions in Insights QL that ask about their fields in every way. */

const chosenTokens = [
  'srcaddr',
  'dstaddr',
  'pkt-srcaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'end',
  'action',
  'log-status',
  'tcp-flags',
  'vpc-id',
  'decided-by',
];
const chosen = fields.filter(({ token }) => chosenTokens.includes(token));
const start = fields.find(({ token }) => token === 'start');

const addresses = [
  '10.0.0.1',
  '10.0.0.2',
  '10.0.1.9',
  '9.255.255.255',
  '192.0.2.200',
  '2001:db8::1',
  '::ffff:1.2.3.4',
];
const texts = ['ACCEPT', 'REJECT', 'OK', 'NODATA', 'vpc-1', 'vpc-10', '12', 'sg-1/ingress/default'];
const numbers = [0, 1, 2, 6, 17, 22, 53, 80, 443, 1000, 40001, 65535];

/** What a line of the format says; `start` rises by a minute with each. */
export interface RecordSet {
  readonly format: LogFormat;
  readonly lines: readonly string[];
  /** Events of the same group that are no records. */
  readonly others: readonly string[];
}

const anyOther = fc.constantFrom(
  '{"srcAddr": "10.0.0.1", "dstPort": 443, "bytes": 12.5, "action": "REJECT"}',
  '{"srcAddr": null, "bytes": "007", "protocol": true, "srcPort": {"a": 1}}',
  'a line of text 443',
  '',
);

export const anyRecordSet: fc.Arbitrary<RecordSet> = fc
  .shuffledSubarray(chosen, { minLength: 3 })
  .chain((some) => {
    const format = logFormat(start ? [...some, start] : some);
    const line = fc.tuple(...some.map(anyValue)).map((values) => values.join(' '));
    const anyOthers = fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(anyOther, { maxLength: 3 }),
    );
    return fc.tuple(fc.array(line, { minLength: 1, maxLength: 12 }), anyOthers).map(([lines, others]) => ({
      format,
      others,
      lines: lines.map((text, index) => `${text} ${1767225600 + 60 * Math.floor(index / 2)}`),
    }));
  });

function anyValue(field: Field): fc.Arbitrary<string> {
  const value =
    field.type === 'string'
      ? fc.constantFrom(...(field.token.endsWith('addr') ? addresses : texts))
      : field.type === 'int64'
        ? fc
            .oneof(
              { weight: 6, arbitrary: fc.constantFrom(...numbers) },
              { weight: 1, arbitrary: fc.maxSafeNat() },
            )
            .map(String)
        : fc.constantFrom(...numbers).map(String);
  return fc.oneof(
    { weight: 20, arbitrary: value },
    { weight: 4, arbitrary: fc.constant('-') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0443', '1e2', '10.0.0.01', '::FFFF:1.2.3.4', '00000000000000000001'),
    },
  );
}

/** Fields by their names in Insights, the other spelling now and then, and one that no record has. */
const anyName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...chosen.map(({ insights }) => insights)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('srcaddr', 'dstport', 'start', 'startTime', '@message', '@timestamp'),
  },
  { weight: 1, arbitrary: fc.constant('nosuch') },
);

const anyLiteral = fc.constantFrom(
  ...addresses.map((text) => `"${text}"`),
  ...texts.map((text) => `"${text}"`),
  ...numbers.map(String),
  ...numbers.map((number) => `"${number}"`),
  '"-"',
  '""',
  '1e3',
  '443.0',
  '-1',
  '0.5',
  '"010.0.0.1"',
  '"0443"',
);

const anyRegex = fc.constantFrom('/^10\\./', '/[02468]$/', '/-/', '/(?i)reject/', '/^\\d+$/', '/:/', '/4/');
const anyPiece = fc.constantFrom('"10.0"', '"4"', '"-"', '"."', '"E"', '""');

const anyExpression: fc.Arbitrary<string> = fc.letrec<{ leaf: string; expression: string }>((tie) => ({
  leaf: fc.oneof({ weight: 4, arbitrary: anyName }, { weight: 1, arbitrary: anyLiteral }),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '%'), tie('leaf'))
      .map((p) => `(${p.join(' ')})`),
    fc
      .tuple(
        fc.constantFrom(
          'abs',
          'floor',
          'toNumber',
          'toInt',
          'strlen',
          'toupper',
          'isNumeric',
          'ispresent',
          'isempty',
          'isValidIp',
          'isValidIpV6',
          'isPrivateIP',
          'ipv4ToNumber',
          'toMillis',
          'md5',
          'urlencode',
          'trim',
          'decToHex',
        ),
        tie('expression'),
      )
      .map(([name, operand]) => `${name}(${operand})`),
    fc
      .tuple(
        fc.constantFrom('concat', 'coalesce', 'greatest', 'least', 'startsWith', 'strcontains'),
        tie('expression'),
        tie('leaf'),
      )
      .map(([name, a, b]) => `${name}(${a}, ${b})`),
    fc.tuple(tie('leaf'), tie('leaf'), tie('leaf')).map(([a, b, c]) => `if(${a} = ${b}, ${c}, ${a})`),
    tie('leaf').map((name) => `substr(${name}, 0, 4)`),
    tie('leaf').map((name) => `replace(${name}, "0", "o")`),
  ),
})).expression;

const anySubnet = fc.constantFrom('10.0.0.0/8', '10.0.0.0/31', '0.0.0.0/0', '192.0.2.128/25');

const anyCondition: fc.Arbitrary<string> = fc.letrec<{ simple: string; condition: string }>((tie) => ({
  simple: fc.oneof(
    fc
      .tuple(
        anyExpression,
        fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
        fc.oneof(anyLiteral, anyLiteral, anyName),
      )
      .map((parts) => parts.join(' ')),
    fc
      .tuple(anyName, fc.constantFrom('in', 'not in'), fc.array(anyLiteral, { minLength: 1, maxLength: 4 }))
      .map(([name, how, list]) => `${name} ${how} [${list.join(', ')}]`),
    fc
      .tuple(anyName, fc.constantFrom('like', 'not like'), fc.oneof(anyRegex, anyPiece))
      .map((parts) => parts.join(' ')),
    fc.tuple(anyName, anySubnet).map(([name, subnet]) => `isIpv4InSubnet(${name}, "${subnet}")`),
    fc.tuple(anyName, anySubnet).map(([name, subnet]) => `isIpInSubnet(${name}, "${subnet}")`),
    anyName.map((name) => `ispresent(${name})`),
    anyName,
  ),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('simple'),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', 'or'), tie('condition'))
      .map(([a, how, b]) => `(${a} ${how} ${b})`),
    tie('condition').map((operand) => `not (${operand})`),
  ),
})).condition;

const anyAggregate = fc.oneof(
  fc.constant('count(*)'),
  fc
    .tuple(
      fc.constantFrom(
        'count',
        'count_distinct',
        'sum',
        'avg',
        'min',
        'max',
        'earliest',
        'latest',
        'sortsFirst',
        'sortsLast',
        'stddev',
      ),
      fc.oneof(anyName, anyExpression),
    )
    .map(([name, operand]) => `${name}(${operand})`),
  anyName.map((name) => `pct(${name}, 50)`),
);

const few = { minLength: 1, maxLength: 3 };

/** Ends of queries: what is shown, and in which order. */
const anyEnding: fc.Arbitrary<string> = fc.oneof(
  fc.array(anyExpression, few).map((columns) => `fields ${named(columns)}`),
  fc
    .tuple(fc.array(anyExpression, few), anyName, fc.constantFrom('', 'desc'))
    .map(([columns, key, way]) => `display ${named(columns)} | sort ${key} ${way}`),
  fc
    .tuple(fc.array(anyAggregate, few), fc.array(fc.oneof(anyName, anyExpression), { maxLength: 2 }))
    .map(([items, keys]) => `stats ${named(items)}${keys.length === 0 ? '' : ` by ${named(keys, 'k')}`}`),
  fc
    .tuple(fc.array(anyName, few), anyName)
    .map(([keys, other]) => `sort ${other} | dedup ${keys.join(', ')}`),
  fc
    .tuple(anyName, anyName, anyName)
    .map(
      ([a, b, c]) =>
        `stats count(*) as n, sum(${c}) as s by ${a} as x, ${b} as y | stats count(*) as m, max(s), sum(n) by x`,
    ),
  fc
    .tuple(anyName, anyName)
    .map(([name, other]) => `parse ${name} "*.*" as p, q | stats count(*) by p, q, ${other} as k`),
  anyName.map((name) => `parse ${name} /(?<d>\\d\\d)/ | display d, ${name}`),
  anyName.map((name) => `stats count(*) as n, sum(${name}) by bin(2m) as t | sort t`),
  fc
    .tuple(anyName, anyName)
    .map(([name, key]) => `sort ${key}, startTime | accum ${name} as total | display total`),
);

const named = (expressions: readonly string[], letter = 'c'): string =>
  expressions.map((expression, index) => `${expression} as ${letter}${index}`).join(', ');

export const anyQuestion: fc.Arbitrary<string> = fc
  .tuple(fc.array(anyCondition, { maxLength: 2 }), anyEnding)
  .map(([conditions, ending]) =>
    [...conditions.map((condition) => `filter ${condition}`), ending].join(' | '),
  );
