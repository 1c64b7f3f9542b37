import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnValue, ExpressionTable, expressionOf } from '../../test/expression-table.ts';
import { arbitraryExpression } from '../../test/insights-arbitrary.ts';
import { QueryError } from '../fault/index.ts';
import { fields as insightsFields } from '../record/fields.ts';
import { compileExpression } from './expression.ts';
import { conditionOf } from './sql/readings.ts';
import { identifier, printSql } from './sql/sql.ts';
import type { Value } from './sql/value.ts';

const one = `SELECT 1 AS id, 1767225600000::BIGINT AS time, 0::BIGINT AS arrival, '7' AS i, '-7.5' AS neg, 'text' AS t,
  '' AS empty, 'né€' AS u, '10.1.2.3' AS ip, '2001:db8::1' AS ip6, '[1, "a", null]' AS list, '12.5' AS num,
  '4294967296' AS big, NULL::VARCHAR AS gone`;
const texts = ['i', 'neg', 't', 'empty', 'u', 'ip', 'ip6', 'list', 'num', 'big', 'gone'];
const fields = {
  ...Object.fromEntries(texts.map((name) => [name, columnValue('text', name)])),
  '@timestamp': columnValue('timestamp', 'time'),
};

let table: ExpressionTable;
beforeAll(async () => {
  table = await ExpressionTable.over(one, fields);
});
afterAll(() => table.close());

const valueTables = {
  arithmetic: {
    '1 + 2': '3',
    'i - 10': '-3',
    '7 / 2': '3.5',
    '10 % 3': '1',
    '2 ^ 3': '8',
    '-i + 1': '-6',
    '1 / 3': '0.3333',
    '2 / 3': '0.6667',
    '1 / 0': undefined,
    'i / 0': undefined,
    'i % 0': undefined,
    '"3" * "4"': '12',
    't + 1': undefined,
    'nosuch * 2': undefined,
    '0.1 + 0.2': '0.3',
    'big * big': '18446744073709551616',
    'neg ^ 0.5': undefined,
    'big ^ 1000': undefined,
    'i * 0.0000017634285714': '0.00001234',
    'i / 1e30': '7e-30',
    '1000000 * 1000000': '1000000000000',
    '0 * -1': '0',
    'i * 1e20': '700000000000000000000',
  },
  truths: {
    'i > 5 and i < 10': '1',
    'i > 5 and t': '0',
    'not i = 7': '0',
    'not gone = 7': '1',
    'gone != 7': '0',
    'gone like "x"': '0',
    'gone not like "x"': '0',
    'gone not in ["x"]': '0',
    'i = 7.0': '1',
    'i = "7"': '1',
    'i in [6, 7.0]': '1',
    't in ["text", 1]': '1',
    't < "u"': '0',
    't > 1': '0',
    '"10" > "9"': '1',
    't like "ex"': '1',
    't like "EX"': '0',
    't =~ /^T/': '0',
    't =~ /(?i)^T/': '1',
    't like /(?<name>e.)/': '1',
    'i = t': '0',
    'i != t': '1',
    'num = 12.50': '1',
    '1 = 1': '1',
    'i = 1 or i = 2 or "x" = t or i = "7" or 9 = i': '1',
    't = "a" or t = 1 or t = "text" or t = "b" or t = "c"': '1',
    'gone = 1 or gone = 2 or gone = "" or gone = "-"': '0',
    'i = 1 or i = 2 or nosuch = 3 or i = t or i = 4 or i = 5': '0',
    '"a" != "b"': '1',
    'if(i, "y", "n")': 'y',
    'if("true", "y", "n")': 'y',
    'if("false", "y", "n")': 'n',
    'if(t, "y", "n")': 'n',
    'isValidIp(ip) = 1': '1',
    'isValidIp(ip) != 1': '0',
    'jsonParse(list) = "x"': '0',
    'jsonParse(list) != "x"': '0',
    'i in (SOURCE "g" | fields x)': '0',
  },
  numeric: {
    'abs(neg)': '7.5',
    'ceil(neg)': '-7',
    'floor(neg)': '-8',
    'greatest(1, i, t, 3)': '7',
    'least(4, neg, 3)': '-7.5',
    'log(10)': '2.3026',
    'log(0)': undefined,
    'sqrt(16)': '4',
    'sqrt(neg)': undefined,
    'round(3.14159, 2)': '3.14',
    'round(2.5)': '3',
    'round(i / 3, 99)': '2.3333',
    'round(haversine(52.52, 13.405, 48.8566, 2.3522))': '877',
    'haversine(t, 0, 0, 0)': undefined,
    'toNumber(t)': undefined,
    'toNumber("12") + 1': '13',
    'toInt("42.9")': '42',
    'toInt(neg)': '-7',
    'toInt(big)': undefined,
    'toLong(big)': '4294967296',
    'toLong("1e30")': undefined,
    'toDouble("1.25")': '1.25',
    'ABS(-1)': '1',
    'histogram(i, 5)': '5',
    'histogram(neg, 5)': '-10',
  },
  general: {
    'ispresent(i)': '1',
    'ispresent(nosuch)': '0',
    'ispresent(gone)': '0',
    'coalesce(nosuch, gone, t, i)': 'text',
    'coalesce(nosuch, gone)': undefined,
    'coalesce(toNumber(t), 5)': '5',
    'coalesce(@timestamp, 5)': '1767225600000',
    'case(i > 10, "large", i > 5, "middle", "small")': 'middle',
    'case(i > 10, "large")': undefined,
    'case(i = 7, 1, 2)': '1',
    'if(i > 100, 1, 0) + 1': '1',
    'if(i = 7, @timestamp, nosuch)': '2026-01-01 00:00:00.000',
    'isNumeric(num)': '1',
    'isNumeric(gone)': '0',
    'messageSize(u)': '6',
    'queryTimeRange()': '86400999',
    'queryEndTime() - queryStartTime()': '86400999',
  },
  strings: {
    'isempty(gone)': '1',
    'isblank(" \t")': '1',
    'isblank(t)': '0',
    'concat("a", i, gone, t)': 'a7text',
    'ltrim("xyZxyfooxyZ", "xyZ")': 'fooxyZ',
    'rtrim("xyZfooxyxyZ", "xyZ")': 'xyZfoo',
    'trim("xyZxyfooxyxyZ", "xyZ")': 'foo',
    'trim(" x ", "x")': ' x ',
    'trim("\t x\n")': 'x',
    'strlen(u)': '3',
    'strlen(1 / 4)': '4',
    'toupper(t)': 'TEXT',
    'tolower("ÀB")': 'àb',
    'substr("xyZfooxyZ", 3, 3)': 'foo',
    'substr(u, 1)': 'é€',
    'substr(t, -2, 2)': 'te',
    'substr(t, 10)': '',
    'substr(t, t)': undefined,
    'substr(t, 4294967296)': '',
    'substr(t, 1, 99999999999)': 'ext',
    'substr(t, "1e300", "1e300")': '',
    'substr(t, -1e300)': 'text',
    'substr(12345, 1, 2)': '23',
    'replace("a.b.c", ".", "-")': 'a-b-c',
    'regexReplace("a1b22", /\\d+/, "#")': 'a#b#',
    'regexReplace("ab", /(?<x>a)(b)/, "\\\\2\\\\1")': 'ba',
    'regex_replace("a1b22", "[0-9]", "")': 'ab',
    'strcontains(t, "EX")': '0',
    'strcontains(t, "EX", 1)': '1',
    'strcontains(gone, "x")': '0',
    'startsWith(t, "te")': '1',
    'endsWith(t, "xt")': '1',
    'split("a,b", ",")': '["a","b"]',
    'urlencode("a b&c=é")': 'a%20b%26c%3D%C3%A9',
    'urldecode("a%20b%26c")': 'a b&c',
    'urldecode("%ff")': undefined,
    'base64encode("hello")': 'aGVsbG8=',
    'base64decode(base64encode(u))': 'né€',
    'base64decode("aGVsbG8")': 'hello',
    'base64decode("%")': undefined,
    'hexToAscii("0x48656c6c6f")': 'Hello',
    'hexToDec("0xff")': '255',
    'hexToDec("-FF")': '-255',
    'hexToDec("zz")': undefined,
    'decToHex(-255.9)': '-0xff',
    'decToHex(0)': '0x0',
    'decToHex(t)': undefined,
    'md5("abc")': '900150983cd24fb0d6963f7d28e17f72',
    'sha256(nosuch)': undefined,
  },
  datetime: {
    '@timestamp': '2026-01-01 00:00:00.000',
    '@timestamp + 1': '1767225600001',
    'concat(@timestamp)': '1767225600000',
    'bin(1h)': '2026-01-01 00:00:00.000',
    'datefloor(fromMillis(1767226050500), 1m)': '2026-01-01 00:07:00.000',
    'dateceil(fromMillis(1767226050500), 1m)': '2026-01-01 00:08:00.000',
    'dateceil(@timestamp, 1m)': '2026-01-01 00:00:00.000',
    'datefloor(fromMillis(1767226050500), 300s)': '2026-01-01 00:07:00.000',
    'datefloor(fromMillis(1767226050500), 2000ms)': '2026-01-01 00:07:30.000',
    'datefloor(@timestamp, 48h)': '2026-01-01 00:00:00.000',
    'datefloor(@timestamp, 1w)': '2025-12-29 00:00:00.000',
    'dateceil(@timestamp, 1w)': '2026-01-05 00:00:00.000',
    'datefloor(fromMillis(1776643200000), 1q)': '2026-04-01 00:00:00.000',
    'dateceil(fromMillis(1776643200000), 1mo)': '2026-05-01 00:00:00.000',
    'datefloor(fromMillis(1776643200000), 5y)': '2025-01-01 00:00:00.000',
    'datefloor(@timestamp, 999999999999y)': '1970-01-01 00:00:00.000',
    'fromMillis(-1)': '1969-12-31 23:59:59.999',
    'fromMillis(1e18)': undefined,
    'toMillis(fromMillis(5))': '5',
    'now()': '1767268800',
    'parseDate("2026-01-02", "yyyy-MM-dd")': '1767312000000',
    'parseDate("02/Jan/2026:03:04:05 +0100", "dd/MMM/yyyy:HH:mm:ss Z")': '1767319445000',
    "parseDate('2026-01-02T00:00:00.250', \"yyyy-MM-dd'T'HH:mm:ss.SSS\")": '1767312000250',
    'parseDate("no date", "yyyy-MM-dd")': undefined,
    'parseDate("2026-01-02 00:00", "yyyy-MM-dd HH:mm", "+02:00")': '1767304800000',
    'parseDate("2026-07-02 00:00", "yyyy-MM-dd HH:mm", "Europe/Berlin")': '1782943200000',
    'formatDate(@timestamp, "%d/%m/%Y %T %%")': '01/01/2026 00:00:00 %',
    'strftime(@timestamp, "%F %H:%M:%S.%L %z %Z", "Asia/Kolkata")':
      '2026-01-01 05:30:00.000 +0530 Asia/Kolkata',
    'formatDate(@timestamp, "%s %z", "-03:30")': '1767225600 -0330',
    'formatDate(@timestamp, "")': '',
    'formatDate(t, "%Y")': undefined,
  },
  addresses: {
    'isValidIp(ip6)': '1',
    'isValidIp("10.0.0.256")': '0',
    'isValidIp("010.0.0.1")': '0',
    'isValidIp("1e2.1.1.1")': '0',
    'isValidIp(gone)': '0',
    'isValidIpV4("1.2.3.")': '0',
    'isValidIpV6("2001:db8:::1")': '0',
    'isValidIpV6("::ffff:10.0.0.1")': '1',
    'isIpInSubnet(ip6, "2001:db8::/32")': '1',
    'isIpInSubnet(ip6, "10.0.0.0/8")': '0',
    'isIpv4InSubnet(ip, "10.1.2.77/24")': '1',
    'isIpv4InSubnet(ip, "0.0.0.0/0")': '1',
    'isIpv4InSubnet(t, "0.0.0.0/0")': '0',
    'isIpv6InSubnet(ip6, "2001:db9::/64")': '0',
    'isIpv6InSubnet(ip, "::/0")': '0',
    'ipv4ToNumber("255.255.255.255")': '4294967295',
    'isPrivateIP(ip)': '1',
    'isPrivateIP("172.32.0.0")': '0',
    'isPublicIP("8.8.8.8")': '1',
    'isPublicIP("2606:4700::1")': '1',
    'isPublicIP("fe80::1")': '0',
    'isPublicIP(t)': '0',
    'isReservedIP("240.0.0.1")': '1',
    'isReservedIP("fe80::1")': '1',
    'isReservedIP(ip)': '0',
  },
  json: {
    'jsonArraySize(list)': '3',
    'jsonArraySize(t)': undefined,
    'jsonArrayContains(list, "a")': '1',
    'jsonArrayContains(list, 1)': '1',
    'jsonArrayContains(t, 1)': '0',
    'jsonArrayContains(gone, 1)': '0',
    'jsonStringify(jsonParse(list))': '[1,"a",null]',
    'jsonParse(list)': '[1,"a",null]',
    'jsonParse("{\\"k\\": {\\"v\\": 5, \\"a/b~\\": [true]}}").k.v + 1': '6',
    'jsonParse("{\\"k\\": null}").k': undefined,
    'jsonParse(t)': undefined,
    'jsonParse("5")': undefined,
    'strlen(jsonParse(list))': undefined,
    'ispresent(jsonParse(t))': '0',
  },
} as const;

describe.each(Object.entries(valueTables))('%s', (_, rows) => {
  it.each(Object.entries(rows))('%s', async (text, expected) => {
    expect(await table.values(text)).toEqual([expected]);
  });
});

describe('errors', () => {
  const rows = [
    { text: 'frobnicate(i)', at: 'frobnicate', message: 'unknown function frobnicate' },
    { text: 'replace(t, "a")', at: 'replace(t, "a")', message: 'replace takes 3 arguments, found 2' },
    { text: 'now(1)', at: 'now(1)', message: 'now takes no arguments, found 1' },
    { text: 'strlen(*)', at: 'strlen(*)', message: 'strlen takes 1 argument, found *' },
    { text: 'coalesce()', at: 'coalesce()', message: 'coalesce takes at least 1 argument, found 0' },
    { text: 'substr(t)', at: 'substr(t)', message: 'substr takes 2 to 3 arguments, found 1' },
    { text: 'sum(i)', at: 'sum(i)', message: 'sum stands only in stats' },
    { text: 'bin(i)', at: 'i', message: 'bin takes a period such as 5m here' },
    { text: 'abs(5m)', at: '5m', message: 'abs takes a value here' },
    { text: 'strlen(/a/)', at: '/a/', message: 'strlen takes a value here' },
    { text: 'round(i, t)', at: 't', message: 'round takes a number here' },
    { text: 'isIpv4InSubnet(ip, t)', at: 't', message: 'takes a text in quotation marks here' },
    { text: 'isIpv4InSubnet(ip, "10.0.0/8")', at: '"10.0.0/8"', message: 'is no IPv4 CIDR block' },
    { text: 'isIpv6InSubnet(ip, "10.0.0.0/8")', at: '"10.0.0.0/8"', message: 'is no IPv6 CIDR block' },
    { text: 'parseDate(t, "qq")', at: '"qq"', message: 'qq is no part of a date that can be read' },
    { text: 'formatDate(t, "%J")', at: '"%J"', message: '%J is no part of a date that can be written' },
    { text: 'formatDate(t, "%Y", "Mars/Base")', at: '"Mars/Base"', message: 'is no time zone' },
    { text: 't like /(a/', at: '/(a/', message: '( without )' },
    { text: 't like /a(?=b)/', at: '/a(?=b)/', message: 'look-around' },
    { text: 'regexReplace(t, /(a)/, "\\\\2")', at: '"\\\\2"', message: 'stands for none of the 1 groups' },
  ];
  it.each(rows)('$text', ({ text, at, message }) => {
    const query = `fields ${text}`;
    const error = errorOf(text);
    expect(error?.message).toContain(message);
    expect(query.slice(error?.start, error?.end)).toBe(at);
  });

  it('a replacement is told what it may refer to', () => {
    const expected = (text: string) => errorOf(text)?.expected[0];
    expect(expected('regexReplace(t, "a", "\\\\9")')).toBe('\\0');
    expect(expected('regexReplace(t, "(a)(b)", "\\\\q")')).toBe('\\0 to \\2');
  });

  it('case has at most ten branches', () => {
    const branches = Array.from({ length: 11 }, (_, i) => `i = ${i}, ${i}`).join(', ');
    expect(errorOf(`case(${branches})`)?.message).toContain('at most 10 conditions, found 11');
  });
});

function errorOf(text: string): QueryError | undefined {
  try {
    compileExpression(expressionOf(text), table.scope());
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  return undefined;
}

it('expressions in each other stay short', async () => {
  const depth = 12;
  const nested = `${'concat(toNumber('.repeat(depth)}i${'), "")'.repeat(depth)}`;
  expect(await table.values(nested)).toEqual(['7']);
});

it('hundreds of values of one field are one list', () => {
  const text = Array.from({ length: 400 }, (_, i) => `i = ${i}`).join(' or ');
  const { text: written } = printSql(conditionOf(compileExpression(expressionOf(text), table.scope())));
  expect(written.match(/ OR /g) ?? []).toHaveLength(0);
  expect(written.match(/ IN /g)).toHaveLength(1);
});

/** Each name is a column of some kind, so that every kind meets every function. */
const kinds: readonly Value[] = [
  columnValue('integer', 'whole', 'dash'),
  columnValue('text', 'word', 'dash'),
  { kind: 'address', ipv4: identifier('ipv4'), other: identifier('word'), presence: 'dash' },
  columnValue('integer', 'whole', { when: identifier('there') }),
  columnValue('text', 'word'),
  { kind: 'address', ipv4: identifier('ipv4'), presence: { when: identifier('there') } },
  columnValue('double', 'real'),
  columnValue('boolean', 'there'),
  columnValue('structure', 'json'),
];
const every = `SELECT * FROM (VALUES (1, 0::BIGINT, 7::BIGINT, '-', 167772161::UINTEGER, true, 1.5::DOUBLE, '{"a": [1]}'::JSON),
  (2, 60000, NULL, NULL, NULL, false, -0.0, NULL), (3, 1767225600000, 9007199254740992, 'x1', NULL, NULL, 1e300, '[]'::JSON))
  AS v(id, time, whole, word, ipv4, there, real, json)`;

it('random expressions are refused with a range, or run', async () => {
  const names = [
    'srcAddr',
    'srcaddr',
    'dstAddr',
    'srcPort',
    'dstPort',
    'bytes',
    'packets',
    'action',
    'logStatus',
  ];
  const others = [
    ...insightsFields.map(({ insights }) => insights),
    '@message',
    '@logStream',
    '@log',
    'x',
    'a',
    'n',
  ];
  const all = [...new Set([...names, ...others])].map((name, i) => [name, kinds[i % kinds.length]] as const);
  const time = {
    '@timestamp': columnValue('timestamp', 'time'),
    '@ingestionTime': columnValue('timestamp', 'time'),
  };
  const mixed = await ExpressionTable.over(every, { ...Object.fromEntries(all), ...time });
  let ran = 0;
  const property = fc.asyncProperty(arbitraryExpression, async (expression) => {
    try {
      await mixed.run(expression);
      ran++;
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError);
    }
  });
  await fc.assert(property, { numRuns: 300 });
  mixed.close();
  expect(ran).toBeGreaterThan(30);
});
