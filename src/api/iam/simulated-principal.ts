import {
  type Caller,
  type GroupResource,
  groupPolicies,
  type IdentityPolicies,
  type RoleResource,
  rolePolicies,
  type SimulatedPrincipal,
  userCaller,
  userPolicies,
} from '../../iam/index.ts';
import { iamPlace, type Place, type ResourceView } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import {
  findEntity,
  groupEntity,
  type Identity,
  type IdentityKind,
  roleEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';

const entityForm = /^arn:aws:iam::(\d{12}):(user|group|role)\/(?:.*\/)?([\w+=,.@-]+)$/;

/**
 * A user, group or role with all its policies.
 * @throws ServiceError `InvalidInput` for an ARN of nothing that has policies, `NoSuchEntity`
 */
export function principalOf(arn: string, view: ResourceView, call: Call): SimulatedPrincipal {
  const [, accountId, kind, name] = entityForm.exec(arn) ?? [];
  if (accountId === undefined) {
    throw errors.invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const place = iamPlace(call.caller.accountId);
  if (accountId !== place.accountId) {
    throw errors.noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
  }
  if (kind === 'user') {
    const user = entityAt(view, place, userEntity, arn);
    return principal(userCaller(accountId, user), userPolicies(view, user));
  }
  if (kind === 'role') {
    const role = entityAt(view, place, roleEntity, arn);
    return principal(roleCaller(accountId, role), rolePolicies(view, role));
  }
  const group = entityAt(view, place, groupEntity, arn);
  const policies = groupPolicies(view, group);
  return principal(groupCaller(accountId, group), { policies, boundary: undefined, tags: [] });
}

/** With the path that the ARN names: it is the whole ARN that the caller was allowed to ask about. */
function entityAt<T extends Identity>(
  view: ResourceView,
  place: Place,
  entity: IdentityKind<T>,
  arn: string,
): T {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const found = findEntity(view, place, entity, name);
  if (found.Arn !== arn) throw errors.noSuchEntity(entity.missing(name));
  return found;
}

/**
 * The user whom a simulated request is to come from, without policies. Of another account's users nothing is known but
 * what the request says.
 * @throws ServiceError `InvalidInput` for what is no user
 */
export function callerOf(arn: string, view: ResourceView, call: Call): SimulatedPrincipal {
  const [, accountId, kind, userName] = entityForm.exec(arn) ?? [];
  if (accountId === undefined || kind !== 'user') throw errors.invalidInput(`Invalid CallerArn: ${arn}`);
  const isOwn = accountId === call.caller.accountId;
  const user = isOwn ? view.get(userEntity.kind, iamPlace(accountId), userName) : undefined;
  const none: IdentityPolicies = { policies: [], boundary: undefined, tags: user?.Tags ?? [] };
  if (user?.Arn === arn) return principal(userCaller(accountId, user), none);
  return principal({ kind: 'user', accountId, arn, userId: arn, userName }, none);
}

/** Of a simulation that says nothing of who asks: the caller's account is all that is known. */
export function anonymousPrincipal({ caller: { accountId } }: Call): SimulatedPrincipal {
  const arn = `arn:aws:iam::${accountId}:user/`;
  return principal(
    { kind: 'user', accountId, arn, userId: arn },
    { policies: [], boundary: undefined, tags: [] },
  );
}

function principal(caller: Caller, { policies, boundary, tags }: IdentityPolicies): SimulatedPrincipal {
  return { caller, policies, boundary, tags };
}

function roleCaller(accountId: string, role: RoleResource): Caller {
  return {
    kind: 'role-session',
    accountId,
    arn: role.Arn,
    userId: role.RoleId,
    session: {
      roleArn: role.Arn,
      roleId: role.RoleId,
      sessionName: '',
      policies: [],
      tags: {},
      issuedMs: 0,
      expiresMs: 0,
    },
  };
}

/** Nobody is a group: whoever is in it has no name here. */
function groupCaller(accountId: string, { Arn, GroupId }: GroupResource): Caller {
  return { kind: 'user', accountId, arn: Arn, userId: GroupId };
}
