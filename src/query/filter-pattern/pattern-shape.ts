import type { Condition, ConditionTree, Operand, Operator } from './condition.ts';

/** What a pattern asks, for who looks for events without having their lines. */
export type PatternShape =
  | { readonly kind: 'terms'; readonly join: 'all' | 'any'; readonly terms: readonly Term[] }
  | ({ readonly kind: 'delimited' } & Layout)
  | { readonly kind: 'json' };

export interface Term {
  /** The empty text is in every message. */
  readonly written: Operand['written'];
  readonly test: Condition<string>;
  readonly isNegated: boolean;
}

/** The entries before the `...` and those after it; without one, the last entry takes the rest of the line. */
export interface Layout {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[] | undefined;
}

export interface Entry {
  /** Empty for a token without a name. */
  readonly name: string;
  readonly tree: ConditionTree<TokenTest> | undefined;
  /** The tree as a function. */
  readonly condition: Condition<string> | undefined;
}

export interface TokenTest {
  readonly operator: Operator;
  readonly operand: Operand;
  readonly test: Condition<string>;
}
