import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryExpression, arbitraryQuery, withoutRanges } from '../../../test/insights-arbitrary.ts';
import { runs } from '../../../test/runs.ts';
import { QueryError } from '../../fault/index.ts';
import { parseInsights } from './parser.ts';
import { printExpression, printInsights } from './print.ts';
import type { Query } from './tree.ts';

describe('printInsights', () => {
  it('is undone by parsing', () => {
    fc.assert(
      fc.property(arbitraryQuery, (query) => {
        const text = printInsights(query);
        fc.pre(text.length <= 10_000);
        expect(withoutRanges(parseInsights(text))).toEqual(withoutRanges(query));
      }),
      { numRuns: runs(700, 2000) },
    );
  });

  it('knows every kind of node', () => {
    const kinds = new Set<string>();
    for (const query of fc.sample(arbitraryQuery, { numRuns: 2000, seed: 1 })) {
      for (const [, kind] of JSON.stringify(query).matchAll(/"kind":"(\w+)"/g)) kinds.add(kind);
    }
    expect(kinds.size).toBe(48);
  });
});

describe('printExpression', () => {
  it.each([
    { name: 'no parentheses that are not needed', text: 'a or b and not c = 1 + 2 * -d ^ 2' },
    { name: 'parentheses that are', text: '(a or b) and not (c and d) or (not e) = 1' },
    { name: 'operators from the left', text: 'a - b - (c - d) / (e / f)' },
    { name: 'powers from the right', text: 'a ^ b ^ c + (a ^ b) ^ c' },
    { name: 'the sign before the power', text: '-a ^ 2 + -(a ^ 2)' },
    { name: 'comparisons do not chain', text: '(a = b) = (c like "d")' },
    { name: 'strings', text: '"a\\"b\\\\c\\n" like /a\\/[^\\/]\\d/' },
    { name: 'names', text: '`foo-bar` + a.`b c`.0.d + @@x + `and`' },
    { name: 'steps', text: 'list[1].action + f(x).a["b c"] + (a.b).c' },
    { name: 'lists', text: 'a not in ["x", 1, -2] and b in [c]' },
    { name: 'periods', text: 'bin(5m) + datefloor(@t, 10ms) + bin(1mo)' },
  ])('$name', ({ text }) => {
    const [command] = parseInsights(`filter ${text}`).commands;
    expect(command.kind === 'filter' && printExpression(command.condition)).toBe(text);
  });

  it('leaves the text of every subexpression inside its range', () => {
    fc.assert(
      fc.property(arbitraryExpression, (expression) => {
        const text = `filter ${printExpression(expression)}`;
        fc.pre(text.length <= 10_000);
        const query = parseInsights(text);
        expect(
          rangesOf(query).filter(({ start, end, outer }) => start < outer.start || end > outer.end),
        ).toEqual([]);
      }),
    );
  });
});

describe('parseInsights', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      ...[
        'filter',
        'fields',
        'parse',
        'stats',
        'by',
        'as',
        'SOURCE',
        'join',
        'in',
        'not',
        'like',
        '|',
        '(',
        ')',
        '[',
      ],
      ...[
        ']',
        '{',
        '}',
        ',',
        '=',
        '=~',
        '/',
        '"',
        "'",
        '`',
        '#',
        '\n',
        '-',
        '!',
        '*',
        '.',
        '5m',
        '1',
        '@x',
        'a.b',
        '{{',
      ],
    ),
    fc.string({ maxLength: 3 }),
  );

  it('throws nothing but QueryError, inside the text', () => {
    const check = (text: string) => {
      const found = failure(text);
      if (found === undefined) return;
      expect(found).toBeInstanceOf(QueryError);
      const { start, end } = found as QueryError;
      expect(0 <= start && start <= end && end <= text.length).toBe(true);
    };
    const garbage = fc.array(pieces, { maxLength: 20 }).map((words) => words.join(' '));
    fc.assert(fc.property(fc.oneof(garbage, fc.string()), check), { numRuns: runs(1000, 3000) });
    const damaged = fc
      .tuple(arbitraryQuery, fc.nat(), fc.nat({ max: 5 }), pieces)
      .map(([query, at, length, piece]) => {
        const text = printInsights(query);
        const start = at % (text.length + 1);
        return text.slice(0, start) + piece + text.slice(start + length);
      });
    fc.assert(fc.property(damaged, check), { numRuns: 500 });
  });

  it('prints what it has read so that it is read the same', () => {
    const garbage = fc.array(pieces, { maxLength: 8 }).map((words) => `fields ${words.join(' ')}`);
    fc.assert(
      fc.property(garbage, (text) => {
        if (failure(text) !== undefined) return;
        const once = printInsights(parseInsights(text));
        expect(withoutRanges(parseInsights(once))).toEqual(withoutRanges(parseInsights(text)));
        expect(printInsights(parseInsights(once))).toBe(once);
      }),
      { numRuns: runs(1000, 3000) },
    );
  });
});

function failure(text: string): unknown {
  try {
    parseInsights(text);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Every node's range with that of the nearest node around it. */
function rangesOf(query: Query): { start: number; end: number; outer: { start: number; end: number } }[] {
  const found: ReturnType<typeof rangesOf> = [];
  const visit = (node: unknown, outer: { start: number; end: number }): void => {
    if (typeof node !== 'object' || node === null) return;
    const range = 'range' in node ? (node.range as typeof outer) : outer;
    if (range !== outer) found.push({ ...range, outer });
    for (const [key, child] of Object.entries(node)) if (key !== 'range') visit(child, range);
  };
  visit(query, query.range);
  return found;
}
