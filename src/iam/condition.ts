import type { PatternTest } from './arn-pattern.ts';
import { type ConditionOperator, conditionOperators } from './condition-operators.ts';
import type { VariableValue } from './template.ts';

/** Values of a condition key in a request, by its name in small letters; `undefined` where the request lacks it. */
export type KeyValues = (key: string) => readonly string[] | undefined;

/** One operator on one key: all of a statement's must hold. */
export interface Condition {
  /** In small letters: keys are compared so. */
  readonly key: string;
  /** As the policy writes it. */
  readonly name: string;
  /** `undefined`: a variable has no value, and the statement does not count. */
  readonly holds: (valuesOf: KeyValues, variableOf: VariableValue) => boolean | undefined;
}

/** What a statement says of a key: `"ForAnyValue:StringLikeIfExists": { "aws:TagKeys": ["a*"] }`. */
export interface ConditionSource {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
  /** Whether the document's version knows variables. */
  readonly hasVariables: boolean;
}

type SetOperator = 'ForAllValues' | 'ForAnyValue';

const operatorForm = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i;
const operatorsInSmallLetters = new Map(
  [...conditionOperators].map(([name, operator]) => [name.toLowerCase(), operator]),
);

/** Made ready once for all requests. `undefined` for an unknown operator or a value that it cannot compare with. */
export function compiledCondition(source: ConditionSource): Condition | undefined {
  const [, set, name, ifExists] = operatorForm.exec(source.operator) ?? [];
  const holds =
    name?.toLowerCase() === 'null' ? nullTest(source, ifExists) : valueTest(source, set, name, ifExists);
  return holds && { key: source.key.toLowerCase(), name: source.key, holds };
}

/** Whether the request lacks the key. A key without values counts as lacking. */
function nullTest(
  { key, values }: ConditionSource,
  ifExists: string | undefined,
): Condition['holds'] | undefined {
  const wanted = values.map((value) => value.toLowerCase());
  if (ifExists !== undefined || !wanted.every((value) => value === 'true' || value === 'false'))
    return undefined;
  const small = key.toLowerCase();
  return (valuesOf) => wanted.includes((valuesOf(small) ?? []).length === 0 ? 'true' : 'false');
}

function valueTest(
  { key, values, hasVariables }: ConditionSource,
  set: string | undefined,
  name: string | undefined,
  ifExists: string | undefined,
): Condition['holds'] | undefined {
  const operator = operatorsInSmallLetters.get(name?.toLowerCase() ?? '');
  const tests = values.map((value) => operator?.test(value, hasVariables && operator.hasVariables));
  if (!operator || !allKnown(tests)) return undefined;
  const small = key.toLowerCase();
  const missing = holdsWithoutKey(operator, setOperator(set), ifExists !== undefined);
  const compare = comparedAs(operator, setOperator(set), tests);
  const isSet = set !== undefined;
  return (valuesOf, variableOf) => {
    const given = valuesOf(small);
    return given === undefined || isWithoutValue(given, isSet) ? missing : compare(given, variableOf);
  };
}

function allKnown(tests: readonly (PatternTest | undefined)[]): tests is readonly PatternTest[] {
  return !tests.includes(undefined);
}

function setOperator(text: string | undefined): SetOperator | undefined {
  if (text === undefined) return undefined;
  return text.toLowerCase() === 'forallvalues' ? 'ForAllValues' : 'ForAnyValue';
}

/** Set operators count an empty text as no value ("Set operators for multivalued context keys"). */
function isWithoutValue(given: readonly string[], isSet: boolean): boolean {
  return given.length === 0 || (isSet && given.length === 1 && given[0] === '');
}

function holdsWithoutKey(
  { isNegated }: ConditionOperator,
  set: SetOperator | undefined,
  ifExists: boolean,
): boolean {
  if (ifExists || set === 'ForAllValues') return true;
  return set === 'ForAnyValue' ? false : isNegated;
}

/**
 * A value agrees when it matches any value of the policy; with a negated operator, when it matches none. One value must
 * agree, or with ForAllValues each. Without a set operator, a negated one holds only when no value matches.
 */
function comparedAs(
  { isNegated }: ConditionOperator,
  set: SetOperator | undefined,
  tests: readonly PatternTest[],
): (given: readonly string[], variableOf: VariableValue) => boolean | undefined {
  const needsAll = set === 'ForAllValues' || (set === undefined && isNegated);
  return (given, variableOf) => {
    let result = needsAll;
    for (const value of given) {
      const matched = matchesAny(tests, value, variableOf);
      if (matched === undefined && isNegated) return undefined;
      const agrees = isNegated ? !matched : matched === true;
      if (agrees !== needsAll) result = agrees;
    }
    return result;
  };
}

/** `undefined`: none matches, and of some it cannot be told. */
function matchesAny(
  tests: readonly PatternTest[],
  value: string,
  variableOf: VariableValue,
): boolean | undefined {
  let result: boolean | undefined = false;
  for (const test of tests) {
    const matched = test(value, variableOf);
    if (matched) return true;
    if (matched === undefined) result = undefined;
  }
  return result;
}
