import type { Action, ServiceApi } from '../action.ts';
import { absentCredentialActions } from './absent-credentials.ts';
import { accessKeyActions } from './access-keys.ts';
import { accountActions } from './account.ts';
import { accountDetailsActions } from './account-details.ts';
import { attachedPolicyActions } from './attached-policies.ts';
import { boundaryActions } from './boundaries.ts';
import { errors } from './errors.ts';
import { groupActions } from './groups.ts';
import type { IamParts } from './iam-parts.ts';
import { inlinePolicyActions } from './inline-policies.ts';
import { instanceProfileActions } from './instance-profiles.ts';
import { policyActions } from './policies.ts';
import { policyVersionActions } from './policy-versions.ts';
import { roleActions } from './roles.ts';
import { serviceLinkedRoleActions } from './service-linked-roles.ts';
import { simulateActions } from './simulate.ts';
import { tagActions } from './tags.ts';
import { userActions } from './users.ts';

export function iamApi(parts: IamParts): ServiceApi {
  return {
    service: 'iam',
    actions: forLongTermKeys({
      ...userActions(parts),
      ...groupActions(parts),
      ...roleActions(parts),
      ...policyActions(parts),
      ...policyVersionActions(parts),
      ...inlinePolicyActions(parts),
      ...attachedPolicyActions(parts),
      ...boundaryActions(parts),
      ...accessKeyActions(parts),
      ...absentCredentialActions(parts),
      ...instanceProfileActions(parts),
      ...serviceLinkedRoleActions(parts),
      ...simulateActions(parts),
      ...tagActions(parts),
      ...accountActions(parts),
      ...accountDetailsActions(parts),
    }),
  };
}

/** IAM takes nothing that GetSessionToken gave without MFA: else a token that has leaked could make keys that last. */
function forLongTermKeys(actions: Readonly<Record<string, Action>>): Record<string, Action> {
  const guarded = Object.entries(actions).map(([name, action]): [string, Action] => [
    name,
    {
      ...action,
      targets: (input, call) => {
        if (call.caller.tokenIssuedMs !== undefined) throw errors.invalidToken();
        return action.targets?.(input, call) ?? [{ resource: '*' }];
      },
    },
  ]);
  return Object.fromEntries(guarded);
}
