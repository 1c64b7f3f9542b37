import type { IpPermission, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import type { Stored } from '../../resource/index.ts';
import type { FilterTable } from './filters.ts';

type Values = (permission: IpPermission) => readonly (string | number | undefined)[];

const permissionFilters: Readonly<Record<string, Values>> = {
  cidr: ({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp),
  'ipv6-cidr': ({ Ipv6Ranges = [] }) => Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
  'from-port': ({ FromPort }) => [FromPort],
  'to-port': ({ ToPort }) => [ToPort],
  protocol: ({ IpProtocol }) => [IpProtocol],
  'group-id': ({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ GroupId }) => GroupId),
  'group-name': ({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ GroupName }) => GroupName),
  'user-id': ({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ UserId }) => UserId),
  'prefix-list-id': ({ PrefixListIds = [] }) => PrefixListIds.map(({ PrefixListId }) => PrefixListId),
};

function overPermissions(
  prefix: string,
  permissionsOf: (group: SecurityGroup) => readonly IpPermission[] | undefined,
): FilterTable<SecurityGroup> {
  return Object.fromEntries(
    Object.entries(permissionFilters).map(([name, valuesOf]) => [
      `${prefix}.${name}`,
      (group: SecurityGroup) =>
        (permissionsOf(group) ?? [])
          .flatMap(valuesOf)
          .flatMap((value) => (value === undefined ? [] : [`${value}`])),
    ]),
  );
}

/** The filters of DescribeSecurityGroups. */
export const groupFilters: FilterTable<SecurityGroup> = {
  description: ({ Description }) => [Description],
  'group-id': ({ GroupId }) => [GroupId],
  'group-name': ({ GroupName }) => [GroupName],
  'owner-id': ({ OwnerId }) => [OwnerId],
  'vpc-id': ({ VpcId }) => [VpcId],
  ...overPermissions('ip-permission', ({ IpPermissions }) => IpPermissions),
  ...overPermissions('egress.ip-permission', ({ IpPermissionsEgress }) => IpPermissionsEgress),
};

/** The filters of DescribeSecurityGroupRules. */
export const ruleFilters: FilterTable<Stored<SecurityGroupRule>> = {
  'group-id': ({ GroupId }) => [GroupId],
  'security-group-rule-id': ({ SecurityGroupRuleId }) => [SecurityGroupRuleId],
};
