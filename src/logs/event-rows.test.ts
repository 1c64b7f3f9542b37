import { describe, expect, it } from 'vitest';
import { defaultLogFormat, parseHeader, storedLine } from '../record/index.ts';
import { guessedFormat, type LineFormat, sortLines } from './event-rows.ts';

const arrival = { group: 1, stream: 2, ingestionMs: 99 };
const line = '2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1418530010 1418530070 ACCEPT OK';
const said = (header: string): LineFormat => ({ format: parseHeader(header), number: 7, isSaid: true });

/** Each batch as its kind, its format, and its lines with their times. */
function shown(lineFormat: LineFormat, lines: readonly string[], timestampsMs?: Float64Array) {
  return sortLines(arrival, lineFormat, lines, timestampsMs).batches.map((batch) => {
    const lineOf = (row: number) =>
      batch.kind === 'text' ? batch.messages[row] : storedLine(batch.columns, row);
    return {
      kind: batch.kind,
      format: batch.format,
      rows: Array.from(batch.timestampsMs, (time, row) => `${time} ${lineOf(row)}`),
    };
  });
}

describe('lines of which nothing was said', () => {
  it.each([
    { name: 'the default format', text: line, kind: 'records', format: 3 },
    {
      name: 'NODATA',
      text: '2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA',
      kind: 'records',
      format: 3,
    },
    { name: 'a leading zero', text: line.replace(' 4249 ', ' 04249 '), kind: 'text', format: 3 },
    { name: 'two spaces', text: line.replace(' 4249 ', '  4249 '), kind: 'text', format: 3 },
    { name: 'a space at the end', text: `${line} `, kind: 'text', format: 3 },
    { name: 'a space at the beginning', text: ` ${line}`, kind: 'text', format: undefined },
    { name: 'another version', text: line.replace('2 ', '3 '), kind: 'text', format: undefined },
    {
      name: 'a port beyond int32',
      text: line.replace(' 1 2 6', ' 2147483648 2 6'),
      kind: 'text',
      format: undefined,
    },
    {
      name: 'bytes beyond 2^53',
      text: line.replace(' 4249 ', ' 9007199254740993 '),
      kind: 'text',
      format: undefined,
    },
    { name: 'a name for a port', text: line.replace(' 1 2 6', ' http 2 6'), kind: 'text', format: undefined },
    { name: 'a value too many', text: `${line} x`, kind: 'text', format: undefined },
    { name: 'a value too few', text: line.slice(0, -3), kind: 'text', format: undefined },
    { name: 'JSON', text: '{"version": 2}', kind: 'text', format: undefined },
  ])('with $name', ({ text, kind, format }) => {
    expect(shown(guessedFormat(3), [text], Float64Array.of(5))).toEqual([
      { kind, format, rows: [`5 ${text}`] },
    ]);
  });
});

describe('lines whose format was said', () => {
  it.each([
    { name: 'values', text: '443 ACCEPT', kind: 'records', format: 7 },
    { name: 'a value that is no number', text: 'https ACCEPT', kind: 'text', format: 7 },
    { name: 'three values', text: '443 ACCEPT x', kind: 'text', format: undefined },
    { name: 'one value', text: '443', kind: 'text', format: undefined },
    { name: 'nothing', text: '', kind: 'text', format: undefined },
  ])('with $name', ({ text, kind, format }) => {
    expect(shown(said('srcport action'), [text], Float64Array.of(5))).toEqual([
      { kind, format, rows: [`5 ${text}`] },
    ]);
  });
});

describe('runs of lines', () => {
  it('stand in the order of the lines', () => {
    const lines = ['1 a', '2 b', 'x', '3 c', '04 d', '05 e', 'y z w', '6 f'];
    const times = Float64Array.from(lines, (_, i) => i);
    const { records, textRecords, plain } = sortLines(arrival, said('srcport action'), lines, times);
    expect({ records, textRecords, plain }).toEqual({ records: 4, textRecords: 2, plain: 2 });
    expect(shown(said('srcport action'), lines, times)).toEqual([
      { kind: 'records', format: 7, rows: ['0 1 a', '1 2 b'] },
      { kind: 'text', format: undefined, rows: ['2 x'] },
      { kind: 'records', format: 7, rows: ['3 3 c'] },
      { kind: 'text', format: 7, rows: ['4 04 d', '5 05 e'] },
      { kind: 'text', format: undefined, rows: ['6 y z w'] },
      { kind: 'records', format: 7, rows: ['7 6 f'] },
    ]);
  });

  it('are none of nothing', () => {
    expect(shown(guessedFormat(3), [])).toEqual([]);
  });

  it('are long when lines are alike', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => (i === 500 ? 'x' : `${i} a`));
    expect(shown(said('srcport action'), lines).map(({ rows }) => rows.length)).toEqual([500, 1, 499]);
  });
});

describe('the time of a record', () => {
  it.each([
    { name: 'is its start', header: 'start end', text: '10 20', time: 10_000 },
    {
      name: 'is its end when the format has no start',
      header: 'action end',
      text: 'ACCEPT 20',
      time: 20_000,
    },
    { name: 'is that of its arrival when it has neither', header: 'action', text: 'ACCEPT', time: 99 },
    { name: 'is that of its arrival when the start is -', header: 'start end', text: '- 20', time: 99 },
    { name: 'is its start in a line kept as text', header: 'start end', text: '010  20', time: 10_000 },
    {
      name: 'is that of its arrival when the start is no number',
      header: 'start end',
      text: 'ten 20',
      time: 99,
    },
    {
      name: 'is that of its arrival when the start is beyond all time',
      header: 'start end',
      text: '9007199254740991 1',
      time: 99,
    },
  ])('$name', ({ header, text, time }) => {
    expect(shown(said(header), [text])[0].rows).toEqual([`${time} ${text}`]);
  });

  it('is found in the default format', () => {
    expect(shown({ format: defaultLogFormat, number: 1, isSaid: true }, [line])[0].rows).toEqual([
      `1418530010000 ${line}`,
    ]);
  });
});
