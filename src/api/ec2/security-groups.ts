import type {
  CreateSecurityGroupRequest,
  DeleteSecurityGroupRequest,
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupsRequest,
  DescribeStaleSecurityGroupsRequest,
  GetSecurityGroupsForVpcRequest,
  SecurityGroup,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView } from '../../resource/index.ts';
import {
  describedGroups,
  networkInterfaces,
  type SecurityGroupResource,
  securityGroupRules,
  securityGroups,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, ec2Arn, existingTarget, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import {
  findGroup,
  groupIdNamed,
  groupInDefaultVpc,
  groupNamed,
  requiredDefaultVpc,
} from './group-lookup.ts';
import { existing, subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { type ResourceTypeOf, resourceTypes } from './resource-types.ts';
import { newRule } from './rule-resources.ts';
import { groupFilters } from './security-group-filters.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';

/** Per Region ("Amazon VPC quotas"). */
const mostGroups = 2500;
const nameCharacters = 255;

export function securityGroupActions({ resources }: Ec2Parts): Actions {
  return {
    CreateSecurityGroup: {
      targets: (input: CreateSecurityGroupRequest, call: Call) => [
        ...createdTargets('security-group', call, input.TagSpecifications, vpcKey(call.place, input.VpcId)),
        ...existingTargets(resources, resourceTypes.vpc, call, [input.VpcId]),
      ],
      run: (input: CreateSecurityGroupRequest, { place }: Call) =>
        resources.write((draft) => createGroup(draft, place, input)),
    },
    DeleteSecurityGroup: {
      targets: (input: DeleteSecurityGroupRequest, call: Call) => [
        existingTarget(
          resources,
          resourceTypes.securityGroup,
          call,
          groupIdNamed(resources, call.place, input),
        ),
      ],
      run: (input: DeleteSecurityGroupRequest, { place }: Call) =>
        resources.write((draft) => deleteGroup(draft, place, input)),
    },
    DescribeSecurityGroups: {
      targets: ofNothing,
      run: (input: DescribeSecurityGroupsRequest, call: Call) => describeGroups(resources, input, call),
    },
    DescribeSecurityGroupReferences: {
      targets: ofNothing,
      run: ({ GroupId = [] }: DescribeSecurityGroupReferencesRequest, { place }: Call) => {
        for (const id of GroupId) subject(resources, resourceTypes.securityGroup, place, id);
        return { SecurityGroupReferenceSet: [] };
      },
    },
    DescribeStaleSecurityGroups: {
      targets: ofNothing,
      run: ({ VpcId }: DescribeStaleSecurityGroupsRequest, { place }: Call) => {
        subject(resources, resourceTypes.vpc, place, VpcId);
        return { StaleSecurityGroupSet: [] };
      },
    },
    GetSecurityGroupsForVpc: {
      targets: ofNothing,
      run: (input: GetSecurityGroupsForVpcRequest, call: Call) => groupsForVpc(resources, input, call),
    },
  };
}

function createGroup(draft: Draft, place: Place, input: CreateSecurityGroupRequest) {
  const { GroupName = '', Description = '', VpcId } = input;
  const tags = tagsFromSpecifications(input.TagSpecifications, 'security-group');
  checkText('GroupName', GroupName);
  checkText('GroupDescription', Description);
  checkName(GroupName);
  const vpc =
    VpcId === undefined ? requiredDefaultVpc(draft, place) : existing(draft, resourceTypes.vpc, place, VpcId);
  checkFree(draft, place, vpc.VpcId!, GroupName);
  const id = newId('sg');
  const group: SecurityGroupResource = {
    GroupId: id,
    GroupName,
    Description,
    VpcId: vpc.VpcId!,
    OwnerId: place.accountId,
    SecurityGroupArn: ec2Arn(place, 'security-group', id),
    Tags: tags,
  };
  draft.put(securityGroups, place, id, group);
  const hasIpv6 = (vpc.Ipv6CidrBlockAssociationSet ?? []).length > 0;
  const everybody = [{ CidrIpv4: '0.0.0.0/0' }, ...(hasIpv6 ? [{ CidrIpv6: '::/0' }] : [])];
  for (const peer of everybody) {
    const terms = { IsEgress: true, IpProtocol: '-1', FromPort: -1, ToPort: -1, ...peer };
    const rule = newRule(place, id, terms, []);
    draft.put(securityGroupRules, place, rule.SecurityGroupRuleId!, rule);
  }
  return { GroupId: id, SecurityGroupArn: group.SecurityGroupArn, Tags: tags };
}

/** What EC2 takes in names and descriptions of groups and in descriptions of rules. */
export const groupTextPattern = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/;

function checkText(parameter: 'GroupName' | 'GroupDescription', text: string): void {
  if (text.length === 0) throw ec2Errors.missingParameter(parameter);
  if (text.length > nameCharacters) {
    throw ec2Errors.invalidParameterValue(
      text,
      parameter,
      `${parameter === 'GroupName' ? 'Group name' : 'Description'} must be ${nameCharacters} characters or less.`,
    );
  }
  if (!groupTextPattern.test(text)) {
    throw ec2Errors.invalidParameterValue(text, parameter, 'Character sets beyond ASCII are not supported.');
  }
}

function checkName(name: string): void {
  if (name.startsWith('sg-')) {
    throw ec2Errors.invalidParameterValue(name, 'GroupName', 'Group names may not be in the format sg-*.');
  }
  if (name.toLowerCase() === 'default') {
    throw ec2Errors.invalidValue(`Cannot use reserved security group name: ${name}`);
  }
}

function checkFree(view: ResourceView, place: Place, vpcId: string, name: string): void {
  if (findGroup(view, place, vpcId, name)) {
    throw new ServiceError(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
  if ([...view.list(securityGroups, place)].length >= mostGroups) {
    throw ec2Errors.limitExceeded(
      'SecurityGroupLimitExceeded',
      'The maximum number of security groups has been reached.',
    );
  }
}

function deleteGroup(draft: Draft, place: Place, input: DeleteSecurityGroupRequest) {
  const { GroupId = '', GroupName } = groupNamed(draft, place, input);
  if (GroupName === 'default') {
    throw new ServiceError(
      'CannotDelete',
      `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
    );
  }
  if (isUsed(draft, place, GroupId)) {
    throw ec2Errors.dependencyViolation(`resource ${GroupId} has a dependent object`);
  }
  for (const [id, rule] of draft.entries(securityGroupRules, place)) {
    if (rule.GroupId === GroupId) draft.remove(securityGroupRules, place, id);
  }
  draft.remove(securityGroups, place, GroupId);
  return { Return: true, GroupId };
}

/** By an interface, or by a rule of another group. */
function isUsed(view: ResourceView, place: Place, groupId: string): boolean {
  for (const { Groups = [] } of view.list(networkInterfaces, place)) {
    if (Groups.some(({ GroupId }) => GroupId === groupId)) return true;
  }
  for (const { GroupId, ReferencedGroupInfo } of view.list(securityGroupRules, place)) {
    if (GroupId !== groupId && ReferencedGroupInfo?.GroupId === groupId) return true;
  }
  return false;
}

const describedGroupType: ResourceTypeOf<SecurityGroup> =
  resourceTypes.securityGroup as unknown as ResourceTypeOf<SecurityGroup>;

function describeGroups(view: ResourceView, input: DescribeSecurityGroupsRequest, call: Call) {
  const named = (input.GroupNames ?? []).map((name) => groupInDefaultVpc(view, call.place, name).GroupId!);
  const ids = [...(input.GroupIds ?? []), ...named];
  const { items, next } = describeItems(
    describedGroups(view, call.place),
    input,
    {
      type: describedGroupType,
      ids,
      idsName: 'groupId',
      idOf: ({ GroupId }) => GroupId,
      filters: groupFilters,
    },
    call,
  );
  return { SecurityGroups: items, ...next };
}

function groupsForVpc(view: ResourceView, input: GetSecurityGroupsForVpcRequest, call: Call) {
  const { VpcId } = subject(view, resourceTypes.vpc, call.place, input.VpcId);
  const groups = [...view.list(securityGroups, call.place)].filter((group) => group.VpcId === VpcId);
  const { items, next } = describeItems(
    groups,
    input,
    {
      type: resourceTypes.securityGroup,
      ids: undefined,
      idsName: 'groupId',
      idOf: ({ GroupId }) => GroupId,
      filters: {
        'group-id': ({ GroupId }) => [GroupId],
        'group-name': ({ GroupName }) => [GroupName],
        description: ({ Description }) => [Description],
        'owner-id': ({ OwnerId }) => [OwnerId],
        'primary-vpc-id': (group) => [group.VpcId],
      },
    },
    call,
  );
  return {
    SecurityGroupForVpcs: items.map(({ GroupId, GroupName, Description, OwnerId, Tags }) => ({
      GroupId,
      GroupName,
      Description,
      OwnerId,
      Tags,
      PrimaryVpcId: VpcId,
    })),
    ...next,
  };
}
