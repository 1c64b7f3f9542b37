import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedLogs } from '../../test/open-logs.ts';
import { runs } from '../../test/runs.ts';
import { parseHeader, parseLogFormat } from '../record/index.ts';
import { type FilterPattern, matchingIds, matchingLines, parseFilterPattern } from './index.ts';

const header = 'version account-id interface-id srcaddr dstport packets action';
const first = parseHeader(header);
const second = parseHeader('interface-id dstaddr bytes');

const strings = [
  'eni-1',
  'eni-02',
  '-',
  '"a',
  'a"',
  '"q"',
  '[x',
  'x]',
  '[y]',
  'a\tb',
  '\tc',
  'd\n',
  '5',
  '05',
  '5.0',
  '+5',
  '1e2',
  'é',
  '%_\\',
];
const addresses = ['10.0.0.1', '10.0.2.77', '192.168.1.10', '::1', '010.0.0.1', '-', '"z', '10'];
const numbers = ['0', '5', '22', '443', '65535', '-', '022', '9007199254740991'];
const actions = ['ACCEPT', 'REJECT', '-', 'REJECT"', 'R"'];

const pick = (values: readonly string[]) => fc.constantFrom(...values);
const values: Readonly<Record<'first' | 'second', readonly fc.Arbitrary<string>[]>> = {
  first: [numbers, strings, strings, addresses, numbers, numbers, actions].map(pick),
  second: [strings, addresses, numbers].map(pick),
};
const lineOf = (format: 'first' | 'second') => fc.tuple(...values[format]).map((parts) => parts.join(' '));
const plain = ['REJECT in a text', '{"a": 5, "b": ["REJECT"]}', '[1, 2]', '"a b" 5', '5', '2 5', 'a  b  c'];

let opened: OpenedLogs;
beforeAll(async () => {
  opened = await OpenedLogs.open();
  const [firsts, seconds] = [fc.sample(lineOf('first'), 250), fc.sample(lineOf('second'), 100)];
  await importLines('records', firsts.slice(0, 150), first);
  await importLines('mixed', firsts.slice(0, 60), first);
  await importLines('mixed', seconds, second);
  await opened.logs.createLogStream({ logGroupName: 'mixed', logStreamName: 'plain' });
  await opened.store.flush();
  await importLines('records', firsts.slice(150), first);
  await opened.logs.putLogEvents({
    logGroupName: 'mixed',
    logStreamName: 'plain',
    logEvents: plain.map((message) => ({ timestamp: opened.nowMs, message })),
  });
});
afterAll(() => opened.close());

let imports = 0;
async function importLines(logGroupName: string, lines: readonly string[], format = first): Promise<void> {
  imports += 1;
  const sha256 = `${imports}`.padStart(64, '0');
  const file = await opened.logs.beginImport({
    logGroupName,
    logStreamName: 's',
    sha256,
    fileName: 'f',
    format,
  });
  await file?.addLines(lines);
  await file?.finish();
}

/** What is found with a pattern in a group: before and after a look at the lines. */
async function found(logGroupName: string, pattern: FilterPattern) {
  const { store } = opened;
  const [group] = [...store.documents.table<{ number: number; name: string }>('logGroups').values()]
    .filter(({ name }) => name === logGroupName)
    .map(({ number }) => number);
  const range = { group, afterId: 0, throughId: store.lastId };
  const formats = store.documents.table<{ text: string }>('formats');
  const context = () => ({
    shape: store.shape([group], 0, 8.64e15),
    format: (number: number) => parseLogFormat(formats.get(String(number))?.text ?? ''),
  });
  const ids = await store.run(() => matchingIds(pattern, range, context(), 1000));
  const lines = await store.run(() => matchingLines(pattern, range, context()));
  expect(ids.rows.map(([id]) => id)).toEqual(lines.rows.map(([id]) => id));
  return {
    looked: lines.rows.length,
    lines: lines.rows.map((row) => row[4] ?? '').filter((line) => pattern.matches(line)),
  };
}

async function all(logGroupName: string, pattern: FilterPattern): Promise<string[]> {
  const { lines } = await found(logGroupName, parseFilterPattern(''));
  return lines.filter((line) => pattern.matches(line));
}

const operand = fc.oneof(
  pick(
    [...strings, ...addresses, ...numbers, ...actions].map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`),
  ),
  pick(['5', '5.0', '22', '1e2', '10.0.*', '10.0.0.1', 'REJECT', 'R*T', '*', '*5*', 'eni-*', '-', '*%_*']),
  pick(['%REJ%', '%^[0-9]+$%', '%10\\.0\\.[0-9]%', '%^-$%', '%\\s%']),
);
const comparison = fc
  .tuple(pick(['=', '!=', '<', '<=', '>', '>=']), operand, pick(['0', '5', '22.5', '-1', '1e2', '443']))
  .map(
    ([operator, text, number]) => `a ${operator} ${operator === '=' || operator === '!=' ? text : number}`,
  );
const entry = fc.oneof(
  fc.constant(''),
  comparison,
  fc.tuple(comparison, pick([' && ', ' || ']), comparison).map((parts) => parts.join('')),
);
const delimited = fc
  .tuple(fc.array(entry, { maxLength: 8 }), fc.option(fc.nat(8)))
  .map(
    ([entries, rest]) =>
      `[${rest === null ? entries.join(',') : entries.toSpliced(rest, 0, '...').join(',')}]`,
  );
const terms = fc
  .array(
    fc.tuple(
      pick(['', '', '-', '?']),
      fc.oneof(
        pick(['REJECT', '5', '10.0.0.1', 'eni', 'é', '22', '.', 'R']),
        operand.filter((text) => /^["%]/.test(text)),
      ),
    ),
    { maxLength: 3 },
  )
  .map((parts) => parts.map(([sign, term]) => sign + term).join(' '));
const json = pick(['{ $.a = 5 }', '{ $.b[0] = "REJECT" }', '{ $.x NOT EXISTS }']);

function readable(text: string): boolean {
  try {
    parseFilterPattern(text);
    return true;
  } catch {
    return false;
  }
}

describe('events that match a pattern', () => {
  it.each(['records', 'mixed'])(
    'of the group %s are those whose line matches',
    async (logGroupName) => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(delimited, terms, json).filter(readable), async (text) => {
          const pattern = parseFilterPattern(text);
          expect((await found(logGroupName, pattern)).lines).toEqual(await all(logGroupName, pattern));
        }),
        { numRuns: runs(8, 300) },
      );
    },
    600_000,
  );

  it.each([
    { values: 'in quotes', line: '2 1 "q" 10.0.0.1 22 5 REJECT', pattern: '[v, account, eni=q, ...]' },
    {
      values: 'joined by quotes',
      line: '2 "a b" 10.0.0.1 22 5 REJECT',
      pattern: '[v, account="a b", source, ...]',
    },
    {
      values: 'joined by brackets',
      line: '2 [a b] 10.0.0.1 22 5 REJECT',
      pattern: '[a, b, c, d, e, f=REJECT]',
    },
    { values: 'with a tab', line: '2 1 a\tb 10.0.0.1 22 5 REJECT', pattern: '[a, b, c=a, d=b, ...]' },
    { values: 'with a line end', line: '2 1 eni-1 10.0.0.1 22 5 OK\n', pattern: '[..., action=OK]' },
    { values: 'of another spelling', line: '2 05 eni-1 10.0.0.1 22 5 OK', pattern: '[v, account=5, ...]' },
    {
      values: 'beside an address',
      line: '2 1 eni-1 ::1 22 5 OK',
      pattern: '[v, account, eni, source != 10.0.0.1, ...]',
    },
  ])('finds values $values', async ({ values, line, pattern: text }) => {
    const group = `values ${values}`.replace(/[^\w]/g, '_');
    await importLines(group, [line, '2 1 eni-1 10.0.0.1 22 5 ACCEPT']);
    const pattern = parseFilterPattern(text);
    expect(await all(group, pattern)).toContain(line);
    expect((await found(group, pattern)).lines).toEqual(await all(group, pattern));
  });

  it.each([
    { pattern: '[v, account, eni, source, port, packets, action="REJECT"]' },
    { pattern: '[..., packets > 100, action=REJECT]' },
    { pattern: '[v, account, eni, source = 10.0.*, port = 22 || port = 443, ...]' },
    { pattern: '[v, account, eni, source = 10.0.0.1, ..., action != ACCEPT]' },
    { pattern: 'REJECT' },
    { pattern: 'REJECT -ACCEPT' },
    { pattern: '"10.0.0.1 22"' },
    { pattern: '{ $.a = 5 }' },
    { pattern: '[a, b, c, d, e, f, g, h]' },
  ])('$pattern makes no line of a record that does not match', async ({ pattern: text }) => {
    const clean = [
      '2 1 eni-1 10.0.0.1 22 5 REJECT',
      '2 1 eni-1 10.0.2.1 443 101 REJECT',
      '2 1 eni-1 1.1.1.1 80 7 ACCEPT',
    ];
    const group = `clean ${text}`.replace(/[^\w]/g, '_');
    await importLines(
      group,
      Array.from({ length: 60 }, (_, i) => clean[i % 3]),
    );
    const pattern = parseFilterPattern(text);
    const { looked, lines } = await found(group, pattern);
    expect(looked).toBe(lines.length);
    expect(lines).toEqual(await all(group, pattern));
  });
});
