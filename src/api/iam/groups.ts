import type {
  AddUserToGroupRequest,
  CreateGroupRequest,
  GetGroupRequest,
  ListGroupsForUserRequest,
  ListGroupsRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-iam';
import { type GroupResource, groups, newUniqueId, users } from '../../iam/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import {
  arnOf,
  checkName,
  checkNewName,
  entityTarget,
  findEntity,
  groupEntity,
  newTarget,
  putEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { isUnderPath, markedPage } from './marked-page.ts';
import { checkUnused, listed as listedUser } from './users.ts';

const mostGroupsPerUser = 10;

export function groupActions({ resources }: IamParts) {
  const ofGroup = ({ GroupName }: { readonly GroupName: string }, call: Call) => [
    entityTarget(resources, groupEntity, GroupName, call),
  ];
  const CreateGroup: Action<Checked<CreateGroupRequest>> = {
    targets: ({ GroupName, Path }, call) => [newTarget('group', Path, GroupName, call)],
    run: (input, call) => resources.write((draft) => ({ Group: listed(createGroup(draft, input, call)) })),
  };
  const GetGroup: Action<Checked<GetGroupRequest>> = {
    targets: ofGroup,
    run: (input, call) => {
      const group = findEntity(resources, placeOf(call), groupEntity, input.GroupName);
      const page = markedPage(group.members, (name) => name, input, call, input.GroupName);
      const members = page.items.flatMap((name) => resources.get(users, placeOf(call), name) ?? []);
      return { Group: listed(group), Users: members.map(listedUser), ...page.marks };
    },
  };
  const ListGroups: Action<Checked<ListGroupsRequest>> = {
    targets: (input, call) => [newTarget('group', input.PathPrefix, '', call)],
    run: (input, call) => {
      const found = [...resources.list(groups, placeOf(call))].filter((group) =>
        isUnderPath(group, input.PathPrefix),
      );
      const page = markedPage(found, ({ GroupName }) => GroupName, input, call);
      return { Groups: page.items.map(listed), ...page.marks };
    },
  };
  const UpdateGroup: Action<Checked<UpdateGroupRequest>> = {
    targets: ({ GroupName, NewGroupName, NewPath }, call) => {
      const target = entityTarget(resources, groupEntity, GroupName, call);
      const renamed = newTarget('group', NewPath, NewGroupName ?? GroupName, call);
      return NewGroupName === undefined && NewPath === undefined ? [target] : [target, renamed];
    },
    run: (input, call) => resources.write((draft) => updateGroup(draft, input, placeOf(call))),
  };
  const DeleteGroup: Action<{ readonly GroupName: string }> = {
    targets: ofGroup,
    run: ({ GroupName }, call) =>
      resources.write((draft) => {
        const group = findEntity(draft, placeOf(call), groupEntity, GroupName);
        checkUnused(group, { 'must remove users from group first.': group.members.length > 0 });
        draft.remove(groups, placeOf(call), GroupName);
      }),
  };
  const AddUserToGroup: Action<Checked<AddUserToGroupRequest>> = {
    targets: ofGroup,
    run: (input, call) => resources.write((draft) => addMember(draft, input, placeOf(call))),
  };
  const RemoveUserFromGroup: Action<Checked<AddUserToGroupRequest>> = {
    targets: ofGroup,
    run: ({ GroupName, UserName }, call) =>
      resources.write((draft) => {
        const group = findEntity(draft, placeOf(call), groupEntity, GroupName);
        findEntity(draft, placeOf(call), userEntity, UserName);
        const members = group.members.filter((name) => name !== UserName);
        putEntity(draft, placeOf(call), groupEntity, { ...group, members });
      }),
  };
  const ListGroupsForUser: Action<Checked<ListGroupsForUserRequest>> = {
    targets: ({ UserName }, call) => [entityTarget(resources, userEntity, UserName, call)],
    run: (input, call) => {
      findEntity(resources, placeOf(call), userEntity, input.UserName);
      const found = groupsOf(resources, placeOf(call), input.UserName);
      const page = markedPage(found, ({ GroupName }) => GroupName, input, call, input.UserName);
      return { Groups: page.items.map(listed), ...page.marks };
    },
  };
  return {
    CreateGroup,
    GetGroup,
    ListGroups,
    UpdateGroup,
    DeleteGroup,
    AddUserToGroup,
    RemoveUserFromGroup,
    ListGroupsForUser,
  };
}

export function groupsOf(view: ResourceView, place: Place, userName: string): GroupResource[] {
  return [...view.list(groups, place)].filter(({ members }) => members.includes(userName));
}

function listed({ Path, GroupName, GroupId, Arn, CreateDate }: GroupResource) {
  return { Path, GroupName, GroupId, Arn, CreateDate };
}

function createGroup(draft: Draft, input: Checked<CreateGroupRequest>, call: Call): GroupResource {
  const { GroupName, Path = '/' } = input;
  const place = placeOf(call);
  checkNewName(draft, place, groupEntity, GroupName);
  const group: GroupResource = {
    GroupName,
    GroupId: newUniqueId('AGPA'),
    Path,
    Arn: arnOf(place, 'group', Path, GroupName),
    CreateDate: nowText(call),
    inlinePolicies: {},
    attachedPolicies: [],
    members: [],
  };
  putEntity(draft, place, groupEntity, group);
  return group;
}

function updateGroup(draft: Draft, input: Checked<UpdateGroupRequest>, place: Place): void {
  const { GroupName, NewGroupName = GroupName, NewPath } = input;
  const group = findEntity(draft, place, groupEntity, GroupName);
  checkName(draft, place, groupEntity, NewGroupName, GroupName);
  const Path = NewPath ?? group.Path;
  if (NewGroupName !== GroupName) draft.remove(groups, place, GroupName);
  putEntity(draft, place, groupEntity, {
    ...group,
    GroupName: NewGroupName,
    Path,
    Arn: arnOf(place, 'group', Path, NewGroupName),
  });
}

/** Who is a member already stays one. */
function addMember(draft: Draft, input: Checked<AddUserToGroupRequest>, place: Place): void {
  const { GroupName, UserName } = input;
  const group = findEntity(draft, place, groupEntity, GroupName);
  findEntity(draft, place, userEntity, UserName);
  if (group.members.includes(UserName)) return;
  if (groupsOf(draft, place, UserName).length >= mostGroupsPerUser) {
    throw errors.overQuota('GroupsPerUser', mostGroupsPerUser);
  }
  putEntity(draft, place, groupEntity, { ...group, members: [...group.members, UserName] });
}
