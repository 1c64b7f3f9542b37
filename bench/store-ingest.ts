/** A process of its own that takes the records of a mix into a store. */
import { ensureText, lineBatches, startMsOf } from './flow-text.ts';
import { runIngest, type Way } from './ingest-process.ts';
import { groupName, type OpenedStore, openStore, putFlows } from './opened-store.ts';

const ways: Readonly<Record<string, Way>> = {
  records: (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, ({ logs }) => putFlows(logs, flows)),
  'records-4': (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, ({ logs }) => putFlows(logs, flows, 4)),
  'put-1000': (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, (opened) => putLines(opened, ensureText(flows), 1000)),
  // 10,000 lines are more than the 1 MiB that PutLogEvents takes: 113 bytes each, and 26 that AWS adds.
  'put-7000': (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, (opened) => putLines(opened, ensureText(flows), 7000)),
  'import-1000': (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, (opened) => importLines(opened, ensureText(flows), 1000)),
  'import-10000': (flows, directory, acknowledged) =>
    withStore(directory, acknowledged, (opened) => importLines(opened, ensureText(flows), 10_000)),
};

async function withStore(
  directory: string,
  acknowledged: () => void,
  put: (opened: OpenedStore) => Promise<void>,
): Promise<void> {
  const opened = await openStore(directory);
  await opened.logs.ensureLogGroup(groupName);
  await put(opened);
  acknowledged();
  await opened.store.flush();
  await opened.close();
}

async function putLines({ logs }: OpenedStore, file: string, linesPerBatch: number): Promise<void> {
  const stream = { logGroupName: groupName, logStreamName: 'all' };
  await logs.createLogStream(stream);
  for (const batch of lineBatches(file, linesPerBatch)) {
    const logEvents = batch.map((message) => ({ timestamp: startMsOf(message), message }));
    const { rejectedLogEventsInfo } = await logs.putLogEvents({ ...stream, logEvents });
    if (rejectedLogEventsInfo) throw new Error('events were rejected');
  }
}

async function importLines({ logs }: OpenedStore, file: string, linesPerBatch: number): Promise<void> {
  const entry = { logGroupName: groupName, logStreamName: 'all', sha256: '0'.repeat(64), fileName: file };
  const ongoing = await logs.beginImport(entry);
  if (!ongoing) throw new Error('the file is in the ledger of an empty store');
  for (const batch of lineBatches(file, linesPerBatch)) await ongoing.addLines(batch);
  await ongoing.finish();
}

await runIngest(ways, process.argv.slice(2));
