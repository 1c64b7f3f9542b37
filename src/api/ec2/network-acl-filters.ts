import type { NetworkAcl, NetworkAclEntry } from '@aws-sdk/client-ec2';
import type { Stored } from '../../resource/index.ts';
import type { FilterTable } from './filters.ts';

type AclResource = Stored<NetworkAcl>;
type Values = readonly (string | undefined)[];

function ofEntries(memberOf: (entry: Stored<NetworkAclEntry>) => string | number | boolean | undefined) {
  return ({ Entries = [] }: AclResource): Values =>
    Entries.map(memberOf).map((value) => (value === undefined ? undefined : `${value}`));
}

function ofAssociations(
  member: 'NetworkAclAssociationId' | 'NetworkAclId' | 'SubnetId',
): (acl: AclResource) => Values {
  return ({ Associations = [] }) => Associations.map((association) => association[member]);
}

/** The filters of DescribeNetworkAcls. */
export const aclFilters: FilterTable<AclResource> = {
  'association.association-id': ofAssociations('NetworkAclAssociationId'),
  'association.network-acl-id': ofAssociations('NetworkAclId'),
  'association.subnet-id': ofAssociations('SubnetId'),
  default: ({ IsDefault }) => [String(IsDefault ?? false)],
  'entry.cidr': ofEntries(({ CidrBlock }) => CidrBlock),
  'entry.ipv6-cidr': ofEntries(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  'entry.icmp.code': ofEntries(({ IcmpTypeCode }) => IcmpTypeCode?.Code),
  'entry.icmp.type': ofEntries(({ IcmpTypeCode }) => IcmpTypeCode?.Type),
  'entry.port-range.from': ofEntries(({ PortRange }) => PortRange?.From),
  'entry.port-range.to': ofEntries(({ PortRange }) => PortRange?.To),
  'entry.protocol': ofEntries(({ Protocol }) => Protocol),
  'entry.rule-action': ofEntries(({ RuleAction }) => RuleAction),
  'entry.egress': ofEntries(({ Egress }) => Egress ?? false),
  'entry.rule-number': ofEntries(({ RuleNumber }) => RuleNumber),
  'network-acl-id': ({ NetworkAclId }) => [NetworkAclId],
  'owner-id': ({ OwnerId }) => [OwnerId],
  'vpc-id': ({ VpcId }) => [VpcId],
};
