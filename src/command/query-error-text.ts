import { ConfigError, QueryError } from '../fault/index.ts';
import { printable, textWidth } from './output/text-width.ts';

/**
 * Runs what may find fault with a query's text; a QueryError becomes what the command line shows.
 * @param whole what the text is called
 */
export async function withQueryText<T>(
  option: string,
  text: string,
  run: () => T | Promise<T>,
  whole = 'query',
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new ConfigError('MalformedQuery', `${option}: ${error.message}`, errorLines(text, error, whole), {
      cause: error,
    });
  }
}

/** The line of the text that the error is in, a row of carets below its range, and what was expected. */
function errorLines(text: string, { start, end, expected }: QueryError, whole: string): string[] {
  const from = Math.min(start, text.length);
  const lineStart = text.lastIndexOf('\n', from - 1) + 1;
  const feed = text.indexOf('\n', from);
  const lineEnd = feed < 0 ? text.length : feed;
  const before = printable(text.slice(lineStart, from));
  const range = printable(text.slice(from, Math.max(from, Math.min(end, lineEnd))));
  const carets = '^'.repeat(Math.max(1, textWidth(range)));
  const lines = [
    `  ${before}${range}${printable(text.slice(from + (Math.min(end, lineEnd) - from), lineEnd))}`,
    `  ${' '.repeat(textWidth(before))}${carets}`,
  ];
  if (text.includes('\n')) lines.unshift(`in line ${text.slice(0, lineStart).split('\n').length}:`);
  const found = end > from ? quoted(text.slice(from, Math.min(end, from + 40))) : `the end of the ${whole}`;
  if (expected.length > 0) lines.push(`found ${found}, expected ${listed(expected)}`);
  return lines;
}

/** What has quotes or backslashes itself is shown as it was written. */
function quoted(text: string): string {
  const shown = printable(text);
  return /["'\\`]/.test(text) ? shown : `"${shown}"`;
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, 8);
  const rest = words.length > shown.length ? ', …' : '';
  return shown.length === 1 ? shown[0] : `one of ${shown.join(', ')}${rest}`;
}
