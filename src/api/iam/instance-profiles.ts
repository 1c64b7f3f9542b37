import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesRequest,
} from '@aws-sdk/client-iam';
import { type InstanceProfileResource, instanceProfiles, newUniqueId, roles } from '../../iam/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import {
  arnOf,
  checkModifiable,
  checkNewName,
  entityTarget,
  findEntity,
  newTarget,
  profileEntity,
  putEntity,
  roleEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { isUnderPath, markedPage } from './marked-page.ts';
import { listed as listedRole } from './roles.ts';
import { newTags, requestTagKeys } from './tags.ts';

export function instanceProfileActions({ resources }: IamParts) {
  const shown = (profile: InstanceProfileResource, call: Call) =>
    shownProfile(resources, placeOf(call), profile);
  const ofProfile = (input: { readonly InstanceProfileName: string }, call: Call) => [
    entityTarget(resources, profileEntity, input.InstanceProfileName, call),
  ];
  const CreateInstanceProfile: Action<Checked<CreateInstanceProfileRequest>> = {
    targets: ({ InstanceProfileName, Path, Tags }, call) => [
      newTarget('instance-profile', Path, InstanceProfileName, call, requestTagKeys(Tags)),
    ],
    run: (input, call) =>
      resources.write((draft) => {
        const profile = createProfile(draft, input, call);
        return { InstanceProfile: withTags(shownProfile(draft, placeOf(call), profile), profile) };
      }),
  };
  const GetInstanceProfile: Action<{ readonly InstanceProfileName: string }> = {
    targets: ofProfile,
    run: ({ InstanceProfileName }, call) => {
      const profile = findEntity(resources, placeOf(call), profileEntity, InstanceProfileName);
      return { InstanceProfile: withTags(shown(profile, call), profile) };
    },
  };
  const ListInstanceProfiles: Action<Checked<ListInstanceProfilesRequest>> = {
    targets: (input, call) => [newTarget('instance-profile', input.PathPrefix, '', call)],
    run: (input, call) => {
      const found = [...resources.list(instanceProfiles, placeOf(call))].filter((profile) =>
        isUnderPath(profile, input.PathPrefix),
      );
      const page = markedPage(found, ({ InstanceProfileName }) => InstanceProfileName, input, call);
      return { InstanceProfiles: page.items.map((profile) => shown(profile, call)), ...page.marks };
    },
  };
  const ListInstanceProfilesForRole: Action<Checked<ListInstanceProfilesForRoleRequest>> = {
    targets: ({ RoleName }, call) => [entityTarget(resources, roleEntity, RoleName, call)],
    run: (input, call) => {
      findEntity(resources, placeOf(call), roleEntity, input.RoleName);
      const found = profilesOf(resources, placeOf(call), input.RoleName);
      const keyOf = (profile: InstanceProfileResource) => profile.InstanceProfileName;
      const page = markedPage(found, keyOf, input, call, input.RoleName);
      return { InstanceProfiles: page.items.map((profile) => shown(profile, call)), ...page.marks };
    },
  };
  const DeleteInstanceProfile: Action<{ readonly InstanceProfileName: string }> = {
    targets: ofProfile,
    run: ({ InstanceProfileName }, call) =>
      resources.write((draft) => {
        const { role } = findEntity(draft, placeOf(call), profileEntity, InstanceProfileName);
        if (role !== undefined) {
          throw errors.deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
        }
        draft.remove(instanceProfiles, placeOf(call), InstanceProfileName);
      }),
  };
  const AddRoleToInstanceProfile: Action<Checked<AddRoleToInstanceProfileRequest>> = {
    targets: (input, call) => [
      ...ofProfile(input, call),
      {
        ...entityTarget(resources, roleEntity, input.RoleName, call, {
          'iam:PassedToService': 'ec2.amazonaws.com',
        }),
        action: 'iam:PassRole',
      },
    ],
    run: (input, call) => resources.write((draft) => addRole(draft, input, placeOf(call))),
  };
  const RemoveRoleFromInstanceProfile: Action<Checked<AddRoleToInstanceProfileRequest>> = {
    targets: ofProfile,
    run: (input, call) => resources.write((draft) => removeRole(draft, input, placeOf(call))),
  };
  return {
    CreateInstanceProfile,
    GetInstanceProfile,
    ListInstanceProfiles,
    ListInstanceProfilesForRole,
    DeleteInstanceProfile,
    AddRoleToInstanceProfile,
    RemoveRoleFromInstanceProfile,
  };
}

export function profilesOf(view: ResourceView, place: Place, roleName: string): InstanceProfileResource[] {
  return [...view.list(instanceProfiles, place)].filter(({ role }) => role === roleName);
}

export function shownProfile(view: ResourceView, place: Place, profile: InstanceProfileResource) {
  const { Path, InstanceProfileName, InstanceProfileId, Arn, CreateDate } = profile;
  const role = profile.role === undefined ? undefined : view.get(roles, place, profile.role);
  const Roles = role ? [listedRole(view, role)] : [];
  return { Path, InstanceProfileName, InstanceProfileId, Arn, CreateDate, Roles };
}

function withTags<T>(shown: T, { Tags }: InstanceProfileResource): T {
  return { ...shown, ...(Tags.length > 0 && { Tags }) };
}

function createProfile(
  draft: Draft,
  input: Checked<CreateInstanceProfileRequest>,
  call: Call,
): InstanceProfileResource {
  const { InstanceProfileName, Path = '/' } = input;
  const place = placeOf(call);
  checkNewName(draft, place, profileEntity, InstanceProfileName);
  const profile: InstanceProfileResource = {
    InstanceProfileName,
    InstanceProfileId: newUniqueId('AIPA'),
    Path,
    Arn: arnOf(place, 'instance-profile', Path, InstanceProfileName),
    CreateDate: nowText(call),
    Tags: newTags(input.Tags),
  };
  putEntity(draft, place, profileEntity, profile);
  return profile;
}

function addRole(draft: Draft, input: Checked<AddRoleToInstanceProfileRequest>, place: Place): void {
  const { InstanceProfileName, RoleName } = input;
  const profile = findEntity(draft, place, profileEntity, InstanceProfileName);
  checkModifiable(findEntity(draft, place, roleEntity, RoleName), RoleName);
  if (profile.role !== undefined) throw errors.overQuota('InstanceSessionsPerInstanceProfile', 1);
  putEntity(draft, place, profileEntity, { ...profile, role: RoleName });
}

function removeRole(draft: Draft, input: Checked<AddRoleToInstanceProfileRequest>, place: Place): void {
  const { InstanceProfileName, RoleName } = input;
  const { role, ...profile } = findEntity(draft, place, profileEntity, InstanceProfileName);
  findEntity(draft, place, roleEntity, RoleName);
  if (role !== RoleName) throw errors.noSuchEntity(roleEntity.missing(RoleName));
  putEntity(draft, place, profileEntity, profile);
}
