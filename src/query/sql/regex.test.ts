import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryError } from '../../fault/index.ts';
import { readRegex } from './regex.ts';

const range = { start: 3, end: 9 };
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
});
afterAll(() => connection.closeSync());

const accepts = async (pattern: string): Promise<boolean> => {
  try {
    await connection.run(`SELECT regexp_matches('a', $1::VARCHAR)`, [pattern]);
    return true;
  } catch {
    return false;
  }
};
const reads = (pattern: string): boolean => {
  try {
    readRegex(pattern, range);
    return true;
  } catch (error) {
    if (error instanceof QueryError) return false;
    throw error;
  }
};

/** RE2 accepts the first and refuses the second. */
const accepted = [
  ...[
    '',
    'a',
    'a|b',
    '(a)',
    '(?:a)*',
    '(?P<n>a)',
    '(?i)A',
    '(?i-s:a)',
    '(?U)a+',
    '^$',
    'a{2,5}?',
    'a{2,}',
    'a{0}',
  ],
  ...[
    'a{',
    'a{,3}',
    '{',
    ']',
    'a]',
    '[]a]',
    '[^]a]',
    '[a-z_-]',
    '[\\d-z]',
    '[[:alpha:]-]',
    '[^\\]]',
    '\\Qa(b\\E',
  ],
  ...[
    '\\Q(',
    '\\x{61}\\x41',
    '\\p{L}\\pN\\P{Greek}',
    '\\d\\D\\s\\S\\w\\W\\b\\B\\A\\z',
    '\\/\\-\\.\\"',
    '^*',
    '\\b+',
    '()',
  ],
  ...['(a{10}){10}', 'a{1000}', '(a|b)?c', '\\t\\n\\r\\f\\v\\a', '\\07', '.*?x', '[.*+?]', '[a\\-z]', 'é+'],
  ...[
    '[😀-😁]',
    '[\\d-a]',
    '[\\x41-a]',
    '[--a]',
    '[+-\\/]',
    '[a-b-c]',
    '[\\n-a]',
    '\\x{10ffff}',
    '\\p{Thai}',
    '\\p{Any}',
  ],
  ...[
    '\\w{1000}',
    '\\p{L}{300}',
    '(?:ab{30}){30}',
    '(?i)k{1000}',
    '[^a]{1000}.{1000}',
    '\\p{Nko}',
    '\\p{Vai}',
  ],
];
const refused = [
  ...[
    '(',
    ')',
    '(a',
    'a)',
    '[a',
    '[^]',
    'a\\',
    '*',
    'a|*',
    '(*a)',
    'a**',
    'a++',
    'a{2}{3}',
    'a?+',
    'a{2,1}',
    'a{1001}',
  ],
  ...['(a{100}){11}', '(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(?>a)', '(?x)a', '(?#c)', '(?', '(?i'],
  ...['\\1', '\\Z', '\\h', '\\G', '\\e', '\\u0061', '\\cA', '\\K', '\\é', '[z-a]', '[[:foo:]]', '[\\b]'],
  ...[
    '\\p{Foo}',
    '\\p{Grek}',
    '\\p{Alphabetic}',
    '\\p{Cn}',
    '\\pX',
    '[\\p{Foo}]',
    '\\x{110000}',
    '[\\x{110000}]',
  ],
  ...[
    '[a-\\d]',
    '[a-\\n]',
    '[b-\\x41]',
    '[a-\\x{41}]',
    '[a-\\]]',
    '[a-\\pL]',
    '[a-[:alpha:]]',
    '(?<é>.)',
    '(?<@message>x)',
  ],
  ...['(\\w{500}\\w{500}|\\w{999}|\\p{L}{900})', '(?:\\p{L}{30}){30}', '[^\\p{L}\\p{N}]{999}'],
];

describe('what RE2 takes', () => {
  it.each(accepted)('accepted: %s', async (pattern) => {
    expect({ reads: reads(pattern), accepts: await accepts(pattern) }).toEqual({
      reads: true,
      accepts: true,
    });
  });
  it.each(refused)('refused: %s', async (pattern) => {
    expect({ reads: reads(pattern), accepts: await accepts(pattern) }).toEqual({
      reads: false,
      accepts: false,
    });
  });
  it('named groups are written as RE2 has them', () => {
    expect(readRegex('(?<a>x)(y)(?:z)(?P<b>[(])', range)).toEqual({
      text: '(?P<a>x)(y)(?:z)(?P<b>[(])',
      groups: ['a', undefined, 'b'],
    });
  });
  it('a name belongs to one group, though RE2 would take two', () => {
    expect(() => readRegex('(?<n>a)|(?<n>b)', range)).toThrow('two groups named n');
  });
  it('a name of other characters is what is wrong', () => {
    expect(() => readRegex('(?<@message>x)', range)).toThrow(
      'a group named "@message"; names are letters of ASCII, digits and _',
    );
  });
  it('errors stand at the range', () => {
    expect(() => readRegex('a(?=b)', range)).toThrow(
      expect.objectContaining({ start: 3, end: 9, message: expect.stringContaining('look-around') }),
    );
  });
});
