import type { SimulateCustomPolicyRequest, SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import { ServiceError } from '../../fault/index.ts';
import {
  type MatchedStatement,
  type PolicyUse,
  parsePolicy,
  type SimulatedOutcome,
  type SimulatedPolicy,
  type SimulatedPrincipal,
  Simulation,
} from '../../iam/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import type { IamParts } from './iam-parts.ts';
import { markedPage } from './marked-page.ts';
import { anonymousPrincipal, callerOf, principalOf } from './simulated-principal.ts';

type CustomInput = Checked<SimulateCustomPolicyRequest>;
type PrincipalInput = Checked<SimulatePrincipalPolicyRequest>;
/** What both actions ask about. */
type QuestionInput = Omit<CustomInput, 'PolicyInputList'>;

/** What somebody may do, asked without doing it; of the account's own policies, or of any. */
export function simulateActions({ resources }: Pick<IamParts, 'resources'>) {
  const SimulateCustomPolicy: Action<CustomInput> = {
    run: (input, call) => {
      const principal = input.CallerArn
        ? callerOf(input.CallerArn, resources, call)
        : anonymousPrincipal(call);
      const [boundary] = givenBoundary(input);
      return answer({ ...principal, policies: givenPolicies(input.PolicyInputList), boundary }, input, call);
    },
  };
  const SimulatePrincipalPolicy: Action<PrincipalInput> = {
    targets: ({ PolicySourceArn }) => [{ resource: PolicySourceArn }],
    run: (input, call) => {
      const source = principalOf(input.PolicySourceArn, resources, call);
      const caller = input.CallerArn ? callerOf(input.CallerArn, resources, call) : source;
      const policies = [...source.policies, ...givenPolicies(input.PolicyInputList)];
      const [boundary = source.boundary] = givenBoundary(input);
      return answer({ ...caller, policies, boundary }, input, call);
    },
  };
  return { SimulateCustomPolicy, SimulatePrincipalPolicy };
}

/** More than anybody looks through; each costs an evaluation. */
const mostResults = 10_000;
/** Of requests with statements, for one page; it may then be shorter than was asked for, as IAM's may. */
const mostComparisons = 200_000;

interface Question {
  readonly number: number;
  readonly action: string;
  readonly resource: string;
}

function answer(principal: SimulatedPrincipal, input: QuestionInput, call: Call) {
  const { Marker, MaxItems = 100, ResourcePolicy, ...rest } = input;
  const resourcePolicy =
    ResourcePolicy === undefined ? undefined : givenResourcePolicy(input, ResourcePolicy);
  const keys = Object.fromEntries(
    (input.ContextEntries ?? []).map(({ ContextKeyName = '', ContextKeyValues = [] }) => [
      ContextKeyName,
      ContextKeyValues,
    ]),
  );
  const simulation = new Simulation({ ...principal, resourcePolicy });
  const most = Math.max(1, Math.floor(mostComparisons / (simulation.statementCount + 1)));
  const page = markedPage(
    questions(input),
    keyOf,
    { Marker, MaxItems: Math.min(MaxItems, most) },
    call,
    rest,
  );
  const isNamed = input.ResourceArns !== undefined && input.ResourceArns.length > 0;
  const EvaluationResults = page.items.map(({ action, resource }) => {
    const resourceAccount = ownerOf(input.ResourceOwner ?? resource) ?? principal.caller.accountId;
    const outcome = simulation.outcome({ action, resource, resourceAccount, keys });
    return evaluationResult(action, resource, isNamed, outcome);
  });
  return { EvaluationResults, ...page.marks };
}

function questions({ ActionNames, ResourceArns = [] }: QuestionInput): Question[] {
  const resources = ResourceArns.length > 0 ? ResourceArns : ['*'];
  if (ActionNames.length * resources.length > mostResults) {
    throw errors.invalidInput(`The simulation has more than ${mostResults} actions and resources`);
  }
  for (const action of ActionNames) {
    if (!/^[\w-]+:\w+$/.test(action)) throw errors.invalidInput(`Invalid action name: ${action}`);
  }
  const pairs = ActionNames.flatMap((action) => resources.map((resource) => ({ action, resource })));
  return pairs.map((pair, number) => ({ number, ...pair }));
}

function keyOf({ number }: Question): string {
  return String(number).padStart(6, '0');
}

const decisions = { allow: 'allowed', deny: 'explicitDeny', none: 'implicitDeny' } as const;

function evaluationResult(action: string, resource: string, isNamed: boolean, outcome: SimulatedOutcome) {
  const MatchedStatements = outcome.matched.map(shownStatement);
  const EvalDecision = decisions[outcome.verdict];
  const details = {
    ...(outcome.isSameAccount ? {} : { EvalDecisionDetails: decisionDetails(outcome) }),
    ...(outcome.boundary === undefined
      ? {}
      : {
          PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: outcome.boundary === 'allow' },
        }),
  };
  const specific = {
    EvalResourceName: resource,
    EvalResourceDecision: EvalDecision,
    MatchedStatements,
    MissingContextValues: outcome.missingKeys,
    ...details,
  };
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision,
    MatchedStatements,
    MissingContextValues: isNamed ? [] : outcome.missingKeys,
    ...details,
    ...(isNamed ? { ResourceSpecificResults: [specific] } : {}),
  };
}

function decisionDetails({ identity, resource }: SimulatedOutcome): Record<string, string> {
  return { 'IAM Policy': decisions[identity], 'Resource Policy': decisions[resource] };
}

const sourceTypes = {
  identity: 'IAM Policy',
  boundary: 'Permissions Boundary Policy',
  resource: 'Resource Policy',
} as const;

function shownStatement({ policy, from, start, end }: MatchedStatement) {
  return {
    SourcePolicyId: policy.id,
    SourcePolicyType: sourceTypes[from],
    StartPosition: start,
    EndPosition: end,
  };
}

function givenPolicies(texts: readonly string[] = []): SimulatedPolicy[] {
  return texts.map((text, i) => checkedPolicy(`PolicyInputList.${i + 1}`, text, 'identity'));
}

function givenBoundary({ PermissionsBoundaryPolicyInputList: texts = [] }: QuestionInput): SimulatedPolicy[] {
  if (texts.length > 1) throw errors.invalidInput('Only one permissions boundary policy can be given');
  return texts.map((text) => checkedPolicy('PermissionsBoundaryPolicyInputList.1', text, 'identity'));
}

/** The principal of a resource's policy is a caller, and its resource one of those that are asked about. */
function givenResourcePolicy({ ResourceArns = [] }: QuestionInput, text: string): SimulatedPolicy {
  if (ResourceArns.length === 0) throw errors.invalidInput('ResourceArns is required with ResourcePolicy');
  return checkedPolicy('ResourcePolicy', text, 'resource');
}

/** @throws ServiceError `InvalidInput` with what is wrong with the policy */
function checkedPolicy(id: string, text: string, use: PolicyUse): SimulatedPolicy {
  try {
    parsePolicy(text, use);
  } catch (error) {
    if (error instanceof ServiceError) throw errors.invalidInput(`${id}: ${error.message}`);
    throw error;
  }
  return { id, text };
}

/** The account in an ARN, where it has one. */
function ownerOf(arn: string): string | undefined {
  return /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(`${arn}:`)?.[1];
}
