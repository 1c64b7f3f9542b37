/** The shapes of VPCs, subnets, interfaces, route tables and instances: of what Headgate reads in them. */
import type { JsonObject } from './json-object.ts';
import type { References } from './references.ts';
import * as rule from './text-rules.ts';

export function checkVpc(vpc: JsonObject, references: References): void {
  const id = vpc.required('VpcId', rule.vpcId);
  if (id !== undefined) references.define('VPC', id, vpc.at('VpcId'));
  vpc.optional('CidrBlock', rule.ipv4Cidr);
  for (const association of vpc.list('CidrBlockAssociationSet'))
    association.optional('CidrBlock', rule.ipv4Cidr);
  checkIpv6Associations(vpc);
  references.owner(vpc, vpc.optional('OwnerId', rule.token));
  checkTags(vpc, 'Tags');
}

export function checkSubnet(subnet: JsonObject, references: References): void {
  const id = subnet.required('SubnetId', rule.subnetId);
  const vpcId = subnet.required('VpcId', rule.vpcId);
  if (id !== undefined) references.define('subnet', id, subnet.at('SubnetId'));
  references.need('VPC', vpcId, subnet.at('VpcId'));
  if (id !== undefined && vpcId !== undefined) references.subnetIn(id, vpcId);
  subnet.optional('CidrBlock', rule.ipv4Cidr);
  checkIpv6Associations(subnet);
  for (const key of ['AvailabilityZone', 'AvailabilityZoneId', 'SubnetArn', 'OutpostArn']) {
    subnet.optional(key, rule.token);
  }
  references.owner(subnet, subnet.optional('OwnerId', rule.token));
  checkTags(subnet, 'Tags');
}

export function checkNetworkInterface(object: JsonObject, references: References): void {
  const id = object.required('NetworkInterfaceId', rule.networkInterfaceId);
  const vpcId = object.required('VpcId', rule.vpcId);
  const subnetId = object.required('SubnetId', rule.subnetId);
  if (id !== undefined) references.define('network interface', id, object.at('NetworkInterfaceId'));
  references.need('VPC', vpcId, object.at('VpcId'));
  references.need('subnet', subnetId, object.at('SubnetId'));
  if (vpcId !== undefined && subnetId !== undefined) references.interfaceIn(subnetId, vpcId, object.place);
  checkInterfaceAddresses(object, references, vpcId, id);
  checkInterfaceGroups(object, references);
  checkInterfaceDetails(object);
  const mac = object.optional('MacAddress', rule.macAddress);
  if (mac !== undefined && id !== undefined) references.mac(mac, id, object.at('MacAddress'));
  references.owner(object, object.optional('OwnerId', rule.token));
  checkTags(object, 'TagSet');
}

const addressLists = [
  { list: 'PrivateIpAddresses', key: 'PrivateIpAddress', rule: rule.ipv4Address },
  { list: 'Ipv6Addresses', key: 'Ipv6Address', rule: rule.ipv6Address },
  { list: 'Ipv4Prefixes', key: 'Ipv4Prefix', rule: rule.ipv4Cidr },
  { list: 'Ipv6Prefixes', key: 'Ipv6Prefix', rule: rule.ipv6Cidr },
] as const;

function checkInterfaceAddresses(
  object: JsonObject,
  references: References,
  vpcId: string | undefined,
  id: string | undefined,
): void {
  const owns = (text: string | undefined, place: string): void => {
    if (vpcId !== undefined && id !== undefined) references.owns(vpcId, id, text, place);
  };
  owns(object.optional('PrivateIpAddress', rule.ipv4Address), object.at('PrivateIpAddress'));
  for (const { list, key, rule: addressRule } of addressLists) {
    for (const entry of object.list(list)) {
      owns(entry.required(key, addressRule), entry.at(key));
      if (list === 'PrivateIpAddresses') entry.flag('Primary');
    }
  }
}

function checkInterfaceGroups(object: JsonObject, references: References): void {
  for (const group of object.list('Groups')) {
    references.need('security group', group.required('GroupId', rule.groupId), group.at('GroupId'));
  }
}

/** Timeouts in seconds: the service's own bounds are narrower, and other systems' inventories may go beyond. */
const timeouts = ['TcpEstablishedTimeout', 'UdpStreamTimeout', 'UdpTimeout'] as const;

function checkInterfaceDetails(object: JsonObject): void {
  for (const key of ['InterfaceType', 'AvailabilityZone', 'AvailabilityZoneId', 'OutpostArn']) {
    object.optional(key, rule.token);
  }
  object.optional('Description', rule.text);
  object.flag('RequesterManaged');
  const attachment = object.object('Attachment');
  attachment?.optional('InstanceId', rule.instanceId);
  attachment?.optional('InstanceOwnerId', rule.token);
  attachment?.integer('DeviceIndex', 0, 65_535);
  const tracking = object.object('ConnectionTrackingConfiguration');
  for (const key of timeouts) tracking?.integer(key, 1, 432_000);
}

export function checkRouteTable(table: JsonObject, references: References): void {
  const id = table.required('RouteTableId', rule.routeTableId);
  if (id !== undefined) references.define('route table', id, table.at('RouteTableId'));
  table.required('VpcId', rule.vpcId);
  for (const association of table.list('Associations')) {
    association.flag('Main');
    association.optional('SubnetId', rule.subnetId);
  }
  for (const route of table.list('Routes')) checkRoute(route, references);
  references.owner(table, table.optional('OwnerId', rule.token));
}

const destinations = ['DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'DestinationPrefixListId'] as const;
const targets = [
  'CarrierGatewayId',
  'CoreNetworkArn',
  'EgressOnlyInternetGatewayId',
  'GatewayId',
  'InstanceId',
  'LocalGatewayId',
  'NatGatewayId',
  'NetworkInterfaceId',
  'OdbNetworkArn',
  'State',
  'TransitGatewayId',
  'VpcPeeringConnectionId',
] as const;

function checkRoute(route: JsonObject, references: References): void {
  route.optional('DestinationCidrBlock', rule.ipv4Cidr);
  route.optional('DestinationIpv6CidrBlock', rule.ipv6Cidr);
  const listId = route.optional('DestinationPrefixListId', rule.prefixListId);
  references.wish('prefix list', listId, route.at('DestinationPrefixListId'));
  const destination = destinations.find((key) => route.has(key));
  if (destination === undefined)
    route.missing('DestinationCidrBlock', 'a CIDR block, or one of its siblings');
  for (const key of targets) {
    if (route.optional(key, rule.token) !== 'blackhole' || key !== 'State') continue;
    const to = destination === undefined ? 'nowhere' : route.shown(destination);
    route.findings.warn(route.place, `${route.place}: the route to ${to} is a blackhole`);
  }
}

export function checkInstance(instance: JsonObject, references: References): void {
  const id = instance.required('InstanceId', rule.instanceId);
  if (id !== undefined) references.define('instance', id, instance.at('InstanceId'));
  checkTags(instance, 'Tags');
}

function checkIpv6Associations(object: JsonObject): void {
  for (const association of object.list('Ipv6CidrBlockAssociationSet')) {
    association.optional('Ipv6CidrBlock', rule.ipv6Cidr);
  }
}

function checkTags(object: JsonObject, key: string): void {
  for (const tag of object.list(key)) {
    tag.required('Key', rule.text);
    tag.optional('Value', rule.text);
  }
}
