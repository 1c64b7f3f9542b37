import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScanTables, startMs } from '../../test/scan-tables.ts';
import { QueryError } from '../fault/index.ts';
import { defaultLogFormat } from '../record/log-format.ts';
import { decodePointer } from './pointer.ts';

const lines = [
  '2 123456789012 eni-1 10.0.0.1 10.0.9.1 40000 443 6 2 1000 1767225600 1767225659 ACCEPT OK',
  '2 123456789012 eni-1 10.0.0.2 10.0.9.1 40000 22 6 1 40 1767225660 1767225719 REJECT OK',
  '2 123456789012 eni-2 - - - - - - - 1767225720 1767225779 - NODATA',
];
const events = lines.map((line) => {
  const tokens = line.split(' ');
  return { timestamp: Number(tokens[10]) * 1000, format: 1, tokens };
});
const options = {
  formats: [defaultLogFormat],
  lookups: {
    'od"d': [
      ['ke"y', 'value'],
      ['443', 'web'],
    ],
  },
};

let tables: ScanTables;
beforeAll(async () => {
  tables = await ScanTables.open(events, 'columns', options);
});
afterAll(() => tables?.close());

describe('a scan is asked for the columns that the query needs', () => {
  const order = ['timestamp', 'ingestion_time', 'id'];
  it.each([
    { name: 'counting', text: 'stats count(*)', columns: [] },
    { name: 'one field', text: 'stats sum(bytes)', columns: ['bytes'] },
    { name: 'a key', text: 'stats sum(bytes) by action', columns: ['bytes', 'action'] },
    { name: 'time bins', text: 'stats count(*) by bin(5m)', columns: ['timestamp'] },
    { name: 'an address, IPv4 only', text: 'stats count(*) by srcAddr', columns: ['srcaddr'] },
    {
      name: 'what is computed and not used',
      text: 'fields strlen(@message) as n | stats count(*)',
      columns: [],
    },
    { name: 'what is filtered only', text: 'filter action = "REJECT" | stats count(*)', columns: ['action'] },
    { name: 'what is shown', text: 'fields srcPort', columns: [...order, 'log_group', 'srcport'] },
    { name: 'messages', text: 'limit 1', columns: [...order, 'log_group', 'message'] },
    {
      name: 'what is sorted by',
      text: 'stats max(bytes) as b by dstPort | sort b',
      columns: ['bytes', 'dstport'],
    },
    {
      name: 'what display leaves out',
      text: 'fields bytes | display action',
      columns: [...order, 'log_group', 'action'],
    },
  ])('$name', ({ text, columns }) => {
    const [scan] = tables.compile(text).scans;
    expect([...scan.columns].sort()).toEqual([...columns].sort());
  });
});

describe('conditions stay plain over raw columns', () => {
  it.each([
    { name: 'a text', text: 'filter action = "REJECT"', where: '"action" = $1::VARCHAR' },
    { name: 'a number', text: 'filter dstPort = "443"', where: '"dstport" = $1::BIGINT' },
    { name: 'an address', text: 'filter srcAddr = "10.0.0.1"', where: '"srcaddr" = $1::UINTEGER' },
    {
      name: 'a subnet',
      text: 'filter isIpv4InSubnet(srcAddr, "10.0.0.0/8")',
      where: '"srcaddr" BETWEEN $1::UINTEGER',
    },
    {
      name: 'after fields and sort',
      text: 'fields bytes | sort bytes | filter dstPort > 1',
      where: '"dstport" > $1::BIGINT',
    },
  ])('$name', ({ text, where }) => {
    expect(tables.compile(`${text} | stats count(*)`).sql).toMatch(
      new RegExp(`FROM "scan_0" WHERE .*${where.replace(/[$.]/g, '\\$&')}`),
    );
  });
});

describe('what the user writes stays in its place', () => {
  it.each([
    { name: 'a string', text: `filter action = "x' OR 1=1 --" | stats count(*)` },
    {
      name: 'a name',
      text: 'fields bytes as `x"; DROP TABLE events; --` | sort `x"; DROP TABLE events; --`',
    },
    { name: 'a field', text: 'fields `a"b\'c$1` | filter `a"b\'c$1` = 1' },
    { name: 'a regex of parse', text: `parse @message /(?<a>'\\)--.*)/` },
    { name: 'a pattern of parse', text: `parse @message "*'); DROP TABLE events;*" as a, b` },
    { name: 'a separator of parse', text: `parse @message "*'*'*" as a, b, c | filter a = "'"` },
    { name: 'a path of json', text: `json field=@message "a'.b\\"" as x` },
    { name: 'a path of xml', text: `parse @message xml "/a/b" as x` },
    { name: 'a table and a column', text: 'lookup `od"d` `ke"y` as dstPort OUTPUT value as `v"w`' },
  ])('$name', async ({ text }) => {
    const compiled = tables.compile(text);
    await expect(tables.run(compiled)).resolves.toBeDefined();
    expect(compiled.sql).not.toMatch(/(?<!['"][^'"]*)DROP TABLE events(?![^'"]*['"])/);
    expect(await tables.ask('stats count(*)')).toEqual([['3']]);
  });
});

describe('the limit', () => {
  it.each([
    { name: 'of the caller', text: 'fields bytes', limit: 'LIMIT 10000' },
    { name: 'of the text', text: 'fields bytes | limit 20000', limit: 'LIMIT 20000' },
    {
      name: 'of the caller where rows multiply behind that of the text',
      text: 'limit 5 | expand bytes',
      limit: 'LIMIT 10000',
    },
  ])('$name', ({ text, limit }) => expect(tables.compile(text).sql).toContain(limit));
});

describe('rows of events', () => {
  it('end in a pointer to the event', async () => {
    const compiled = tables.compile('fields dstPort | filter dstPort = 22');
    expect(compiled).toMatchObject({ columns: ['dstPort', '@ptr'], hasPointer: true });
    const [[port, pointer]] = await tables.run(compiled);
    expect(port).toBe('22');
    expect(decodePointer(pointer ?? '')).toEqual({
      timestampMs: startMs + 60_000,
      id: 1,
      logGroup: '123456789012:group',
    });
  });

  it.each(['stats count(*)', 'pattern @message', 'countFrequent action'])('groups have none: %s', (text) => {
    expect(tables.compile(text).hasPointer).toBe(false);
  });
});

describe('what matched', () => {
  it.each([
    { name: 'nothing filters', text: 'fields bytes', matched: undefined },
    { name: 'a filter', text: 'filter action = "REJECT"', matched: 1 },
    { name: 'two filters', text: 'filter logStatus = "OK" | fields bytes | filter bytes > 100', matched: 1 },
    {
      name: 'by what was parsed',
      text: 'parse @message "* * * *" as a, b, c, d | filter c = "eni-1"',
      matched: 2,
    },
    {
      name: 'a filter of groups',
      text: 'filter logStatus = "OK" | stats count(*) as n by action | filter n > 5',
      matched: 2,
    },
    {
      name: 'two stats',
      text: 'filter logStatus = "OK" | stats count(*) as n by action | stats max(n)',
      matched: 2,
    },
    { name: 'messages', text: 'filter @message like "eni-1" | limit 1', matched: 2 },
    { name: 'messages without a match', text: 'filter @message like "nowhere"', matched: 0 },
    { name: 'behind a limit', text: 'filter logStatus = "OK" | limit 1 | filter bytes > 10000', matched: 2 },
    { name: 'behind dedup', text: 'filter logStatus = "OK" | dedup interfaceId', matched: 2 },
  ])('$name', async ({ text, matched }) => {
    expect(await tables.matched(tables.compile(text))).toBe(matched);
  });
});

describe('a query that cannot be answered says where', () => {
  it.each([
    { text: 'stats count(*) by srcAddr | stats sum(bytes)', at: 'bytes', says: 'after stats' },
    { text: 'stats bytes by srcAddr', at: 'bytes', says: 'neither in an aggregate nor a key' },
    { text: 'parse @message "* *" as a', at: '"* *"', says: 'found 2 * and 1 name' },
    { text: 'parse @message /(a)/ as x, y', at: '/(a)/', says: '1 groups for 2 names' },
    { text: 'parse @message xml "//a" as x', at: '"//a"', says: 'not supported' },
    { text: 'fillmissing', at: 'fillmissing', says: 'stats … by bin()' },
    { text: 'lookup none key OUTPUT x', at: 'none', says: 'no lookup table none' },
    { text: 'stats count(*) by action | sessionize action', at: 'sessionize action', says: '@timestamp' },
    { text: 'anomaly', at: 'anomaly', says: 'not supported' },
  ])('$text', ({ text, at, says }) => {
    const error = refusal(text);
    expect(text.slice(error.start, error.end)).toContain(at);
    expect(error.message).toContain(says);
  });

  it('doubling names does not double the work', () => {
    const doubled = Array.from({ length: 40 }, () => 'fields concat(a, a) as a').join(' | ');
    expect(refusal(`fields @message as a | ${doubled}`).message).toContain('too large');
  });
});

function refusal(text: string): QueryError {
  try {
    tables.compile(text);
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  }
  throw new Error(`bug: nothing wrong with ${text}`);
}
