import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PolicyJson, parsePolicyJson } from './policy-json.ts';

/** What `JSON.parse` would give. */
function plain(json: PolicyJson): unknown {
  if (json.type === 'object') {
    return Object.fromEntries([...json.members].map(([name, value]) => [name, plain(value)]));
  }
  if (json.type === 'list') return json.items.map(plain);
  return json.type === 'string' ? json.text : JSON.parse(json.text);
}

describe('JSON of policies', () => {
  it('is read as JSON.parse reads it', () => {
    const value = fc.object({ key: fc.string({ unit: 'binary' }), maxDepth: 4 });
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, 4), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        expect(plain(parsePolicyJson(text)!)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('of any text is what JSON.parse takes', () => {
    const unit = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '1',
      'e',
      '-',
      '.',
      '\\',
      'n',
      ' ',
      'null',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (inside) => {
        const text = `{"a":${inside}}`;
        const read = parsePolicyJson(text);
        if (read) expect(plain(read)).toEqual(JSON.parse(text));
        else if (!/"a".*"a"/.test(text)) expect(isObject(text)).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['a member twice', '{"Effect":"Deny","Effect":"Allow"}'],
    ['the same member, escaped', '{"Effect":"Deny","\\u0045ffect":"Allow"}'],
    ['too deep', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`],
    ['no object', '[]'],
    ['more behind it', '{} {}'],
    ['nothing', ''],
  ])('refuses %s', (_name, text) => {
    expect(parsePolicyJson(text)).toBeUndefined();
  });

  it('takes little time for hostile texts', () => {
    const before = performance.now();
    for (const text of [
      '['.repeat(131_072),
      `{"a":"${'\\"'.repeat(65_000)}`,
      `{"a":"${'x'.repeat(131_000)}`,
    ]) {
      expect(parsePolicyJson(text)).toBeUndefined();
    }
    expect(performance.now() - before).toBeLessThan(200);
  });
});

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
