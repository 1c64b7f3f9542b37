/** The shapes of what lets packets through: security groups and their rules, network ACLs, prefix lists. */
import type { JsonObject } from './json-object.ts';
import { protocolNumber } from './protocol-number.ts';
import type { References } from './references.ts';
import * as rule from './text-rules.ts';

export function checkSecurityGroup(group: JsonObject, references: References): void {
  const id = group.required('GroupId', rule.groupId);
  if (id !== undefined) references.define('security group', id, group.at('GroupId'));
  group.optional('GroupName', rule.text);
  group.optional('VpcId', rule.vpcId);
  for (const permission of group.list('IpPermissions')) checkPermission(permission, references);
  for (const permission of group.list('IpPermissionsEgress')) checkPermission(permission, references);
  references.owner(group, group.optional('OwnerId', rule.token));
}

function checkPermission(permission: JsonObject, references: References): void {
  checkPorts(permission, permission.required('IpProtocol', rule.protocol), 'FromPort', 'ToPort');
  for (const range of permission.list('IpRanges')) range.required('CidrIp', rule.ipv4Cidr);
  for (const range of permission.list('Ipv6Ranges')) range.required('CidrIpv6', rule.ipv6Cidr);
  for (const list of permission.list('PrefixListIds')) {
    references.wish('prefix list', list.required('PrefixListId', rule.prefixListId), list.at('PrefixListId'));
  }
  for (const pair of permission.list('UserIdGroupPairs')) {
    references.wish('security group', pair.required('GroupId', rule.groupId), pair.at('GroupId'));
  }
}

/**
 * Ports for TCP and UDP, which must be there; type and code for ICMP, where -1 or nothing stands for every one. AWS
 * takes no account of ports with other protocols.
 */
function checkPorts(object: JsonObject, protocol: string | undefined, fromKey: string, toKey: string): void {
  const number = protocol === undefined ? undefined : protocolNumber(protocol);
  if (number !== 6 && number !== 17) {
    const largest = number === 1 || number === 58 ? 255 : 65_535;
    object.integer(fromKey, -1, largest);
    object.integer(toKey, -1, largest);
    return;
  }
  for (const key of [fromKey, toKey]) if (!object.has(key)) object.missing(key, 'a port from 0 to 65535');
  const from = object.integer(fromKey, 0, 65_535);
  const to = object.integer(toKey, 0, 65_535);
  if (from !== undefined && to !== undefined && from > to)
    object.wrong(toKey, `a port not below ${fromKey} ${from}`);
}

export function checkSecurityGroupRule(object: JsonObject, references: References): void {
  const id = object.required('SecurityGroupRuleId', rule.securityGroupRuleId);
  if (id !== undefined) references.define('security group rule', id, object.at('SecurityGroupRuleId'));
  object.required('GroupId', rule.groupId);
  if (!object.has('IsEgress')) object.missing('IsEgress', 'true or false');
  object.flag('IsEgress');
  checkPorts(object, object.required('IpProtocol', rule.protocol), 'FromPort', 'ToPort');
  object.optional('CidrIpv4', rule.ipv4Cidr);
  object.optional('CidrIpv6', rule.ipv6Cidr);
  references.wish(
    'prefix list',
    object.optional('PrefixListId', rule.prefixListId),
    object.at('PrefixListId'),
  );
  const peer = object.object('ReferencedGroupInfo');
  if (peer) references.wish('security group', peer.required('GroupId', rule.groupId), peer.at('GroupId'));
}

export function checkNetworkAcl(acl: JsonObject, references: References): void {
  const id = acl.required('NetworkAclId', rule.networkAclId);
  const vpcId = acl.required('VpcId', rule.vpcId);
  if (id !== undefined) references.define('network ACL', id, acl.at('NetworkAclId'));
  references.need('VPC', vpcId, acl.at('VpcId'));
  if (acl.flag('IsDefault') && id !== undefined && vpcId !== undefined) references.defaultAcl(vpcId, id);
  for (const association of acl.list('Associations')) {
    const subnetId = association.required('SubnetId', rule.subnetId);
    if (subnetId !== undefined && id !== undefined)
      references.aclOf(subnetId, id, association.at('SubnetId'));
  }
  checkEntries(acl);
  references.owner(acl, acl.optional('OwnerId', rule.token));
}

function checkEntries(acl: JsonObject): void {
  const numbers = new Set<string>();
  for (const entry of acl.list('Entries')) {
    checkEntry(entry);
    const number = entry.integer('RuleNumber', 1, 32_768);
    const egress = entry.flag('Egress');
    if (!entry.has('RuleNumber')) entry.missing('RuleNumber', 'a number from 1 to 32768');
    if (!entry.has('Egress')) entry.missing('Egress', 'true or false');
    if (number === undefined || egress === undefined) continue;
    const key = `${egress} ${number}`;
    if (numbers.has(key)) entry.wrong('RuleNumber', 'each number once in a direction of a network ACL');
    numbers.add(key);
  }
}

function checkEntry(entry: JsonObject): void {
  const protocol = entry.required('Protocol', rule.protocol);
  entry.required('RuleAction', rule.ruleAction);
  entry.optional('CidrBlock', rule.ipv4Cidr);
  entry.optional('Ipv6CidrBlock', rule.ipv6Cidr);
  if (!entry.has('CidrBlock') && !entry.has('Ipv6CidrBlock')) {
    entry.missing('CidrBlock', 'a CIDR block, or Ipv6CidrBlock');
  }
  const number = protocol === undefined ? undefined : protocolNumber(protocol);
  if ((number === 6 || number === 17) && !entry.has('PortRange')) entry.missing('PortRange', 'From and To');
  const ports = entry.object('PortRange');
  if (ports) checkPorts(ports, protocol, 'From', 'To');
  const icmp = entry.object('IcmpTypeCode');
  icmp?.integer('Type', -1, 255);
  icmp?.integer('Code', -1, 255);
}

/** The entry's CIDR block. */
export function checkPrefixListEntry(entry: JsonObject): string | undefined {
  return entry.required('Cidr', rule.anyCidr);
}
