import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsv, parseCsv } from './csv.ts';

describe('CSV', () => {
  it.each([
    {
      name: 'plain cells',
      text: 'a,b\n1,2\n',
      records: [
        ['a', 'b'],
        ['1', '2'],
      ],
    },
    { name: 'no line feed at the end', text: 'a\n1', records: [['a'], ['1']] },
    {
      name: 'carriage returns',
      text: 'a,b\r\n1,2\r\n',
      records: [
        ['a', 'b'],
        ['1', '2'],
      ],
    },
    {
      name: 'empty cells',
      text: 'a,,b\n,,\n',
      records: [
        ['a', '', 'b'],
        ['', '', ''],
      ],
    },
    { name: 'quotations', text: '"a ""b""","c\nd","e,f"\n""\n', records: [['a "b"', 'c\nd', 'e,f'], ['']] },
    { name: 'a quotation mark inside', text: 'a"b,c\n', records: [['a"b', 'c']] },
    { name: 'nothing', text: '', records: [] },
    { name: 'a quotation without end', text: 'a,"b', records: undefined },
    { name: 'something behind a quotation', text: '"a"b\n', records: undefined },
  ])('with $name', ({ text, records }) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it('is read as it was written', () => {
    const records = fc.array(fc.array(fc.string(), { minLength: 1 }));
    fc.assert(
      fc.property(records, (cells) => {
        expect(parseCsv(formatCsv(cells))).toEqual(cells);
      }),
    );
  });
});
