import { type PatternTest, resourcePattern } from './arn-pattern.ts';
import { type Condition, compiledCondition } from './condition.ts';
import { globOf } from './glob.ts';
import { parsePolicyJson } from './policy-json.ts';
import { type PolicySyntax, policySyntax, type StatementSyntax } from './policy-syntax.ts';
import { type PrincipalSet, principalSet } from './principal-set.ts';

/** A policy, made ready for evaluation. */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  /** Absent in policies of identities: they are about who has them. */
  readonly principals: PrincipalSet | undefined;
  /** Of an action in small letters. */
  readonly coversAction: (action: string) => boolean;
  /** `undefined`: a variable has no value, and the statement does not count. */
  readonly coversResource: PatternTest;
  readonly conditions: readonly Condition[];
  /** Offsets in the document's text. */
  readonly start: number;
  readonly end: number;
}

/** A policy that says nothing: what is not one is worth this. */
export const emptyPolicy: PolicyDocument = { statements: [] };

/** `undefined` for a text that is no policy, or has a condition that cannot be evaluated. */
export function compiledPolicy(text: string): PolicyDocument | undefined {
  const json = parsePolicyJson(text);
  const syntax = json && policySyntax(json);
  return syntax && compiled(syntax);
}

export function compiled({ version, statements }: PolicySyntax): PolicyDocument | undefined {
  const ready = statements.map((statement) => compiledStatement(statement, version === '2012-10-17'));
  return ready.every((statement) => statement !== undefined) ? { statements: ready } : undefined;
}

function compiledStatement(syntax: StatementSyntax, hasVariables: boolean): Statement | undefined {
  const { effect, principals, isNotPrincipal, start, end, sid } = syntax;
  const conditions = syntax.conditions.map(compiledCondition);
  if (effect !== 'Allow' && effect !== 'Deny') return undefined;
  if (!conditions.every((condition) => condition !== undefined)) return undefined;
  return {
    sid,
    effect,
    principals: principals && principalSet(principals, isNotPrincipal, effect),
    coversAction: actionTest(syntax.actions ?? [], syntax.isNotAction),
    coversResource: resourceTest(syntax, hasVariables),
    conditions,
    start,
    end,
  };
}

function actionTest(actions: readonly string[], isNegated: boolean): Statement['coversAction'] {
  const small = actions.map((action) => action.toLowerCase());
  const plain = new Set(small.filter((action) => !/[*?]/.test(action)));
  const globs = small.filter((action) => /[*?]/.test(action)).map(globOf);
  return (action) => (plain.has(action) || globs.some((glob) => glob.matches(action))) !== isNegated;
}

/** A trust policy names no resource: it is about its role. */
function resourceTest(
  { resources, isNotResource }: StatementSyntax,
  hasVariables: boolean,
): Statement['coversResource'] {
  if (resources === undefined) return () => true;
  const tests = resources.map((resource) => resourcePattern(resource, hasVariables));
  return (resource, variableOf) => {
    let isUnknown = false;
    for (const test of tests) {
      const matches = test(resource, variableOf);
      if (matches) return !isNotResource;
      if (matches === undefined) isUnknown = true;
    }
    return isNotResource && isUnknown ? undefined : isNotResource;
  };
}
