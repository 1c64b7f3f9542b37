import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Logs } from '../../src/logs/index.ts';
import type { ObjectStore } from '../../src/objects/index.ts';
import { type Delivered, delivered, streamBucket } from './delivered.ts';
import { type Recorded, recordedLine, recordedMessages, recordedObject } from './recorded.ts';

/** All that is in the log groups and buckets of Headgate's own, by the name of the flow log. */
export async function localRecords(
  logs: Logs,
  objects: ObjectStore,
  targetOf: (one: Delivered) => string,
): Promise<Record<string, Recorded[]>> {
  const records: Record<string, Recorded[]> = {};
  for (const one of delivered.filter(({ isOutside }) => !isOutside)) {
    const target = targetOf(one);
    records[one.name] =
      one.kind === 'group'
        ? await recordsOfGroup(logs, target)
        : await recordsOfBucket(objects, one.kind === 'stream' ? streamBucket(target) : target, one.kind);
  }
  return records;
}

async function recordsOfGroup(logs: Logs, logGroupName: string): Promise<Recorded[]> {
  const records: Recorded[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.filterLogEvents({ logGroupName, ...(nextToken !== undefined && { nextToken }) });
    records.push(...(page.events ?? []).map(({ message = '' }) => recordedLine(message)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return records;
}

async function recordsOfBucket(
  objects: ObjectStore,
  bucket: string,
  kind: Delivered['kind'],
): Promise<Recorded[]> {
  const records: Recorded[] = [];
  for (const entry of objects.list({ bucket, maxKeys: 1e6 }).entries) {
    const { key } = entry;
    const bytes = await buffer(Readable.from(await objects.read(bucket, entry)));
    records.push(...(kind === 'stream' ? recordedMessages(bytes) : await recordedObject(key, bytes)));
  }
  return records;
}
