import { QueryError } from '../../fault/index.ts';
import { call, holdLarge } from '../sql/held.ts';
import { doubleOf, textOf } from '../sql/readings.ts';
import { join, parameter, type Sql, sql } from '../sql/sql.ts';
import { booleanOf, scalar, type Value } from '../sql/value.ts';
import { type Arguments, type CompiledFunction, fn } from './function.ts';

const text = (code: Sql): Value => scalar('text', code);
const integer = (code: Sql): Value => scalar('integer', code);
const argument = (args: Arguments, at = 0): Sql => textOf(args.value(at));
const whitespace = sql`E' \\t\\n\\r\\f\\x0b'`;

export const textFunctions: readonly CompiledFunction[] = [
  fn('isempty', 'string', 's', '1 when the field is missing or empty', (args) =>
    booleanOf(sql`coalesce(${argument(args)} = '', true)`),
  ),
  fn('isblank', 'string', 's', '1 when the field is missing, empty or white space', (args) =>
    booleanOf(sql`coalesce(trim(${argument(args)}, ${whitespace}) = '', true)`),
  ),
  fn('concat', 'string', 's…', 'The texts joined, those that are missing left out', (args) =>
    text(sql`concat(${join(args.values(0).map(textOf))})`),
  ),
  fn(
    'ltrim',
    'string',
    's, chars?',
    'Without white space, or without any of these characters, at the beginning',
    (args) => text(sql`ltrim(${argument(args)}, ${trimmed(args)})`),
  ),
  fn('rtrim', 'string', 's, chars?', 'The same at the end', (args) =>
    text(sql`rtrim(${argument(args)}, ${trimmed(args)})`),
  ),
  fn('trim', 'string', 's, chars?', 'The same at both ends', (args) =>
    text(sql`trim(${argument(args)}, ${trimmed(args)})`),
  ),
  fn('strlen', 'string', 's', 'The length in Unicode code points', (args) =>
    integer(sql`length(${argument(args)})`),
  ),
  fn('toupper', 'string', 's', 'In upper case', (args) => text(sql`upper(${argument(args)})`)),
  fn('tolower', 'string', 's', 'In lower case', (args) => text(sql`lower(${argument(args)})`)),
  fn(
    'substr',
    'string',
    's, start, length?',
    'From that character, counted from 0, so many or all',
    (args) => {
      const size = args.optional(2) ? index(args, 2) : sql`2147483647::BIGINT`;
      return text(call('part_of', argument(args), index(args, 1), size));
    },
  ),
  fn(
    'replace',
    'string',
    's, search, replacement',
    'With every occurrence of the one text replaced by the other',
    (args) => text(sql`replace(${argument(args)}, ${argument(args, 1)}, ${argument(args, 2)})`),
  ),
  fn(
    'regexReplace regex_replace',
    'string',
    's, pattern:regex, replacement:text',
    'With every match of the regular expression replaced; `\\1` stands for the first group',
    (args) => {
      const { text: pattern, groups } = args.regex(1);
      const replacement = parameter(rewrite(args, groups.length));
      return text(sql`regexp_replace(${argument(args)}, ${parameter(pattern)}, ${replacement}, 'g')`);
    },
  ),
  fn(
    'strcontains',
    'string',
    's, search, ignoreCase?',
    '1 when the text holds the other; in any case when asked',
    (args) => booleanOf(containment(args)),
  ),
  fn('startsWith starts_with', 'string', 's, prefix', '1 when the text begins with the other', (args) =>
    booleanOf(sql`starts_with(${argument(args)}, ${argument(args, 1)})`),
  ),
  fn('endsWith ends_with', 'string', 's, suffix', '1 when the text ends with the other', (args) =>
    booleanOf(sql`suffix(${argument(args)}, ${argument(args, 1)})`),
  ),
  fn('split', 'string', 's, delimiter', 'The parts of the text as a list', (args) =>
    scalar('structure', sql`to_json(string_split(${argument(args)}, ${argument(args, 1)}))`),
  ),
  fn('urlencode url_encode', 'string', 's', 'Percent-encoded', (args) =>
    text(sql`url_encode(${argument(args)})`),
  ),
  fn('urldecode url_decode', 'string', 's', 'Percent-decoded; missing when that is no UTF-8', (args) =>
    text(sql`try(url_decode(${argument(args)}))`),
  ),
  fn('base64encode base64_encode', 'string', 's', 'In Base64', (args) =>
    text(sql`to_base64(encode(${argument(args)}))`),
  ),
  fn('base64decode base64_decode', 'string', 's', 'From Base64; missing when that is no text', (args) =>
    text(call('base64_text', argument(args))),
  ),
  fn('hexToAscii hex_to_ascii', 'string', 's', 'The text whose bytes the hexadecimal digits are', (args) =>
    text(call('hex_text', argument(args))),
  ),
  fn(
    'hexToDec hex_to_dec',
    'string',
    's',
    'The number that the hexadecimal digits are, with `0x` before them or not',
    (args) => integer(call('hex_number', argument(args))),
  ),
  fn('decToHex dec_to_hex', 'string', 'n', 'The whole part as `0x` and hexadecimal digits', (args) =>
    text(call('number_hex', doubleOf(args.value(0)))),
  ),
  fn('md5', 'hash', 's', 'The MD5 sum in hexadecimal digits', (args) => text(sql`md5(${argument(args)})`)),
  fn('sha256', 'hash', 's', 'The SHA-256 sum in hexadecimal digits', (args) =>
    text(sql`sha256(${argument(args)})`),
  ),
];

function trimmed(args: Arguments): Sql {
  return args.optional(1) ? argument(args, 1) : whitespace;
}

/** What is beyond any text is as far as DuckDB counts; missing where it is no number. */
function index(args: Arguments, at: number): Sql {
  return call('text_index', doubleOf(args.value(at)));
}

function containment(args: Arguments): Sql {
  const texts = [argument(args), argument(args, 1)];
  if (!args.optional(2)) return sql`contains(${join(texts)})`;
  return holdLarge(texts, ([whole, part]) => {
    const folded = sql`contains(lower(${whole}), lower(${part}))`;
    return sql`CASE WHEN ${args.condition(2)} THEN ${folded} ELSE contains(${whole}, ${part}) END`;
  });
}

/** RE2 refuses a backslash that is followed neither by the digit of a group nor by another backslash. */
function rewrite(args: Arguments, groups: number): string {
  const replacement = args.text(2);
  for (const [found, next] of replacement.matchAll(/\\(.?)/gsu)) {
    if (next === '\\' || (/[0-9]/.test(next) && Number(next) <= groups)) continue;
    // Strings of Insights halve backslashes, and so does RE2.
    const known = [
      groups === 0 ? String.raw`\0` : `\\0 to \\${Math.min(9, groups)}`,
      String.raw`\\\\ for a backslash`,
    ];
    throw new QueryError(`${found} stands for none of the ${groups} groups`, args.node(2).range, known);
  }
  return replacement;
}
