import { describe, expect, it } from 'vitest';
import { csvLines } from './csv.ts';
import { type Table, tableLines } from './table.ts';
import { fitText, printable, textWidth } from './text-width.ts';

const table: Table = {
  columns: ['srcAddr', 'n', 'message'],
  rows: [
    ['10.0.0.1', '5', 'a "quoted", text'],
    ['10.0.0.12', '1000', 'two\nlines'],
    [null, '-', null],
  ],
};

describe('tableLines', () => {
  it('aligns columns, numbers right', () => {
    expect([...tableLines(table)].join('')).toBe(
      [
        'srcAddr       n  message',
        '10.0.0.1      5  a "quoted", text',
        '10.0.0.12  1000  two\\nlines',
        '              -',
        '',
      ].join('\n'),
    );
  });

  it('shows the header of a table without rows', () => {
    expect([...tableLines({ columns: ['a', 'b'], rows: [] })]).toEqual(['a  b\n']);
  });

  it.each([20, 30, 60, 209])('fits a terminal of %d cells, cutting the widest columns', (width) => {
    const rows = [['x'.repeat(100), 'short', '界'.repeat(50)]];
    const lines = [...tableLines({ columns: ['a', 'b', 'c'], rows }, width)];
    const widest = Math.max(...lines.map((line) => textWidth(line.trimEnd())));
    expect(widest).toBeLessThanOrEqual(Math.max(width, 8 + 5 + 8 + 4));
    expect(lines[1]).toContain('short');
    expect(lines[1].includes('…')).toBe(width < 209);
  });

  it('keeps short columns whole beside a long one', () => {
    const rows = [['2026-01-31 12:00:00.000', '10.105.218.128', 'x'.repeat(200)]];
    const [, line] = [...tableLines({ columns: ['@timestamp', 'srcAddr', '@message'], rows }, 60)];
    expect(line).toBe(`2026-01-31 12:00:00.000  10.105.218.128  ${'x'.repeat(18)}…\n`);
  });

  it('cuts nothing without a width', () => {
    const long = 'x'.repeat(5000);
    expect([...tableLines({ columns: ['a'], rows: [[long]] })][1]).toBe(`${long}\n`);
  });
});

describe('csvLines', () => {
  it('quotes what needs it', () => {
    expect([...csvLines(table)].join('')).toBe(
      'srcAddr,n,message\r\n10.0.0.1,5,"a ""quoted"", text"\r\n10.0.0.12,1000,"two\nlines"\r\n,-,\r\n',
    );
  });

  it('keeps an empty row of one column', () => {
    expect([...csvLines({ columns: ['a'], rows: [[null]] })]).toEqual(['a\r\n', '""\r\n']);
  });
});

describe('text', () => {
  it.each([
    ['abc', 3],
    ['äö', 2],
    ['e\u0301', 1],
    ['界', 2],
    ['😀', 2],
  ])('%j is %d cells wide', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });

  it('is cut at whole letters', () => {
    expect(fitText('ab界c', 4)).toBe('ab…');
    expect(fitText('ab界', 4)).toBe('ab界');
  });

  it('cannot command a terminal', () => {
    expect(printable('\x1b[2J\ttab\r\n\u202edrow\u009b')).toBe('\\u{1b}[2J\\ttab\\r\\n\\u{202e}drow\\u{9b}');
  });
});
