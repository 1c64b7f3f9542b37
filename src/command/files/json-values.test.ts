import { describe, expect, it } from 'vitest';
import { JsonValues } from './json-values.ts';

function valuesOf(text: string, pieceLength = text.length): string[] {
  const reader = new JsonValues();
  const bytes = Buffer.from(text);
  const values: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) {
    values.push(...reader.take(bytes.subarray(at, at + pieceLength)));
  }
  return values;
}

const cases = [
  { name: 'objects one after the other', text: '{"a":1}\n{"b":2}', values: ['{"a":1}', '{"b":2}'] },
  { name: 'objects without anything between', text: '{"a":1}{"b":2}', values: ['{"a":1}', '{"b":2}'] },
  {
    name: 'an indented object',
    text: '{\n  "a": [ 1, 2 ],\n  "b": "x y"\n}\n',
    values: ['{"a":[1,2],"b":"x y"}'],
  },
  { name: 'an array', text: '[{"a":1}, {"b":[{}]}]', values: ['{"a":1}', '{"b":[{}]}'] },
  { name: 'an array of scalars', text: '[1, "two", null]', values: ['1', '"two"', 'null'] },
  { name: 'an empty array', text: '[]', values: [] },
  {
    name: 'events of the AWS CLI',
    text: '{"events": [{"message": "a, ]}\\" b"}, {"message": "c"}], "searchedLogStreams": [{"x": 1}]}',
    values: ['{"message":"a, ]}\\" b"}', '{"message":"c"}'],
  },
  {
    name: 'events behind other members',
    text: '{"owner":"1","subscriptionFilters":["f"],"logEvents":[{"id":"1"}]}{"logEvents":[{"id":"2"}]}',
    values: ['{"id":"1"}', '{"id":"2"}'],
  },
  {
    name: 'a member named events that is deeper, or no list',
    text: '{"a":{"events":[1]}} {"events":{"b":[1]}} {"myevents":[1]} {"x":"events","y":[2]}',
    values: ['{"a":{"events":[1]}}', '{"events":{"b":[1]}}', '{"myevents":[1]}', '{"x":"events","y":[2]}'],
  },
  {
    name: 'numbers as they are written',
    text: '[12345678901234567890.10]',
    values: ['12345678901234567890.10'],
  },
  { name: 'letters of several bytes', text: '[{"ä":"€😀"}]', values: ['{"ä":"€😀"}'] },
  { name: 'brackets that open nothing', text: ']}{"a":1}', values: ['{"a":1}'] },
];

describe('JsonValues', () => {
  it.each(cases.slice(0, -1))('$name', ({ text, values }) => {
    expect(valuesOf(text)).toEqual(values);
    expect(valuesOf(text, 1)).toEqual(values);
    expect(valuesOf(text, 3)).toEqual(values);
  });

  it('goes on behind brackets that open nothing', () => {
    expect(valuesOf(cases.at(-1)!.text).at(-1)).toContain('{"a":1}');
  });

  it('passes over values that are longer than an event may be', () => {
    const reader = new JsonValues();
    const long = `{"a":"${'x'.repeat(1024 * 1024)}"}`;
    expect(reader.take(Buffer.from(`[{"b":1},${long},{"c":2}]`))).toEqual(['{"b":1}', '{"c":2}']);
    expect(reader.tooLong).toBe(1);
  });

  it('tells that a value was not closed', () => {
    const reader = new JsonValues();
    reader.take(Buffer.from('[{"a":1'));
    expect(reader.isOpen).toBe(true);
  });

  it('takes time in proportion to the text', () => {
    const many = `{${'"a":[],'.repeat(100_000)}"b":1}`;
    expect(valuesOf(many)).toEqual([many]);
  });
});
