import type { CompiledQuery } from '../src/query/scan.ts';
import { type Duck, openDuck } from './flow-duck.ts';
import { dayEndMs, dayStartMs, groupName, type OpenedStore } from './opened-store.ts';
import type { Question } from './questions.ts';

export type AnswerRow = readonly (string | null)[];

/** One that answers questions. */
export interface Answerer {
  ask(question: Question): Promise<readonly AnswerRow[]>;
}

/** The question in Insights QL: read, compiled and run. */
export function askInsights({ logs }: OpenedStore): Answerer {
  return {
    ask: async ({ insights }) => {
      const request = { logGroups: [groupName], startMs: dayStartMs, endMs: dayEndMs, queryString: insights };
      const { rows, hasPointer } = await logs.runQuery(request);
      return hasPointer ? rows.map((row) => row.slice(0, -1)) : rows;
    },
  };
}

/** SQL by hand over what the store offers to every query. */
export function askByHand({ store }: OpenedStore): Answerer {
  const groups = [...store.documents.table<{ readonly name: string }>('logGroups')]
    .filter(([, { name }]) => name === groupName)
    .map(([key]) => Number(key));
  return {
    ask: async ({ sql, columns }) => {
      const query: CompiledQuery = {
        scans: [{ name: 'scan_0', groups, startMs: dayStartMs, endMs: dayEndMs, columns }],
        lookups: [],
        sql,
        parameters: [],
        columns: [],
        hasPointer: false,
      };
      return (await store.run(query)).rows;
    },
  };
}

/** DuckDB by itself on a Parquet file. */
export async function askParquet(file: string): Promise<Answerer & { readonly duck: Duck }> {
  const duck = await openDuck(':memory:');
  await duck.connection.run(
    `CREATE VIEW records AS SELECT * FROM read_parquet('${file}', file_row_number = true)`,
  );
  return {
    duck,
    ask: async ({ parquetSql }) => {
      const reader = await duck.connection.runAndReadAll(parquetSql);
      return reader.getRowsJson().map((row) => row.map((value) => (value === null ? null : String(value))));
    },
  };
}

/** @throws Error with the first row that differs */
export function expectSameAnswers(
  { name, hasTies }: Question,
  answers: {
    readonly insights: readonly AnswerRow[];
    readonly byHand: readonly AnswerRow[];
    readonly parquet: readonly AnswerRow[];
  },
): void {
  const { insights, byHand, parquet } = answers;
  if (insights.length === 0) throw new Error(`${name}: no rows`);
  expectSameRows(`${name} by hand`, byHand, insights);
  const defined = (rows: readonly AnswerRow[]) => (hasTies ? rows.map(([first]) => [first]) : rows);
  expectSameRows(`${name} from Parquet`, defined(parquet), defined(insights));
}

function expectSameRows(what: string, found: readonly AnswerRow[], expected: readonly AnswerRow[]): void {
  for (let i = 0; i < Math.max(found.length, expected.length); i++) {
    const [ours, theirs] = [JSON.stringify(found[i]), JSON.stringify(expected[i])];
    if (ours !== theirs) throw new Error(`${what}, row ${i + 1}: ${ours}, expected ${theirs}`);
  }
}
