import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { at, OpenedStreams } from '../../test/open-streams.ts';
import { batchFrame, headerFrame } from './buffer-frames.ts';
import { readProgress } from './delivery-progress.ts';
import { IntakeRoom } from './intake-room.ts';
import { StreamBuffers } from './stream-buffers.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-stream-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a stream whose files are not as it left them', () => {
  it.each(['', '{', 'null', '[]', '{"records":-1,"failed":[]}', '{"records":3}'])(
    'sends all again when its progress is %j',
    async (text) => {
      const file = path.join(root, 'progress');
      writeFileSync(file, text);
      expect(await readProgress(file)).toEqual({ records: 0, failed: [] });
    },
  );

  it('takes nothing twice when a buffer was begun, and the one before went on', async () => {
    const folder = path.join(root, 'd.stream');
    const origin = (number: number) => ({
      source: 'fl-1',
      sequence: 's',
      number: [1, number] as [number, number],
    });
    const open = () =>
      StreamBuffers.open({
        folder,
        room: new IntakeRoom(1e9),
        closeAtBytes: () => 1e9,
        clock: () => 0,
        report: () => undefined,
      });
    await (await open()).end();
    const records = [Buffer.from('a')];
    writeFileSync(
      path.join(folder, '000000000001.records'),
      Buffer.concat([
        headerFrame({ id: 'one', origins: [] }),
        batchFrame({ arrivedMs: 0, records, origin: origin(5) }),
      ]),
    );
    writeFileSync(
      path.join(folder, '000000000002.records'),
      headerFrame({ id: 'two', origins: [origin(2)] }),
    );
    const buffers = await open();
    await buffers.put(records, origin(4));
    expect(buffers.open.records).toBe(0);
    await buffers.put(records, origin(6));
    expect(buffers.open.records).toBe(1);
    await buffers.end();
  });

  it('keeps no other from being opened, and goes on when it can be', async () => {
    const opened = await OpenedStreams.open({ pollMs: 0 });
    await opened.toBucket('broken');
    await opened.toBucket('whole');
    await opened.streams.putRecords(at('broken'), [Buffer.from('one')]);
    await opened.streams.close();
    const folder = opened.folder('firehose/123456789012/us-east-1/broken.stream');
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, '');
    await opened.reopen();
    const { streams } = opened;
    expect(opened.reports.filter((line) => line.includes('broken cannot be opened: EEXIST'))).toHaveLength(1);
    await streams.putRecords(at('whole'), [Buffer.from('two')]);
    await expect(streams.putRecords(at('broken'), [])).rejects.toThrow('EEXIST');
    await streams.poll();
    expect(opened.reports.filter((line) => line.includes('cannot be opened'))).toHaveLength(1);
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    await streams.poll();
    expect(streams.status().map(({ name, bufferedRecords }) => [name, bufferedRecords])).toContainEqual([
      'broken',
      1,
    ]);
    await opened.close();
  });
});
