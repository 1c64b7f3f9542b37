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

export interface SimulatedPolicies extends SimulatedPrincipal {
  /** Of every resource that is asked about. */
  readonly resourcePolicy: SimulatedPolicy | undefined;
}

export interface SimulatedRequest {
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
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
  /** Offsets at which lines begin. */
  readonly lines: readonly number[];
}

/** What the evaluation of a request would come to, and by which statements. Policies are compiled once. */
export class Simulation {
  readonly #policies: SimulatedPolicies;
  readonly #sources: readonly Source[];
  /** How many statements each request is held against. */
  readonly statementCount: number;

  constructor(policies: SimulatedPolicies) {
    this.#policies = policies;
    this.#sources = [
      ...policies.policies.map((policy) => sourceOf(policy, 'identity')),
      ...(policies.boundary ? [sourceOf(policies.boundary, 'boundary')] : []),
      ...(policies.resourcePolicy ? [sourceOf(policies.resourcePolicy, 'resource')] : []),
    ];
    this.statementCount = this.#sources.reduce(
      (count, { document }) => count + document.statements.length,
      0,
    );
  }

  outcome(request: SimulatedRequest): SimulatedOutcome {
    const { caller, boundary } = this.#policies;
    const { action, resource, resourceAccount } = request;
    const layers = layersOf(this.#sources, boundary !== undefined, resourceAccount === caller.accountId);
    const asked = { caller, action: action.toLowerCase(), resource, keys: this.#keys(request) };
    const verdicts = layerVerdicts(layers, asked);
    const { verdict } = outcome(layers, verdicts);
    return {
      verdict,
      matched: this.#sources.flatMap((source) => matchedIn(source, asked, verdict)),
      missingKeys: missingKeys(this.#sources, asked),
      isSameAccount: layers.isSameAccount,
      identity: verdicts.identity,
      resource: verdicts.resource,
      boundary: boundary && verdicts.boundary,
    };
  }

  #keys({ action, resource, resourceAccount, keys }: SimulatedRequest): RequestKeys {
    const { caller, tags } = this.#policies;
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
  const lines = [0, ...[...policy.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return { policy, from, document: compiledPolicy(policy.text) ?? emptyPolicy, lines };
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
function matchedIn(
  { policy, from, document, lines }: Source,
  asked: Asked,
  verdict: Verdict,
): MatchedStatement[] {
  if (verdict === 'none' || (verdict === 'allow' && from === 'boundary')) return [];
  const effect = verdict === 'deny' ? 'Deny' : 'Allow';
  return document.statements
    .filter((statement) => statement.effect === effect && isAbout(statement, asked))
    .map(({ start, end }) => ({
      policy,
      from,
      start: positionIn(lines, start),
      end: positionIn(lines, end),
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

function positionIn(lines: readonly number[], offset: number): Position {
  let low = 0;
  let high = lines.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lines[middle] <= offset) low = middle;
    else high = middle;
  }
  return { Line: low + 1, Column: offset - lines[low] + 1 };
}
