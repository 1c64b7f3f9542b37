import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { ServiceError } from '../../fault/index.ts';
import { assumedRoleArn, type RoleResource, roles } from '../../iam/index.ts';
import { iamPlace, type ResourceView } from '../../resource/index.ts';
import type { Action, Call, Target } from '../action.ts';
import type { Checked } from '../checked.ts';
import { packedPercent, sessionPolicies } from './session-policies.ts';
import { sessionTags, tagKeys } from './session-tags.ts';
import type { StsParts } from './sts-api.ts';

type AssumeInput = Checked<AssumeRoleRequest>;

const defaultSeconds = 3600;
/** A role that is assumed by the session of another one. */
const chainedSeconds = 3600;

/**
 * Open, as it asks itself: both sides, the caller's policies and the role's trust policy. A role that is not there is denied like one
 * that does not trust the caller: nobody learns which roles an account has.
 */
export function assumeRole({ resources, credentials }: StsParts): Action<AssumeInput> {
  return {
    isOpen: true,
    run: (input, call) =>
      resources.write((draft) => {
        checkRoleArn(input.RoleArn);
        const tags = sessionTags(input, call.caller);
        const role = assumableRole(draft, input, call);
        checkDuration(input, role, call);
        const policies = sessionPolicies(draft, input, role);
        const PackedPolicySize = packedPercent(input);
        const SourceIdentity = input.SourceIdentity ?? call.caller.session?.sourceIdentity;
        const { RoleSessionName, DurationSeconds = defaultSeconds } = input;
        const accountId = accountOf(role.Arn);
        const Credentials = credentials.openSession(draft, {
          accountId,
          roleName: role.RoleName,
          roleId: role.RoleId,
          sessionName: RoleSessionName,
          policies,
          ...tags,
          ...(SourceIdentity !== undefined && { sourceIdentity: SourceIdentity }),
          issuedMs: call.nowMs,
          expiresMs: call.nowMs + DurationSeconds * 1000,
        });
        return {
          Credentials,
          AssumedRoleUser: {
            AssumedRoleId: `${role.RoleId}:${RoleSessionName}`,
            Arn: assumedRoleArn(accountId, role.RoleName, RoleSessionName),
          },
          PackedPolicySize,
          SourceIdentity,
        };
      }),
  };
}

function checkRoleArn(arn: string): void {
  if (/^arn:aws[\w-]*:iam::\d{12}:role\/./.test(arn)) return;
  throw new ServiceError('ValidationError', `${arn} is invalid`);
}

/** @throws ServiceError `AccessDenied` */
function assumableRole(view: ResourceView, input: AssumeInput, call: Call): RoleResource {
  const { RoleArn } = input;
  const name = RoleArn.slice(RoleArn.lastIndexOf('/') + 1);
  const role = view.get(roles, iamPlace(accountOf(RoleArn)), name);
  for (const action of actionsOf(input, call)) {
    if (role?.Arn !== RoleArn || !call.isAllowed(assumption(action, role, input, call))) {
      throw denied(action, RoleArn, call);
    }
  }
  if (!role || changesIdentity(input, call)) throw denied('sts:SetSourceIdentity', RoleArn, call);
  return role;
}

/** What is needed besides AssumeRole follows from what the session is to have. */
function actionsOf({ Tags = [], SourceIdentity }: AssumeInput, { caller }: Call): string[] {
  const hasTags = Tags.length > 0 || (caller.session?.transitiveTagKeys ?? []).length > 0;
  const hasIdentity = SourceIdentity !== undefined || caller.session?.sourceIdentity !== undefined;
  return [
    'sts:AssumeRole',
    ...(hasTags ? ['sts:TagSession'] : []),
    ...(hasIdentity ? ['sts:SetSourceIdentity'] : []),
  ];
}

function assumption(action: string, role: RoleResource, input: AssumeInput, call: Call): Target {
  const { RoleSessionName, ExternalId, SourceIdentity = call.caller.session?.sourceIdentity } = input;
  return {
    action,
    resource: role.Arn,
    account: accountOf(role.Arn),
    resourcePolicy: role.AssumeRolePolicyDocument,
    keys: {
      'sts:RoleSessionName': RoleSessionName,
      ...(ExternalId !== undefined && { 'sts:ExternalId': ExternalId }),
      ...(SourceIdentity !== undefined && { 'sts:SourceIdentity': SourceIdentity }),
      ...roleTagKeys(role),
      ...tagKeys(input),
    },
  };
}

function roleTagKeys({ Tags }: RoleResource): Record<string, string> {
  return Object.fromEntries(
    Tags.flatMap(({ Key, Value }) => [
      [`aws:ResourceTag/${Key}`, Value],
      [`iam:ResourceTag/${Key}`, Value],
    ]),
  );
}

/** Once set, it stays what it is. */
function changesIdentity({ SourceIdentity }: AssumeInput, { caller }: Call): boolean {
  const present = caller.session?.sourceIdentity;
  return present !== undefined && SourceIdentity !== undefined && SourceIdentity !== present;
}

/** AWS does not say which side it was. */
function denied(action: string, roleArn: string, { caller }: Call): ServiceError {
  return new ServiceError(
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
    { status: 403 },
  );
}

/** What is asked for in too long is not made shorter. */
function checkDuration(
  { DurationSeconds = defaultSeconds }: AssumeInput,
  { MaxSessionDuration }: RoleResource,
  { caller }: Call,
): void {
  if (caller.session && DurationSeconds > chainedSeconds) {
    throw new ServiceError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (DurationSeconds > MaxSessionDuration) {
    throw new ServiceError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
}

function accountOf(arn: string): string {
  return arn.split(':')[4];
}
