import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noonMs, OpenedLogs, refusal } from '../../test/open-logs.ts';
import { parseHeader, parseLines } from '../record/index.ts';
import type { FileImport, ImportRequest } from './ingest-shapes.ts';

let opened: OpenedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
});
afterEach(() => opened.close());

const request: ImportRequest = { logGroupName: 'g', logStreamName: 's', sha256: 'ab', fileName: 'x.log' };
const format = parseHeader('start srcport action');
const lines = Array.from({ length: 10 }, (_, i) => `${1_600_000_000 + i} ${i} ACCEPT`);

async function begin(change: Partial<ImportRequest> = {}): Promise<FileImport> {
  const file = await opened.logs.beginImport({ ...request, ...change });
  expect(file).toBeDefined();
  return file!;
}

const messages = async (logGroupName = 'g') =>
  (await opened.logs.filterLogEvents({ logGroupName })).events.map(({ message }) => message);

describe('an import', () => {
  it('adds a file once', async () => {
    const file = await begin({ format });
    await file.addLines(lines.slice(0, 4));
    await file.addLines(lines.slice(4));
    expect(await file.finish()).toEqual({ added: 10, skipped: 0, records: 10, textRecords: 0, plain: 0 });
    expect(
      await opened.logs.beginImport({ ...request, sha256: 'AB', logStreamName: 'other' }),
    ).toBeUndefined();
    await opened.reopen();
    expect(await opened.logs.beginImport(request)).toBeUndefined();
    expect(await messages()).toEqual(lines);
  });

  it('goes on where it was interrupted', async () => {
    const first = await begin({ format });
    await first.addLines(lines.slice(0, 3));
    await first.addLines(lines.slice(3, 5));
    await opened.reopen();
    const second = await begin({ format, logStreamName: 'another' });
    await second.addLines(lines.slice(0, 4));
    await second.addLines(lines.slice(4));
    expect(await second.finish()).toEqual({ added: 5, skipped: 5, records: 5, textRecords: 0, plain: 0 });
    expect(await messages()).toEqual(lines);
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g' });
    expect(new Set(events.map(({ logStreamName }) => logStreamName))).toEqual(new Set(['s']));
  });

  it('keeps identical lines of different files', async () => {
    for (const sha256 of ['1', '2']) {
      const file = await begin({ sha256, format });
      await file.addLines([lines[0], lines[0]]);
      await file.finish();
    }
    expect(await messages()).toEqual(new Array(4).fill(lines[0]));
  });

  it('into another group is another', async () => {
    for (const logGroupName of ['g', 'h']) {
      const file = await begin({ logGroupName, format });
      await file.addLines(lines);
      await file.finish();
    }
    expect(await messages('h')).toEqual(lines);
  });

  it('may be repeated when its group or its stream was deleted', async () => {
    const add = async () => {
      const file = await begin({ format });
      await file.addLines(lines);
      await file.finish();
    };
    await add();
    await opened.logs.deleteLogStream({ logGroupName: 'g', logStreamName: 's' });
    await add();
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    await add();
    expect(await messages()).toEqual(lines);
  });

  it('that is not wanted leaves no stream behind', async () => {
    const file = await begin({ format });
    await file.addLines(lines);
    await file.finish();
    expect(await opened.logs.beginImport({ ...request, logStreamName: 'other' })).toBeUndefined();
    expect(
      await refusal(() => opened.logs.beginImport({ ...request, logGroupName: 'h', logStreamName: 'a:b' })),
    ).toMatch(/^InvalidParameterException/);
    expect(await refusal(() => opened.logs.beginImport({ ...request, logGroupName: 'a b' }))).toMatch(
      /^InvalidParameterException/,
    );
    expect(opened.logs.describeLogGroups().logGroups.map(({ logGroupName }) => logGroupName)).toEqual(['g']);
    const { logStreams } = opened.logs.describeLogStreams({ logGroupName: 'g' });
    expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual(['s']);
  });

  it('gives no number to a format of which no line came', async () => {
    const file = await begin({ format });
    await file.addLines([]);
    await opened.logs.createLogGroup({ logGroupName: 'h' });
    const other = await begin({ format, logGroupName: 'h' });
    await other.addLines(lines);
    await opened.reopen();
    expect(await messages('h')).toEqual(lines);
    const { rows } = await opened.logs.runQuery({
      logGroups: ['h'],
      startMs: 0,
      endMs: noonMs,
      queryString: 'stats count(*) by action',
    });
    expect(rows).toEqual([['ACCEPT', '10']]);
  });

  it('takes nothing more after lines that could not be added', async () => {
    const file = await begin({ format });
    await opened.logs.deleteLogStream({ logGroupName: 'g', logStreamName: 's' });
    const added = file.addLines(lines);
    const finished = file.finish();
    expect(await refusal(() => added)).toMatch(/^ResourceNotFoundException/);
    expect(await refusal(() => finished)).toMatch(/^ResourceNotFoundException/);
    expect([...opened.store.documents.table('imports')]).toEqual([]);
  });

  it.each([
    { name: 'a start after the year 9999', line: '253402300800 1 ACCEPT' },
    { name: 'a start that no date has', line: '9007199254740 1 ACCEPT' },
    { name: 'the greatest start', line: '9007199254740991 1 ACCEPT' },
    { name: 'text with such a start', line: '9007199254740991  1 ACCEPT' },
  ])('takes the time of arrival for $name, and what comes later', async ({ line }) => {
    const file = await begin({ format });
    await file.addLines([line]);
    await file.addEvents([
      { timestamp: 9e15, message: 'x' },
      { timestamp: -1, message: 'y' },
    ]);
    await opened.store.flush();
    await file.addLines(lines);
    await file.finish();
    expect(await messages()).toEqual([...lines, line, 'x', 'y']);
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g', startTime: noonMs });
    expect(events.map(({ timestamp }) => timestamp)).toEqual([noonMs, noonMs, noonMs]);
  });

  it('of a file is one at a time', async () => {
    const file = await begin();
    expect(await refusal(() => opened.logs.beginImport(request))).toMatch(
      /^OperationAbortedException: x\.log/,
    );
    file.abandon();
    await begin();
  });

  it('ends when its group is deleted', async () => {
    const file = await begin();
    await opened.logs.deleteLogGroup({ logGroupName: 'g' });
    expect(await refusal(() => file.addLines(['x']))).toMatch(/^ResourceNotFoundException/);
  });

  it('moves the creation of the group back to the oldest event', async () => {
    const file = await begin({ format });
    await file.addLines([lines[1], lines[0], 'no record']);
    expect(opened.logs.describeLogGroups().logGroups[0].creationTime).toBe(1_600_000_000_000);
  });

  it('takes the time of arrival for what has none', async () => {
    const file = await begin({ format });
    await file.addLines(['- 1 ACCEPT', 'no record at all']);
    await file.finish();
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g' });
    expect(events.map(({ timestamp }) => timestamp)).toEqual([noonMs, noonMs]);
  });

  it('sums what it kept as what', async () => {
    const file = await begin({ format });
    await file.addLines(['1 2 ACCEPT', '1 02 ACCEPT', 'x']);
    expect(await file.finish()).toEqual({ added: 3, skipped: 0, records: 1, textRecords: 1, plain: 1 });
  });

  it('takes the format that the flow log of the group delivers', async () => {
    await opened.logs.ensureLogGroup('g', { deliveryFormat: format });
    const file = await begin();
    await file.addLines(['1 2 ACCEPT']);
    expect(await file.finish()).toMatchObject({ records: 1 });
  });

  it('takes records and events', async () => {
    const file = await begin();
    const batch = parseLines(lines.join('\n'), format);
    await file.addRecords(batch);
    await file.addEvents([{ timestamp: 1_600_000_000_500, message: '{}' }]);
    expect(await file.finish()).toEqual({ added: 11, skipped: 0, records: 10, textRecords: 0, plain: 1 });
    expect(await messages()).toEqual([lines[0], '{}', ...lines.slice(1)]);
  });

  it('passes over records of an interrupted import', async () => {
    const batch = parseLines(lines.join('\n'), format);
    const first = await begin();
    await first.addRecords(parseLines(lines.slice(0, 3).join('\n'), format));
    first.abandon();
    const second = await begin();
    await second.addRecords(batch);
    expect(await second.finish()).toMatchObject({ added: 7, skipped: 3 });
    expect(await messages()).toEqual(lines);
  });

  it('takes batches without waiting for each', async () => {
    const file = await begin({ format });
    await Promise.all(lines.map((line) => file.addLines([line])));
    await file.finish();
    expect(await messages()).toEqual(lines);
  });
});

describe('records of a capture', () => {
  const batch = parseLines(lines.join('\n'), format);
  const records = {
    ...batch,
    interfaceIds: lines.map(() => 'eni-1'),
    endSeconds: new Float64Array(10).fill(1_600_000_060),
    packets: new Float64Array(10),
    bytes: new Float64Array(10),
  };

  it('go to the streams that are named', async () => {
    const logStreamName = lines.map((_, i) => `eni-${i % 3}`);
    await opened.logs.putRecords({ logGroupName: 'g', logStreamName, records });
    const { logStreams } = opened.logs.describeLogStreams({ logGroupName: 'g' });
    expect(logStreams.map((stream) => stream.logStreamName)).toEqual(['eni-0', 'eni-1', 'eni-2']);
    const { events } = await opened.logs.getLogEvents({ logGroupName: 'g', logStreamName: 'eni-1' });
    expect(events.map(({ message }) => message)).toEqual([lines[1], lines[4], lines[7]]);
    expect(events.map(({ timestamp }) => timestamp)).toEqual(
      [1, 4, 7].map((i) => (1_600_000_000 + i) * 1000),
    );
    expect(opened.logs.describeLogGroups().logGroups[0].creationTime).toBe(1_600_000_000_000);
  });

  it('that are refused leave no group behind', async () => {
    const wrong = { logGroupName: 'h', logStreamName: 'a:b', records };
    expect(await refusal(() => opened.logs.putRecords(wrong))).toMatch(/^InvalidParameterException/);
    expect(opened.logs.describeLogGroups().logGroups).toEqual([]);
  });

  it('have the time of their end when the format has no start', async () => {
    const short = parseHeader('srcport action');
    const shown = parseLines('1 ACCEPT\n2 REJECT', short);
    const two = { ...records, ...shown, endSeconds: Float64Array.of(1_600_000_060, Number.NaN) };
    await opened.logs.putRecords({ logGroupName: 'g', logStreamName: 's', records: two });
    const { events } = await opened.logs.filterLogEvents({ logGroupName: 'g' });
    expect(events.map(({ timestamp }) => timestamp)).toEqual([1_600_000_060_000, noonMs]);
  });

  it('are seen by tails', async () => {
    await opened.logs.ensureLogGroup('g');
    const tail = opened.logs.tail({ logGroupIdentifiers: ['g'] });
    await opened.logs.putRecords({ logGroupName: 'g', logStreamName: 's', records });
    const { value } = await tail.next();
    expect(value.events.map(({ message }: { message: string }) => message)).toEqual(lines);
  });

  it('are seen by tails of their stream only', async () => {
    await opened.logs.ensureLogGroup('g');
    const tail = opened.logs.tail({ logGroupIdentifiers: ['g'], logStreamNames: ['eni-1'] });
    const logStreamName = lines.map((_, i) => `eni-${i % 3}`);
    await opened.logs.putRecords({ logGroupName: 'g', logStreamName, records });
    const { value } = await tail.next();
    expect(value.events).toMatchObject([1, 4, 7].map((i) => ({ message: lines[i], logStreamName: 'eni-1' })));
  });
});
