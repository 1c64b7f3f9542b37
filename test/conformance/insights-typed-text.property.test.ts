import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueryError } from '../../src/fault/index.ts';
import type { Logs } from '../../src/logs/index.ts';
import { type CorpusStore, openCorpusStore } from '../corpus/corpus-store.ts';
import { runs } from '../runs.ts';
import { anyQuestion, anyRecordSet, type RecordSet } from './record-questions.ts';

const now = Date.UTC(2026, 0, 1, 12);

/** The law: what a query answers does not depend on whether records are kept as columns or as the text of their lines. */
describe('records as columns and records as text', () => {
  let store: CorpusStore;
  let groups = 0;
  beforeAll(async () => {
    store = await openCorpusStore([], now, (group) => (group.endsWith('-text') ? 'text' : 'columns'));
  });
  afterAll(() => store?.close());

  it('answer alike', { timeout: 600_000 }, async () => {
    const sets = fc.array(anyRecordSet, { minLength: 1, maxLength: 2 });
    const questions = fc.array(anyQuestion, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(sets, questions, async (recordSets, texts) => {
        const name = `g${groups++}`;
        await load(store.logs, `${name}-columns`, recordSets);
        await load(store.logs, `${name}-text`, recordSets);
        for (const text of texts) {
          const columns = await answer(store.logs, `${name}-columns`, text);
          expect(await answer(store.logs, `${name}-text`, text), text).toEqual(columns);
        }
      }),
      { numRuns: runs(2, 16) },
    );
  });
});

async function load(logs: Logs, logGroupName: string, sets: readonly RecordSet[]): Promise<void> {
  await logs.createLogGroup({ logGroupName });
  for (const { format, lines, others } of sets) {
    const sha256 = createHash('sha256')
      .update(`${format.text}\n${lines.join('\n')}`)
      .digest('hex');
    const request = { logGroupName, logStreamName: 's', fileName: 'f', sha256, format };
    const entry = await logs.beginImport(request);
    await entry?.addLines(lines);
    await entry?.addEvents(others.map((message, i) => ({ timestamp: 1767225630000 + i * 60_000, message })));
    await entry?.finish();
  }
}

/** Rows without pointers, in an order of their own where the query says none; or the sentence of the error. */
async function answer(logs: Logs, group: string, queryString: string): Promise<unknown> {
  try {
    const request = { logGroups: [group], startMs: 0, endMs: Date.UTC(2100, 0, 1), queryString };
    const { columns, hasPointer, rows } = await logs.runQuery(request);
    const shown = rows.map((row) => (hasPointer ? row.slice(0, -1) : row));
    const isOrdered = !/\bstats\b/.test(queryString);
    return { columns, rows: isOrdered ? shown : shown.map((row) => JSON.stringify(row)).sort() };
  } catch (error) {
    if (error instanceof QueryError) return error.message;
    throw error;
  }
}
