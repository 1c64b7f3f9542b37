import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleLines } from '../../test/sample-lines.ts';
import { type Field, fields } from './fields.ts';
import { defaultLogFormat, logFormat, parseHeader } from './log-format.ts';
import { parseLine, parseLines } from './parse-lines.ts';
import type { Column, RecordBatch } from './record-batch.ts';
import { headerLine, lineChunks, renderLines } from './text.ts';

describe('records as text', () => {
  it.each(sampleLines)('reads and writes $name', ({ fields: names, lines }) => {
    const format = parseHeader(names);
    const batch = parseLines(`${lines.join('\n')}\n`, format);
    const written = renderLines(batch, { header: false }).split('\n');
    expect(written).toEqual([...lines.map((line) => line.replace(/ +/g, ' ')), '']);
  });

  it('reads the format from a header', () => {
    const batch = parseLines('srcaddr dstport\n10.0.0.1 443\n\n- -\n');
    expect(batch.format.fields.map(({ token }) => token)).toEqual(['srcaddr', 'dstport']);
    expect(batch.columns).toEqual([
      { texts: ['10.0.0.1', '-'] },
      { numbers: Float64Array.of(443, Number.NaN) },
    ]);
    expect(renderLines(batch, { header: true })).toBe('srcaddr dstport\n10.0.0.1 443\n- -\n');
  });

  it('is the identity on records', () => {
    fc.assert(
      fc.property(anyBatch, (batch) => {
        const text = renderLines(batch, { header: true });
        expect(text.split('\n')[0]).toBe(headerLine(batch.format));
        expect(parseLines(text)).toEqual(batch);
      }),
    );
  });

  it('cuts pieces between lines and passes over nothing', () => {
    const length = 40_000;
    const batch: RecordBatch = {
      format: parseHeader('interface-id packets'),
      length,
      columns: [
        { texts: Array.from({ length }, (_, i) => `eni-${'ü'.repeat(i % 50)}`) },
        { numbers: Float64Array.from({ length }, (_, i) => i * 1e9) },
      ],
    };
    const pieces = [...lineChunks(batch)].map((piece) => Buffer.from(piece).toString());
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.every((piece) => piece.endsWith('\n'))).toBe(true);
    const expected = Array.from({ length }, (_, i) => `eni-${'ü'.repeat(i % 50)} ${i * 1e9}\n`).join('');
    expect(pieces.join('') === expected).toBe(true);
  });

  it('writes the chosen records in their order', () => {
    const batch = parseLines('srcport\n1\n2\n3\n');
    const [piece] = lineChunks(batch, Int32Array.of(2, 0));
    expect(Buffer.from(piece).toString()).toBe('3\n1\n');
  });

  it('writes a record that is longer than a piece', () => {
    const long = 'x'.repeat(3_000_000);
    const batch: RecordBatch = {
      format: parseHeader('vpc-id'),
      length: 2,
      columns: [{ texts: [long, 'y'] }],
    };
    expect(renderLines(batch, { header: false })).toBe(`${long}\ny\n`);
  });
});

describe('parseLine', () => {
  const line = '2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 20 4249 1418530010 1418530070 ACCEPT OK';

  it.each([
    {
      name: 'too few values',
      text: line.replace(' OK', ''),
      message: 'line 7: ends before field log-status',
    },
    { name: 'too many values', text: `${line} OK`, message: 'line 7: goes on after field log-status' },
    { name: 'nothing', text: '', message: 'line 7: ends before field account-id' },
    { name: 'a leading space', text: ` ${line.slice(2)}`, message: 'line 7: field version: found ""' },
    {
      name: 'a word for a number',
      text: line.replace(' 20 ', ' many '),
      message: 'field packets: found "many"',
    },
    { name: 'a sign', text: line.replace(' 20 ', ' -20 '), message: 'field packets: found "-20"' },
    { name: 'a fraction', text: line.replace(' 20 ', ' 2.5 '), message: 'field packets: found "2.5"' },
    { name: 'a leading zero', text: line.replace(' 20 ', ' 020 '), message: 'field packets: found "020"' },
    {
      name: 'more than an int32',
      text: line.replace(' 6 ', ' 2147483648 '),
      message: 'field protocol: found "2147483648"',
    },
    {
      name: 'more than a safe integer',
      text: line.replace(' 4249 ', ' 9007199254740992 '),
      message: 'field bytes: found "9007199254740992"',
    },
  ])('refuses $name', ({ text, message }) => {
    expect(() => parseLine(defaultLogFormat, text, 7)).toThrow(
      expect.objectContaining({
        code: 'RecordInvalid',
        message: expect.stringContaining(message),
        details: [expect.stringContaining('expected ')],
      }),
    );
  });

  it('reads the greatest numbers', () => {
    const format = parseHeader('bytes tcp-flags packets');
    expect(parseLine(format, '9007199254740991 2147483647 0')).toEqual([9007199254740991, 2147483647, 0]);
  });
});

const anyText = fc.oneof(
  fc.constantFrom('-', 'OK', 'NODATA', 'SKIPDATA', 'ACCEPT', '10.0.0.1', '2001:db8::1'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.replace(/\s/g, '_')),
);

function anyColumn(field: Field, length: number): fc.Arbitrary<Column> {
  const size = { minLength: length, maxLength: length };
  if (field.type === 'string') return fc.array(anyText, size).map((texts) => ({ texts }));
  const max = field.type === 'int32' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
  const number = fc.oneof(
    fc.constant(Number.NaN),
    fc.nat({ max: 99 }),
    fc.maxSafeNat().map((n) => Math.min(n, max)),
  );
  return fc.array(number, size).map((numbers) => ({ numbers: Float64Array.from(numbers) }));
}

const anyBatch: fc.Arbitrary<RecordBatch> = fc
  .tuple(fc.shuffledSubarray([...fields], { minLength: 1 }), fc.nat({ max: 8 }))
  .chain(([chosen, length]) =>
    fc
      .tuple(...chosen.map((field) => anyColumn(field, length)))
      .map((columns) => ({ format: logFormat(chosen), length, columns })),
  );
