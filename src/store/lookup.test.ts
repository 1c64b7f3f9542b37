import { describe, expect, it } from 'vitest';
import { headerNames } from './lookup.ts';

const headers: [name: string, text: string, names: readonly string[]][] = [
  ['one name', 'id', ['id']],
  ['several', 'id,name\n1,a', ['id', 'name']],
  ['lines of Windows', 'id,name\r\n1,a', ['id', 'name']],
  ['quotes', '"a ""b""","c,d"\n', ['a "b"', 'c,d']],
  ['a line end in quotes', '"a\nb",c\n', ['a\nb', 'c']],
  ['an empty name', 'a,,b\n', ['a', '', 'b']],
  ['a byte order mark', '\uFEFFid,name\n', ['id', 'name']],
];

describe('the header of a lookup table', () => {
  it.each(headers)('%s', (_, text, names) => {
    expect(headerNames(text)).toEqual(names);
  });
});
