import type { ConditionSource } from './condition.ts';
import type { JsonObject, JsonScalar, PolicyJson } from './policy-json.ts';

/** A policy as it is written: well-formed, and not yet checked for what its kind of policy may say. */
export interface PolicySyntax {
  readonly version: PolicyVersion;
  /** False when the document leaves the version to the default, 2008-10-17. */
  readonly hasVersion: boolean;
  readonly statements: readonly StatementSyntax[];
}

export type PolicyVersion = '2008-10-17' | '2012-10-17';

export interface StatementSyntax {
  readonly sid: string | undefined;
  /** As it is written; `undefined` when it is missing. */
  readonly effect: string | undefined;
  readonly principals: readonly PrincipalSyntax[] | undefined;
  readonly isNotPrincipal: boolean;
  readonly actions: readonly string[] | undefined;
  readonly isNotAction: boolean;
  readonly resources: readonly string[] | undefined;
  readonly isNotResource: boolean;
  readonly conditions: readonly ConditionSource[];
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

export interface PrincipalSyntax {
  /** `*` for `"Principal": "*"`. */
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser' | '*';
  readonly text: string;
  /** Offsets of the quoted text. */
  readonly start: number;
  readonly end: number;
}

const policyMembers: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement']);
const statementMembers: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const principalTypes: ReadonlySet<string> = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

/** "Grammar of the IAM JSON policy language"; `undefined` for a document that is not of it. */
export function policySyntax(policy: JsonObject): PolicySyntax | undefined {
  const { members } = policy;
  if (!hasOnly(members, policyMembers)) return undefined;
  const version = textOf(members.get('Version'));
  const id = members.get('Id');
  if (version !== undefined && version !== '2008-10-17' && version !== '2012-10-17') return undefined;
  if (members.has('Version') && version === undefined) return undefined;
  if (id && id.type !== 'string') return undefined;
  const known = version ?? '2008-10-17';
  const statements = listOf(members.get('Statement'))?.map((one) => statementSyntax(one, known));
  if (!statements || !allKnown(statements)) return undefined;
  return { version: known, hasVersion: version !== undefined, statements };
}

function statementSyntax(json: PolicyJson, version: PolicyVersion): StatementSyntax | undefined {
  if (json.type !== 'object' || !hasOnly(json.members, statementMembers)) return undefined;
  const { members, start, end } = json;
  const principals = oneOf(members, 'Principal', 'NotPrincipal', principalsOf);
  const actions = oneOf(members, 'Action', 'NotAction', textsOf);
  const resources = oneOf(members, 'Resource', 'NotResource', textsOf);
  const conditions = conditionsOf(members.get('Condition'), version === '2012-10-17');
  if (!principals || !actions || !resources || !conditions) return undefined;
  if (!isTextOrAbsent(members.get('Sid')) || !isTextOrAbsent(members.get('Effect'))) return undefined;
  return {
    sid: textOf(members.get('Sid')),
    effect: textOf(members.get('Effect')),
    principals: principals.value,
    isNotPrincipal: principals.isNegated,
    actions: actions.value,
    isNotAction: actions.isNegated,
    resources: resources.value,
    isNotResource: resources.isNegated,
    conditions,
    start,
    end,
  };
}

/** An element or its opposite, not both; absent, its value is `undefined`. */
function oneOf<Value>(
  members: ReadonlyMap<string, PolicyJson>,
  name: string,
  opposite: string,
  read: (json: PolicyJson) => Value | undefined,
): { readonly value: Value | undefined; readonly isNegated: boolean } | undefined {
  const isNegated = members.has(opposite);
  if (isNegated && members.has(name)) return undefined;
  const json = members.get(isNegated ? opposite : name);
  const value = json && read(json);
  return json && value === undefined ? undefined : { value, isNegated };
}

function principalsOf(json: PolicyJson): PrincipalSyntax[] | undefined {
  if (json.type === 'string') return json.text === '*' ? [principalOf('*', json)] : undefined;
  if (json.type !== 'object' || !hasOnly(json.members, principalTypes)) return undefined;
  const found: PrincipalSyntax[] = [];
  for (const [type, values] of json.members) {
    for (const value of listOf(values) ?? []) {
      if (value.type !== 'string') return undefined;
      found.push(principalOf(type as PrincipalSyntax['type'], value));
    }
  }
  return found;
}

function principalOf(type: PrincipalSyntax['type'], { text, start, end }: JsonScalar): PrincipalSyntax {
  return { type, text, start, end };
}

function conditionsOf(json: PolicyJson | undefined, hasVariables: boolean): ConditionSource[] | undefined {
  if (json === undefined) return [];
  if (json.type !== 'object') return undefined;
  const found: ConditionSource[] = [];
  for (const [operator, keys] of json.members) {
    if (keys.type !== 'object') return undefined;
    for (const [key, given] of keys.members) {
      const values = listOf(given)?.map(scalarText);
      if (!values || !allKnown(values)) return undefined;
      found.push({ operator, key, values, hasVariables });
    }
  }
  return found;
}

/** Quotation marks around numbers and booleans are optional. */
function scalarText(json: PolicyJson): string | undefined {
  return json.type === 'object' || json.type === 'list' || json.type === 'null' ? undefined : json.text;
}

function textsOf(json: PolicyJson): readonly string[] | undefined {
  const texts = listOf(json)?.map(textOf);
  return texts && allKnown(texts) ? texts : undefined;
}

/** One thing may stand without the brackets of a list. */
function listOf(json: PolicyJson | undefined): readonly PolicyJson[] | undefined {
  return json?.type === 'list' ? json.items : json && [json];
}

function textOf(json: PolicyJson | undefined): string | undefined {
  return json?.type === 'string' ? json.text : undefined;
}

function isTextOrAbsent(json: PolicyJson | undefined): boolean {
  return json === undefined || json.type === 'string';
}

function hasOnly(members: ReadonlyMap<string, PolicyJson>, allowed: ReadonlySet<string>): boolean {
  return [...members.keys()].every((name) => allowed.has(name));
}

function allKnown<Value>(values: readonly (Value | undefined)[]): values is readonly Value[] {
  return !values.includes(undefined);
}
