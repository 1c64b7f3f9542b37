import { invariant } from '../../fault/index.ts';
import type { Comparison } from '../insights/tree.ts';
import type { Scalar, Value } from './value.ts';

/**
 * `a = b`, `a < b` …: as numbers when both are numbers, else as texts for `=` and `!=`; an order that is not between
 * numbers is false, and so is every comparison with what is missing, a map or a list. The answer is a boolean.
 */
export function compare(operator: Comparison, left: Value, right: Value): Scalar {
  invariant(operator === undefined, `not compared yet: ${left.kind}, ${right.kind}`);
  throw new TypeError();
}
