import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it.each([
    { name: 'empty', text: '', problem: 'the text ends too early', line: 1, column: 1 },
    {
      name: 'cut off',
      text: '{"Vpcs": [\n  {"VpcId"',
      problem: 'the text ends too early',
      line: 2,
      column: 11,
    },
    { name: 'string without end', text: '{"a": "b', problem: 'the text ends too early', line: 1, column: 9 },
    {
      name: 'comma too many',
      text: '{\n  "a": [1, 2,],\n}',
      problem: 'unexpected text',
      line: 2,
      column: 14,
    },
    { name: 'comma before the end', text: '{"a": 1,\n}', problem: 'unexpected text', line: 2, column: 1 },
    { name: 'bare word', text: '{"a": yes}', problem: 'unexpected text', line: 1, column: 7 },
    { name: 'bare key', text: '{a: 1}', problem: 'unexpected text', line: 1, column: 2 },
    { name: 'single quotes', text: "{'a': 1}", problem: 'unexpected text', line: 1, column: 2 },
    { name: 'bad escape', text: '{"a": "\\x"}', problem: 'unexpected text', line: 1, column: 7 },
    { name: 'line break in a string', text: '["a\nb"]', problem: 'unexpected text', line: 1, column: 2 },
    { name: 'colon missing', text: '{"a" 1}', problem: 'unexpected text', line: 1, column: 6 },
    { name: 'wrong bracket', text: '{"a": [1}', problem: 'unexpected text', line: 1, column: 9 },
    { name: 'two values', text: '{}\n{}', problem: 'unexpected text', line: 2, column: 1 },
    { name: 'leading zero', text: '[01]', problem: 'unexpected text', line: 1, column: 3 },
    { name: 'a web page', text: '<html>', problem: 'unexpected text', line: 1, column: 1 },
    {
      name: 'deep nesting',
      text: '['.repeat(100_000),
      problem: 'nested deeper than 64 levels',
      line: 1,
      column: 65,
    },
  ])('$name', ({ text, problem, line, column }) => {
    expect(parseJson(text)).toEqual({ problem, line, column });
  });

  it('gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it('refuses what JSON.parse refuses, at a place inside the text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(), fc.string(), (json, at, inserted) => {
        const text = json.slice(0, at % (json.length + 1)) + inserted + json.slice(at % (json.length + 1));
        const result = parseJson(text);
        const isJson = accepts(text);
        expect('value' in result).toBe(isJson);
        if ('problem' in result) {
          const lines = text.split('\n');
          expect(result.line).toBeLessThanOrEqual(lines.length);
          expect(result.column).toBeLessThanOrEqual(lines[result.line - 1].length + 1);
        }
      }),
    );
  });
});

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
