import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileImport } from '../../logs/index.ts';
import { parseHeader, parseLines } from '../../record/index.ts';
import { LogsServer } from './logs-server.ts';
import { OpenLogs } from './open-logs.ts';
import { RemoteLogs } from './remote-logs.ts';

const request = { logGroupName: 'g', logStreamName: 's', sha256: '1', fileName: 'x' };

let directory: string;
let open: OpenLogs;
let server: LogsServer;
let remote: RemoteLogs;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'headgate-remote-'));
  open = await OpenLogs.open({
    dataDirectory: directory,
    identity: { accountId: '123456789012', region: 'eu-central-1', azId: 'euc1-az1' },
    command: 'headgate capture',
    report: () => undefined,
  });
  server = await LogsServer.listen(open, directory);
  remote = (await RemoteLogs.connect(directory))!;
});
afterEach(async () => {
  await remote.close();
  await server.close();
  await open.close();
  rmSync(directory, { recursive: true });
});

describe('an import into a store that another process has open', () => {
  const begin = async (): Promise<FileImport> => (await remote.beginImport(request))!;

  it('adds no line where there is none, and an empty one where it is', async () => {
    const file = await begin();
    await file.addLines([]);
    await file.addLines(['']);
    expect(await file.finish()).toMatchObject({ added: 1, plain: 1 });
  });

  it('gives records their format', async () => {
    const format = parseHeader('start srcport action');
    const lines = ['1600000000 80 ACCEPT', '1600000001 - REJECT'];
    const file = await begin();
    await file.addRecords(parseLines(lines.join('\n'), format));
    await file.addRecords(parseLines('', format));
    expect(await file.finish()).toMatchObject({ added: 2, records: 2 });
    const { events } = await remote.filterLogEvents({ logGroupName: 'g' });
    expect(events.map(({ timestamp, message }) => `${timestamp / 1000} ${message}`)).toEqual(
      lines.map((line) => `${line.split(' ')[0]} ${line}`),
    );
  });
});

describe('a search in a store that another process has open', () => {
  it('ends when who asks does', async () => {
    await (await remote.beginImport(request))?.finish();
    const control = new AbortController();
    const asked = remote.filterLogEvents({ logGroupName: 'g' }, { signal: control.signal });
    control.abort(new RangeError('gone'));
    await expect(asked).rejects.toThrow('gone');
    expect(await remote.filterLogEvents({ logGroupName: 'g' })).toMatchObject({ events: [] });
  });
});
