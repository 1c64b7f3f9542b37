/** A process of its own that asks questions of a store that it has open itself, and in turn of a server over a copy. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { dayEndMs, dayStartMs, groupName, openStore } from './opened-store.ts';
import { call, type Signer } from './signed-request.ts';

/** What standard input holds, as JSON. */
export interface Turns {
  readonly directory: string;
  readonly signer: Signer;
  readonly queryStrings: readonly string[];
  readonly rounds: number;
}

/** Seconds, round by round. */
export interface TurnTimes {
  readonly queryString: string;
  readonly rows: number;
  readonly itself: readonly number[];
  /** From StartQuery until GetQueryResults has said Complete. */
  readonly served: readonly number[];
}

/** How long a client waits before it asks for results again: a part of what is measured, and work beside the query. */
export const pollMs = 10;

interface Results {
  readonly status: string;
  readonly results: readonly unknown[];
}

/** @throws Error when the query does not complete */
export async function askServer(signer: Signer, queryString: string): Promise<readonly unknown[]> {
  const ask = async <T>(operation: string, input: Readonly<Record<string, unknown>>): Promise<T> =>
    JSON.parse(await call(signer, { service: 'logs', operation, input })) as T;
  const { queryId } = await ask<{ queryId: string }>('StartQuery', {
    logGroupName: groupName,
    startTime: dayStartMs / 1000,
    endTime: Math.floor(dayEndMs / 1000),
    queryString,
  });
  for (;;) {
    const { status, results } = await ask<Results>('GetQueryResults', { queryId });
    if (status === 'Complete') return results;
    if (status !== 'Scheduled' && status !== 'Running') throw new Error(`${queryString}: ${status}`);
    await setTimeout(pollMs);
  }
}

async function run({ directory, signer, queryStrings, rounds }: Turns): Promise<TurnTimes[]> {
  const opened = await openStore(directory);
  const itself = async (queryString: string): Promise<number> => {
    const request = { logGroups: [groupName], startMs: dayStartMs, endMs: dayEndMs, queryString };
    return (await opened.logs.runQuery(request)).rows.length;
  };
  const all: TurnTimes[] = [];
  for (const queryString of queryStrings) {
    const served = async (): Promise<number> => (await askServer(signer, queryString)).length;
    const rows = await itself(queryString);
    const servedRows = await served();
    if (rows !== servedRows) throw new Error(`${queryString}: ${servedRows} rows, expected ${rows}`);
    const times = { itself: [] as number[], served: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      times.itself.push(await timed(() => itself(queryString)));
      times.served.push(await timed(served));
    }
    all.push({ queryString, rows, ...times });
  }
  await opened.close();
  return all;
}

async function timed(ask: () => Promise<number>): Promise<number> {
  const start = performance.now();
  await ask();
  return (performance.now() - start) / 1000;
}

if (process.argv[1]?.endsWith('query-turns.js')) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(readFileSync(0, 'utf8')) as Turns))}\n`);
}
