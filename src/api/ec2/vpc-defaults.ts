import type { NetworkAcl, NetworkAclEntry, Route, RouteTable, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { type Draft, newId, type Place, type Stored } from '../../resource/index.ts';
import {
  networkAcls,
  routeTables,
  securityGroupRules,
  securityGroups,
  type VpcResource,
} from '../../vpc/index.ts';
import { ec2Arn } from './arns.ts';
import { ipv4BlocksOf, ipv6BlocksOf } from './vpc-blocks.ts';

/** What AWS makes with a VPC: its default security group, its default network ACL and its main route table. */
export function putVpcDefaults(draft: Draft, place: Place, vpc: VpcResource): void {
  const vpcId = vpc.VpcId!;
  const groupId = newId('sg');
  draft.put(securityGroups, place, groupId, {
    GroupId: groupId,
    GroupName: 'default',
    Description: 'default VPC security group',
    VpcId: vpcId,
    OwnerId: place.accountId,
    SecurityGroupArn: ec2Arn(place, 'security-group', groupId),
    Tags: [],
  });
  putRule(draft, place, groupId, false, {
    ReferencedGroupInfo: { GroupId: groupId, UserId: place.accountId },
  });
  putRule(draft, place, groupId, true, { CidrIpv4: '0.0.0.0/0' });
  putAcl(draft, place, vpcId);
  putMainRouteTable(draft, place, vpc);
  if (ipv6BlocksOf(vpc).length > 0) allowIpv6(draft, place, vpcId);
}

function putRule(
  draft: Draft,
  place: Place,
  groupId: string,
  isEgress: boolean,
  peer: Stored<SecurityGroupRule>,
): void {
  const id = newId('sgr');
  draft.put(securityGroupRules, place, id, {
    SecurityGroupRuleId: id,
    SecurityGroupRuleArn: ec2Arn(place, 'security-group-rule', id),
    GroupId: groupId,
    GroupOwnerId: place.accountId,
    IsEgress: isEgress,
    IpProtocol: '-1',
    FromPort: -1,
    ToPort: -1,
    ...peer,
    Tags: [],
  });
}

function putAcl(draft: Draft, place: Place, vpcId: string): void {
  const id = newId('acl');
  draft.put(networkAcls, place, id, {
    NetworkAclId: id,
    VpcId: vpcId,
    OwnerId: place.accountId,
    IsDefault: true,
    Associations: [],
    Entries: bothWays([
      { RuleNumber: 100, RuleAction: 'allow', CidrBlock: '0.0.0.0/0' },
      { RuleNumber: 32_767, RuleAction: 'deny', CidrBlock: '0.0.0.0/0' },
    ]),
    Tags: [],
  });
}

function bothWays(entries: readonly NetworkAclEntry[]): NetworkAclEntry[] {
  return [true, false].flatMap((Egress) => entries.map((entry) => ({ ...entry, Egress, Protocol: '-1' })));
}

function putMainRouteTable(draft: Draft, place: Place, vpc: VpcResource): void {
  const table = newRouteTable(place, vpc);
  const association = {
    Main: true,
    RouteTableAssociationId: newId('rtbassoc'),
    RouteTableId: table.RouteTableId!,
    AssociationState: { State: 'associated' as const },
  };
  draft.put(routeTables, place, table.RouteTableId!, { ...table, Associations: [association] });
}

/** A route table with the VPC's local routes. */
export function newRouteTable(place: Place, vpc: VpcResource): Stored<RouteTable> {
  return {
    RouteTableId: newId('rtb'),
    VpcId: vpc.VpcId!,
    OwnerId: place.accountId,
    Associations: [],
    PropagatingVgws: [],
    Routes: [
      ...ipv4BlocksOf(vpc).map((block) => localRoute({ DestinationCidrBlock: block })),
      ...ipv6BlocksOf(vpc).map((block) => localRoute({ DestinationIpv6CidrBlock: block })),
    ],
    Tags: [],
  };
}

export function localRoute(
  destination: Pick<Route, 'DestinationCidrBlock' | 'DestinationIpv6CidrBlock'>,
): Route {
  return { ...destination, GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' };
}

/**
 * What AWS adds when a VPC gets its first IPv6 block: rules 101 and 32768 of the default network ACL, and that the
 * default security group lets everything out by IPv6.
 */
export function allowIpv6(draft: Draft, place: Place, vpcId: string): void {
  const acl = defaultAclOf(draft, place, vpcId);
  if (acl && !acl.Entries?.some(({ Ipv6CidrBlock }) => Ipv6CidrBlock)) {
    const added = bothWays([
      { RuleNumber: 101, RuleAction: 'allow', Ipv6CidrBlock: '::/0' },
      { RuleNumber: 32_768, RuleAction: 'deny', Ipv6CidrBlock: '::/0' },
    ]);
    draft.put(networkAcls, place, acl.NetworkAclId!, { ...acl, Entries: [...(acl.Entries ?? []), ...added] });
  }
  const group = [...draft.list(securityGroups, place)].find(
    ({ VpcId, GroupName }) => VpcId === vpcId && GroupName === 'default',
  );
  if (!group) return;
  const egress = [...draft.list(securityGroupRules, place)].filter(
    ({ GroupId, IsEgress }) => GroupId === group.GroupId && IsEgress,
  );
  const isAsMade = egress.length === 1 && egress[0].CidrIpv4 === '0.0.0.0/0' && egress[0].IpProtocol === '-1';
  if (isAsMade) putRule(draft, place, group.GroupId!, true, { CidrIpv6: '::/0' });
}

export function defaultAclOf(draft: Draft, place: Place, vpcId: string): Stored<NetworkAcl> | undefined {
  for (const acl of draft.list(networkAcls, place)) if (acl.VpcId === vpcId && acl.IsDefault) return acl;
  return undefined;
}
