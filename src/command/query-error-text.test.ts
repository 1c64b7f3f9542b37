import { describe, expect, it } from 'vitest';
import { ConfigError, QueryError } from '../fault/index.ts';
import { withQueryText } from './query-error-text.ts';

async function shown(text: string, error: QueryError): Promise<string> {
  const failed = withQueryText('headgate query', text, () => {
    throw error;
  });
  const caught = await failed.catch((each: unknown) => each);
  if (!(caught instanceof ConfigError)) return expect.unreachable();
  return [caught.message, ...caught.details].join('\n');
}

describe('withQueryText', () => {
  it('shows the range below the line', async () => {
    const error = new QueryError('unexpected symbol found =', { start: 15, end: 17 }, ['a value']);
    expect(await shown('filter srcAddr == 5', error)).toBe(
      [
        'headgate query: unexpected symbol found =',
        '  filter srcAddr == 5',
        '                 ^^',
        'found "==", expected a value',
      ].join('\n'),
    );
  });

  it('shows the line of several that the range begins in', async () => {
    const error = new QueryError('wrong', { start: 17, end: 30 }, ['stats', 'sort']);
    expect(await shown('fields a\n| limit\t| stat b\n| x', error)).toBe(
      [
        'headgate query: wrong',
        'in line 2:',
        '  | limit\\t| stat b',
        '           ^^^^^^^^',
        'found "| stat b\\n| x", expected one of stats, sort',
      ].join('\n'),
    );
  });

  it('shows the end', async () => {
    expect(await shown('filter', new QueryError('too short', { start: 6, end: 6 }, ['a condition']))).toBe(
      'headgate query: too short\n  filter\n        ^\nfound the end of the query, expected a condition',
    );
  });

  it('shows what has quotes as it was written', async () => {
    const text = String.raw`fields regexReplace(s, "a", "\9")`;
    expect(await shown(text, new QueryError('wrong', { start: 28, end: 32 }, [String.raw`\1`]))).toContain(
      String.raw`found "\9", expected \1`,
    );
  });

  it('stays in the text', async () => {
    expect(await shown('', new QueryError('empty', { start: 3, end: 9 }))).toBe(
      'headgate query: empty\n  \n  ^',
    );
  });

  it('leaves other errors alone', async () => {
    await expect(withQueryText('x', '', () => Promise.reject(new TypeError('other')))).rejects.toThrow(
      TypeError,
    );
  });
});
