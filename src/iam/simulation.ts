import type { Caller } from './caller.ts';
import type { KeyValues } from './condition.ts';
import { type Asked, applies, type Layers, layerVerdicts, outcome, type Verdict } from './evaluate.ts';
import type { UserResource } from './kinds.ts';
import type { Permission } from './permission.ts';
import { compiledPolicy, emptyPolicy, type PolicyDocument, type Statement } from './policy-document.ts';
import { type RequestKeys, requestKeys } from './request-keys.ts';

/** A policy that a simulation looks at. */
export interface SimulatedPolicy {
  /** As answers name it: `AdministratorAccess`, `PolicyInputList.1`. */
  readonly id: string;
  readonly text: string;
}

/** Whose rights are simulated. */
export interface SimulatedPrincipal {
  readonly caller: Caller;
  readonly policies: readonly SimulatedPolicy[];
  readonly boundary: SimulatedPolicy | undefined;
  readonly tags: UserResource['Tags'];
}

export interface SimulatedRequest {
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  readonly resourcePolicy: SimulatedPolicy | undefined;
  /** What the request is said to have; before what follows from the principal. */
  readonly keys: Permission['keys'];
}

export interface MatchedStatement {
  readonly policy: SimulatedPolicy;
  readonly from: 'identity' | 'boundary' | 'resource';
  readonly start: Position;
  readonly end: Position;
}

/** From 1. */
export interface Position {
  readonly Line: number;
  readonly Column: number;
}

export interface SimulatedOutcome {
  readonly verdict: Verdict;
  readonly matched: readonly MatchedStatement[];
  /** Keys that statements about the request ask for, and nobody has given. */
  readonly missingKeys: readonly string[];
  readonly isSameAccount: boolean;
  readonly identity: Verdict;
  readonly resource: Verdict;
  /** `undefined`: there is no boundary. */
  readonly boundary: Verdict | undefined;
}

interface Source {
  readonly policy: SimulatedPolicy;
  readonly from: MatchedStatement['from'];
  readonly document: PolicyDocument;
}

/** What the evaluation of a request would come to, and by which statements. Policies are compiled once. */
export class Simulation {
  readonly #principal: SimulatedPrincipal;
  readonly #own: readonly Source[];

  constructor(principal: SimulatedPrincipal) {
    this.#principal = principal;
    const { policies, boundary } = principal;
    this.#own = [
      ...policies.map((policy) => sourceOf(policy, 'identity')),
      ...(boundary ? [sourceOf(boundary, 'boundary')] : []),
    ];
  }

  outcome(request: SimulatedRequest): SimulatedOutcome {
    const { caller, boundary } = this.#principal;
    const { action, resource, resourcePolicy } = request;
    const sources = [...this.#own, ...(resourcePolicy ? [sourceOf(resourcePolicy, 'resource')] : [])];
    const layers = layersOf(sources, boundary !== undefined, request.resourceAccount === caller.accountId);
    const asked = { caller, action: action.toLowerCase(), resource, keys: this.#keys(request) };
    const verdicts = layerVerdicts(layers, asked);
    const { verdict } = outcome(layers, verdicts);
    return {
      verdict,
      matched: sources.flatMap((source) => matchedIn(source, asked, verdict)),
      missingKeys: missingKeys(sources, asked),
      isSameAccount: layers.isSameAccount,
      identity: verdicts.identity,
      resource: verdicts.resource,
      boundary: boundary && verdicts.boundary,
    };
  }

  #keys({ action, resource, resourceAccount, keys }: SimulatedRequest): RequestKeys {
    const { caller, tags } = this.#principal;
    const given = new Map(Object.entries(keys).map(([name, values]) => [name.toLowerCase(), values]));
    const following = requestKeys({ caller, action, resource, resourceAccount, keys: {} }, () => tags);
    const valuesOf: KeyValues = (key) => {
      const values = given.get(key);
      if (values !== undefined) return typeof values === 'string' ? [values] : values;
      return ofCredentials.has(key) ? undefined : following.valuesOf(key);
    };
    return {
      valuesOf,
      variableOf: (key) => {
        const values = valuesOf(key);
        return values?.length === 1 ? values[0] : undefined;
      },
    };
  }
}

/** A simulated request has no credentials that these could come from. */
const ofCredentials: ReadonlySet<string> = new Set(['aws:tokenissuetime', 'aws:multifactorauthpresent']);

function sourceOf(policy: SimulatedPolicy, from: Source['from']): Source {
  return { policy, from, document: compiledPolicy(policy.text) ?? emptyPolicy };
}

function layersOf(sources: readonly Source[], hasBoundary: boolean, isSameAccount: boolean): Layers {
  const documents = (from: Source['from']) =>
    sources.filter((source) => source.from === from).map(({ document }) => document);
  return {
    identity: documents('identity'),
    boundary: hasBoundary ? documents('boundary') : undefined,
    session: undefined,
    resource: documents('resource')[0],
    isTrust: false,
    isSameAccount,
  };
}

/** Of an explicit deny only what denies; of an implicit one nothing. */
function matchedIn({ policy, from, document }: Source, asked: Asked, verdict: Verdict): MatchedStatement[] {
  if (verdict === 'none' || (verdict === 'allow' && from === 'boundary')) return [];
  const effect = verdict === 'deny' ? 'Deny' : 'Allow';
  return document.statements
    .filter((statement) => statement.effect === effect && isAbout(statement, asked))
    .map(({ start, end }) => ({
      policy,
      from,
      start: positionIn(policy.text, start),
      end: positionIn(policy.text, end),
    }));
}

function isAbout(statement: Statement, asked: Asked): boolean {
  const isPrincipal = !statement.principals || statement.principals.match(asked.caller) !== undefined;
  return isPrincipal && applies(statement, asked);
}

function missingKeys(sources: readonly Source[], { action, resource, keys }: Asked): string[] {
  const missing = new Map<string, string>();
  for (const { coversAction, coversResource, conditions } of sources.flatMap(
    ({ document }) => document.statements,
  )) {
    if (!coversAction(action) || coversResource(resource, keys.variableOf) === false) continue;
    for (const { key, name } of conditions) {
      if (keys.valuesOf(key) === undefined && !missing.has(key)) missing.set(key, name);
    }
  }
  return [...missing.values()];
}

function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  return { Line: before.split('\n').length, Column: offset - before.lastIndexOf('\n') };
}
