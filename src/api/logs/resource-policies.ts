import { randomUUID } from 'node:crypto';
import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ResourcePolicy,
} from '@aws-sdk/client-cloudwatch-logs';
import { ServiceError } from '../../fault/index.ts';
import { type Kind, kind, type Resources } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import { pageByKey } from '../pages.ts';
import { ofNothing } from './targets.ts';

/** Of the account in a Region, by name. They are kept and described; nothing asks them. */
const resourcePolicies: Kind<ResourcePolicy> = kind('logs-resource-policy');

/** AWS's quota. */
const maxPolicies = 10;
const pageLength = 50;

export function resourcePolicyActions(resources: Resources): Readonly<Record<string, Action>> {
  return {
    PutResourcePolicy: {
      targets: ofNothing,
      run: (input: PutResourcePolicyRequest, call: Call) => put(resources, input, call),
    },
    DescribeResourcePolicies: {
      targets: ofNothing,
      run: (input: DescribeResourcePoliciesRequest, call: Call) => describe(resources, input, call),
    },
    DeleteResourcePolicy: {
      targets: ofNothing,
      run: (input: DeleteResourcePolicyRequest, call: Call) => remove(resources, input, call),
    },
  };
}

async function put(
  resources: Resources,
  { policyName, policyDocument, resourceArn }: PutResourcePolicyRequest,
  { place, nowMs }: Call,
): Promise<PutResourcePolicyResponse> {
  const name = policyName ?? '';
  if (name === '') throw invalid('policyName must be given.');
  if (resourceArn !== undefined) throw invalid('Policies of single resources are not supported by Headgate.');
  if (!isJsonObject(policyDocument ?? '')) throw invalid('Unsupported or malformed policy document.');
  const policy: ResourcePolicy = {
    policyName: name,
    policyDocument: policyDocument ?? '',
    lastUpdatedTime: nowMs,
    policyScope: 'ACCOUNT',
    revisionId: randomUUID(),
  };
  await resources.write((draft) => {
    const others = [...draft.entries(resourcePolicies, place)].filter(([known]) => known !== name);
    if (others.length >= maxPolicies) {
      throw new ServiceError('LimitExceededException', 'Resource limit exceeded.');
    }
    draft.put(resourcePolicies, place, name, policy);
  });
  return { resourcePolicy: policy, ...(policy.revisionId ? { revisionId: policy.revisionId } : {}) };
}

function describe(
  resources: Resources,
  { limit = pageLength, nextToken }: DescribeResourcePoliciesRequest,
  call: Call,
): DescribeResourcePoliciesResponse {
  const badToken = () => invalid('The specified nextToken is invalid.');
  const { items, ...rest } = pageByKey(
    resources.list(resourcePolicies, call.place),
    ({ policyName = '' }) => policyName,
    { limit, token: nextToken, badToken },
    call,
  );
  return { resourcePolicies: [...items], ...rest };
}

async function remove(
  resources: Resources,
  { policyName = '' }: DeleteResourcePolicyRequest,
  { place }: Call,
): Promise<void> {
  await resources.write((draft) => {
    if (!draft.get(resourcePolicies, place, policyName)) {
      throw new ServiceError('ResourceNotFoundException', `Policy with name [${policyName}] does not exist.`);
    }
    draft.remove(resourcePolicies, place, policyName);
  });
}

function isJsonObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

function invalid(sentence: string): ServiceError {
  return new ServiceError('InvalidParameterException', sentence);
}
