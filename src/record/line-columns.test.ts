import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleLines } from '../../test/sample-lines.ts';
import { fields } from './fields.ts';
import { LineReader } from './line-columns.ts';
import { defaultLogFormat, type LogFormat, logFormat, parseHeader } from './log-format.ts';
import { parseLine, parseLines } from './parse-lines.ts';
import type { RecordBatch } from './record-batch.ts';
import { recordColumns } from './record-columns.ts';
import { pickRows, sliceRows, storedLine } from './stored-lines.ts';
import { renderLines } from './text.ts';

/** The lines that were taken, as their columns give them back. */
function throughColumns(format: LogFormat, lines: readonly string[]): string[] {
  const reader = new LineReader(format, 2);
  for (const line of lines) reader.add(line);
  const { length, columns } = reader.take();
  return Array.from({ length }, (_, row) => storedLine(columns, row));
}

const line = '2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1418530010 1418530070 ACCEPT OK';

describe('LineReader', () => {
  it.each(sampleLines)('gives back $name', ({ fields: names, lines }) => {
    const canonical = lines.filter((text) => !text.includes('  '));
    expect(throughColumns(parseHeader(names), lines)).toEqual(canonical);
  });

  it.each([
    { name: 'a leading zero', text: line.replace(' 4249 ', ' 080 ') },
    { name: 'an exponent', text: line.replace(' 4249 ', ' 1e3 ') },
    { name: 'two zeros', text: line.replace(' 4249 ', ' 00 ') },
    { name: 'a sign', text: line.replace(' 4249 ', ' -1 ') },
    { name: 'two dashes in a number', text: line.replace(' 4249 ', ' -- ') },
    { name: 'two spaces', text: line.replace(' 4249 ', '  4249 ') },
    { name: 'a trailing space', text: `${line} ` },
    { name: 'a leading space', text: ` ${line}` },
    { name: 'a value too many', text: `${line} x` },
    { name: 'a value too few', text: line.slice(0, -3) },
    { name: 'nothing', text: '' },
    { name: 'one space', text: ' ' },
    { name: 'an int32 that is too great', text: line.replace(' 1 2 6', ' 2147483648 2 6') },
    { name: 'an int32 of many digits', text: line.replace(' 1 2 6', ' 00000000001 2 6') },
    { name: 'an int64 beyond 2^53', text: line.replace(' 4249 ', ' 9007199254740992 ') },
    { name: 'an int64 of 17 digits', text: line.replace(' 4249 ', ' 10000000000000000 ') },
    { name: 'digits of another script', text: line.replace(' 4249 ', ' ٤٢ ') },
    { name: 'a tab for a space', text: line.replace(' 4249 ', '\t4249 ') },
  ])('leaves a line with $name to text', ({ text }) => {
    expect(new LineReader(defaultLogFormat).add(text)).toBe(false);
    expect(throughColumns(defaultLogFormat, [line, text, line])).toEqual([line, line]);
  });

  it.each([
    {
      name: 'the greatest numbers',
      text: line.replace(' 1 2 6 20 4249', ' 2147483647 0 6 0 9007199254740991'),
    },
    { name: 'dashes', text: '- - - - - - - - - - - - - -' },
    { name: 'other IPv6', text: line.replace('10.0.0.1', '::FFFF:1.2.3.4') },
    { name: 'an address with a leading zero', text: line.replace('10.0.0.1', '10.0.0.01') },
    { name: 'an address of five parts', text: line.replace('10.0.0.1', '10.0.0.1.5') },
    { name: 'an address that ends in a dot', text: line.replace('10.0.0.1', '10.0.0.') },
    { name: 'an address of 256', text: line.replace('10.0.0.1', '10.0.0.256') },
    {
      name: 'the ends of the address space',
      text: line.replace('10.0.0.1', '0.0.0.0').replace('10.0.0.2', '255.255.255.255'),
    },
    { name: 'no address', text: line.replace('10.0.0.1', 'ü漢😀') },
    { name: 'control characters', text: line.replace('eni-1', 'eni\u0000\t\n') },
    { name: 'a very long value', text: line.replace('eni-1', 'e'.repeat(1_000_000)) },
  ])('takes a line with $name', ({ text }) => {
    expect(throughColumns(defaultLogFormat, [text, line, text])).toEqual([text, line, text]);
  });

  it('reads a part of a text', () => {
    const reader = new LineReader(parseHeader('srcport action'));
    const text = 'x 1 ACCEPT\n2 -\n';
    expect(reader.add(text, 2, 10)).toBe(true);
    expect(reader.add(text, 11, 14)).toBe(true);
    expect(reader.length).toBe(2);
    expect(reader.take()).toEqual({
      length: 2,
      columns: [
        { type: 'int32', values: Int32Array.of(1, 2) },
        { type: 'text', codes: Int32Array.of(0, -1), texts: ['ACCEPT'] },
      ],
    });
    expect(reader.take().length).toBe(0);
  });

  it('gives back every line that it takes, and takes every line that records write', () => {
    fc.assert(
      fc.property(anyFormat, fc.array(hostileLine, { maxLength: 20 }), (format, lines) => {
        const reader = new LineReader(format, 1);
        const taken = lines.filter((text) => reader.add(text));
        const { length, columns } = reader.take();
        expect(Array.from({ length }, (_, row) => storedLine(columns, row))).toEqual(taken);
        for (const text of taken) {
          const written = renderLines(parseLines(`${text}\n`, format), { header: false });
          expect(written).toBe(`${text}\n`);
        }
        for (const text of lines) if (!taken.includes(text)) expect(isCanonical(format, text)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('finds each of many texts again', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `eni-${(i * 7919) % 3001} ${i % 17}.x`);
    expect(throughColumns(parseHeader('interface-id az-id'), lines)).toEqual(lines);
  });
});

describe('recordColumns', () => {
  it('writes the lines that the renderer writes', () => {
    fc.assert(
      fc.property(anyFormat.chain(canonicalLines), ({ format, lines }) => {
        const batch = parseLines(lines.map((text) => `${text}\n`).join(''), format);
        const columns = recordColumns(batch);
        expect(lines.map((_, row) => storedLine(columns, row))).toEqual(lines);
      }),
    );
  });

  it('makes of what cannot stand in a line something that can', () => {
    const batch: RecordBatch = {
      format: parseHeader('vpc-id srcport bytes srcaddr'),
      length: 3,
      columns: [
        { texts: ['', 'a b', '-'] },
        { numbers: Float64Array.of(-1, 2 ** 31, 1.5) },
        { numbers: Float64Array.of(2 ** 53, 0.5, -3) },
        { texts: ['', '1.2.3.4 ', '01.2.3.4'] },
      ],
    };
    const columns = recordColumns(batch);
    expect([0, 1, 2].map((row) => storedLine(columns, row))).toEqual([
      '- - - -',
      'a%20b - - 1.2.3.4%20',
      '- - - 01.2.3.4',
    ]);
  });

  it('picks and cuts rows', () => {
    const lines = Array.from({ length: 6 }, (_, i) =>
      line.replace('eni-1', `eni-${i}`).replace(' 1 2', ` ${i} 2`),
    );
    const columns = recordColumns(parseLines(lines.join('\n'), defaultLogFormat));
    const picked = pickRows(columns, Int32Array.of(4, 0, 4));
    expect([0, 1, 2].map((row) => storedLine(picked, row))).toEqual([lines[4], lines[0], lines[4]]);
    const cut = sliceRows(columns, 2, 4);
    expect([0, 1].map((row) => storedLine(cut, row))).toEqual([lines[2], lines[3]]);
    expect(cut.every((column) => (column.type === 'text' ? column.codes : column.values).length === 2)).toBe(
      true,
    );
  });
});

/** What the slow and obvious reader says. */
function isCanonical(format: LogFormat, text: string): boolean {
  const tokens = text.split(' ');
  if (tokens.length !== format.fields.length || tokens.includes('')) return false;
  try {
    return parseLine(format, text).every((value, i) =>
      typeof value === 'string'
        ? value === tokens[i]
        : Number.isNaN(value)
          ? tokens[i] === '-'
          : String(value) === tokens[i],
    );
  } catch {
    return false;
  }
}

const anyFormat = fc
  .uniqueArray(fc.constantFrom(...fields), { minLength: 1, maxLength: 6 })
  .map((chosen) => logFormat(chosen));

const hostileToken = fc.oneof(
  { weight: 4, arbitrary: fc.nat().map(String) },
  fc.constantFrom(
    '-',
    '',
    '0',
    '00',
    '080',
    '1e3',
    '9007199254740991',
    '9007199254740993',
    '2147483648',
    '--',
  ),
  fc.constantFrom(
    '::1',
    '::FFFF:1.2.3.4',
    '10.0.0.01',
    '10.0.0.1',
    '1.2.3',
    '256.1.1.1',
    '1.2.3.4.5',
    'ACCEPT',
    'é',
  ),
  fc.ipV4(),
  fc.string({ maxLength: 5 }),
);
const hostileLine = fc
  .array(hostileToken, { minLength: 1, maxLength: 6 })
  .chain((tokens) => fc.constantFrom(' ', ' ', ' ', '  ').map((separator) => tokens.join(separator)))
  .filter((text) => !text.includes('\n'));

const canonicalLines = (format: LogFormat) =>
  fc
    .array(fc.tuple(...format.fields.map((field) => canonicalToken(field.type))), {
      minLength: 1,
      maxLength: 20,
    })
    .map((rows) => ({ format, lines: rows.map((tokens) => tokens.join(' ')) }));

function canonicalToken(type: string): fc.Arbitrary<string> {
  if (type === 'int32')
    return fc.oneof(fc.constant('-'), fc.integer({ min: 0, max: 0x7fffffff }).map(String));
  if (type === 'int64') return fc.oneof(fc.constant('-'), fc.maxSafeNat().map(String));
  return fc.oneof(fc.constant('-'), fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[!-~]{1,12}$/));
}
