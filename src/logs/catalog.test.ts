import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenedLogs } from '../../test/open-logs.ts';
import type { Change } from '../store/index.ts';
import { Catalog, type LogGroup, type LogStream } from './catalog.ts';

const place = { accountId: '123456789012', region: 'eu-central-1' };
let opened: OpenedLogs;
let catalog: Catalog;
let group: LogGroup;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  await opened.logs.createLogGroup({ logGroupName: 'g' });
  catalog = new Catalog(opened.store);
  group = catalog.group(place, 'g')!;
});
afterEach(() => opened.close());

/** No store can write it. */
const refused: Change = { put: 'logGroups', key: '999', value: 1n };

function addStream(name: string, to = group): { stream: LogStream; documents: Change[] } {
  const documents: Change[] = [];
  return { stream: catalog.addStream(to, name, 1, documents), documents };
}

describe('a commit that is refused', () => {
  it('takes back what it changed, and nothing else', async () => {
    const first = addStream('first');
    const failed = catalog.commit({ documents: [...first.documents, refused] });
    const second = addStream('second');
    const done = catalog.commit({ documents: second.documents });
    await expect(failed).rejects.toThrow('BigInt');
    expect(catalog.stream(group, 'first')).toBeUndefined();
    expect(catalog.stream(group, 'second')).toEqual(second.stream);
    await done;
    const third = addStream('third');
    expect(third.stream.number).toBe(second.stream.number + 1);
    expect(new Catalog(opened.store).stream(group, 'second')).toEqual(second.stream);
  });

  it('brings back what it removed', async () => {
    const { stream, documents } = addStream('s');
    await catalog.commit({ documents });
    const failed = catalog.commit({ documents: [...catalog.removeGroup(group), refused] });
    expect(catalog.group(place, 'g')).toBeUndefined();
    await expect(failed).rejects.toThrow('BigInt');
    expect(catalog.stream(catalog.group(place, 'g')!, 's')).toEqual(stream);
  });

  it('leaves what others rely on', async () => {
    const documents: Change[] = [];
    const { number: _, ...like } = group;
    const made = catalog.addGroup({ ...like, name: 'made' }, documents);
    const { stream, documents: streamChanges } = addStream('s', made);
    const failed = catalog.commit({ documents: [...documents, ...streamChanges, refused] });
    const rows = {
      kind: 'text' as const,
      group: made.number,
      stream: stream.number,
      ingestionMs: 1,
      timestampsMs: Float64Array.of(1),
      messages: ['x'],
    };
    const kept = catalog.commit({ rows: [rows] });
    await expect(failed).rejects.toThrow('BigInt');
    await kept;
    const after = new Catalog(opened.store);
    expect(after.stream(after.group(place, 'made')!, 's')).toEqual(stream);
    expect(after.nextNumber('logStreams', [])).toBe(stream.number + 1);
    expect(after.nextNumber('logGroups', [])).toBe(made.number + 1);
  });
});
