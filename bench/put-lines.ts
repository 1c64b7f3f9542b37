/** A process of its own that hands batches of lines to `Logs.putLogEvents`, so many at a time, and says how fast. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { Logs } from '../src/logs/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { Store } from '../src/store/index.ts';

/** What standard input holds, as JSON. */
export interface LinesToPut {
  readonly directory: string;
  /** Each for PutLogEvents; those who put take turns with them as the connections of the load do. */
  readonly batches: readonly PutBatch[];
  readonly atATime: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface PutBatch {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly logEvents: readonly { readonly timestamp: number; readonly message: string }[];
}

export interface LinesPut {
  readonly answers: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function run({ directory, batches, atATime, seconds, warmUpSeconds }: LinesToPut): Promise<LinesPut> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const store = await Store.open({ directory, macros: queryMacros });
  const logs = new Logs({ store, accountId: '123456789012', region: 'us-east-1' });
  const { logGroupName } = batches[0];
  await logs.ensureLogGroup(logGroupName);
  for (const logStreamName of new Set(batches.map((batch) => batch.logStreamName))) {
    await logs.createLogStream({ logGroupName, logStreamName });
  }
  let answers = 0;
  let isOver = false;
  const put = async (number: number): Promise<void> => {
    const own = batches.filter((_batch, at) => at % atATime === number);
    for (let i = 0; !isOver; i++) {
      await logs.putLogEvents(own[i % own.length]);
      if (!isOver) answers++;
    }
  };
  const putting = Array.from({ length: atATime }, (_, number) => put(number));
  await after(warmUpSeconds);
  answers = 0;
  const from = performance.now();
  const cpuBefore = process.cpuUsage();
  await after(seconds);
  isOver = true;
  const measured = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const result = { answers, seconds: measured, cpuSeconds: (user + system) / 1e6 };
  await Promise.all(putting);
  await logs.close();
  await store.close();
  return result;
}

function after(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(readFileSync(0, 'utf8')) as LinesToPut))}\n`);
