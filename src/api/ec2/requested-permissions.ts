import type { IpPermission } from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { formatPrefix, parsePrefix } from '../../ip/index.ts';
import type { Place, ResourceView, Stored } from '../../resource/index.ts';
import {
  hasPorts,
  protocolName,
  protocolNumber,
  type RuleTerms,
  ruleTerms,
  type SecurityGroupResource,
} from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';
import { groupInDefaultVpc } from './group-lookup.ts';
import { existing } from './lookup.ts';
import { resourceTypes } from './resource-types.ts';
import { groupTextPattern } from './security-groups.ts';

/** What Authorize and Revoke take: a list of permissions, or one in members of the request itself. */
export interface PermissionRequest {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}

const descriptionCharacters = 255;

/**
 * The rules that a request is about, checked: one for each peer of each permission.
 * @throws ServiceError `MissingParameter`, `InvalidParameterValue`, `InvalidParameterCombination`, and `…NotFound` of
 * what the rules name
 */
export function requestedRules(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  request: PermissionRequest,
  isEgress: boolean,
): RuleTerms[] {
  return permissionsOf(view, place, request).flatMap((permission) => {
    const own = withGroupIds(view, place, permission);
    const rules = ruleTerms([own as Stored<IpPermission>], isEgress);
    if (rules.length === 0) {
      throw ec2Errors.missingParameter('ipRanges, ipv6Ranges, prefixListIds or groups');
    }
    return rules.map((rule) => checkedTerms(view, place, group, trafficOf(permission, rule)));
  });
}

function permissionsOf(
  view: ResourceView,
  place: Place,
  request: PermissionRequest,
): readonly IpPermission[] {
  const { IpPermissions, IpProtocol, CidrIp, SourceSecurityGroupName } = request;
  const isFlat = [IpProtocol, CidrIp, SourceSecurityGroupName].some((value) => value !== undefined);
  if (IpPermissions && IpPermissions.length > 0) {
    if (!isFlat) return IpPermissions;
    throw ec2Errors.invalidCombination(
      'The parameter ipPermissions may not be used with the parameter ipProtocol',
    );
  }
  if (!isFlat) throw ec2Errors.missingParameter('ipPermissions');
  return [flatPermission(view, place, request)];
}

function flatPermission(view: ResourceView, place: Place, request: PermissionRequest): IpPermission {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: name } = request;
  if (name === undefined && IpProtocol === undefined) throw ec2Errors.missingParameter('ipProtocol');
  const peer = name === undefined ? undefined : groupInDefaultVpc(view, place, name);
  return {
    IpProtocol: IpProtocol ?? '-1',
    FromPort,
    ToPort,
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
    UserIdGroupPairs: peer ? [{ GroupId: peer.GroupId, UserId: peer.OwnerId }] : [],
  };
}

/** Groups that are named by their names are those of the default VPC. */
function withGroupIds(view: ResourceView, place: Place, permission: IpPermission): IpPermission {
  const { UserIdGroupPairs = [] } = permission;
  return {
    ...permission,
    UserIdGroupPairs: UserIdGroupPairs.map(({ GroupId, GroupName, Description, UserId }) => ({
      GroupId: GroupId ?? groupInDefaultVpc(view, place, GroupName ?? '').GroupId,
      UserId: UserId ?? place.accountId,
      ...(Description === undefined ? {} : { Description }),
    })),
  };
}

/** The ports as they were given: whether they are missing is asked of TCP and UDP. */
function trafficOf({ IpProtocol, FromPort, ToPort }: IpPermission, rule: RuleTerms): RuleTerms {
  checkTraffic(IpProtocol, FromPort, ToPort);
  return rule;
}

/** @throws ServiceError `InvalidParameterValue` */
export function checkTraffic(
  protocol: string | undefined,
  from: number | undefined,
  to: number | undefined,
): void {
  if (protocol === undefined) throw ec2Errors.missingParameter('ipProtocol');
  const name = protocolName(protocol);
  if (protocolNumber(protocol.toLowerCase()) === undefined) {
    throw ec2Errors.invalidValue(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
  }
  if (!hasPorts(name)) return;
  if (name === 'tcp' || name === 'udp') checkPorts(from, to);
  else checkIcmp(from ?? -1, to ?? -1);
}

function checkPorts(from: number | undefined, to: number | undefined): void {
  if (from === undefined || to === undefined) {
    throw ec2Errors.invalidValue(
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  for (const port of [from, to]) {
    if (port < 0 || port > 65_535) throw ec2Errors.invalidValue(`TCP/UDP port (${port}) out of range`);
  }
  if (from > to) throw ec2Errors.invalidValue(`Invalid TCP/UDP port range (${from}:${to})`);
}

function checkIcmp(type: number, code: number): void {
  if (type < -1 || type > 255) throw ec2Errors.invalidValue(`ICMP type (${type}) out of range`);
  if (code < -1 || code > 255) throw ec2Errors.invalidValue(`ICMP code (${code}) out of range`);
  if (type === -1 && code !== -1) {
    throw ec2Errors.invalidValue(`ICMP code (${code}) cannot be specified with all types`);
  }
}

/** @throws ServiceError */
export function checkedTerms(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  terms: RuleTerms,
): RuleTerms {
  checkDescription(terms.Description);
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = terms;
  if (CidrIpv4 !== undefined) return { ...terms, CidrIpv4: canonical(CidrIpv4, 4) };
  if (CidrIpv6 !== undefined) return { ...terms, CidrIpv6: canonical(CidrIpv6, 6) };
  if (PrefixListId !== undefined) existing(view, resourceTypes.prefixList, place, PrefixListId);
  if (ReferencedGroupInfo) checkPeerGroup(view, place, group, ReferencedGroupInfo.GroupId);
  return terms;
}

function canonical(text: string, family: 4 | 6): string {
  const prefix = parsePrefix(text);
  if (prefix?.family !== family) throw ec2Errors.invalidValue(`CIDR block ${text} is malformed`);
  return formatPrefix(prefix);
}

function checkPeerGroup(
  view: ResourceView,
  place: Place,
  group: SecurityGroupResource,
  id: string | undefined,
): void {
  const peer = existing(view, resourceTypes.securityGroup, place, id);
  if (peer.VpcId !== group.VpcId) {
    throw new ServiceError(
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks.',
    );
  }
}

/** @throws ServiceError `InvalidParameterValue` */
export function checkDescription(text: string | undefined): void {
  if (text === undefined || (text.length <= descriptionCharacters && groupTextPattern.test(text))) return;
  throw ec2Errors.invalidValue(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  ' +
      'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
