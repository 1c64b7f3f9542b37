import { existsSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { at, OpenedStreams, s3Part } from '../../test/open-streams.ts';
import { isLong } from '../../test/runs.ts';
import { deliveryStreams } from './kinds.ts';

let opened: OpenedStreams;
beforeAll(async () => {
  opened = await OpenedStreams.open();
});
afterEach(() => opened.clear());
afterAll(() => opened.close());

const put = (...records: readonly (string | Uint8Array)[]) => opened.put('flows', ...records);
const mib = 1024 * 1024;
const filesOf = (name: string) =>
  readdirSync(opened.folder('firehose', '123456789012', 'us-east-1', `${name}.stream`));

describe('buffers', () => {
  it('become one object when the first record is old enough', async () => {
    await opened.toBucket('flows');
    await put('a', 'b');
    await opened.pass(59);
    await put('c');
    expect(opened.keys()).toEqual([]);
    await opened.pass(1);
    expect(await opened.contents()).toEqual(['abc']);
    expect(opened.keys()[0]).toMatch(/^2026\/03\/01\/12\/flows-1-2026-03-01-12-00-00-[0-9a-f-]{36}$/);
    expect(opened.status('flows')).toMatchObject({
      bufferedRecords: 0,
      oldestMs: undefined,
      takenRecords: 3,
      deliveredRecords: 3,
      deliveredBytes: 3,
      lastError: undefined,
    });
  });

  it('close when they are large enough', async () => {
    await opened.toBucket('flows');
    await put(Buffer.alloc(0.6 * mib, 'a'));
    await put(Buffer.alloc(0.6 * mib, 'b'));
    await put('c');
    await opened.pass(0);
    expect((await opened.contents()).map((text) => text.length)).toEqual([2 * Math.floor(0.6 * mib)]);
    await opened.pass(60);
    expect((await opened.contents()).map((text) => text.length).sort()).toEqual([
      1,
      2 * Math.floor(0.6 * mib),
    ]);
  });

  it('of nothing are no objects', async () => {
    await opened.toBucket('flows');
    await put('');
    await opened.pass(60);
    expect(opened.keys()).toEqual([]);
    expect(opened.status('flows').deliveredRecords).toBe(1);
  });

  it('go at once, together with what comes within a second, where nothing shall be buffered', async () => {
    await opened.toBucket('flows', { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 } });
    await put('a');
    await opened.pass(0.5);
    await put('b');
    await opened.pass(0.5);
    expect(await opened.contents()).toEqual(['ab']);
  });

  it('leave nothing behind', async () => {
    await opened.toBucket('flows', { CompressionFormat: 'GZIP' });
    await put('a');
    await opened.pass(60);
    expect(filesOf('flows')).toEqual(['000000000002.records']);
  });
});

describe('a restart', () => {
  it('finds what was acknowledged, and takes an origin once', async () => {
    await opened.toBucket('flows');
    const record = [Buffer.from('a')];
    const origin = { source: 'fl-1', sequence: 'spool', number: [7, 0] } as const;
    await opened.streams.putRecords(at('flows'), record, origin);
    await opened.reopen();
    await opened.streams.putRecords(at('flows'), record, origin);
    await opened.streams.putRecords(at('flows'), record, { ...origin, number: [6, 9] });
    await opened.streams.putRecords(at('flows'), [Buffer.from('b')], { ...origin, number: [7, 1] });
    await opened.pass(60);
    expect(await opened.contents()).toEqual(['ab']);
    // Known still when its buffer is gone.
    await opened.reopen();
    await opened.streams.putRecords(at('flows'), record, { ...origin, number: [7, 1] });
    await opened.streams.putRecords(at('flows'), [Buffer.from('c')], {
      ...origin,
      sequence: 'another',
      number: [0, 0],
    });
    await opened.pass(60);
    expect((await opened.contents()).sort()).toEqual(['ab', 'c']);
  });

  it('puts an object again under its name', async () => {
    await opened.toBucket('flows');
    await put('a');
    const names: string[] = [];
    const failing = {
      put: async (request: Parameters<typeof opened.objects.put>[0]) => {
        names.push(request.key);
        await opened.objects.put(request);
        throw new Error('the process ends here');
      },
    };
    await opened.reopen({ objects: failing });
    await opened.pass(60);
    expect(opened.status('flows').lastError?.message).toBe('the process ends here');
    await opened.reopen();
    await opened.pass(60);
    expect(opened.keys()).toEqual(names);
    expect(opened.status('flows').deliveredRecords).toBe(1);
  });

  it('makes streams that were being made, and removes those that were being deleted', async () => {
    await opened.toBucket('made');
    await opened.toBucket('gone');
    await opened.put('gone', 'a');
    const { resources } = opened.account;
    const set = (name: string, DeliveryStreamStatus: 'CREATING' | 'DELETING') =>
      resources.write((draft) => {
        const { place } = at(name);
        draft.put(deliveryStreams, place, name, {
          ...draft.get(deliveryStreams, place, name)!,
          DeliveryStreamStatus,
        });
      });
    await set('made', 'CREATING');
    await set('gone', 'DELETING');
    await opened.reopen();
    await opened.put('made', 'a');
    expect(resources.get(deliveryStreams, at('gone').place, 'gone')).toBeUndefined();
    await expect(opened.put('gone', 'a')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(existsSync(opened.folder('firehose', '123456789012', 'us-east-1', 'gone.stream'))).toBe(false);
  });
});

describe('a bucket that takes nothing', () => {
  const lastError = () => opened.status('flows').lastError?.code;

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>, string]>([
    [
      'as the role may not',
      () => opened.allow('s3:GetObject'),
      () => opened.allow('s3:PutObject'),
      'S3.AccessDenied',
    ],
    [
      'as it is not there',
      () => opened.toBucketOf('flows', 'later'),
      () => opened.makeBucket('later'),
      'S3.NoSuchBucket',
    ],
    [
      'as its policy denies it',
      () => opened.toBucketOf('flows', 'denying', 'Deny'),
      () => opened.toBucketOf('flows', 'flows'),
      'S3.AccessDenied',
    ],
    [
      'as it is of another account',
      () => opened.toBucketOf('flows', 'foreign', undefined, '210987654321'),
      () => opened.toBucketOf('flows', 'foreign', 'Allow', '210987654321'),
      'S3.AccessDenied',
    ],
  ])('%s is tried until it does', async (_, breaks, mends, code) => {
    await opened.toBucket('flows');
    await breaks();
    await put('a');
    await opened.pass(60);
    expect(lastError()).toBe(code);
    await opened.pass(120);
    expect(opened.status('flows')).toMatchObject({
      refusedDeliveries: 2,
      deliveredRecords: 0,
      bufferedRecords: 1,
    });
    await mends();
    await opened.pass(120);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 1, lastError: undefined });
  });

  it('holds up no other stream', async () => {
    await opened.toBucket('flows', { BucketARN: 'arn:aws:s3:::absent' });
    await opened.toBucket('other');
    await put('a');
    await opened.put('other', 'b');
    await opened.pass(60);
    expect(await opened.contents()).toEqual(['b']);
  });

  it('makes one buffer grow, not many small ones', async () => {
    await opened.toBucket('flows', { BucketARN: 'arn:aws:s3:::absent' });
    for (let n = 0; n < 5; n++) {
      await put(String(n));
      await opened.pass(60);
    }
    expect(filesOf('flows').filter((name) => name.endsWith('.records'))).toHaveLength(2);
    await opened.toBucketOf('flows', 'flows');
    await opened.pass(120);
    await opened.pass(60);
    expect((await opened.contents()).sort()).toEqual(['0', '1234']);
  });
});

describe('bounds', () => {
  it('are those of a stream and of all, and free again with delivery', async () => {
    await opened.reopen({ bounds: { streamBytes: 4000, totalBytes: 6000 } });
    await opened.toBucket('flows');
    await opened.toBucket('other');
    await put(Buffer.alloc(3500));
    await expect(put(Buffer.alloc(500))).rejects.toMatchObject({
      code: 'ServiceUnavailableException',
      message: 'Slow down.',
    });
    const kilobyte = Buffer.alloc(1000);
    const taken = await opened.streams.putSome(at('other'), [kilobyte, kilobyte, kilobyte]);
    expect(taken.map((id) => id !== undefined)).toEqual([true, false, false]);
    await opened.pass(60);
    await put(Buffer.alloc(3500));
    expect(opened.status('flows').takenRecords).toBe(2);
  });

  it('of what is put at once', async () => {
    await opened.toBucket('flows');
    const records = Array<Uint8Array>(65).fill(Buffer.alloc(mib));
    await expect(opened.streams.putRecords(at('flows'), records)).rejects.toMatchObject({
      code: 'InvalidArgumentException',
    });
  });
});

describe('processors', () => {
  const logs = (...messages: string[]) =>
    gzipSync(
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        logEvents: messages.map((message, id) => ({ id, message })),
      }),
    );
  const control = gzipSync(JSON.stringify({ messageType: 'CONTROL_MESSAGE', logEvents: [] }));
  const processing = (...types: string[]) => ({
    Enabled: true,
    Processors: types.map((Type) => ({
      Type: Type as 'Decompression',
      ...(Type === 'CloudWatchLogProcessing' && {
        Parameters: [{ ParameterName: 'DataMessageExtraction' as const, ParameterValue: 'true' }],
      }),
    })),
  });

  it.each<[string, string[], (string | Uint8Array)[], string]>([
    ['put newlines between', ['AppendDelimiterToRecord'], ['a', 'b'], 'a\nb\n'],
    ['decompress', ['Decompression'], [gzipSync('a'), gzipSync('b')], 'ab'],
    [
      'decompress, and put newlines between',
      ['Decompression', 'AppendDelimiterToRecord'],
      [gzipSync('a')],
      'a\n',
    ],
    [
      'take messages out',
      ['Decompression', 'CloudWatchLogProcessing'],
      [logs('x', 'y'), control, logs('z')],
      'x\ny\nz\n',
    ],
    [
      'put one newline behind a message',
      ['Decompression', 'CloudWatchLogProcessing', 'AppendDelimiterToRecord'],
      [logs('x', ''), logs('z')],
      'x\n\nz\n',
    ],
  ])('%s', async (_, types, records, text) => {
    await opened.toBucket('flows', { ProcessingConfiguration: processing(...types) });
    await put(...records);
    await opened.pass(60);
    expect(await opened.contents()).toEqual([text]);
  });

  it('that cannot leave the record under the error prefix, with what was wrong', async () => {
    await opened.toBucket('flows', {
      ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
      ProcessingConfiguration: processing('Decompression', 'CloudWatchLogProcessing'),
    });
    await put('no gzip', gzipSync('no JSON'), gzipSync('{"messageType":"DATA_MESSAGE"}'), logs('good'));
    await opened.pass(60);
    expect(await opened.contents('flows', '2026/')).toEqual(['good\n']);
    const [processed = ''] = await opened.contents('flows', 'errors/processing-failed/');
    expect(
      processed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({
        attemptsMade: 1,
        errorCode: 'CloudWatchLogProcessing.InvalidRecord',
        errorMessage: 'The decompressed record is not JSON',
      }),
      expect.objectContaining({ rawData: gzipSync('{"messageType":"DATA_MESSAGE"}').toString('base64') }),
    ]);
    const [decompressed = ''] = await opened.contents('flows', 'errors/decompression-failed/');
    expect(
      decompressed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      expect.objectContaining({
        rawData: Buffer.from('no gzip').toString('base64'),
        arrivalTimestamp: Date.UTC(2026, 2, 1, 12),
      }),
    ]);
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 4, failedRecords: 3 });
  });

  it.skipIf(!isLong)('that would make more than 32 MiB of one record leave it as it is', async () => {
    await opened.toBucket('flows', { ProcessingConfiguration: processing('Decompression') });
    await put(gzipSync(Buffer.alloc(33 * mib), { level: 1 }));
    await opened.pass(60);
    const [failed = ''] = await opened.contents('flows', 'decompression-failed/');
    expect(JSON.parse(failed)).toMatchObject({ errorCode: 'Decompression.InvalidData' });
    expect(opened.status('flows')).toMatchObject({ deliveredRecords: 1, failedRecords: 1 });
  });
});

describe('targets', () => {
  it('compress, name their files, and keep what came', async () => {
    await opened.makeBucket('backup');
    await opened.toBucket('flows', {
      CompressionFormat: 'GZIP',
      ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'AppendDelimiterToRecord' }] },
      S3BackupMode: 'Enabled',
      S3BackupDescription: s3Part({ BucketARN: 'arn:aws:s3:::backup', Prefix: 'sources/' }),
    });
    await put('a', 'b');
    await opened.pass(60);
    expect(opened.keys()[0]).toMatch(/\.gz$/);
    expect(await opened.contents()).toEqual(['a\nb\n']);
    expect(await opened.contents('backup', 'sources/')).toEqual(['ab']);
  });

  it('may be elsewhere', async () => {
    const puts: object[] = [];
    await opened.reopen({
      bucketTarget: ({ bucketArn, roleArn, source }) => ({
        put: async ({ key, contentType, bytes }) => {
          puts.push({ bucketArn, roleArn, source, hour: key.slice(0, 14), contentType, bytes });
          return puts.length === 1
            ? { kind: 'refused', code: 'S3.SlowDown', message: 'later' }
            : { kind: 'taken' };
        },
      }),
    });
    await opened.toBucket('flows', { FileExtension: '.txt' });
    await put('abc');
    await opened.pass(60);
    await opened.pass(60);
    const arn = 'arn:aws:firehose:us-east-1:123456789012:deliverystream/flows';
    const source = {
      service: 'firehose.amazonaws.com',
      accountId: '123456789012',
      arn,
      externalId: '123456789012',
    };
    const expected = {
      bucketArn: 'arn:aws:s3:::flows',
      roleArn: 'arn:aws:iam::123456789012:role/firehose',
      source,
      hour: '2026/03/01/12/',
      contentType: 'application/octet-stream',
      bytes: 3,
    };
    expect(puts).toEqual([expected, expected]);
    expect(opened.status('flows').deliveredRecords).toBe(1);
  });
});

describe('streams', () => {
  it('that are deleted lose what they hold, and can be made again', async () => {
    await opened.toBucket('flows');
    await put('old');
    await opened.streams.remove(at('flows'));
    await opened.toBucket('flows');
    await put('new');
    await opened.pass(60);
    expect(await opened.contents()).toEqual(['new']);
  });

  it('may be called like folders above', async () => {
    await opened.toBucket('..');
    await opened.put('..', 'a');
    await opened.pass(60);
    expect(await opened.contents()).toEqual(['a']);
    expect(readdirSync(opened.folder('firehose', '123456789012', 'us-east-1'))).toEqual(['...stream']);
  });

  it('that were never there are not found', async () => {
    await expect(opened.put('absent', 'a')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Firehose absent under account 123456789012 not found.',
    });
  });
});
