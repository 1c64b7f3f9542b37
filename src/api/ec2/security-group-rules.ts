import type {
  AuthorizeSecurityGroupIngressRequest,
  DescribeSecurityGroupRulesRequest,
  IpPermission,
  ModifySecurityGroupRulesRequest,
  RevokeSecurityGroupIngressRequest,
  SecurityGroupRuleRequest,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import {
  groupPermissions,
  protocolName,
  type RuleTerms,
  ruleKey,
  type SecurityGroupResource,
  securityGroupRules,
} from '../../vpc/index.ts';
import type { Action, Call, Target } from '../action.ts';
import { createdTargets, existingTarget, existingTargets, ofNothing } from './arns.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import { type GroupNamed, groupIdNamed, groupNamed } from './group-lookup.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { checkDescription, checkedTerms, checkTraffic, requestedRules } from './requested-permissions.ts';
import { resourceTypes } from './resource-types.ts';
import { checkRuleCount } from './rule-limits.ts';
import { newRule, type RuleResource, rulesOf } from './rule-resources.ts';
import { duplicateRule } from './rule-sentences.ts';
import { ruleFilters } from './security-group-filters.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

export function securityGroupRuleActions(parts: Ec2Parts): Actions {
  const { resources } = parts;
  return {
    AuthorizeSecurityGroupIngress: authorize(parts, false),
    AuthorizeSecurityGroupEgress: authorize(parts, true),
    RevokeSecurityGroupIngress: revoke(parts, false),
    RevokeSecurityGroupEgress: revoke(parts, true),
    UpdateSecurityGroupRuleDescriptionsIngress: updateDescriptions(parts, false),
    UpdateSecurityGroupRuleDescriptionsEgress: updateDescriptions(parts, true),
    ModifySecurityGroupRules: {
      targets: (input: ModifySecurityGroupRulesRequest, call: Call) => [
        ...groupTarget(resources, input, call),
        ...existingTargets(
          resources,
          resourceTypes.securityGroupRule,
          call,
          (input.SecurityGroupRules ?? []).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
        ),
      ],
      run: (input: ModifySecurityGroupRulesRequest, { place }: Call) =>
        resources.write((draft) => modifyRules(draft, place, input)),
    },
    DescribeSecurityGroupRules: {
      targets: ofNothing,
      run: (input: DescribeSecurityGroupRulesRequest, call: Call) => describeRules(resources, input, call),
    },
  };
}

function groupTarget(view: ResourceView, named: GroupNamed, call: Call): Target[] {
  const id = groupIdNamed(view, call.place, named);
  return [existingTarget(view, resourceTypes.securityGroup, call, id)];
}

function authorize({ resources }: Ec2Parts, isEgress: boolean): Action {
  return {
    targets: (input: AuthorizeSecurityGroupIngressRequest, call: Call) => [
      ...groupTarget(resources, input, call),
      ...(input.TagSpecifications
        ? createdTargets('security-group-rule', call, input.TagSpecifications)
        : []),
    ],
    run: (input: AuthorizeSecurityGroupIngressRequest, { place }: Call) =>
      resources.write((draft) => {
        const tags = tagsFromSpecifications(input.TagSpecifications, 'security-group-rule');
        const group = groupNamed(draft, place, input);
        const groupId = group.GroupId!;
        const wanted = requestedRules(draft, place, group, input, isEgress);
        const present = rulesOf(draft, place, groupId);
        checkDistinct(wanted);
        checkDuplicates(present, wanted);
        checkRuleCount(draft, place, [...present, ...wanted], isEgress);
        const made = wanted.map((terms) => newRule(place, groupId, terms, tags));
        for (const rule of made) draft.put(securityGroupRules, place, rule.SecurityGroupRuleId!, rule);
        return { Return: true, SecurityGroupRules: made };
      }),
  } satisfies Action;
}

/** @throws ServiceError `InvalidParameterValue` when a request names a rule twice */
function checkDistinct(wanted: readonly RuleTerms[]): void {
  if (new Set(wanted.map(ruleKey)).size === wanted.length) return;
  throw ec2Errors.invalidValue('The same permission must not appear multiple times');
}

/** @throws ServiceError `InvalidPermission.Duplicate` */
function checkDuplicates(present: readonly RuleTerms[], wanted: readonly RuleTerms[]): void {
  const keys = new Set(present.map(ruleKey));
  for (const rule of wanted) {
    const key = ruleKey(rule);
    if (keys.has(key)) throw duplicateRule(rule);
    keys.add(key);
  }
}

function revoke({ resources }: Ec2Parts, isEgress: boolean): Action {
  return {
    targets: (input: RevokeSecurityGroupIngressRequest, call: Call) => groupTarget(resources, input, call),
    run: (input: RevokeSecurityGroupIngressRequest, { place }: Call) =>
      resources.write((draft) => {
        const group = groupNamed(draft, place, input);
        const { found, unknown } = input.SecurityGroupRuleIds?.length
          ? { found: rulesById(draft, place, group, isEgress, input.SecurityGroupRuleIds), unknown: [] }
          : rulesByTerms(draft, place, group, requestedRules(draft, place, group, input, isEgress));
        for (const { SecurityGroupRuleId } of found)
          draft.remove(securityGroupRules, place, SecurityGroupRuleId!);
        return {
          Return: true,
          RevokedSecurityGroupRules: found.map(revoked),
          ...(unknown.length > 0 ? { UnknownIpPermissions: permissionsOf(unknown, isEgress) } : {}),
        };
      }),
  } satisfies Action;
}

function revoked({ ReferencedGroupInfo, Tags: _, ...rule }: RuleResource) {
  return { ...rule, ...(ReferencedGroupInfo ? { ReferencedGroupId: ReferencedGroupInfo.GroupId } : {}) };
}

function rulesById(
  view: ResourceView,
  place: Place,
  { GroupId }: SecurityGroupResource,
  isEgress: boolean,
  ids: readonly string[],
): RuleResource[] {
  return [...new Set(ids)].map((id) => {
    const rule = existing(view, resourceTypes.securityGroupRule, place, id);
    if (rule.GroupId === GroupId && rule.IsEgress === isEgress) return rule;
    throw ec2Errors.notFound(resourceTypes.securityGroupRule, [id]);
  });
}

/**
 * The API page: in a non-default VPC a rule that the group does not have is an error and nothing is revoked; in the
 * default one it is told in the answer.
 */
function rulesByTerms(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  terms: readonly RuleTerms[],
): { found: RuleResource[]; unknown: RuleTerms[] } {
  const present = new Map(rulesOf(view, place, group.GroupId!).map((rule) => [ruleKey(rule), rule]));
  const found = new Set(terms.flatMap((rule) => present.get(ruleKey(rule)) ?? []));
  const unknown = terms.filter((rule) => !present.has(ruleKey(rule)));
  const isDefaultVpc = view.get(resourceTypes.vpc.kind, place, group.VpcId ?? '')?.IsDefault ?? false;
  if (unknown.length > 0 && !isDefaultVpc) {
    throw new ServiceError(
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    );
  }
  return { found: [...found], unknown };
}

function permissionsOf(rules: readonly RuleTerms[], isEgress: boolean): IpPermission[] {
  const { IpPermissions, IpPermissionsEgress } = groupPermissions(rules);
  return isEgress ? IpPermissionsEgress : IpPermissions;
}

function modifyRules(draft: Draft, place: Place, input: ModifySecurityGroupRulesRequest) {
  const group = groupNamed(draft, place, input);
  const updates = input.SecurityGroupRules ?? [];
  if (updates.length === 0) throw ec2Errors.missingParameter('securityGroupRules');
  for (const { SecurityGroupRuleId, SecurityGroupRule } of updates) {
    const rule = existing(draft, resourceTypes.securityGroupRule, place, SecurityGroupRuleId);
    if (rule.GroupId !== group.GroupId) {
      throw ec2Errors.notFound(resourceTypes.securityGroupRule, [SecurityGroupRuleId ?? '']);
    }
    if (!SecurityGroupRule) throw ec2Errors.missingParameter('SecurityGroupRule');
    const next = { ...withoutTerms(rule), ...modifiedTerms(draft, place, group, rule, SecurityGroupRule) };
    draft.put(securityGroupRules, place, SecurityGroupRuleId!, next);
  }
  const present = rulesOf(draft, place, group.GroupId!);
  checkDuplicates([], present);
  for (const isEgress of [false, true]) checkRuleCount(draft, place, present, isEgress);
  return { Return: true };
}

function withoutTerms({
  CidrIpv4: _4,
  CidrIpv6: _6,
  PrefixListId: _list,
  ReferencedGroupInfo: _group,
  Description: _description,
  ...rest
}: RuleResource): RuleResource {
  return rest;
}

const peerMembers = ['CidrIpv4', 'CidrIpv6', 'PrefixListId', 'ReferencedGroupId'] as const;

/** The whole rule is given anew; its peer stays of the kind that it was. */
function modifiedTerms(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  before: RuleResource,
  request: SecurityGroupRuleRequest,
): RuleTerms {
  const { IpProtocol, FromPort, ToPort, Description, ReferencedGroupId } = request;
  checkTraffic(IpProtocol, FromPort, ToPort);
  const given = peerMembers.filter((member) => request[member] !== undefined);
  if (given.length !== 1) {
    throw ec2Errors.invalidValue(
      'Exactly one of CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId must be specified for a rule.',
    );
  }
  const kept = given[0] === 'ReferencedGroupId' ? 'ReferencedGroupInfo' : given[0];
  if (before[kept] === undefined) {
    throw ec2Errors.invalidValue('The type of the source or destination of a rule cannot be changed.');
  }
  const hasPorts = ['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocolName(IpProtocol!));
  return checkedTerms(view, place, group, {
    IsEgress: before.IsEgress ?? false,
    IpProtocol: protocolName(IpProtocol!),
    FromPort: hasPorts ? (FromPort ?? -1) : -1,
    ToPort: hasPorts ? (ToPort ?? -1) : -1,
    ...(ReferencedGroupId === undefined
      ? { [given[0]]: request[given[0]] }
      : { ReferencedGroupInfo: { GroupId: ReferencedGroupId, UserId: place.accountId } }),
    ...(Description === undefined ? {} : { Description }),
  });
}

function updateDescriptions({ resources }: Ec2Parts, isEgress: boolean): Action {
  return {
    targets: (input: UpdateSecurityGroupRuleDescriptionsIngressRequest, call: Call) =>
      groupTarget(resources, input, call),
    run: (input: UpdateSecurityGroupRuleDescriptionsIngressRequest, { place }: Call) =>
      resources.write((draft) => {
        const group = groupNamed(draft, place, input);
        for (const { id, text } of newDescriptions(draft, place, group, input, isEgress)) {
          checkDescription(text);
          const { Description: _, ...rule } = draft.get(securityGroupRules, place, id)!;
          const described = text === undefined ? rule : { ...rule, Description: text };
          draft.put(securityGroupRules, place, id, described);
        }
        return { Return: true };
      }),
  } satisfies Action;
}

/** By rule ids, or by permissions that say which rules are meant; without a description the rule loses its. */
function newDescriptions(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  isEgress: boolean,
): { id: string; text: string | undefined }[] {
  const { IpPermissions = [], SecurityGroupRuleDescriptions = [] } = input;
  if (IpPermissions.length > 0 && SecurityGroupRuleDescriptions.length > 0) {
    throw ec2Errors.invalidCombination(
      'The parameter securityGroupRuleDescriptions may not be used with the parameter ipPermissions',
    );
  }
  if (SecurityGroupRuleDescriptions.length > 0) {
    const ids = SecurityGroupRuleDescriptions.map(({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId);
    rulesById(view, place, group, isEgress, ids);
    return SecurityGroupRuleDescriptions.map(({ Description }, i) => ({ id: ids[i], text: Description }));
  }
  const present = new Map(rulesOf(view, place, group.GroupId!).map((rule) => [ruleKey(rule), rule]));
  return requestedRules(view, place, group, { IpPermissions }, isEgress).map((terms) => {
    const rule = present.get(ruleKey(terms));
    if (rule) return { id: rule.SecurityGroupRuleId!, text: terms.Description };
    throw new ServiceError(
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    );
  });
}

function describeRules(view: ResourceView, input: DescribeSecurityGroupRulesRequest, call: Call) {
  const { items, next } = describeItems(
    view.list(securityGroupRules, call.place),
    input,
    {
      type: resourceTypes.securityGroupRule,
      ids: input.SecurityGroupRuleIds,
      idsName: 'securityGroupRuleIdSet',
      idOf: ({ SecurityGroupRuleId }) => SecurityGroupRuleId,
      filters: ruleFilters,
    },
    call,
  );
  return { SecurityGroupRules: items, ...next };
}
