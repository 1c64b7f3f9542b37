import type { Binary, Expression, Field, Num, Str } from './insights/tree.ts';

/** A field and the literals that it may equal: what `in` would be told. */
export interface Choice {
  readonly field: Field;
  readonly items: readonly (Num | Str)[];
}

/** Fewer comparisons than these are left as they are written. */
const fewest = 4;

/** `a = 1 or a = 2 or …` as one choice among literals for each field, and what else there is, each once. */
export function alternativesOf(or: Binary): {
  readonly choices: readonly Choice[];
  readonly others: readonly Expression[];
} {
  const byField = new Map<string, { field: Field; items: (Num | Str)[]; terms: Expression[] }>();
  const others: Expression[] = [];
  for (const term of termsOf(or)) {
    const test = equalityOf(term);
    if (!test) {
      others.push(term);
      continue;
    }
    const key = JSON.stringify([test.field.name, test.field.path]);
    const known = byField.get(key) ?? { field: test.field, items: [], terms: [] };
    known.items.push(test.item);
    known.terms.push(term);
    byField.set(key, known);
  }
  const all = [...byField.values()];
  return {
    choices: all.filter(({ items }) => items.length >= fewest),
    others: [...all.flatMap(({ items, terms }) => (items.length < fewest ? terms : [])), ...others],
  };
}

/** From the left to the right; without recursion, as hundreds of them are in each other. */
function termsOf(or: Binary): readonly Expression[] {
  const terms: Expression[] = [];
  const open: Expression[] = [or];
  for (let term = open.pop(); term; term = open.pop()) {
    if (term.kind === 'binary' && term.operator === 'or') open.push(term.right, term.left);
    else terms.push(term);
  }
  return terms;
}

function equalityOf(term: Expression): { readonly field: Field; readonly item: Num | Str } | undefined {
  if (term.kind !== 'binary' || term.operator !== '=') return undefined;
  const { left, right } = term;
  if (left.kind === 'field' && isLiteral(right)) return { field: left, item: right };
  return right.kind === 'field' && isLiteral(left) ? { field: right, item: left } : undefined;
}

function isLiteral(expression: Expression): expression is Num | Str {
  return expression.kind === 'number' || expression.kind === 'string';
}
