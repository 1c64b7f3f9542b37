import { parseOffset, parseWhole } from './expressions.ts';
import { fixedSeconds } from './period.ts';
import { isSymbol, isWord, type TokenReader } from './token-reader.ts';
import type { Node, Source, SourceTime } from './tree.ts';

/**
 * What follows SOURCE: functions that select log groups, or names of log groups.
 * @throws QueryError at what is neither
 */
export function parseSources(reader: TokenReader): readonly Source[] {
  const sources = [parseSource(reader)];
  while (reader.acceptSymbol(',') || !reader.atEnd()) sources.push(parseSource(reader));
  return sources;
}

function parseSource(reader: TokenReader): Source {
  const { start } = reader.token.range;
  const source = parseSelection(reader);
  const startTime = parseTime(reader, 'START');
  const endTime = parseTime(reader, 'END');
  return {
    ...source,
    ...(startTime && { start: startTime }),
    ...(endTime && { end: endTime }),
    range: reader.rangeFrom(start),
  };
}

function parseSelection(reader: TokenReader): Source {
  reader.expecting('logGroups(', 'logGroupTags(', 'dataSource(');
  const { range } = reader.token;
  if (!isSymbol(reader.ahead(1), '('))
    return { kind: 'logGroup', name: parseWord(reader, 'log group'), range };
  const read = functions.find(({ name }) => isWord(reader.token, name))?.read;
  if (read === undefined) return reader.unexpected();
  reader.take();
  reader.expectSymbol('(');
  const source = read(reader, { range });
  reader.expectSymbol(')');
  return source;
}

const functions: readonly { name: string; read: (reader: TokenReader, node: Node) => Source }[] = [
  { name: 'logGroups', read: parseLogGroups },
  { name: 'logGroupTags', read: parseTags },
  {
    name: 'dataSource',
    read: (reader, node) => ({ kind: 'dataSource', names: parseWords(reader), ...node }),
  },
];

function parseLogGroups(reader: TokenReader, node: Node): Source {
  let namePrefixes: readonly string[] = [];
  let accountIdentifiers: readonly string[] = [];
  let classes: readonly string[] = [];
  const option = () => {
    if (acceptKey(reader, 'namePrefix')) namePrefixes = parseWords(reader);
    else if (acceptKey(reader, 'accountIdentifiers') || acceptKey(reader, 'accountIdentifier'))
      accountIdentifiers = parseWords(reader);
    else if (acceptKey(reader, 'class')) classes = parseWords(reader);
    else reader.unexpected();
  };
  if (!reader.isSymbol(')')) reader.list(option);
  return { kind: 'logGroups', namePrefixes, accountIdentifiers, classes, ...node };
}

function parseTags(reader: TokenReader, node: Node): Source {
  reader.expectSymbol('[');
  const tags = reader.list(parseTag);
  reader.expectSymbol(']');
  return { kind: 'logGroupTags', tags, ...node };
}

function parseTag(reader: TokenReader): { key: string; values?: readonly string[] } {
  let key: string | undefined;
  let values: readonly string[] | undefined;
  reader.expectSymbol('{');
  reader.list(() => {
    if (acceptKey(reader, 'key')) key = parseWord(reader, 'string');
    else if (acceptKey(reader, 'values')) values = parseWords(reader);
    else reader.unexpected();
  });
  if (key === undefined) reader.expecting('key:');
  if (key === undefined) return reader.unexpected();
  reader.expectSymbol('}');
  return { key, ...(values && { values }) };
}

/** `name:`, the name with or without quotes. */
function acceptKey(reader: TokenReader, name: string): boolean {
  reader.expecting(`${name}:`);
  const { token } = reader;
  const found = isWord(token, name) || (token.kind === 'string' && token.value === name);
  if (!found) return false;
  reader.take();
  reader.expectSymbol(':');
  return true;
}

/** `['a', 'b']`, an empty list, or one word without brackets. */
function parseWords(reader: TokenReader): readonly string[] {
  if (!reader.acceptSymbol('[')) return [parseWord(reader, 'string')];
  const words = reader.isSymbol(']') ? [] : reader.list(() => parseWord(reader, 'string'));
  reader.expectSymbol(']');
  return words;
}

function parseWord(reader: TokenReader, shown: string): string {
  if (reader.isKind('string', shown)) return reader.take().value;
  return reader.expectKind('name', shown).path.join('.');
}

/** `START=-1w`, `END=0s`, `START=1700000000000`. */
function parseTime(reader: TokenReader, name: string): SourceTime | undefined {
  reader.expecting(`${name}=`);
  if (!isWord(reader.token, name) || !isSymbol(reader.ahead(1), '=')) return undefined;
  reader.take();
  reader.expectSymbol('=');
  if (reader.isKind('number', 'epoch milliseconds')) return { epochMs: parseWhole(reader) };
  const sign = reader.acceptSymbol('-') ? -1 : 1;
  const { count, unit, range } = parseOffset(reader);
  const seconds = fixedSeconds[unit];
  if (seconds === undefined) return reader.fail('a relative time has the units s, m, h, d and w,', range);
  return { relativeSeconds: count === 0 ? 0 : sign * count * seconds };
}
