import type { GetAccountAuthorizationDetailsRequest } from '@aws-sdk/client-iam';
import {
  type GroupResource,
  groups,
  type InlinePolicies,
  type PolicyResource,
  type RoleResource,
  roles,
  type UserResource,
  users,
} from '../../iam/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import type { Action } from '../action.ts';
import type { Checked } from '../checked.ts';
import { shownBoundary } from './boundaries.ts';
import { shownDocument } from './documents.ts';
import { groupsOf } from './groups.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { profilesOf, shownProfile } from './instance-profiles.ts';
import {
  isOfAws,
  managedPolicy,
  managedPolicyList,
  type PolicyUses,
  policyUses,
} from './managed-policies.ts';
import { markedPage } from './marked-page.ts';
import { listed as listedPolicy } from './policies.ts';
import { listed as listedRole } from './roles.ts';
import { listed as listedUser } from './users.ts';

/** Users, groups, roles and policies in one list; what one is shown as is made for those of the page only. */
interface Detail {
  readonly key: string;
  readonly list: 'UserDetailList' | 'GroupDetailList' | 'RoleDetailList' | 'Policies';
  readonly shown: () => object;
}

export function accountDetailsActions({ resources }: IamParts) {
  const GetAccountAuthorizationDetails: Action<Checked<GetAccountAuthorizationDetailsRequest>> = {
    run: (input, call) => {
      const found = details(resources, placeOf(call), input.Filter);
      const page = markedPage(found, ({ key }) => key, input, call, input.Filter);
      const of = (list: Detail['list']) =>
        page.items.filter((detail) => detail.list === list).map(({ shown }) => shown());
      return {
        UserDetailList: of('UserDetailList'),
        GroupDetailList: of('GroupDetailList'),
        RoleDetailList: of('RoleDetailList'),
        Policies: of('Policies'),
        ...page.marks,
      };
    },
  };
  return { GetAccountAuthorizationDetails };
}

function details(view: ResourceView, place: Place, filter: readonly string[] = []): Detail[] {
  const wants = (name: string) => filter.length === 0 || filter.includes(name);
  const uses = policyUses(view, place);
  return [
    ...(wants('User') ? [...view.list(users, place)].map((user) => userDetail(view, place, user)) : []),
    ...(wants('Group') ? [...view.list(groups, place)].map((group) => groupDetail(view, place, group)) : []),
    ...(wants('Role') ? [...view.list(roles, place)].map((role) => roleDetail(view, place, role)) : []),
    ...managedPolicyList(view, place, undefined)
      .filter(({ Arn }) =>
        isOfAws(Arn) ? wants('AWSManagedPolicy') && uses.attachments.has(Arn) : wants('LocalManagedPolicy'),
      )
      .map((policy) => policyDetail(policy, uses)),
  ];
}

function userDetail(view: ResourceView, place: Place, user: UserResource): Detail {
  return {
    key: `user/${user.UserName}`,
    list: 'UserDetailList',
    shown: () => ({
      ...listedUser(user),
      UserPolicyList: inline(user.inlinePolicies),
      GroupList: groupsOf(view, place, user.UserName).map(({ GroupName }) => GroupName),
      AttachedManagedPolicies: attached(view, place, user.attachedPolicies),
      ...shownBoundary(user.PermissionsBoundary),
      Tags: user.Tags,
    }),
  };
}

function groupDetail(view: ResourceView, place: Place, group: GroupResource): Detail {
  const { Path, GroupName, GroupId, Arn, CreateDate } = group;
  return {
    key: `group/${GroupName}`,
    list: 'GroupDetailList',
    shown: () => ({
      Path,
      GroupName,
      GroupId,
      Arn,
      CreateDate,
      GroupPolicyList: inline(group.inlinePolicies),
      AttachedManagedPolicies: attached(view, place, group.attachedPolicies),
    }),
  };
}

function roleDetail(view: ResourceView, place: Place, role: RoleResource): Detail {
  return {
    key: `role/${role.RoleName}`,
    list: 'RoleDetailList',
    shown: () => ({
      ...listedRole(view, role),
      InstanceProfileList: profilesOf(view, place, role.RoleName).map((profile) =>
        shownProfile(view, place, profile),
      ),
      RolePolicyList: inline(role.inlinePolicies),
      AttachedManagedPolicies: attached(view, place, role.attachedPolicies),
      ...shownBoundary(role.PermissionsBoundary),
      Tags: role.Tags,
      RoleLastUsed: {},
    }),
  };
}

function policyDetail(policy: PolicyResource, uses: PolicyUses): Detail {
  const { Description, DefaultVersionId, versions } = policy;
  return {
    key: `policy/${policy.Arn}`,
    list: 'Policies',
    shown: () => ({
      ...listedPolicy(policy, uses),
      Description,
      PolicyVersionList: versions.map(({ VersionId, CreateDate, Document }) => ({
        Document: shownDocument(Document),
        VersionId,
        IsDefaultVersion: VersionId === DefaultVersionId,
        CreateDate,
      })),
    }),
  };
}

function inline(inlinePolicies: InlinePolicies) {
  return Object.entries(inlinePolicies).map(([PolicyName, document]) => ({
    PolicyName,
    PolicyDocument: shownDocument(document),
  }));
}

function attached(view: ResourceView, place: Place, arns: readonly string[]) {
  return arns.flatMap((arn) => {
    const policy = managedPolicy(view, place, arn);
    return policy ? [{ PolicyName: policy.PolicyName, PolicyArn: policy.Arn }] : [];
  });
}
