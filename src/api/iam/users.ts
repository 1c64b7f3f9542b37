import type {
  CreateUserRequest,
  GetUserRequest,
  ListUsersRequest,
  UpdateUserRequest,
} from '@aws-sdk/client-iam';
import { accessKeys, groups, keysOf, newUniqueId, sessions, type UserResource } from '../../iam/index.ts';
import { type Draft, globalPlace, type Place } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { boundaryKeys, checkBoundary, shownBoundary } from './boundaries.ts';
import {
  arnOf,
  checkName,
  checkNewName,
  entityTarget,
  findEntity,
  newTarget,
  putEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { isUnderPath, markedPage } from './marked-page.ts';
import { newTags, requestTagKeys } from './tags.ts';

/** @throws ServiceError `ValidationError` when the request names no user and is not signed by one */
export function userNameOf({ caller }: Call, name: string | undefined): string {
  const userName = name ?? caller.userName;
  if (userName !== undefined) return userName;
  throw errors.validation('Must specify userName when calling with non-User credentials');
}

export function userActions({ resources }: IamParts) {
  const ofUser = ({ UserName }: { readonly UserName?: string | undefined }, call: Call) => [
    entityTarget(resources, userEntity, userNameOf(call, UserName), call),
  ];
  const CreateUser: Action<Checked<CreateUserRequest>> = {
    targets: ({ UserName, Path, Tags, PermissionsBoundary }, call) => [
      newTarget('user', Path, UserName, call, {
        ...requestTagKeys(Tags),
        ...boundaryKeys(PermissionsBoundary),
      }),
    ],
    run: (input, call) => resources.write((draft) => ({ User: detailed(createUser(draft, input, call)) })),
  };
  const GetUser: Action<Checked<GetUserRequest>> = {
    targets: ofUser,
    run: ({ UserName }, call) => ({
      User: detailed(findEntity(resources, placeOf(call), userEntity, userNameOf(call, UserName))),
    }),
  };
  const ListUsers: Action<Checked<ListUsersRequest>> = {
    targets: (input, call) => [newTarget('user', input.PathPrefix, '', call)],
    run: (input, call) => {
      const found = [...resources.list(userEntity.kind, placeOf(call))].filter((user) =>
        isUnderPath(user, input.PathPrefix),
      );
      const page = markedPage(found, ({ UserName }) => UserName, input, call);
      return { Users: page.items.map(listed), ...page.marks };
    },
  };
  const UpdateUser: Action<Checked<UpdateUserRequest>> = {
    targets: ({ UserName, NewUserName, NewPath }, call) => {
      const target = entityTarget(resources, userEntity, UserName, call);
      const renamed = newTarget('user', NewPath, NewUserName ?? UserName, call);
      return NewUserName === undefined && NewPath === undefined ? [target] : [target, renamed];
    },
    run: (input, call) => resources.write((draft) => updateUser(draft, input, placeOf(call))),
  };
  const DeleteUser: Action<{ readonly UserName: string }> = {
    targets: ofUser,
    run: ({ UserName }, call) => resources.write((draft) => deleteUser(draft, UserName, placeOf(call))),
  };
  return { CreateUser, GetUser, ListUsers, UpdateUser, DeleteUser };
}

/** As lists show a user. */
export function listed({ Path, UserName, UserId, Arn, CreateDate }: UserResource) {
  return { Path, UserName, UserId, Arn, CreateDate };
}

function detailed(user: UserResource) {
  const { Tags, PermissionsBoundary } = user;
  return {
    ...listed(user),
    ...shownBoundary(PermissionsBoundary),
    ...(Tags.length > 0 && { Tags }),
  };
}

function createUser(draft: Draft, input: Checked<CreateUserRequest>, call: Call): UserResource {
  const { UserName, Path = '/', PermissionsBoundary } = input;
  const place = placeOf(call);
  checkNewName(draft, place, userEntity, UserName);
  checkBoundary(draft, place, PermissionsBoundary);
  const user: UserResource = {
    UserName,
    UserId: newUniqueId('AIDA'),
    Path,
    Arn: arnOf(place, 'user', Path, UserName),
    CreateDate: nowText(call),
    Tags: newTags(input.Tags),
    ...(PermissionsBoundary !== undefined && { PermissionsBoundary }),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  putEntity(draft, place, userEntity, user);
  return user;
}

/** A user with another name or path has another ARN, and is in all else who he was. */
function updateUser(draft: Draft, input: Checked<UpdateUserRequest>, place: Place): void {
  const { UserName, NewUserName = UserName, NewPath } = input;
  const user = findEntity(draft, place, userEntity, UserName);
  checkName(draft, place, userEntity, NewUserName, UserName);
  const Path = NewPath ?? user.Path;
  if (NewUserName !== UserName) rename(draft, place, UserName, NewUserName);
  putEntity(draft, place, userEntity, {
    ...user,
    UserName: NewUserName,
    Path,
    Arn: arnOf(place, 'user', Path, NewUserName),
  });
}

function rename(draft: Draft, place: Place, before: string, UserName: string): void {
  draft.remove(userEntity.kind, place, before);
  for (const key of keysOf(draft, place.accountId, before)) {
    draft.put(accessKeys, globalPlace, key.AccessKeyId, { ...key, UserName });
  }
  for (const session of draft.list(sessions, globalPlace)) {
    if (session.accountId !== place.accountId || session.UserName !== before) continue;
    draft.put(sessions, globalPlace, session.AccessKeyId, { ...session, UserName });
  }
  for (const group of draft.list(groups, place)) {
    if (!group.members.includes(before)) continue;
    const members = group.members.map((name) => (name === before ? UserName : name));
    draft.put(groups, place, group.GroupName, { ...group, members });
  }
}

function deleteUser(draft: Draft, name: string, place: Place): void {
  const user = findEntity(draft, place, userEntity, name);
  checkUnused(user, {
    'must remove users from group first.': [...draft.list(groups, place)].some(({ members }) =>
      members.includes(name),
    ),
    'must delete access keys first.': keysOf(draft, place.accountId, name).length > 0,
  });
  draft.remove(userEntity.kind, place, name);
  for (const { AccessKeyId, accountId, UserName } of draft.list(sessions, globalPlace)) {
    if (accountId === place.accountId && UserName === name) draft.remove(sessions, globalPlace, AccessKeyId);
  }
}

/**
 * Entities are deleted when nothing hangs on them any more.
 * @throws ServiceError `DeleteConflict` that names the first thing to be done
 */
export function checkUnused(
  { attachedPolicies, inlinePolicies }: Pick<UserResource, 'attachedPolicies' | 'inlinePolicies'>,
  others: Readonly<Record<string, boolean>>,
): void {
  const obstacles = {
    'must detach all policies first.': attachedPolicies.length > 0,
    'must delete policies first.': Object.keys(inlinePolicies).length > 0,
    ...others,
  };
  const first = Object.entries(obstacles).find(([, isThere]) => isThere);
  if (first) throw errors.deleteConflict(`Cannot delete entity, ${first[0]}`);
}
