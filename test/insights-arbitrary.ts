import fc from 'fast-check';
import { printExpression } from '../src/query/insights/print.ts';
import type {
  Column,
  Command,
  Expression,
  Field,
  Name,
  Period,
  Query,
  Range,
  Regex,
  Source,
} from '../src/query/insights/tree.ts';

/*
 * Random trees of Logs Insights QL, of every kind of node. What the parser would refuse does not occur; what only the
 * compiler refuses (unknown functions, wrong arguments, broken regexes) does. Ranges are all empty.
 */

const range: Range = { start: 0, end: 0 };

/** Text that is likely to break out of wherever it is put. */
const hostile = fc.constantFrom(
  ...['', '"', "'", '\\', '"; DROP TABLE x; --', "' OR 1=1 --", '$1', '%', '_', '*', '/', '#', '|', '\n'],
  ...[
    'a.b',
    'a-b',
    ' ',
    '{{x}}',
    'é',
    '\u{1f600}',
    '\ud800',
    '-',
    '0',
    '-1',
    '1e5',
    'NULL',
    'true',
    '10.0.0.1',
  ],
);
const text = fc.oneof(fc.string({ maxLength: 6 }), hostile).map((value) => value.replaceAll('\0', ''));

const logFields = [
  ...[
    '@timestamp',
    '@message',
    '@logStream',
    '@log',
    '@ingestionTime',
    '@ptr',
    'version',
    'accountId',
    'interfaceId',
  ],
  ...[
    'srcAddr',
    'dstAddr',
    'srcaddr',
    'pktSrcAddr',
    'srcPort',
    'dstPort',
    'protocol',
    'packets',
    'bytes',
    'startTime',
  ],
  ...[
    'endTime',
    'start',
    'action',
    'logStatus',
    'tcpFlags',
    'flowDirection',
    'azId',
    'decidedBy',
    'a',
    'b',
    'n',
  ],
];
const keywords = [
  'and',
  'or',
  'not',
  'in',
  'like',
  'as',
  'by',
  'asc',
  'desc',
  'any',
  'logfmt',
  'csv',
  'xml',
  'multi',
];
const otherKeywords = [
  'with',
  'for',
  'offset',
  'into',
  'output',
  'where',
  'maxspan',
  'source',
  'SOURCE',
  'start',
  'p',
];
const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...logFields) },
  { weight: 1, arbitrary: fc.constantFrom(...keywords, ...otherKeywords) },
  { weight: 1, arbitrary: text.map((value) => value.replaceAll('`', '')).filter((value) => value !== '') },
);

const name: fc.Arbitrary<Name> = segment.map((value) => ({ name: value, range }));
const names = fc.array(name, { minLength: 1, maxLength: 3 });

const field: fc.Arbitrary<Field> = fc
  .oneof(
    { weight: 4, arbitrary: segment.map((value) => [value]) },
    {
      weight: 1,
      arbitrary: fc.array(fc.oneof(segment, fc.constantFrom('0', '12')), { minLength: 2, maxLength: 3 }),
    },
  )
  .map((path) => ({ kind: 'field', name: path.join('.'), path, range }));
const fields = fc.array(field, { minLength: 1, maxLength: 3 });

const period: fc.Arbitrary<Period> = fc.record({
  kind: fc.constant('period' as const),
  count: fc.oneof(fc.constantFrom(2, 1, 5, 60, 300), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  unit: fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w', 'mo', 'q', 'y'),
  range: fc.constant(range),
});

const regex: fc.Arbitrary<Regex> = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        '\\d',
        '[^/]',
        '[]/]',
        '/',
        '\\\\',
        ' ',
        '|',
        '(',
        ')',
        '(?<n>',
        '.*',
        '#',
        '"',
        '\n',
        '(?i)',
        'é',
      ],
    ),
    { maxLength: 5 },
  )
  .map((pieces) => ({ kind: 'regex', pattern: pieces.join(''), range }));

const number: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.nat({ max: 1000 }).map(String),
    fc.constantFrom('0', '10.', '1.50', '1e3', '2E-2', '007', '9007199254740993', '1e308'),
  )
  .map((written) => ({ kind: 'number', value: Number(written), text: written, range }));
const string: fc.Arbitrary<Expression> = text.map((value) => ({ kind: 'string', value, range }));

const knownFunctions = [
  ...[
    'abs',
    'ceil',
    'floor',
    'greatest',
    'least',
    'log',
    'sqrt',
    'round',
    'haversine',
    'toNumber',
    'toInt',
    'toLong',
  ],
  ...[
    'toDouble',
    'ispresent',
    'coalesce',
    'case',
    'if',
    'isNumeric',
    'messageSize',
    'queryStartTime',
    'queryEndTime',
  ],
  ...[
    'queryTimeRange',
    'isempty',
    'isblank',
    'concat',
    'ltrim',
    'rtrim',
    'trim',
    'strlen',
    'toupper',
    'tolower',
  ],
  ...['substr', 'replace', 'regexReplace', 'regex_replace', 'strcontains', 'startsWith', 'endsWith', 'split'],
  ...['urlencode', 'urldecode', 'base64encode', 'base64decode', 'hexToAscii', 'hexToDec', 'decToHex', 'bin'],
  ...[
    'datefloor',
    'dateceil',
    'fromMillis',
    'toMillis',
    'now',
    'parseDate',
    'formatDate',
    'strftime',
    'isValidIp',
  ],
  ...[
    'isValidIpV4',
    'isValidIpV6',
    'isIpInSubnet',
    'isIpv4InSubnet',
    'isIpv6InSubnet',
    'ipv4ToNumber',
    'isPrivateIP',
  ],
  ...[
    'isPublicIP',
    'isReservedIP',
    'jsonParse',
    'jsonStringify',
    'jsonArraySize',
    'jsonArrayContains',
    'md5',
  ],
  ...['sha256', 'count', 'count_distinct', 'sum', 'avg', 'min', 'max', 'pct', 'stddev', 'earliest', 'latest'],
  ...[
    'sortsFirst',
    'sortsLast',
    'values',
    'rate',
    'countOverTime',
    'count_over_time',
    'sumOverTime',
    'histogram',
  ],
  ...['BIN', 'Count', 'nosuch', 'a.b'],
];

const arithmetic = ['+', '-', '*', '/', '%', '^'] as const;
const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const;

const time: fc.Arbitrary<{ epochMs: number } | { relativeSeconds: number }> = fc.oneof(
  fc.maxSafeNat().map((epochMs) => ({ epochMs })),
  fc.integer().map((relativeSeconds) => ({ relativeSeconds })),
);
const words = fc.array(text, { maxLength: 2 });
const source: fc.Arbitrary<Source> = fc
  .tuple(
    fc.oneof(
      fc.record({ kind: fc.constant('logGroup' as const), name: text }),
      fc.record({ kind: fc.constant('dataSource' as const), names: words }),
      fc.record({
        kind: fc.constant('logGroups' as const),
        namePrefixes: words,
        accountIdentifiers: words,
        classes: words,
      }),
      fc.record({
        kind: fc.constant('logGroupTags' as const),
        tags: fc.array(fc.record({ key: text, values: words }, { requiredKeys: ['key'] }), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
    ),
    fc.record({ start: time, end: time }, { requiredKeys: [] }),
  )
  .map(([selection, times]) => ({ ...selection, ...times, range }));

function commandsOf(
  part: fc.Arbitrary<Expression>,
  subquery: fc.Arbitrary<Query>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<readonly Command[]> {
  const one = commandOf(part, subquery);
  return fc.array(one, { minLength, maxLength }).map(inOrder);
}

/** Leaves out what may not follow what is before it. */
function inOrder(commands: readonly Command[]): readonly Command[] {
  const kept: Command[] = [];
  for (const command of commands) {
    const afterDedup = kept.some(({ kind }) => kind === 'dedup') && command.kind !== 'limit';
    const strayDiff = command.kind === 'diff' && kept.at(-1)?.kind !== 'pattern';
    if (!afterDedup && !strayDiff) kept.push(command);
  }
  return kept.length > 0
    ? kept
    : commands
        .slice(0, 1)
        .filter(({ kind }) => kind !== 'diff')
        .concat(fallback);
}

const fallback: Command = { kind: 'limit', count: 5, any: false, range };

function commandOf(part: fc.Arbitrary<Expression>, subquery: fc.Arbitrary<Query>): fc.Arbitrary<Command> {
  const column: fc.Arbitrary<Column> = fc
    .record({ expression: part, alias: name }, { requiredKeys: ['expression'] })
    .map((made) => ({ ...made, text: printExpression(made.expression), range }));
  const columns = fc.array(column, { minLength: 1, maxLength: 3 });
  const sortKey = fc
    .record(
      { expression: part, alias: name, descending: fc.boolean() },
      { requiredKeys: ['expression', 'descending'] },
    )
    .map((made) => ({ ...made, range }));
  const indexed: fc.Arbitrary<Expression> = fc.oneof(
    fc
      .tuple(field, part)
      .map(([left, right]): Expression => ({ kind: 'binary', operator: '=', left, right, range })),
    fc
      .tuple(field, fc.array(part, { minLength: 1, maxLength: 2 }))
      .map(([operand, list]): Expression => ({ kind: 'in', negated: false, operand, list, range })),
  );
  const pair = fc.record({ column: name, field: name });
  const output = fc.array(pair, { minLength: 1, maxLength: 2 });
  const all = fc.oneof(
    record('fields', { columns }),
    record('display', { columns }),
    record('unmask', { columns }),
    record('filter', { condition: part }),
    record('filterIndex', {
      condition: fc.oneof(
        indexed,
        fc
          .tuple(indexed, indexed)
          .map(([left, right]): Expression => ({ kind: 'binary', operator: 'and', left, right, range })),
      ),
    }),
    record('stats', { aggregates: columns, by: fc.constant([]) }),
    record('stats', { aggregates: columns, by: columns, offset: period }, ['offset']),
    record('sort', { keys: fc.array(sortKey, { minLength: 1, maxLength: 3 }) }),
    record('limit', { count: fc.integer({ min: 1, max: 100_000 }), any: fc.boolean() }),
    record('dedup', { fields }),
    record('parse', { source: part, form }, ['source']),
    record('json', { field, path: text, name }, ['field']),
    record('pattern', { field: part }),
    record('diff', { against: fc.constantFrom('previous', 'previousDay', 'previousWeek', 'previousMonth') }),
    record('unnest', { field: part, name }),
    record('expand', { field }),
    record('lookup', {
      table: name,
      keys: fc.array(fc.record({ column: name, field }), { minLength: 1, maxLength: 2 }),
      output,
    }),
    record('cidrlookup', { table: name, field, cidrColumn: name, onlyNew: fc.boolean(), output }, [
      'cidrColumn',
    ]),
    record('join', {
      type: fc.constantFrom('inner', 'left'),
      left: name.map((side) => ({ ...side, name: `${side.name}1` })),
      right: name.map((side) => ({ ...side, name: `${side.name}2` })),
      on: fc.array(fc.record({ left: field, right: field }), { minLength: 1, maxLength: 2 }),
      source: subquery,
    }),
    record('addtotals', {
      fieldName: text,
      row: fc.boolean(),
      column: fc.boolean(),
      fields: fc.array(field, { maxLength: 2 }),
    }),
    fc
      .record(
        { field, alias: name, from: fc.integer({ min: 1, max: 9 }), more: fc.nat({ max: 3 }) },
        { requiredKeys: ['field', 'from', 'more'] },
      )
      .map(
        ({ from, more, ...made }): Command => ({
          kind: 'autoregress',
          ...made,
          from,
          to: from + more,
          range,
        }),
      ),
    record('accum', { field, alias: name }, ['alias']),
    record('filldown', { names: fc.array(fc.oneof(name, wildcard), { maxLength: 3 }) }),
    record('fillmissing', { values: fc.array(fc.record({ value: part, field }), { maxLength: 2 }) }),
    record('outlier', {
      action: fc.constantFrom('remove', 'transform'),
      factor: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      lower: fc.boolean(),
      mark: fc.boolean(),
      fields,
    }),
    record('sessionize', { fields, maxSpan: period, alias: name }, ['maxSpan', 'alias']),
    record('countFrequent', { fields }),
    record('appendcols', {
      override: fc.boolean(),
      max: fc.integer({ min: 1, max: 100_000 }),
      query: subquery,
    }),
    record('unsupported', { command: fc.constantFrom('anomaly', 'relevantfields', 'logcompare') }),
  );
  return all as fc.Arbitrary<Command>;
}

const wildcard: fc.Arbitrary<Name> = fc
  .tuple(fc.constantFrom('*', ''), fc.oneof(segment, fc.constant('')), fc.constant('*'))
  .map((pieces) => ({ name: pieces.join(''), range }));

const glob = fc
  .array(
    text.map((value) => value.replaceAll('*', '')),
    { minLength: 2, maxLength: 4 },
  )
  .chain((pieces) =>
    fc.record({
      kind: fc.constant('glob' as const),
      pattern: fc.constant(pieces.join('*')),
      names: fc.array(name, { minLength: pieces.length - 1, maxLength: pieces.length - 1 }),
    }),
  );
const form = fc
  .oneof(
    glob,
    fc.record({
      kind: fc.constant('regex' as const),
      pattern: regex.map(({ pattern }) => pattern),
      names: fc.array(name, { maxLength: 2 }),
      multi: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('logfmt' as const), name }),
    fc.record({ kind: fc.constant('csv' as const), names }),
    fc.record({ kind: fc.constant('xml' as const), path: text, name }),
  )
  .map((made) => ({ ...made, range }));

/** A command of that kind, with some of `optional` left out. */
function record(
  kind: Command['kind'],
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  optional: readonly string[] = [],
): fc.Arbitrary<unknown> {
  const requiredKeys = Object.keys(members).filter((key) => !optional.includes(key));
  return fc.record(members, { requiredKeys }).map((made) => ({ kind, ...made, range }));
}

const tied = fc.letrec<{ expression: Expression; query: Query; subquery: Query }>((tie) => {
  const part = tie('expression');
  const call: fc.Arbitrary<Expression> = fc
    .record({
      name: fc.constantFrom(...knownFunctions),
      args: fc.array(fc.oneof(part, regex), { maxLength: 3 }),
    })
    .map((made) => ({ kind: 'call', name: { name: made.name, range }, args: made.args, star: false, range }));
  const star = fc
    .constantFrom('count', 'COUNT', 'sum')
    .map((word): Expression => ({ kind: 'call', name: { name: word, range }, args: [], star: true, range }));
  const binary = fc
    .record({
      operator: fc.constantFrom(...arithmetic, ...comparisons, 'and', 'or'),
      left: part,
      right: part,
    })
    .map((made): Expression => ({ kind: 'binary', ...made, range }));
  const unary = fc
    .record({ operator: fc.constantFrom('-', 'not'), operand: part })
    .map((made): Expression => ({ kind: 'unary', ...made, range }));
  const like = fc
    .record({ negated: fc.boolean(), operand: part, pattern: fc.oneof(regex, string, part) })
    .map((made): Expression => ({ kind: 'like', operator: 'like', ...made, range }));
  const matches = fc
    .record({ operand: part, pattern: regex })
    .map((made): Expression => ({ kind: 'like', operator: '=~', negated: false, ...made, range }));
  const among = fc
    .record({ negated: fc.boolean(), operand: part, list: fc.array(part, { minLength: 1, maxLength: 3 }) })
    .map((made): Expression => ({ kind: 'in', ...made, range }));
  const inSubquery = fc
    .record({ negated: fc.boolean(), operand: part, query: tie('subquery') })
    .map((made): Expression => ({ kind: 'inSubquery', ...made, range }));
  const step = fc.oneof(segment, fc.nat({ max: 9 }), text);
  const member = fc
    .record({ operand: part, steps: fc.array(step, { minLength: 1, maxLength: 3 }) })
    .map((made): Expression => ({ kind: 'member', ...made, range }));
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'insights' },
      { weight: 6, arbitrary: field },
      { weight: 2, arbitrary: number },
      { weight: 2, arbitrary: string },
      { weight: 1, arbitrary: period },
      { weight: 1, arbitrary: star },
      { weight: 5, arbitrary: call },
      { weight: 4, arbitrary: binary },
      { weight: 2, arbitrary: unary },
      { weight: 2, arbitrary: like },
      { weight: 1, arbitrary: matches },
      { weight: 1, arbitrary: among },
      { weight: 1, arbitrary: inSubquery },
      { weight: 1, arbitrary: member },
    ),
    query: fc
      .record({
        sources: fc.array(source, { maxLength: 2 }),
        commands: commandsOf(part, tie('subquery'), 1, 5),
      })
      .map((made) => ({ ...made, range })),
    subquery: fc
      .record({
        sources: fc.array(source, { minLength: 1, maxLength: 2 }),
        commands: commandsOf(part, tie('subquery'), 0, 2),
      })
      .map((made) => ({ ...made, range })),
  };
});

export const arbitraryExpression: fc.Arbitrary<Expression> = tied.expression;
export const arbitraryQuery: fc.Arbitrary<Query> = tied.query;

/** The tree without the ranges, as one that was made up has none worth comparing. */
export function withoutRanges(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === 'range' ? undefined : value)));
}
