import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryError } from '../../src/fault/index.ts';
import { insightsCommands, insightsFunctions } from '../../src/query/index.ts';
import { isLong } from '../runs.ts';
import { type CorpusStore, type Keeping, openCorpusStore } from './corpus-store.ts';
import { anything, type ExpectedCell, type QueryCase, readScript, type Script } from './query-script.ts';

const folder = path.join(import.meta.dirname, 'query');
const scripts = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => readScript(file, readFileSync(path.join(folder, file), 'utf8')));

const hasRecords = (script: Script): boolean =>
  script.loads.some((load) => load.kind === 'group' && load.format !== undefined);

describe('query scripts', () => {
  it('are many', () => {
    expect(scripts.reduce((sum, { cases }) => sum + cases.length, 0)).toBeGreaterThan(250);
  });

  it('ask for every command and every function', () => {
    const texts = scripts.flatMap(({ cases }) => cases.map(({ text }) => text)).join('\n| ');
    const isThere = (pattern: string) => new RegExp(pattern, 'i').test(texts);
    const missing = [
      ...insightsCommands.filter((name) => !isThere(`(?:^|\\|)\\s*${name}\\b`)),
      ...insightsFunctions
        .filter(({ name, spellings }) => !isThere(`\\b(?:${[name, ...spellings].join('|')})\\(`))
        .map(({ name }) => name),
    ];
    expect(missing).toEqual([]);
  });

  for (const [index, script] of scripts.entries()) {
    tell(script, 'columns');
    if (!hasRecords(script)) continue;
    // Usually each way of keeping takes its turn: what tells them apart is rarely one script's own.
    if (isLong || index % 4 === 0) tell(script, 'text');
    if (isLong || index % 4 === 2) tell(script, 'segments');
  }
});

function tell(script: Script, keeping: Keeping): void {
  describe(`${script.name}, records as ${keeping}`, () => {
    let store: CorpusStore;
    beforeAll(async () => {
      store = await openCorpusStore(script.loads, script.now, keeping);
    });
    afterAll(() => store?.close());

    for (const queryCase of script.cases) {
      it(`${queryCase.title} (line ${queryCase.line})`, async () => {
        if (queryCase.expected.kind === 'error') await expectRefusal(store, queryCase);
        else await expectRows(store, queryCase);
      });
    }
  });
}

async function ask({ logs }: CorpusStore, { text, groups, startMs, endMs, limit }: QueryCase) {
  const isSource = /^\s*source\b/i.test(text);
  return logs.runQuery({
    startMs,
    endMs,
    queryString: text,
    ...(!isSource && { logGroups: groups }),
    ...(limit !== undefined && { limit }),
  });
}

async function expectRefusal(store: CorpusStore, queryCase: QueryCase): Promise<void> {
  const { expected } = queryCase;
  const error: unknown = await ask(store, queryCase).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(QueryError);
  if (!(error instanceof QueryError) || expected.kind !== 'error') return;
  const marked = ({ start, end }: { start: number; end: number }) => ({
    start,
    end,
    text: queryCase.text.slice(start, end),
  });
  expect(marked(error), error.message).toEqual(marked(expected));
  expect(error.message).toContain(expected.words);
}

async function expectRows(store: CorpusStore, queryCase: QueryCase): Promise<void> {
  const { expected, matched } = queryCase;
  if (expected.kind !== 'rows') return;
  const answer = await ask(store, queryCase);
  const passOver = answer.hasPointer && expected.columns?.at(-1) !== '@ptr';
  const shown = <T>(cells: readonly T[]) => (passOver ? cells.slice(0, -1) : cells);
  const rows = answer.rows.map(shown);
  if (expected.columns) expect(shown(answer.columns)).toEqual(expected.columns);
  const wanted = expected.rows.map((cells, row) => cells.map((cell, i) => cellLike(cell, rows[row]?.[i])));
  if (expected.inAnyOrder) expect(ordered(rows)).toEqual(ordered(wanted));
  else expect(rows).toEqual(wanted);
  if (matched) {
    const { recordsMatched, recordsScanned } = answer.statistics;
    expect({ matched: recordsMatched, scanned: recordsScanned }).toEqual(matched);
  }
}

/** What was found, where anything may be. */
function cellLike(cell: ExpectedCell, found: string | null | undefined): string | null {
  return cell === anything ? (found ?? '(something)') : cell;
}

function ordered(rows: readonly (readonly (string | null)[])[]): unknown[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
