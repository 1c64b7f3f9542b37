/**
 * A second evaluator of IAM policies, written from AWS's pages alone and sharing nothing with `src/iam`: slow, plain,
 * on parsed JSON. It takes policies that are well-formed, and the operators that the random policies have.
 */
type Json = Readonly<Record<string, unknown>>;
export interface SecondPolicy {
  readonly Version?: string;
  readonly Statement: readonly Json[];
}

export interface SecondRequest {
  readonly action: string;
  readonly resource: string;
  readonly keys: Readonly<Record<string, readonly string[]>>;
  readonly userArn: string;
  /** Of a session. */
  readonly roleArn?: string | undefined;
  readonly accountId: string;
  readonly ownerId: string;
}

export interface SecondPolicies {
  readonly identity: readonly SecondPolicy[];
  readonly boundary?: SecondPolicy | undefined;
  readonly session?: SecondPolicy | undefined;
  readonly resource?: SecondPolicy | undefined;
}

export function secondOpinion(policies: SecondPolicies, request: SecondRequest): 'allow' | 'deny' | 'none' {
  const { identity, boundary, session, resource } = policies;
  const all = [...identity, ...(boundary ? [boundary] : []), ...(session ? [session] : [])];
  const hits = (policy: SecondPolicy, effect: string, who?: string) =>
    policy.Statement.some(
      (statement) =>
        statement.Effect === effect &&
        covers(statement, policy.Version, request) &&
        means(statement, who, request),
    );
  if (all.some((policy) => hits(policy, 'Deny'))) return 'deny';
  if (resource && hits(resource, 'Deny', 'any')) return 'deny';
  const identityAllows = identity.some((policy) => hits(policy, 'Allow'));
  const limitsAllow = [boundary, session].every((policy) => !policy || hits(policy, 'Allow'));
  const grants = (who: string) => resource !== undefined && hits(resource, 'Allow', who);
  if (request.ownerId !== request.accountId) {
    return identityAllows && limitsAllow && grants('any') ? 'allow' : 'none';
  }
  if (grants('itself')) return 'allow';
  if (grants('role') && limitsAllow) return 'allow';
  return identityAllows && limitsAllow ? 'allow' : 'none';
}

function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function pattern(text: string): RegExp {
  const code = (one: string) => `\\u{${plain(one).codePointAt(0)!.toString(16)}}`;
  const source = [...text].map((one) => (one === '*' ? '[^]*' : one === '?' ? '[^]' : code(one)));
  return new RegExp(`^${source.join('')}$`, 'u');
}

/** By whom a resource's policy is met: 'itself', 'role', 'any' of these or the account; other policies name nobody. */
function means(
  { Principal }: Json,
  who: string | undefined,
  { userArn, roleArn, accountId }: SecondRequest,
): boolean {
  if (who === undefined) return true;
  const named = Principal === '*' ? ['*'] : list((Principal as Json).AWS);
  const isItself = named.includes('*') || named.includes(userArn);
  const isRole = roleArn !== undefined && named.includes(roleArn);
  if (who === 'itself') return isItself;
  if (who === 'role') return isRole;
  return isItself || isRole || named.includes(accountId) || named.includes(`arn:aws:iam::${accountId}:root`);
}

const missing = Symbol('a variable without a value');
/** Wildcards in what a variable stands for: they are themselves. */
const star = '\uE000';
const mark = '\uE001';
const plain = (text: string) => text.replaceAll(star, '*').replaceAll(mark, '?');

/** The text with its variables replaced; what they stand for is kept from being a wildcard. */
function replaced(
  text: string,
  version: string | undefined,
  { keys }: SecondRequest,
): string | typeof missing {
  if (version !== '2012-10-17') return text;
  let isMissing = false;
  const result = text.replace(/\$\{([^}]*)\}/g, (_all, name: string) => {
    const values = keys[name];
    if (values?.length !== 1) isMissing = true;
    return (values?.[0] ?? '').replaceAll('*', star).replaceAll('?', mark);
  });
  return isMissing ? missing : result;
}

function covers(statement: Json, version: string | undefined, request: SecondRequest): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const names = list(Action ?? NotAction).map((name) => pattern(name.toLowerCase()));
  if (names.some((name) => name.test(request.action.toLowerCase())) !== (NotAction === undefined))
    return false;
  const resources = list(Resource ?? NotResource).map((text) => replaced(text, version, request));
  const isNamed = resources.some((text) => text !== missing && pattern(text).test(request.resource));
  if (!isNamed && NotResource !== undefined && resources.includes(missing)) return false;
  if (isNamed !== (NotResource === undefined)) return false;
  return Object.entries((Condition ?? {}) as Record<string, Json>).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, key, list(values), version, request)),
  );
}

function holds(
  written: string,
  key: string,
  values: string[],
  version: string | undefined,
  request: SecondRequest,
): boolean {
  const given = request.keys[key] ?? [];
  if (written === 'Null') return values.includes(given.length === 0 ? 'true' : 'false');
  const [set, named] = written.includes(':') ? written.split(':') : [undefined, written];
  const operator = named.replace(/IfExists$/, '');
  if (given.length === 0) {
    if (named !== operator || set === 'ForAllValues') return true;
    return set === undefined && operator.includes('Not');
  }
  const isNegated = operator.includes('Not');
  const expected = values.map((value) =>
    /^(?:String|Arn|Bool)/.test(operator) ? replaced(value, version, request) : value,
  );
  const matches = (value: string) =>
    expected.some((one) => one !== missing && comparisons[operator.replace('Not', '')](value, one));
  if (isNegated && expected.includes(missing) && !given.every(matches)) return false;
  const agrees = (value: string) => matches(value) !== isNegated;
  return set === 'ForAllValues' || (set === undefined && isNegated)
    ? given.every(agrees)
    : given.some(agrees);
}

const comparisons: Readonly<Record<string, (value: string, expected: string) => boolean>> = {
  StringEquals: (value, expected) => value === plain(expected),
  StringEqualsIgnoreCase: (value, expected) => value.toLowerCase() === plain(expected).toLowerCase(),
  StringLike: (value, expected) => pattern(expected).test(value),
  NumericEquals: (value, expected) => Number(value) === Number(expected),
  NumericLessThan: (value, expected) => Number(value) < Number(expected),
  NumericGreaterThanEquals: (value, expected) => Number(value) >= Number(expected),
};
