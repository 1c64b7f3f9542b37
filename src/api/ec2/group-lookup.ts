import { ServiceError } from '../../fault/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import { type SecurityGroupResource, securityGroups, type VpcResource, vpcs } from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';
import { subject } from './lookup.ts';
import { resourceTypes } from './resource-types.ts';

/** How requests name a security group: by its id, or by its name in the default VPC. */
export interface GroupNamed {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
}

/**
 * The group that a request is about.
 * @throws ServiceError `MissingParameter`, `InvalidGroupId.Malformed`, `InvalidGroup.NotFound`
 */
export function groupNamed(
  view: ResourceView,
  place: Place,
  { GroupId, GroupName }: GroupNamed,
): SecurityGroupResource {
  if (GroupId === undefined && GroupName === undefined) {
    throw ec2Errors.missingParameter('groupName or groupId');
  }
  if (GroupId === undefined) return groupInDefaultVpc(view, place, GroupName ?? '');
  const group = subject(view, resourceTypes.securityGroup, place, GroupId);
  if (GroupName !== undefined && group.GroupName !== GroupName) {
    throw ec2Errors.invalidCombination('The parameter GroupName may not be used with the parameter GroupId');
  }
  return group;
}

/** The id of the group that a request is about, for IAM; undefined when there is none. */
export function groupIdNamed(view: ResourceView, place: Place, named: GroupNamed): string | undefined {
  if (named.GroupId !== undefined) return named.GroupId;
  const vpcId = defaultVpc(view, place)?.VpcId;
  return findGroup(view, place, vpcId, named.GroupName ?? '')?.GroupId;
}

/** @throws ServiceError `InvalidGroup.NotFound` */
export function groupInDefaultVpc(view: ResourceView, place: Place, name: string): SecurityGroupResource {
  const vpcId = defaultVpc(view, place)?.VpcId;
  const group = findGroup(view, place, vpcId, name);
  if (group) return group;
  const where = vpcId === undefined ? '' : ` in default VPC '${vpcId}'`;
  throw new ServiceError('InvalidGroup.NotFound', `The security group '${name}' does not exist${where}`);
}

export function findGroup(
  view: ResourceView,
  place: Place,
  vpcId: string | undefined,
  name: string,
): SecurityGroupResource | undefined {
  if (vpcId === undefined) return undefined;
  for (const group of view.list(securityGroups, place)) {
    if (group.VpcId === vpcId && group.GroupName === name) return group;
  }
  return undefined;
}

export function defaultVpc(view: ResourceView, place: Place): VpcResource | undefined {
  for (const vpc of view.list(vpcs, place)) if (vpc.IsDefault) return vpc;
  return undefined;
}

/** @throws ServiceError `VPCIdNotSpecified` where the account has no default VPC */
export function requiredDefaultVpc(view: ResourceView, place: Place): VpcResource {
  const vpc = defaultVpc(view, place);
  if (!vpc) throw new ServiceError('VPCIdNotSpecified', 'No default VPC for this user');
  return vpc;
}
