import type { Caller } from './caller.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';
import type { PrincipalMatch } from './principal-set.ts';
import type { RequestKeys } from './request-keys.ts';

/** What the policies of a kind say of a request. */
export type Verdict = 'allow' | 'deny' | 'none';

/** A request, as statements see it. */
export interface Asked {
  readonly caller: Caller;
  /** In small letters. */
  readonly action: string;
  readonly resource: string;
  readonly keys: RequestKeys;
}

/** The policies that bear on a request, by kind. */
export interface Layers {
  /** `undefined`: the caller needs none, as root. */
  readonly identity: readonly PolicyDocument[] | undefined;
  /** `undefined`: nothing limits it. */
  readonly boundary: readonly PolicyDocument[] | undefined;
  readonly session: readonly PolicyDocument[] | undefined;
  /** `undefined`: the resource has no policy. */
  readonly resource: PolicyDocument | undefined;
  /** A trust policy must allow by itself; what identities may do is not enough. */
  readonly isTrust: boolean;
  /** Whether the resource is of the caller's account. */
  readonly isSameAccount: boolean;
}

export interface LayerVerdicts {
  readonly identity: Verdict;
  readonly boundary: Verdict;
  readonly session: Verdict;
  readonly resource: Verdict;
  /** How the resource's policy means the caller, where it allows. */
  readonly grant: PrincipalMatch | undefined;
}

export type Layer = 'identity' | 'boundary' | 'session' | 'resource';

/** `by`: which layer decided. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly by: Layer;
}

export function layerVerdicts(layers: Layers, asked: Asked): LayerVerdicts {
  const resource = resourceVerdict(layers.resource, asked);
  return {
    identity: layers.identity ? verdictOf(layers.identity, asked) : 'allow',
    boundary: layers.boundary ? verdictOf(layers.boundary, asked) : 'allow',
    session: layers.session ? verdictOf(layers.session, asked) : 'allow',
    ...resource,
  };
}

/** "Policy evaluation logic", "Cross-account policy evaluation logic". */
export function outcome(layers: Layers, verdicts: LayerVerdicts): Outcome {
  for (const by of ['identity', 'boundary', 'session', 'resource'] as const) {
    if (verdicts[by] === 'deny') return { verdict: 'deny', by };
  }
  const mustAllow = requiredLayers(layers, verdicts);
  const missing = mustAllow.find((layer) => verdicts[layer] !== 'allow');
  if (missing) return { verdict: 'none', by: missing };
  return { verdict: 'allow', by: mustAllow.includes('resource') ? 'resource' : 'identity' };
}

/**
 * In one account a policy of the resource that names the user or session itself is enough; one that names the role is
 * limited by boundary and session policies; one that names the account leaves it to the identity's policies, as if it
 * were not there. Across accounts both sides must allow.
 */
function requiredLayers(
  { isTrust, isSameAccount, identity }: Layers,
  { grant }: LayerVerdicts,
): readonly Layer[] {
  if (isTrust || !isSameAccount) {
    if (isSameAccount && grant === 'direct') return ['resource'];
    if (isSameAccount && grant === 'role') return ['resource', 'boundary', 'session'];
    return ['resource', 'identity', 'boundary', 'session'];
  }
  if (grant === 'direct') return ['resource'];
  if (grant === 'role') return ['resource', 'boundary', 'session'];
  return identity === undefined ? [] : ['identity', 'boundary', 'session'];
}

function verdictOf(documents: readonly PolicyDocument[], asked: Asked): Verdict {
  let verdict: Verdict = 'none';
  for (const { statements } of documents) {
    for (const statement of statements) {
      if (verdict === 'allow' && statement.effect === 'Allow') continue;
      if (!applies(statement, asked)) continue;
      if (statement.effect === 'Deny') return 'deny';
      verdict = 'allow';
    }
  }
  return verdict;
}

const grants: readonly (PrincipalMatch | undefined)[] = [undefined, 'account', 'role', 'direct'];

function resourceVerdict(
  document: PolicyDocument | undefined,
  asked: Asked,
): { readonly resource: Verdict; readonly grant: PrincipalMatch | undefined } {
  let grant: PrincipalMatch | undefined;
  for (const statement of document?.statements ?? []) {
    const match = statement.principals?.match(asked.caller);
    if (!match || !applies(statement, asked)) continue;
    if (statement.effect === 'Deny') return { resource: 'deny', grant: undefined };
    if (grants.indexOf(match) > grants.indexOf(grant)) grant = match;
  }
  return { resource: grant ? 'allow' : 'none', grant };
}

/** Whether a statement is about the request, whoever asks; a statement whose variables have no value is about none. */
export function applies(statement: Statement, { action, resource, keys }: Asked): boolean {
  return (
    statement.coversAction(action) &&
    statement.coversResource(resource, keys.variableOf) === true &&
    statement.conditions.every(({ holds }) => holds(keys.valuesOf, keys.variableOf) === true)
  );
}
