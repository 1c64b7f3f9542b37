import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryError } from '../src/fault/index.ts';
import { insightsCommands, printInsights } from '../src/query/index.ts';
import { fields } from '../src/record/fields.ts';
import { defaultLogFormat, parseLogFormat } from '../src/record/log-format.ts';
import { arbitraryQuery } from './insights-arbitrary.ts';
import { runs } from './runs.ts';
import { type ScanEvent, ScanTables, startMs } from './scan-tables.ts';

const other = parseLogFormat('${start} ${dstaddr} ${srcaddr} ${bytes} ${tcp-flags} ${flow-direction}');
const options = {
  formats: [defaultLogFormat, other],
  lookups: {
    t: [
      ['a', 'b', 'c'],
      ['1', '10.0.0.0/8', 'x'],
    ],
  },
};

const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', '192.168.1.9', '2001:db8::1', '-');
const seconds = fc.integer({ min: 0, max: 300 });
const number = (...values: number[]) => fc.constantFrom(...values.map(String), '-');

const defaultRecord = fc
  .record({
    at: seconds,
    source: addresses,
    target: addresses,
    port: number(22, 80, 443),
    protocol: number(6, 17),
    bytes: number(0, 40, 1500, 9_007_199_254_740_991),
    action: fc.constantFrom('ACCEPT', 'REJECT', '-'),
    status: fc.constantFrom('OK', 'NODATA'),
  })
  .map(({ at, source, target, port, protocol, bytes, action, status }): ScanEvent => {
    const start = startMs / 1000 + at;
    const tokens = ['2', '123456789012', 'eni-1', source, target, '40000', port, protocol, '1', bytes];
    return {
      timestamp: start * 1000,
      format: 1,
      tokens: [...tokens, String(start), String(start + 59), action, status],
    };
  });

const otherRecord = fc
  .record({ at: seconds, source: addresses, bytes: number(7, 8), flags: number(2, 18) })
  .map(({ at, source, bytes, flags }): ScanEvent => {
    const start = startMs / 1000 + at;
    const tokens = [String(start), '10.9.9.9', source, bytes, flags, 'egress'];
    return { timestamp: start * 1000, format: 2, tokens };
  });

const plain = fc
  .record({
    at: seconds,
    bytes: fc.constantFrom('1', '"x"', '{"y":[1,2]}', 'null'),
    a: fc.constantFrom('"10.0.0.1"', '22'),
  })
  .map(
    ({ at, bytes, a }): ScanEvent => ({
      timestamp: startMs + at * 1000,
      text: `{"bytes": ${bytes}, "srcAddr": ${a}, "tags": ["p", "q"]}`,
    }),
  );

const someEvents: readonly ScanEvent[] = [
  ...fc.sample(defaultRecord, { numRuns: 12, seed: 1 }),
  ...fc.sample(otherRecord, { numRuns: 4, seed: 2 }),
  ...fc.sample(plain, { numRuns: 4, seed: 3 }),
];

const flowField = fc.constantFrom(
  ...[
    'srcAddr',
    'dstAddr',
    'dstPort',
    'protocol',
    'bytes',
    'action',
    'logStatus',
    'tcpFlags',
    'startTime',
    '@message',
  ],
  ...['flowDirection', '@timestamp', 'packets', 'srcaddr', 'start', 'vpcId', 'tags.0', '@logStream'],
);
const literalText = fc.constantFrom(
  '6',
  '"6"',
  '443',
  '"ACCEPT"',
  '"10.0.0.1"',
  '"-"',
  '""',
  '"x"',
  '40',
  '1.5',
  '"2001:db8::1"',
);
const condition = fc.oneof(
  fc
    .tuple(flowField, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), literalText)
    .map(([field, operator, value]) => `${field} ${operator} ${value}`),
  fc.tuple(flowField, flowField).map(([a, b]) => `${a} = ${b}`),
  fc.tuple(flowField, literalText, literalText).map(([field, a, b]) => `${field} in [${a}, ${b}]`),
  flowField.map((field) => `ispresent(${field})`),
  flowField.map((field) => `isIpv4InSubnet(${field}, "10.0.0.0/8")`),
  fc
    .tuple(flowField, fc.constantFrom('/1/', '/^[a-f0-9:]+$/', '"10."'))
    .map(([field, what]) => `${field} like ${what}`),
  fc.tuple(flowField, literalText).map(([field, value]) => `not (${field} = ${value})`),
  flowField,
);
const value = fc.oneof(
  flowField,
  flowField.map((field) => `concat(${field}, "/", bytes)`),
  fc.tuple(flowField, flowField).map(([a, b]) => `${a} + ${b}`),
  fc.tuple(flowField, flowField).map(([a, b]) => `coalesce(${a}, ${b})`),
  fc.tuple(condition, flowField, flowField).map(([test, a, b]) => `if(${test}, ${a}, ${b})`),
  flowField.map((field) => `strlen(${field})`),
);
const aggregate = fc.oneof(
  fc.constant('count(*)'),
  fc
    .tuple(
      fc.constantFrom(
        ...['count', 'count_distinct', 'sum', 'avg', 'min', 'max', 'stddev', 'earliest', 'latest'],
      ),
      value,
    )
    .map(([name, of]) => `${name}(${of})`),
  fc.tuple(fc.constantFrom('sortsFirst', 'sortsLast'), flowField).map(([name, of]) => `${name}(${of})`),
  value.map((of) => `pct(${of}, 50)`),
);
const rowCommand = fc.oneof(
  condition.map((test) => `filter ${test}`),
  fc.tuple(condition, condition).map(([a, b]) => `filter ${a} and (${b} or ${a})`),
  value.map((of) => `fields ${of} as made`),
  flowField.map((field) => `fields ${field}`),
  fc.tuple(value, fc.constantFrom('asc', 'desc')).map(([of, way]) => `sort ${of} ${way}`),
  flowField.map((field) => `parse ${field} "*.*" as left, right`),
  fc.constantFrom('parse @message "* * *" as a, b, c', 'parse @message /(?<digits>[0-9]+)/'),
  fc.constantFrom(
    'limit 5',
    'accum bytes as sum',
    'autoregress bytes',
    'filldown dstAddr',
    'sessionize srcAddr',
  ),
  fc.constantFrom('lookup t a as dstPort OUTPUT c', 'cidrlookup t srcAddr AS b OUTPUT c', 'outlier bytes'),
);
const lastCommand = fc.oneof(
  fc
    .tuple(aggregate, aggregate, value)
    .map(([a, b, key]) => `stats ${a} as one, ${b} as two by ${key} as key | sort two desc`),
  fc.tuple(aggregate, flowField).map(([a, key]) => `stats ${a} by bin(1m), ${key}`),
  fc.tuple(flowField, flowField).map(([a, b]) => `dedup ${a}, ${b}`),
  flowField.map((field) => `countFrequent ${field}`),
  fc.constantFrom(
    'display made, @message',
    'stats count(*) as n by srcAddr, dstAddr | stats sum(n), max(n) by srcAddr',
  ),
  fc.constantFrom('pattern @message', 'limit 7', 'fields bytes, packets | addtotals'),
);
const plausibleQuery = fc
  .tuple(fc.array(rowCommand, { maxLength: 3 }), lastCommand)
  .map(([commands, last]) => [...commands, last].join(' | '));

describe('random queries', () => {
  it('compile to SQL that DuckDB understands, or are refused with a reason', async () => {
    const tables = await ScanTables.open(someEvents, 'columns', options);
    await fc.assert(
      fc.asyncProperty(arbitraryQuery, async (query) => {
        const compiled = compileOrRefuse(tables, printInsights(query));
        if (compiled) await tables.prepare(compiled);
      }),
      { numRuns: runs(40, 400) },
    );
    tables.close();
  });

  it('give the same rows over columns and over text', async () => {
    const columns = await ScanTables.open(someEvents, 'columns', options);
    const text = await ScanTables.open(someEvents, 'text', options);
    const any = arbitraryQuery.map(printInsights);
    await fc.assert(fc.asyncProperty(fc.oneof(any, plausibleQuery), sameRows(columns, text)), {
      numRuns: runs(40, 800),
    });
    columns.close();
    text.close();
  });

  it('give the same rows over columns and over text, whatever the events', async () => {
    const events = fc.array(fc.oneof(defaultRecord, otherRecord, plain), { maxLength: 12 });
    const queries = fc.array(plausibleQuery, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(events, queries, async (some, asked) => {
        const columns = await ScanTables.open(some, 'columns', options);
        const text = await ScanTables.open(some, 'text', options);
        for (const query of asked) await sameRows(columns, text)(query);
        columns.close();
        text.close();
      }),
      { numRuns: runs(4, 20) },
    );
  });
});

function sameRows(columns: ScanTables, text: ScanTables): (query: string) => Promise<void> {
  return async (query) => {
    const compiled = compileOrRefuse(columns, query);
    if (!compiled) return;
    const other = text.compile(query);
    expect(await text.run(other), query).toEqual(await columns.run(compiled));
    expect(await text.matched(other), query).toEqual(await columns.matched(compiled));
  };
}

function compileOrRefuse(tables: ScanTables, text: string) {
  try {
    return tables.compile(text);
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    return undefined;
  }
}

describe('every command, with every field', () => {
  let tables: ScanTables;
  beforeAll(async () => {
    tables = await ScanTables.open(someEvents, 'columns', options);
  });
  afterAll(() => tables?.close());

  const names = [
    ...fields.map(({ insights }) => insights),
    ...[
      '@timestamp',
      '@ingestionTime',
      '@message',
      '@logStream',
      '@log',
      '@ptr',
      '@type',
      'tags.0',
      'nosuch',
      '`a-b`',
    ],
  ];
  const commands: readonly ((f: string) => string)[] = [
    (f) => `fields ${f}, abs(${f}) as x, ${f} = 1`,
    (f) => `display ${f}, ispresent(${f})`,
    (f) => `unmask ${f}`,
    (f) => `filter ${f} = "x" or ${f} > 1 or ${f} like /a/ or ${f} in [1, "x"] or not ispresent(${f})`,
    (f) => `filterIndex ${f} = "x"`,
    (f) => `stats count(*), count(${f}), sum(${f}), min(${f}), latest(${f}), pct(${f}, 50) by ${f}, bin(5m)`,
    (f) => `stats count_distinct(${f}) as n | stats max(n), avg(n)`,
    (f) => `sort ${f} desc, ${f} asc | limit 3`,
    (f) => `fields ${f} | limit any 3`,
    (f) => `dedup ${f} | limit 5`,
    (f) => `parse ${f} "*.*" as a, b | stats count(*) by a`,
    (f) => `parse ${f} "* * *" as a, b, c | filter b = 1`,
    (f) => `parse ${f} /(?<a>\\d+)/ multi`,
    (f) => `parse ${f} logfmt as a | fields a.b`,
    (f) => `parse ${f} csv as a, b`,
    (f) => `parse ${f} xml "/a/b" as x`,
    (f) => `json field=${f} "a.b" as x`,
    (f) => `pattern ${f}`,
    (f) => `pattern ${f} | diff previousDay`,
    (f) => `unnest ${f} into g | fields g.h`,
    (f) => `expand ${f}`,
    (f) => `lookup t a as ${f} OUTPUT c as ${f}`,
    (f) => `cidrlookup t ${f} AS b OUTPUTNEW c`,
    (f) =>
      `join type=left left=A right=B where A.${f}=B.${f} (SOURCE "g" | fields ${f}) | fields A.${f}, B.${f}`,
    (f) => `filter ${f} in (SOURCE "g" | fields ${f})`,
    (f) => `fields ${f}, bytes | addtotals row=true col=true`,
    (f) => `autoregress ${f} p=1-2`,
    (f) => `accum ${f} as x`,
    (f) => `filldown ${f}`,
    (f) => `stats sum(bytes) as s by bin(5m), ${f} | fillmissing with 0 for s`,
    (f) => `outlier action=transform uselower=true mark=true ${f}`,
    (f) => `sessionize ${f} maxspan 5m`,
    (f) => `countFrequent ${f}`,
    (f) => `fields ${f} | appendcols (stats count(*) as n)`,
  ];

  it.each(names)('%s', async (name) => {
    for (const command of commands) {
      const text = command(name);
      await expect(tables.prepare(tables.compile(text)), text).resolves.toBeUndefined();
    }
  });

  it('are all of the commands', () => {
    const written = commands.map((command) => command('bytes').toLowerCase()).join(' | ');
    const known = ['where', 'head', 'tail', 'anomaly', 'relevantfields', 'logcompare', 'count_frequent'];
    const asked = insightsCommands.filter((command) => !known.includes(command));
    expect(asked.filter((command) => !written.includes(command.toLowerCase()))).toEqual([]);
  });
});
