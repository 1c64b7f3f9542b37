import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueryError } from '../../fault/index.ts';
import { parseFilterPattern } from './filter-pattern.ts';

const requests = [
  '[ERROR 400] BAD REQUEST',
  '[ERROR 401] UNAUTHORIZED REQUEST',
  '[ERROR 419] MISSING ARGUMENTS',
  '[ERROR 420] INVALID ARGUMENTS',
  '[SUCCESS 200] AUTHORIZED REQUEST',
  '[ERROR 500] INTERNAL SERVER ERROR',
];

/** The numbers in brackets of the events that match. */
function matching(pattern: string, events: readonly string[]): string {
  const { matches } = parseFilterPattern(pattern);
  return events
    .filter((event) => matches(event))
    .map((event) => /\d+/.exec(event)?.[0])
    .join(' ');
}

describe('terms', () => {
  it.each([
    { name: 'one', pattern: 'ERROR', numbers: '400 401 419 420 500' },
    { name: 'all of several', pattern: 'ERROR ARGUMENTS', numbers: '419 420' },
    { name: 'one of several', pattern: '?ERROR ?ARGUMENTS', numbers: '400 401 419 420 500' },
    { name: 'all but', pattern: 'ERROR -ARGUMENTS', numbers: '400 401 500' },
    { name: 'a phrase', pattern: '"INTERNAL SERVER ERROR"', numbers: '500' },
    { name: '? does not count beside others', pattern: '?ERROR ?ARGUMENTS REQUEST', numbers: '400 401 200' },
    { name: '? does not count beside -', pattern: '?SUCCESS -ARGUMENTS', numbers: '400 401 200 500' },
    { name: 'part of a word', pattern: 'AUTHORIZED', numbers: '401 200' },
    { name: 'a regex', pattern: '%AUTHORIZED%', numbers: '401 200' },
    { name: 'a regex with anchors', pattern: '%^\\[ERROR 4%', numbers: '', throws: 'do not take " "' },
    { name: 'a regex with a space', pattern: '%^\\[ERROR\\s4.*S$%', numbers: '419 420' },
    { name: 'a regex that must not match', pattern: 'ERROR -%4\\d\\d%', numbers: '500' },
    { name: 'case counts', pattern: 'error', numbers: '' },
    { name: 'brackets in quotes', pattern: '"[ERROR 4"', numbers: '400 401 419 420' },
    { name: 'not a phrase', pattern: '-"[ERROR"', numbers: '200' },
    { name: 'nothing', pattern: '', numbers: '400 401 419 420 200 500' },
    { name: 'spaces', pattern: '  ', numbers: '400 401 419 420 200 500' },
    { name: 'a space in quotes', pattern: '" "', numbers: '400 401 419 420 200 500' },
  ])('$name: $pattern', ({ pattern, numbers, throws }) => {
    if (throws) expect(() => matching(pattern, requests)).toThrow(throws);
    else expect(matching(pattern, requests)).toBe(numbers);
  });

  it.each([
    ['"say \\"hi\\""', 'they say "hi" twice', true],
    ['10.0.0.1', '2 1 eni-1 10.0.0.12 -', true],
    ['eni-0a', 'eni-0a', true],
    ['eni -0a', 'eni-0a', false],
    ['key=value', 'a key=value', true],
    ['%10\\.0\\.0\\.[1-9]%', '10.0.0.5', true],
    ['%\\x28x\\x29%', 'f(x)', true],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(parseFilterPattern(pattern).matches(message)).toBe(expected);
  });
});

const trail = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  'cluster.name': 'c',
});
const user = JSON.stringify({
  user: { id: 1, email: 'John.Stiles@example.com' },
  users: [
    { id: 2, email: 'John.Doe@example.com' },
    { id: 3, email: 'Jane.Doe@example.com' },
  ],
  actions: ['GET', 'PUT', 'DELETE'],
  coordinates: [
    [0, 1, 2],
    [4, 5, 6],
    [7, 8, 9],
  ],
});
const numbers = JSON.stringify({
  bandwidth: 80,
  latency: 40,
  refreshRate: 60,
  responseTime: 5,
  errorCode: 400,
  number: [1000, 0.5],
  ok: true,
  off: false,
  text: '400',
  list: [],
});

describe('JSON', () => {
  it.each([
    ['{ $.eventType = "UpdateTrail" }', trail, true],
    ['{$.eventType="UpdateTrail"}', trail, true],
    ['{ $.eventType = UpdateTrail }', trail, true],
    ['{ $.eventType = Update* }', trail, true],
    ['{ $.eventType = "*Tra*" }', trail, true],
    ['{ $.eventType = "updateTrail" }', trail, false],
    ['{ $.sourceIPAddress != 123.123.* }', trail, true],
    ['{ $.sourceIPAddress != 111.111.* }', trail, false],
    ['{ $.arrayKey[0] = "value" }', trail, true],
    ['{ $.objectList[1].id = 2 }', trail, true],
    ['{ $.eventType = %Trail% }', trail, true],
    ['{ $.arrayKey[*] = %val.{2}% }', trail, true],
    ['{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }', trail, true],
    ['{ $.[\'cluster.name\'] = "c" }', trail, true],
    ["{ $['cluster.name'] = c }", trail, true],
    ['{ $.SomeObject IS NULL }', trail, true],
    ['{ $.eventType IS NULL }', trail, false],
    ['{ $.Absent IS NULL }', trail, false],
    ['{ $.SomeOtherObject NOT EXISTS }', trail, true],
    ['{ $.SomeObject NOT EXISTS }', trail, false],
    ['{ $.objectList = "a" }', trail, false],
    ['{ $.objectList != "a" }', trail, false],
    ['{ $.Absent != "a" }', trail, false],
    ['{ $.SomeObject = * }', trail, false],
    ['{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', user, true],
    [
      '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }',
      user,
      true,
    ],
    [
      '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }',
      user,
      false,
    ],
    ['{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', user, false],
    ['{ $.users[*].email = "Jane.*" }', user, true],
    ['{ $.coordinates[1][2] = 6 }', user, true],
    ['{ $.coordinates[3][0] = 6 }', user, false],
    ['{ $.bandwidth > 75 }', numbers, true],
    ['{ $.latency < 50 }', numbers, true],
    ['{ $.refreshRate >= 60 }', numbers, true],
    ['{ $.responseTime <= 5 }', numbers, true],
    ['{ $.errorCode = 400}', numbers, true],
    ['{ $.errorCode = 4* }', numbers, true],
    ['{ $.errorCode != 500 }', numbers, true],
    ['{ $.number[0] = 1e+3 }', numbers, true],
    ['{ $.number[0] != 1e-3 }', numbers, true],
    ['{ $.number[1] > -0.5 }', numbers, true],
    ['{ $.latency = * }', numbers, true],
    ['{ $.ok IS TRUE }', numbers, true],
    ['{ $.ok IS FALSE }', numbers, false],
    ['{ $.off is false }', numbers, true],
    ['{ $.ok = true }', numbers, true],
    ['{ $.text = 400 }', numbers, true],
    ['{ $.text > 1 }', numbers, false],
    ['{ $.list[0] NOT EXISTS }', numbers, true],
    ['{ $.toString = * }', numbers, false],
    ['{ $.latency = * }', `INFO ${numbers}`, false],
    ['{ $.latency = * }', '{"latency": 1', false],
    ['{ $.latency NOT EXISTS }', 'no JSON', false],
    ['{ $[1] = 2 }', ' [1, 2]', true],
  ])('%s', (pattern, message, expected) => {
    expect(parseFilterPattern(pattern).matches(message)).toBe(expected);
  });

  it('extracts what its selectors lead to', () => {
    const pattern = parseFilterPattern('{ $.eventType = * && $.arrayKey[0] = * && $.SomeObject IS NULL }');
    expect(pattern.extract(trail)).toEqual({ '$.eventType': 'UpdateTrail', '$.arrayKey[0]': 'value' });
    expect(pattern.extract(user)).toBeUndefined();
  });
});

const apache = [
  '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534',
  '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324',
  '127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /index.html HTTP/1.0" 404 4355',
];
const flow = (changed: Readonly<Record<number, string>> = {}) => {
  const fields =
    '2 123456789012 eni-0a1b 10.0.0.1 10.0.2.7 49152 80 6 25 400 1700000000 1700000060 REJECT OK'.split(' ');
  return fields.map((field, i) => changed[i] ?? field).join(' ');
};
const flowFields =
  'version, accountid, interfaceid, srcaddr, dstaddr, srcport, dstport, protocol, packets, bytes, start, end, action, logstatus';
const flowPattern = (changed: Readonly<Record<string, string>> = {}) =>
  `[${flowFields
    .split(', ')
    .map((field) => changed[field] ?? field)
    .join(', ')}]`;

describe('tokens', () => {
  it.each([
    [
      '[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request =*.html*, status_code = 4*, bytes]',
      '404',
    ],
    ['[..., request =*.html*, status_code = 4*, bytes]', '404'],
    [
      '[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]',
      '404',
    ],
    ['[ip, server, username, timestamp, request, status_code, bytes > 1000]', '200 500 404'],
    ['[ip, server, username, timestamp, request, status_code, bytes > 5000]', '500'],
    ['[..., status_code=200, size]', '200'],
    ['[..., (status_code=200 || status_code=404) && status_code != 404, size]', '200'],
    ['[ip, ..., size=1534]', '200'],
    ['[ip, identity, user, time, request, status, size, more]', ''],
    ['[ip, ...]', '200 500 404'],
    ['[]', '200 500 404'],
  ])('%s', (pattern, expected) => {
    const { matches } = parseFilterPattern(pattern);
    const found = apache.filter((line) => matches(line)).map((line) => line.split(' ').at(-2));
    expect(found.join(' ')).toBe(expected);
  });

  it.each([
    ['[w1=ERROR, w2]', 'ERROR 401 a b c d e', true],
    ['[w1=ERROR || w1=WARNING, w2]', 'WARNING it is late', true],
    ['[w1!=ERROR && w1!=WARNING, w2]', 'INFO it is late', true],
    ['[w1!=ERROR && w1!=WARNING, w2]', 'WARNING it is late', false],
    ['[w1=ERROR || w1=%WARN%, w2]', 'WARNING it is late', true],
    ['[w1=ERROR, w2]', 'ERROR', false],
    ['[w1="ERROR 401", w2]', '[ERROR 401] UNAUTHORIZED REQUEST', true],
    [
      '[logLevel, date, time, method, url=%/service/resource/[0-9]+$%, response_time]',
      'INFO 09/25/2014 12:00:00 GET /service/resource/67 1200',
      true,
    ],
    ['[a, b = "x y"]', '1 "x y"', true],
    ['[a, b = "x y"]', '1 x y', true],
    ['[a, b = x]', '1 x y', false],
    ['[a=1,b=2]', '1\t2\n', true],
    ['[a = -1]', '-1', true],
    ['[a = 1e3]', '1000', true],
    ['[a > 5]', '-', false],
    ['[a="1",]', '"1 2', false],
    ['[a="\\"1",]', '"1 2', true],
  ])('%s on %s: %s', (pattern, message, expected) => {
    expect(parseFilterPattern(pattern).matches(message)).toBe(expected);
  });

  it.each([
    { name: 'every record', pattern: flowPattern(), line: flow(), expected: true },
    { name: 'fewer fields', pattern: flowPattern(), line: flow().replace(' OK', ''), expected: false },
    {
      name: 'an address',
      pattern: flowPattern({ srcaddr: 'srcaddr = 10.0.0.1' }),
      line: flow(),
      expected: true,
    },
    {
      name: 'not a longer address',
      pattern: flowPattern({ srcaddr: 'srcaddr = 10.0.0.1' }),
      line: flow({ 3: '10.0.0.12' }),
      expected: false,
    },
    {
      name: 'a prefix',
      pattern: flowPattern({ srcaddr: 'srcaddr = 10.0.2.*' }),
      line: flow({ 3: '10.0.2.99' }),
      expected: true,
    },
    {
      name: 'not that prefix',
      pattern: flowPattern({ srcaddr: 'srcaddr = 10.0.2.*' }),
      line: flow(),
      expected: false,
    },
    {
      name: 'two ports',
      pattern: flowPattern({ dstport: 'dstport = 80 || dstport = 8080' }),
      line: flow({ 6: '8080' }),
      expected: true,
    },
    {
      name: 'neither port',
      pattern: flowPattern({ dstport: 'dstport = 80 || dstport = 8080' }),
      line: flow({ 6: '443' }),
      expected: false,
    },
    {
      name: 'ports, bytes and action',
      pattern: flowPattern({
        dstport: 'dstport = 80 || dstport = 8080',
        bytes: 'bytes >= 400',
        action: 'action = REJECT',
      }),
      line: flow(),
      expected: true,
    },
    {
      name: 'too few bytes',
      pattern: flowPattern({ bytes: 'bytes >= 400', action: 'action = REJECT' }),
      line: flow({ 9: '399' }),
      expected: false,
    },
    {
      name: 'rejected SSH',
      pattern:
        '[version, account, eni, source, destination, srcport, destport="22", protocol="6", packets, bytes, windowstart, windowend, action="REJECT", flowlogstatus]',
      line: flow({ 6: '22' }),
      expected: true,
    },
    {
      name: 'NODATA has no bytes',
      pattern: flowPattern({ bytes: 'bytes >= 0' }),
      line: flow({ 9: '-' }),
      expected: false,
    },
  ])('flow logs: $name', ({ pattern, line, expected }) => {
    expect(parseFilterPattern(pattern).matches(line)).toBe(expected);
  });

  const request = 'GET /apache_pb.gif HTTP/1.0';
  const time = '10/Oct/2000:13:25:15 -0700';
  it.each([
    {
      pattern: '[ip, identity, user_id, timestamp, request, status_code, size]',
      values: {
        ...{ $ip: '127.0.0.1', $identity: '-', $user_id: 'frank', $timestamp: time, $request: request },
        ...{ $status_code: '200', $size: '1534' },
      },
    },
    {
      pattern: '[..., size]',
      values: { $1: '127.0.0.1', $2: '-', $3: 'frank', $4: time, $5: request, $6: '200', $size: '1534' },
    },
    {
      pattern: '[]',
      values: { $1: '127.0.0.1', $2: '-', $3: 'frank', $4: time, $5: request, $6: '200', $7: '1534' },
    },
    {
      pattern: '[..., status_code=200, size]',
      values: {
        $1: '127.0.0.1',
        $2: '-',
        $3: 'frank',
        $4: time,
        $5: request,
        $status_code: '200',
        $size: '1534',
      },
    },
    {
      pattern: '[..., request=*.gif*, status_code=2*,]',
      values: {
        $1: '127.0.0.1',
        $2: '-',
        $3: 'frank',
        $4: time,
        $request: request,
        $status_code: '200',
        $7: '1534',
      },
    },
    {
      pattern: '[ip, rest]',
      values: { $ip: '127.0.0.1', $rest: `- frank [${time}] "${request}" 200 1534` },
    },
    { pattern: '[ip=10.*, rest]', values: undefined },
    { pattern: 'frank', values: {} },
    { pattern: '"[ERROR]" Exception', values: undefined },
  ])('extracts with $pattern', ({ pattern, values }) => {
    expect(parseFilterPattern(pattern).extract(apache[0])).toEqual(values);
  });

  it('cuts as the obvious way does', () => {
    const word = fc.constantFrom('a', '-', '"x y"', '[x "y]', '"open', '[open', '""', 'a"b', '"a"b', ']');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom(' ', '  ', '\t'), (words, gap) => {
        const line = words.join(gap);
        const obvious = line.match(/"[^"]*"(?=\s|$)|\[[^\]]*\](?=\s|$)|[^ \t]+/g) ?? [];
        const stripped = obvious.map((token) => token.replace(/^"([^"]*)"$|^\[([^\]]*)\]$/, '$1$2'));
        const found = Object.values(parseFilterPattern('[]').extract(line) ?? {});
        expect(found).toEqual(stripped);
      }),
    );
  });
});

describe('patterns that cannot be', () => {
  it.each([
    { pattern: 'a «(»b', message: 'unexpected symbol (' },
    { pattern: 'a «"b»', message: 'the string is not closed' },
    { pattern: '«%b»', message: 'the regular expression is not closed' },
    { pattern: '%something«!»%', message: 'do not take "!"' },
    { pattern: '%a«(»b)%', message: 'do not take "("' },
    { pattern: '%a«\\b»%', message: 'do not take "\\\\b"' },
    { pattern: '%«é»%', message: 'do not take "é"' },
    { pattern: '%«[a»%', message: 'no regular expression' },
    { pattern: '%«a{999}»%', message: 'repeats too much' },
    { pattern: '«%%»', message: 'empty' },
    { pattern: '«a*»', message: 'no wildcards' },
    { pattern: '[a=%x%, b=%y%, c=«%z%»]', message: 'takes 2 regular expressions' },
    { pattern: '[a, b«»', message: 'ends too early' },
    { pattern: '[a «b»]', message: 'unexpected symbol b' },
    { pattern: '[a] «x»', message: 'unexpected symbol x' },
    { pattern: '[..., a, «...»]', message: 'takes one ...' },
    { pattern: '[a = 1 || «b» = 2]', message: 'all on a' },
    { pattern: '[a > «x»]', message: '> takes a number' },
    { pattern: '[a > «"5"»]', message: '> takes a number' },
    { pattern: '[a = «]»', message: 'unexpected symbol ]' },
    { pattern: '{ $.a = 1 «»', message: 'ends too early' },
    { pattern: '{ «a» = 1 }', message: 'unexpected symbol a' },
    { pattern: '{ $« »}', message: 'unexpected symbol' },
    { pattern: '{ $.a «}»', message: 'unexpected symbol }' },
    { pattern: '{ $.a IS «N»OT NULL }', message: 'unexpected symbol N' },
    { pattern: '{ $.a «E»XISTS }', message: 'unexpected symbol E' },
    { pattern: '{ «$.*.b[*]» = 1 }', message: 'a selector takes one *' },
    { pattern: '{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || «$.d[*]»=1 }', message: '3 selectors with *' },
    { pattern: `${'a'.repeat(1024)}«a»`, message: 'more than 1024' },
  ])('$message: $pattern', ({ pattern, message }) => {
    const start = pattern.indexOf('«');
    const end = pattern.indexOf('»') - 1;
    const error = failure(pattern.replace('«', '').replace('»', ''));
    expect(error?.message).toContain(message);
    expect([error?.start, error?.end]).toEqual([start, end]);
  });

  it('throws nothing but QueryError', () => {
    const piece = fc.constantFrom(
      ...[
        '[',
        ']',
        '{',
        '}',
        '(',
        ')',
        '$.',
        'a',
        '"',
        '%',
        '\\',
        '=',
        '!=',
        '>',
        '||',
        '&&',
        ',',
        '...',
        '*',
        ' ',
      ],
      ...['IS', 'NULL', 'NOT', 'EXISTS', '?', '-', '1', "['", "']"],
    );
    const message = fc.constantFrom(trail, apache[0], flow(), '', 'a', '"', '[');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom('', '{ $.a', '['),
        message,
        (pieces, start, line) => {
          const text = start + pieces.join('');
          if (failure(text) !== undefined) return;
          const pattern = parseFilterPattern(text);
          expect(pattern.extract(line) !== undefined).toBe(pattern.matches(line));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('takes as many parentheses as there is room for', () => {
    const deep = `{ ${'('.repeat(500)}$.latency = 40${')'.repeat(500)} }`;
    expect(parseFilterPattern(deep).matches(numbers)).toBe(true);
  });
});

function failure(text: string): QueryError | undefined {
  try {
    parseFilterPattern(text);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(QueryError);
    return error as QueryError;
  }
}
