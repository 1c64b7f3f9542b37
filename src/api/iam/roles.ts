import type {
  CreateRoleRequest,
  ListRolesRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import { instanceProfiles, newUniqueId, type RoleResource, roles, sessions } from '../../iam/index.ts';
import { type Draft, globalPlace, type Place, type ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { boundaryKeys, checkBoundary, shownBoundary } from './boundaries.ts';
import { shownTrustPolicy, storedTrustPolicy } from './documents.ts';
import {
  arnOf,
  checkModifiable,
  checkNewName,
  entityTarget,
  findEntity,
  newTarget,
  putEntity,
  roleEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { isUnderPath, markedPage } from './marked-page.ts';
import { newTags, requestTagKeys } from './tags.ts';
import { checkUnused } from './users.ts';

const defaultSessionSeconds = 3600;

export function roleActions({ resources }: IamParts) {
  const ofRole = ({ RoleName }: { readonly RoleName: string }, call: Call) => [
    entityTarget(resources, roleEntity, RoleName, call),
  ];
  const change = (
    RoleName: string,
    call: Call,
    changed: (role: RoleResource, draft: Draft) => RoleResource,
  ) =>
    resources.write((draft) => {
      const role = findEntity(draft, placeOf(call), roleEntity, RoleName);
      checkModifiable(role, RoleName);
      const after = changed(role, draft);
      putEntity(draft, placeOf(call), roleEntity, after);
      return after;
    });
  const CreateRole: Action<Checked<CreateRoleRequest>> = {
    targets: ({ RoleName, Path, Tags, PermissionsBoundary }, call) => [
      newTarget('role', Path, RoleName, call, {
        ...requestTagKeys(Tags),
        ...boundaryKeys(PermissionsBoundary),
      }),
    ],
    run: (input, call) =>
      resources.write((draft) => ({ Role: detailed(draft, createRole(draft, input, call)) })),
  };
  const GetRole: Action<{ readonly RoleName: string }> = {
    targets: ofRole,
    run: ({ RoleName }, call) => ({
      Role: {
        ...detailed(resources, findEntity(resources, placeOf(call), roleEntity, RoleName)),
        RoleLastUsed: {},
      },
    }),
  };
  const ListRoles: Action<Checked<ListRolesRequest>> = {
    targets: (input, call) => [newTarget('role', input.PathPrefix, '', call)],
    run: (input, call) => {
      const found = [...resources.list(roles, placeOf(call))].filter((role) =>
        isUnderPath(role, input.PathPrefix),
      );
      const page = markedPage(found, ({ RoleName }) => RoleName, input, call);
      return { Roles: page.items.map((role) => listed(resources, role)), ...page.marks };
    },
  };
  const UpdateRole: Action<Checked<UpdateRoleRequest>> = {
    targets: ofRole,
    run: async ({ RoleName, Description, MaxSessionDuration = defaultSessionSeconds }, call) => {
      await change(RoleName, call, (role) => ({
        ...role,
        MaxSessionDuration,
        ...(Description !== undefined && { Description }),
      }));
      return {};
    },
  };
  const UpdateRoleDescription: Action<Checked<UpdateRoleDescriptionRequest>> = {
    targets: ofRole,
    run: async ({ RoleName, Description }, call) => ({
      Role: detailed(resources, await change(RoleName, call, (role) => ({ ...role, Description }))),
    }),
  };
  const UpdateAssumeRolePolicy: Action<Checked<UpdateAssumeRolePolicyRequest>> = {
    targets: ofRole,
    run: async ({ RoleName, PolicyDocument }, call) => {
      await change(RoleName, call, (role, draft) => ({
        ...role,
        AssumeRolePolicyDocument: storedTrustPolicy(draft, PolicyDocument),
      }));
    },
  };
  const DeleteRole: Action<{ readonly RoleName: string }> = {
    targets: ofRole,
    run: ({ RoleName }, call) => resources.write((draft) => deleteRole(draft, RoleName, placeOf(call))),
  };
  return {
    CreateRole,
    GetRole,
    ListRoles,
    UpdateRole,
    UpdateRoleDescription,
    UpdateAssumeRolePolicy,
    DeleteRole,
  };
}

/** As lists show a role. */
export function listed(view: ResourceView, role: RoleResource) {
  const { Path, RoleName, RoleId, Arn, CreateDate, Description, MaxSessionDuration } = role;
  const AssumeRolePolicyDocument = shownTrustPolicy(view, role.AssumeRolePolicyDocument);
  return {
    Path,
    RoleName,
    RoleId,
    Arn,
    CreateDate,
    AssumeRolePolicyDocument,
    Description,
    MaxSessionDuration,
  };
}

export function detailed(view: ResourceView, role: RoleResource) {
  const { Tags, PermissionsBoundary } = role;
  return {
    ...listed(view, role),
    ...shownBoundary(PermissionsBoundary),
    ...(Tags.length > 0 && { Tags }),
  };
}

function createRole(draft: Draft, input: Checked<CreateRoleRequest>, call: Call): RoleResource {
  const { RoleName, Path = '/', Description, PermissionsBoundary } = input;
  const place = placeOf(call);
  if (Path.startsWith('/aws-service-role/')) {
    throw errors.invalidInput(`Path ${Path} is reserved for roles that are linked to a service.`);
  }
  checkNewName(draft, place, roleEntity, RoleName);
  checkBoundary(draft, place, PermissionsBoundary);
  const role: RoleResource = {
    RoleName,
    RoleId: newUniqueId('AROA'),
    Path,
    Arn: arnOf(place, 'role', Path, RoleName),
    CreateDate: nowText(call),
    ...(Description !== undefined && { Description }),
    AssumeRolePolicyDocument: storedTrustPolicy(draft, input.AssumeRolePolicyDocument),
    MaxSessionDuration: input.MaxSessionDuration ?? defaultSessionSeconds,
    ...(PermissionsBoundary !== undefined && { PermissionsBoundary }),
    Tags: newTags(input.Tags),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  putEntity(draft, place, roleEntity, role);
  return role;
}

function deleteRole(draft: Draft, name: string, place: Place): void {
  const role = findEntity(draft, place, roleEntity, name);
  checkModifiable(role, name);
  checkUnused(role, {
    'must remove roles from instance profile first.': [...draft.list(instanceProfiles, place)].some(
      (profile) => profile.role === name,
    ),
  });
  removeRole(draft, place, role);
}

/** Its sessions end with it. */
export function removeRole(draft: Draft, place: Place, { RoleName, RoleId }: RoleResource): void {
  draft.remove(roles, place, RoleName);
  for (const { AccessKeyId, roleId } of draft.list(sessions, globalPlace)) {
    if (roleId === RoleId) draft.remove(sessions, globalPlace, AccessKeyId);
  }
}
