import { QueryError } from '../../fault/index.ts';
import * as rows from './row-commands.ts';
import * as series from './series-commands.ts';
import { parseSources } from './sources.ts';
import * as tables from './table-commands.ts';
import * as texts from './text-commands.ts';
import { isWord, TokenReader } from './token-reader.ts';
import type { Command, Query, Source, Unsupported } from './tree.ts';

/** UTF-16 units of a query's text, as StartQuery bounds it. */
const maxText = 10_000;

type ParseCommand = (reader: TokenReader, start: number) => Command;

const commandTable: readonly (readonly [name: string, parse: ParseCommand])[] = [
  ['fields', rows.parseFields],
  ['display', rows.parseDisplay],
  ['filter', rows.parseFilter],
  ['where', rows.parseFilter],
  ['filterIndex', rows.parseFilterIndex],
  ['stats', rows.parseStats],
  ['sort', rows.parseSort],
  ['limit', rows.parseLimit],
  ['head', rows.parseLimit],
  ['tail', rows.parseLimit],
  ['dedup', rows.parseDedup],
  ['unmask', rows.parseUnmask],
  ['parse', texts.parseParse],
  ['json', texts.parseJson],
  ['pattern', texts.parsePattern],
  ['diff', texts.parseDiff],
  ['unnest', texts.parseUnnest],
  ['expand', texts.parseExpand],
  ['lookup', tables.parseLookup],
  ['cidrlookup', tables.parseCidrLookup],
  ['join', tables.parseJoin],
  ['appendcols', tables.parseAppendCols],
  ['addtotals', series.parseAddTotals],
  ['autoregress', series.parseAutoRegress],
  ['accum', series.parseAccum],
  ['filldown', series.parseFillDown],
  ['fillmissing', series.parseFillMissing],
  ['outlier', series.parseOutlier],
  ['sessionize', series.parseSessionize],
  ['countFrequent', series.parseCountFrequent],
  ['count_frequent', series.parseCountFrequent],
  ['anomaly', unsupported('anomaly')],
  ['relevantfields', unsupported('relevantfields')],
  ['logcompare', unsupported('logcompare')],
];

/** The commands as AWS writes them; the text may have them in any case. */
export const insightsCommands: readonly string[] = commandTable.map(([name]) => name);

const commands: ReadonlyMap<string, ParseCommand> = new Map(
  commandTable.map(([name, parse]) => [name.toLowerCase(), parse]),
);

/**
 * The tree of a query in Logs Insights QL. Whether its functions, fields, tables and regexes exist is the compiler's
 * to say.
 * @throws QueryError at the first symbol that cannot stand where it does, with what could; at text beyond 10,000
 *   characters, or a NUL in it; at a command that may not follow the ones before it
 */
export function parseInsights(text: string): Query {
  if (text.length > maxText) {
    const sentence = `the query has ${text.length} characters, more than ${maxText}`;
    throw new QueryError(sentence, { start: maxText, end: text.length });
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw new QueryError('the query holds a NUL character', { start: nul, end: nul + 1 });
  const reader = new TokenReader(text, parseQuery);
  const query = parseQuery(reader);
  if (reader.token.kind !== 'end') reader.unexpected();
  return query;
}

/** `[SOURCE … |] command | …`; SOURCE alone is a query too. Stops at what cannot follow. */
function parseQuery(reader: TokenReader): Query {
  const { start } = reader.token.range;
  const sources: Source[] = [];
  const found: Command[] = [];
  let more = true;
  while (more && reader.acceptWord('SOURCE')) {
    sources.push(...parseSources(reader));
    more = reader.acceptSymbol('|');
  }
  while (more) {
    found.push(parseCommand(reader, found));
    more = reader.acceptSymbol('|');
    if (!more && !reader.atEnd()) reader.unexpected();
  }
  return { sources, commands: found, range: reader.rangeFrom(start) };
}

function parseCommand(reader: TokenReader, before: readonly Command[]): Command {
  const { token } = reader;
  const parse = token.kind === 'name' && !token.quoted ? commands.get(token.text.toLowerCase()) : undefined;
  checkOrder(reader, before);
  if (parse === undefined) {
    reader.expecting(...insightsCommands);
    return reader.unexpected();
  }
  reader.take();
  return parse(reader, token.range.start);
}

const limits: readonly string[] = ['limit', 'head', 'tail'];

/** After `dedup` only `limit` may come, and `diff` only right after `pattern`. */
function checkOrder(reader: TokenReader, before: readonly Command[]): void {
  const { token } = reader;
  const deduped = before.some(({ kind }) => kind === 'dedup');
  if (deduped && !limits.some((word) => isWord(token, word))) {
    reader.expecting('limit');
    reader.unexpected();
  }
  if (isWord(token, 'diff') && before.at(-1)?.kind !== 'pattern') {
    reader.fail('Diff compilation Failed : Diff operation has to be used after Pattern', token.range, [
      'pattern',
    ]);
  }
}

/** Takes the arguments as they are, parentheses and brackets included. */
function unsupported(command: Unsupported['command']): ParseCommand {
  return (reader, start) => {
    let depth = 0;
    while (depth > 0 || !reader.atEnd()) {
      const { kind, text } = reader.token;
      if (kind === 'end' || kind === 'invalid') reader.unexpected();
      if (kind === 'symbol') depth += '([{'.includes(text) ? 1 : ')]}'.includes(text) ? -1 : 0;
      reader.take();
    }
    return { kind: 'unsupported', command, range: reader.rangeFrom(start) };
  };
}
