import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CorpusStore, openCorpusStore } from './corpus/corpus-store.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/50-queries.md'), 'utf8');

interface Example {
  readonly query: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Each block of `insights` with the table that follows it. */
const examples: readonly Example[] = [...page.matchAll(/```insights\n([\s\S]*?)\n```\n\n((?:\|.*\n)+)/g)].map(
  ([, query, table]) => {
    const [columns, , ...rows] = table.trim().split('\n').map(cells);
    return { query, columns, rows: rows.map((row) => row.map((cell) => (cell === '' ? null : cell))) };
  },
);

function cells(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

const [format, ...lines] = /```records\n([\s\S]*?)\n```/.exec(page)?.[1].split('\n') ?? [];

describe('examples of the page on queries', () => {
  let store: CorpusStore;
  beforeAll(async () => {
    const events = lines.map((message) => ({ timestamp: 0, message }));
    const load = { kind: 'group', name: 'vpc-flow-logs', stream: 's', tags: {}, format, events } as const;
    store = await openCorpusStore([load], Date.UTC(2026, 0, 2), 'columns');
  });
  afterAll(() => store?.close());

  it('are found in the page', () => {
    expect(examples.length).toBe(page.split('```insights').length - 1);
    expect(examples.length).toBeGreaterThanOrEqual(8);
  });

  it.each(examples)('$query', async ({ query, columns, rows }) => {
    const request = { logGroups: ['vpc-flow-logs'], startMs: 0, endMs: Date.UTC(2100, 0, 1) };
    const answer = await store.logs.runQuery({ ...request, queryString: query });
    const shown = <T>(row: readonly T[]) => (answer.hasPointer ? row.slice(0, -1) : row);
    expect(shown(answer.columns)).toEqual(columns);
    expect(answer.rows.map(shown)).toEqual(rows);
  });
});
