/** A process of its own: what the store is compared with when it takes records in. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { appendFlows, openDuck } from './flow-duck.ts';
import { type FlowFile, readFlows } from './flow-file.ts';
import { flowRecords, streamNames } from './flow-records.ts';
import { ensureText, lineBatches, startMsOf } from './flow-text.ts';
import { runIngest, type Way } from './ingest-process.ts';

const ways: Readonly<Record<string, Way>> = {
  duckdb: duckdbAppend,
  'synced-bytes': syncedBytes,
  'make-records': makeRecords,
  'make-lines': makeLines,
};

/** The peer: the same typed arrays appended to a database file, and a checkpoint. */
async function duckdbAppend(flows: FlowFile, directory: string, acknowledged: () => void): Promise<void> {
  const duck = await openDuck(join(directory, 'peer.duckdb'));
  await appendFlows(duck, flows);
  await duck.connection.run('CHECKPOINT');
  acknowledged();
  duck.close();
}

/** The lower bound of any journal: the arrays' bytes written and synced, window by window. */
async function syncedBytes(flows: FlowFile, directory: string, acknowledged: () => void): Promise<void> {
  const output = openSync(join(directory, 'journal'), 'w');
  for (const { columns } of readFlows(flows)) {
    writeSync(output, new Uint8Array(columns.bytes.buffer));
    fdatasyncSync(output);
  }
  closeSync(output);
  acknowledged();
}

/** What is in the time of `records` but is not the store's: reading the arrays and making records of them. */
async function makeRecords(flows: FlowFile, _directory: string, acknowledged: () => void): Promise<void> {
  for (const window of readFlows(flows)) {
    flowRecords(flows, window);
    streamNames(flows, window);
  }
  acknowledged();
}

/** The same for the ways that take lines. */
async function makeLines(flows: FlowFile, _directory: string, acknowledged: () => void): Promise<void> {
  for (const batch of lineBatches(ensureText(flows), 1000)) {
    for (const line of batch) startMsOf(line);
  }
  acknowledged();
}

await runIngest(ways, process.argv.slice(2));
