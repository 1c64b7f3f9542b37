import type {
  CreatePolicyRequest,
  DeletePolicyRequest,
  GetPolicyRequest,
  ListEntitiesForPolicyRequest,
  ListPoliciesRequest,
  ListPolicyTagsRequest,
  TagPolicyRequest,
  UntagPolicyRequest,
} from '@aws-sdk/client-iam';
import { newUniqueId, type PolicyResource, policies } from '../../iam/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { checkManagedDocument } from './documents.ts';
import { arnOf, groupEntity, newTarget, roleEntity, userEntity } from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import {
  findOwnPolicy,
  findPolicy,
  managedPolicyList,
  type PolicyUses,
  policyTarget,
  policyUses,
} from './managed-policies.ts';
import { isUnderPath, markedPage } from './marked-page.ts';
import { newTags, requestTagKeys, withoutTags, withTags } from './tags.ts';

const mostPolicies = 1500;

type ByArn = { readonly PolicyArn: string };

export function policyActions({ resources }: IamParts) {
  const ofPolicy = ({ PolicyArn }: ByArn, call: Call) => [policyTarget(resources, PolicyArn, call)];
  const change = (arn: string, call: Call, changed: (policy: PolicyResource) => PolicyResource) =>
    resources.write((draft) => {
      draft.put(policies, placeOf(call), arn, changed(findOwnPolicy(draft, call, arn)));
    });
  const CreatePolicy: Action<Checked<CreatePolicyRequest>> = {
    targets: ({ PolicyName, Path, Tags }, call) => [
      newTarget('policy', Path, PolicyName, call, requestTagKeys(Tags)),
    ],
    run: (input, call) =>
      resources.write((draft) => {
        const policy = createPolicy(draft, input, call);
        const { Description: _, ...shown } = detailed(policy, policyUses(draft, placeOf(call)));
        return { Policy: shown };
      }),
  };
  const GetPolicy: Action<Checked<GetPolicyRequest>> = {
    targets: ofPolicy,
    run: ({ PolicyArn }, call) => {
      const policy = findPolicy(resources, placeOf(call), PolicyArn);
      return { Policy: detailed(policy, policyUses(resources, placeOf(call))) };
    },
  };
  const ListPolicies: Action<Checked<ListPoliciesRequest>> = {
    run: (input, call) => {
      const uses = policyUses(resources, placeOf(call));
      const found = managedPolicyList(resources, placeOf(call), input.Scope).filter(
        (policy) => isUnderPath(policy, input.PathPrefix) && isUsed(policy, input, uses),
      );
      const { Scope, OnlyAttached, PolicyUsageFilter } = input;
      const page = markedPage(found, ({ Arn }) => Arn, input, call, [Scope, OnlyAttached, PolicyUsageFilter]);
      return { Policies: page.items.map((policy) => listed(policy, uses)), ...page.marks };
    },
  };
  const DeletePolicy: Action<Checked<DeletePolicyRequest>> = {
    targets: ofPolicy,
    run: ({ PolicyArn }, call) =>
      resources.write((draft) => {
        const policy = findOwnPolicy(draft, call, PolicyArn);
        checkDeletable(policy, policyUses(draft, placeOf(call)));
        draft.remove(policies, placeOf(call), PolicyArn);
      }),
  };
  const ListEntitiesForPolicy: Action<Checked<ListEntitiesForPolicyRequest>> = {
    targets: ofPolicy,
    run: (input, call) => {
      findPolicy(resources, placeOf(call), input.PolicyArn);
      const found = entitiesOf(resources, placeOf(call), input);
      const { PolicyArn, EntityFilter, PolicyUsageFilter } = input;
      const page = markedPage(found, ({ key }) => key, input, call, [
        PolicyArn,
        EntityFilter,
        PolicyUsageFilter,
      ]);
      return {
        PolicyGroups: page.items.flatMap(({ group }) => group ?? []),
        PolicyUsers: page.items.flatMap(({ user }) => user ?? []),
        PolicyRoles: page.items.flatMap(({ role }) => role ?? []),
        ...page.marks,
      };
    },
  };
  const TagPolicy: Action<Checked<TagPolicyRequest>> = {
    targets: ({ PolicyArn, Tags }, call) => [policyTarget(resources, PolicyArn, call, requestTagKeys(Tags))],
    run: ({ PolicyArn, Tags }, call) =>
      change(PolicyArn, call, (policy) => ({ ...policy, Tags: withTags(policy.Tags, Tags) })),
  };
  const UntagPolicy: Action<Checked<UntagPolicyRequest>> = {
    targets: ({ PolicyArn, TagKeys }, call) => [
      policyTarget(resources, PolicyArn, call, { 'aws:TagKeys': TagKeys }),
    ],
    run: ({ PolicyArn, TagKeys }, call) =>
      change(PolicyArn, call, (policy) => ({ ...policy, Tags: withoutTags(policy.Tags, TagKeys) })),
  };
  const ListPolicyTags: Action<Checked<ListPolicyTagsRequest>> = {
    targets: ofPolicy,
    run: (input, call) => {
      const { Tags } = findPolicy(resources, placeOf(call), input.PolicyArn);
      const page = markedPage(Tags, ({ Key }) => Key, input, call, input.PolicyArn);
      return { Tags: page.items, ...page.marks };
    },
  };
  return {
    CreatePolicy,
    GetPolicy,
    ListPolicies,
    DeletePolicy,
    ListEntitiesForPolicy,
    TagPolicy,
    UntagPolicy,
    ListPolicyTags,
  };
}

/** As lists show a policy. */
export function listed(policy: PolicyResource, { attachments, boundaries }: PolicyUses) {
  const { PolicyName, PolicyId, Arn, Path, DefaultVersionId, CreateDate, UpdateDate } = policy;
  return {
    PolicyName,
    PolicyId,
    Arn,
    Path,
    DefaultVersionId,
    AttachmentCount: attachments.get(Arn) ?? 0,
    PermissionsBoundaryUsageCount: boundaries.get(Arn) ?? 0,
    IsAttachable: !Path.startsWith('/aws-service-role/'),
    CreateDate,
    UpdateDate,
  };
}

function detailed(policy: PolicyResource, uses: PolicyUses) {
  const { Description, Tags } = policy;
  return { ...listed(policy, uses), Description, Tags };
}

function createPolicy(draft: Draft, input: Checked<CreatePolicyRequest>, call: Call): PolicyResource {
  const { PolicyName, Path = '/', PolicyDocument, Description } = input;
  const place = placeOf(call);
  checkNewPolicy(draft, place, PolicyName);
  checkManagedDocument(PolicyDocument);
  const Arn = arnOf(place, 'policy', Path, PolicyName);
  const CreateDate = nowText(call);
  const policy: PolicyResource = {
    PolicyName,
    PolicyId: newUniqueId('ANPA'),
    Path,
    Arn,
    ...(Description !== undefined && { Description }),
    DefaultVersionId: 'v1',
    CreateDate,
    UpdateDate: CreateDate,
    Tags: newTags(input.Tags),
    versions: [{ VersionId: 'v1', CreateDate, Document: PolicyDocument }],
    nextVersion: 2,
  };
  draft.put(policies, place, Arn, policy);
  return policy;
}

/** Whatever their paths, names are unique without regard to case. */
function checkNewPolicy(view: ResourceView, place: Place, name: string): void {
  const present = [...view.list(policies, place)];
  if (present.some(({ PolicyName }) => PolicyName.toLowerCase() === name.toLowerCase())) {
    throw errors.entityAlreadyExists(
      `A policy called ${name} already exists. Duplicate names are not allowed.`,
    );
  }
  if (present.length >= mostPolicies) throw errors.overQuota('PoliciesPerAccount', mostPolicies);
}

function checkDeletable({ Arn, versions }: PolicyResource, { attachments, boundaries }: PolicyUses): void {
  if (attachments.has(Arn) || boundaries.has(Arn)) {
    throw errors.deleteConflict('Cannot delete a policy attached to entities.');
  }
  if (versions.length > 1) {
    throw errors.deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's " +
        'versions. The default version is deleted with the policy.',
    );
  }
}

function isUsed(
  { Arn }: PolicyResource,
  { OnlyAttached, PolicyUsageFilter }: Checked<ListPoliciesRequest>,
  { attachments, boundaries }: PolicyUses,
): boolean {
  if (OnlyAttached && !attachments.has(Arn)) return false;
  if (PolicyUsageFilter === 'PermissionsPolicy') return attachments.has(Arn);
  return PolicyUsageFilter !== 'PermissionsBoundary' || boundaries.has(Arn);
}

/** One that has a policy, in the words of ListEntitiesForPolicy. */
interface PolicyEntity {
  readonly key: string;
  readonly group?: object;
  readonly user?: object;
  readonly role?: object;
}

function entitiesOf(
  view: ResourceView,
  place: Place,
  request: Checked<ListEntitiesForPolicyRequest>,
): PolicyEntity[] {
  const { EntityFilter, PathPrefix } = request;
  const wanted = (filter: string, entity: { readonly Path: string } & Having) =>
    (EntityFilter === undefined || EntityFilter === filter) &&
    isUnderPath(entity, PathPrefix) &&
    isHeld(entity, request);
  return [
    ...[...view.list(groupEntity.kind, place)]
      .filter((group) => wanted('Group', group))
      .map(({ GroupName, GroupId }) => ({ key: `group/${GroupName}`, group: { GroupName, GroupId } })),
    ...[...view.list(roleEntity.kind, place)]
      .filter((role) => wanted('Role', role))
      .map(({ RoleName, RoleId }) => ({ key: `role/${RoleName}`, role: { RoleName, RoleId } })),
    ...[...view.list(userEntity.kind, place)]
      .filter((user) => wanted('User', user))
      .map(({ UserName, UserId }) => ({ key: `user/${UserName}`, user: { UserName, UserId } })),
  ];
}

interface Having {
  readonly attachedPolicies: readonly string[];
  readonly PermissionsBoundary?: string;
}

function isHeld(
  { attachedPolicies, PermissionsBoundary }: Having,
  { PolicyArn, PolicyUsageFilter }: Checked<ListEntitiesForPolicyRequest>,
): boolean {
  const isAttached = attachedPolicies.includes(PolicyArn);
  const isBoundary = PermissionsBoundary === PolicyArn;
  if (PolicyUsageFilter === 'PermissionsPolicy') return isAttached;
  return PolicyUsageFilter === 'PermissionsBoundary' ? isBoundary : isAttached || isBoundary;
}
