import { ConfigError } from '../fault/index.ts';
import { type Field, fieldOf, fields } from './fields.ts';

export interface LogFormat {
  /** The `LogFormat` of the API: `${version} ${account-id} …`. */
  readonly text: string;
  readonly fields: readonly Field[];
  /** What the `version` field holds: the highest version among the fields; 2 when all are Headgate's own. */
  readonly version: number;
}

/**
 * Reads a custom log format as CreateFlowLogs does: `${field}` tokens joined by exactly one space. A field may stand
 * in it once: AWS does not say, and two Parquet columns of one name cannot be told apart.
 * @throws ConfigError `LogFormatInvalid` naming what is wrong, at which character (from 0), and what was expected
 */
export function parseLogFormat(text: string): LogFormat {
  if (text === '') throw invalid('the log format is empty', 0, `at least one field, such as \${srcaddr}`);
  const found: Field[] = [];
  let at = 0;
  while (at < text.length) {
    if (found.length > 0) at = skipSeparator(text, at);
    const token = readToken(text, at);
    found.push(knownField(token, at + 2, found));
    at += token.length + 3;
  }
  return logFormat(found);
}

/** The format of fields that are known to be valid and distinct. */
export function logFormat(chosen: readonly Field[]): LogFormat {
  return {
    text: chosen.map(({ token }) => `\${${token}}`).join(' '),
    fields: chosen,
    version: Math.max(2, ...chosen.map(({ version }) => version)),
  };
}

/**
 * The format that a header line names: the first line of AWS's files, bare field names joined by one space.
 * @throws ConfigError `LogFormatInvalid`, as `parseLogFormat`
 */
export function parseHeader(line: string): LogFormat {
  const found: Field[] = [];
  let at = 0;
  for (const token of line.split(' ')) {
    if (token === '') throw invalid('the header has an empty name', at, 'field names joined by one space');
    found.push(knownField(token, at, found));
    at += token.length + 1;
  }
  return logFormat(found);
}

/** AWS's default: the fields of version 2. */
export const defaultLogFormat: LogFormat = logFormat(fields.filter(({ version }) => version === 2));

function skipSeparator(text: string, at: number): number {
  if (text[at] !== ' ') throw invalid(`found ${quoted(text, at)} after a field`, at, 'one space');
  if (at + 1 === text.length)
    throw invalid('the log format ends in a space', at, 'nothing after the last field');
  if (text[at + 1] === ' ') throw invalid('two spaces between fields', at + 1, '${ of the next field');
  return at + 1;
}

/** The name between `${` at this place and its `}`. */
function readToken(text: string, at: number): string {
  if (at === 0 && text[0] === ' ') throw invalid('the log format begins with a space', 0, '${ of a field');
  if (!text.startsWith('${', at))
    throw invalid(`found ${quoted(text, at)} outside of \${}`, at, '${ of a field');
  const end = text.indexOf('}', at);
  if (end < 0) throw invalid('${ is not closed', at, '} after the field');
  return text.slice(at + 2, end);
}

function knownField(token: string, at: number, before: readonly Field[]): Field {
  const found = fieldOf(token);
  if (!found) {
    const near = nearestToken(token);
    throw invalid(
      `unknown field ${quoted(token, 0)}`,
      at,
      near ? `perhaps ${near}` : 'one of `headgate fields`',
    );
  }
  if (before.includes(found)) throw invalid(`field ${token} is there twice`, at, 'each field at most once');
  return found;
}

function invalid(what: string, at: number, expected: string): ConfigError {
  return new ConfigError('LogFormatInvalid', `${what}, at character ${at}`, [`expected ${expected}`]);
}

function quoted(text: string, at: number): string {
  const rest = text.slice(at, at + 40);
  return JSON.stringify(at + 40 < text.length ? `${rest}…` : rest);
}

/** The field that the fewest single-character edits lead to, when these are a third of the word or less. */
function nearestToken(token: string): string | undefined {
  if (token.length > 40) return undefined;
  const plain = token.toLowerCase().replaceAll('_', '-');
  let best: { token: string; edits: number } | undefined;
  for (const field of fields) {
    const edits = Math.min(editDistance(plain, field.token), editDistance(token, field.insights));
    if (!best || edits < best.edits) best = { token: field.token, edits };
  }
  return best && best.edits <= Math.max(1, Math.floor(token.length / 3)) ? best.token : undefined;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = previous[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[to.length];
}
