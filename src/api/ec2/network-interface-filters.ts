import type { NetworkInterfaceResource } from '../../vpc/index.ts';
import type { FilterTable } from './filters.ts';

type Value = string | number | boolean | undefined;

export function textsOf(...values: readonly Value[]): (string | undefined)[] {
  return values.map((value) => (value === undefined ? undefined : `${value}`));
}

function ofAddresses(
  memberOf: (address: NonNullable<NetworkInterfaceResource['PrivateIpAddresses']>[number]) => Value,
) {
  return ({ PrivateIpAddresses = [] }: NetworkInterfaceResource) =>
    textsOf(...PrivateIpAddresses.map(memberOf));
}

function ofAttachment(memberOf: (attachment: NonNullable<NetworkInterfaceResource['Attachment']>) => Value) {
  return ({ Attachment }: NetworkInterfaceResource) => (Attachment ? textsOf(memberOf(Attachment)) : []);
}

function ofAssociation(
  memberOf: (association: NonNullable<NetworkInterfaceResource['Association']>) => Value,
) {
  return ({ Association }: NetworkInterfaceResource) => (Association ? textsOf(memberOf(Association)) : []);
}

/** The filters of DescribeNetworkInterfaces. */
export const interfaceFilters: FilterTable<NetworkInterfaceResource> = {
  'association.allocation-id': ofAssociation(({ AllocationId }) => AllocationId),
  'association.association-id': ofAssociation(({ AssociationId }) => AssociationId),
  'association.carrier-ip': ofAssociation(({ CarrierIp }) => CarrierIp),
  'association.customer-owned-ip': ofAssociation(({ CustomerOwnedIp }) => CustomerOwnedIp),
  'association.ip-owner-id': ofAssociation(({ IpOwnerId }) => IpOwnerId),
  'association.public-ip': ofAssociation(({ PublicIp }) => PublicIp),
  'association.public-dns-name': ofAssociation(({ PublicDnsName }) => PublicDnsName),
  'addresses.association.allocation-id': ofAddresses(({ Association }) => Association?.AllocationId),
  'addresses.association.association-id': ofAddresses(({ Association }) => Association?.AssociationId),
  'addresses.association.owner-id': ofAddresses(({ Association }) => Association?.IpOwnerId),
  'addresses.association.public-ip': ofAddresses(({ Association }) => Association?.PublicIp),
  'addresses.primary': ofAddresses(({ Primary }) => Primary ?? false),
  'addresses.private-ip-address': ofAddresses(({ PrivateIpAddress }) => PrivateIpAddress),
  'attachment.attach-time': ofAttachment(({ AttachTime }) => AttachTime),
  'attachment.attachment-id': ofAttachment(({ AttachmentId }) => AttachmentId),
  'attachment.delete-on-termination': ofAttachment(({ DeleteOnTermination }) => DeleteOnTermination),
  'attachment.device-index': ofAttachment(({ DeviceIndex }) => DeviceIndex),
  'attachment.instance-id': ofAttachment(({ InstanceId }) => InstanceId),
  'attachment.instance-owner-id': ofAttachment(({ InstanceOwnerId }) => InstanceOwnerId),
  'attachment.nat-gateway-id': ({ InterfaceType, Description }) =>
    `${InterfaceType}` === 'nat_gateway' ? [/nat-\w+/.exec(Description ?? '')?.[0]] : [],
  'attachment.status': ofAttachment(({ Status }) => Status),
  'availability-zone': ({ AvailabilityZone }) => [AvailabilityZone],
  'availability-zone-id': ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  description: ({ Description }) => [Description],
  'group-id': ({ Groups = [] }) => Groups.map(({ GroupId }) => GroupId),
  'group-name': ({ Groups = [] }) => Groups.map(({ GroupName }) => GroupName),
  'ipv6-addresses.ipv6-address': ({ Ipv6Addresses = [] }) =>
    Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
  'interface-type': ({ InterfaceType }) => [InterfaceType],
  'mac-address': ({ MacAddress }) => [MacAddress],
  'network-interface-id': ({ NetworkInterfaceId }) => [NetworkInterfaceId],
  'operator.managed': ({ Operator }) => textsOf(Operator?.Managed ?? false),
  'operator.principal': ({ Operator }) => [Operator?.Principal],
  'owner-id': ({ OwnerId }) => [OwnerId],
  'private-dns-name': ({ PrivateDnsName }) => [PrivateDnsName],
  'private-ip-address': ({ PrivateIpAddress }) => [PrivateIpAddress],
  'requester-id': ({ RequesterId }) => [RequesterId],
  'requester-managed': ({ RequesterManaged }) => textsOf(RequesterManaged ?? false),
  'source-dest-check': ({ SourceDestCheck }) => textsOf(SourceDestCheck ?? true),
  status: ({ Status }) => [Status],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
};
