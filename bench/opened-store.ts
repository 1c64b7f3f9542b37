import { Logs } from '../src/logs/index.ts';
import { queryMacros } from '../src/query/index.ts';
import { Store } from '../src/store/index.ts';
import { type FlowFile, readFlows } from './flow-file.ts';
import { mixStartSeconds } from './flow-mix.ts';
import { flowRecords, streamNames } from './flow-records.ts';

export const groupName = 'vpc-flow-logs';
/** The day of the mix: both inclusive. */
export const dayStartMs = mixStartSeconds * 1000;
export const dayEndMs = dayStartMs + 86_400_000 - 1;
/** An hour after the day, so that nothing is too new or too old for PutLogEvents. */
const nowMs = dayEndMs + 3_600_000;

/** A store with the logs over it, as the program has it. */
export interface OpenedStore {
  readonly store: Store;
  readonly logs: Logs;
  close(): Promise<void>;
}

export async function openStore(directory: string): Promise<OpenedStore> {
  const clock = () => nowMs;
  const report = (sentence: string) => process.stderr.write(`store: ${sentence}\n`);
  const store = await Store.open({ directory, macros: queryMacros, clock, report });
  const logs = new Logs({ store, accountId: '123456789010', region: 'eu-central-1', clock });
  const close = async () => {
    await logs.close();
    await store.close();
  };
  return { store, logs, close };
}

/** Hands over one window after the other, each when no more than so many before it are not durable yet. */
export async function putFlows(logs: Logs, flows: FlowFile, underWay = 1): Promise<void> {
  const pending: Promise<void>[] = [];
  for (const window of readFlows(flows)) {
    if (pending.length === underWay) await pending.shift();
    pending.push(
      logs.putRecords({
        logGroupName: groupName,
        logStreamName: streamNames(flows, window),
        records: flowRecords(flows, window),
      }),
    );
  }
  await Promise.all(pending);
}
