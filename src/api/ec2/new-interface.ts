import { createHash } from 'node:crypto';
import type {
  ConnectionTrackingSpecificationRequest,
  InstanceIpv6Address,
  PrivateIpAddressSpecification,
  Tag,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces, type SubnetResource } from '../../vpc/index.ts';
import { checkAddressCount } from './address-limits.ts';
import { ec2Errors } from './errors.ts';
import { findGroup } from './group-lookup.ts';
import { checkIds, existing } from './lookup.ts';
import { resourceTypes } from './resource-types.ts';
import { SubnetAddresses } from './subnet-addresses.ts';

/** What CreateNetworkInterface and RunInstances say of an interface. */
export interface InterfaceRequest {
  readonly SubnetId?: string | undefined;
  readonly Description?: string | undefined;
  readonly PrivateIpAddress?: string | undefined;
  readonly PrivateIpAddresses?: readonly PrivateIpAddressSpecification[] | undefined;
  readonly SecondaryPrivateIpAddressCount?: number | undefined;
  readonly Ipv6Addresses?: readonly InstanceIpv6Address[] | undefined;
  readonly Ipv6AddressCount?: number | undefined;
  readonly Ipv4Prefixes?: readonly unknown[] | undefined;
  readonly Ipv4PrefixCount?: number | undefined;
  readonly Ipv6Prefixes?: readonly unknown[] | undefined;
  readonly Ipv6PrefixCount?: number | undefined;
  readonly Groups?: readonly string[] | undefined;
  readonly InterfaceType?: string | undefined;
  readonly ConnectionTrackingSpecification?: ConnectionTrackingSpecificationRequest | undefined;
}

/** Per interface ("Amazon VPC quotas"). */
const mostGroups = 5;
/** What a user may ask for; the others AWS's own services make. */
const creatableTypes = ['interface', 'efa', 'efa-only', 'branch', 'trunk'];

/** Puts a new interface, not attached to anything. `free`: who makes many in one change asks for the addresses once. */
export function putNewInterface(
  draft: Draft,
  place: Place,
  request: InterfaceRequest,
  tags: Stored<Tag>[],
  free: SubnetAddresses = addressesOf(draft, place, request.SubnetId),
): NetworkInterfaceResource {
  const { subnet } = free;
  refusePrefixes(request);
  const type = interfaceTypeOf(request.InterfaceType);
  const id = newId('eni');
  const vpc = existing(draft, resourceTypes.vpc, place, subnet.VpcId);
  const groups = groupsOf(draft, place, subnet, request.Groups);
  const addresses = chosenAddresses(free, request, subnet);
  const named = addresses.ipv4.map((address, i) => ({
    PrivateIpAddress: address,
    Primary: i === 0,
    ...(vpc.enableDnsHostnames ? { PrivateDnsName: privateDnsName(address, place.region) } : {}),
  }));
  const made: NetworkInterfaceResource = {
    NetworkInterfaceId: id,
    SubnetId: subnet.SubnetId!,
    VpcId: subnet.VpcId!,
    ...zoneOf(subnet),
    Description: request.Description ?? '',
    OwnerId: place.accountId,
    RequesterId: place.accountId,
    RequesterManaged: false,
    Status: 'available',
    InterfaceType: type,
    MacAddress: macAddress(id),
    ...primaryMembers(named[0]),
    SourceDestCheck: true,
    Groups: groups,
    PrivateIpAddresses: named,
    Ipv6Addresses: addresses.ipv6.map((Ipv6Address) => ({ Ipv6Address })),
    TagSet: tags,
    ...trackingOf(request.ConnectionTrackingSpecification),
  };
  draft.put(networkInterfaces, place, id, made);
  return made;
}

/** @throws ServiceError `InvalidSubnetID.NotFound` */
export function addressesOf(view: ResourceView, place: Place, subnetId: string | undefined): SubnetAddresses {
  return new SubnetAddresses(view, place, existing(view, resourceTypes.subnet, place, subnetId));
}

type PrivateAddress = NonNullable<NetworkInterfaceResource['PrivateIpAddresses']>[number];

function primaryMembers(
  primary: PrivateAddress | undefined,
): Pick<NetworkInterfaceResource, 'PrivateIpAddress' | 'PrivateDnsName'> {
  if (!primary) return {};
  const { Primary: _, ...members } = primary;
  return members;
}

function interfaceTypeOf(type: string | undefined): NonNullable<NetworkInterfaceResource['InterfaceType']> {
  if (type === undefined) return 'interface';
  if (creatableTypes.includes(type)) return type as 'interface';
  throw ec2Errors.invalidParameterValue(type, 'interfaceType', 'Interfaces of this type cannot be created.');
}

function refusePrefixes(request: InterfaceRequest): void {
  const { Ipv4Prefixes = [], Ipv4PrefixCount = 0, Ipv6Prefixes = [], Ipv6PrefixCount = 0 } = request;
  if (Ipv4Prefixes.length + Ipv4PrefixCount + Ipv6Prefixes.length + Ipv6PrefixCount > 0) throw noPrefixes();
}

export function noPrefixes(): ServiceError {
  return new ServiceError(
    'UnsupportedOperation',
    'The operation is not supported: prefixes cannot be delegated.',
  );
}

function zoneOf({
  AvailabilityZone,
  AvailabilityZoneId,
}: SubnetResource): Pick<NetworkInterfaceResource, 'AvailabilityZone' | 'AvailabilityZoneId'> {
  return {
    ...(AvailabilityZone === undefined ? {} : { AvailabilityZone }),
    ...(AvailabilityZoneId === undefined ? {} : { AvailabilityZoneId }),
  };
}

/**
 * Groups of an interface, in the order that was asked for; without any, the VPC's default one.
 * @throws ServiceError `InvalidGroupId.Malformed`, `InvalidSecurityGroupID.NotFound`, `InvalidParameter`,
 * `SecurityGroupsPerInterfaceLimitExceeded`
 */
export function groupsOf(
  view: ResourceView,
  place: Place,
  { SubnetId, VpcId }: Pick<NetworkInterfaceResource, 'SubnetId' | 'VpcId'>,
  ids: readonly string[] | undefined,
): { GroupId: string; GroupName: string }[] {
  if (!ids || ids.length === 0) {
    const own = findGroup(view, place, VpcId, 'default');
    return own ? [{ GroupId: own.GroupId!, GroupName: own.GroupName! }] : [];
  }
  const distinct = [...new Set(ids)];
  if (distinct.length > mostGroups) {
    throw ec2Errors.limitExceeded(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  }
  return distinct.map((id) => {
    const group = view.get(resourceTypes.securityGroup.kind, place, id);
    if (!group) throw unknownGroup(id);
    if (group.VpcId !== VpcId) {
      throw new ServiceError(
        'InvalidParameter',
        `Security group ${id} and subnet ${SubnetId} belong to different networks.`,
      );
    }
    return { GroupId: id, GroupName: group.GroupName ?? '' };
  });
}

function unknownGroup(id: string): ServiceError {
  checkIds(resourceTypes.securityGroup, [id]);
  return new ServiceError('InvalidSecurityGroupID.NotFound', `The security group '${id}' does not exist`);
}

/** The primary IPv4 address first. */
function chosenAddresses(
  free: SubnetAddresses,
  request: InterfaceRequest,
  subnet: SubnetResource,
): { ipv4: string[]; ipv6: string[] } {
  const listed = request.PrivateIpAddresses ?? [];
  if (listed.length > 0 && (request.SecondaryPrivateIpAddressCount ?? 0) > 0) {
    throw ec2Errors.invalidCombination(
      'The parameter secondaryPrivateIpAddressCount may not be used with the parameter privateIpAddresses',
    );
  }
  const count = request.SecondaryPrivateIpAddressCount;
  checkAddressCount(Math.max(1, listed.length), count, 'secondaryPrivateIpAddressCount');
  const primary = primaryOf(request);
  const secondary = listed.filter(({ PrivateIpAddress }) => PrivateIpAddress !== primary);
  const wanted = secondary.map(({ PrivateIpAddress = '' }) => free.take(PrivateIpAddress));
  const needsPrimary = primary !== undefined || free.hasIpv4;
  const first = !needsPrimary ? [] : [primary === undefined ? free.nextIpv4() : free.take(primary)];
  const more = Array.from({ length: count ?? 0 }, () => free.nextIpv4());
  return { ipv4: [...first, ...wanted, ...more], ipv6: chosenIpv6(free, request, subnet) };
}

function primaryOf({ PrivateIpAddress, PrivateIpAddresses = [] }: InterfaceRequest): string | undefined {
  const marked = PrivateIpAddresses.filter(({ Primary }) => Primary).map(
    (entry) => entry.PrivateIpAddress ?? '',
  );
  const all = new Set([...(PrivateIpAddress === undefined ? [] : [PrivateIpAddress]), ...marked]);
  if (all.size <= 1) return [...all][0];
  throw ec2Errors.invalidCombination('Only one primary private IP address can be specified.');
}

function chosenIpv6(free: SubnetAddresses, request: InterfaceRequest, subnet: SubnetResource): string[] {
  const { Ipv6Addresses = [], Ipv6AddressCount } = request;
  if (Ipv6Addresses.length > 0 && Ipv6AddressCount !== undefined) {
    throw ec2Errors.invalidCombination(
      'The parameter ipv6AddressCount may not be used with the parameter ipv6Addresses',
    );
  }
  checkAddressCount(Ipv6Addresses.length, Ipv6AddressCount, 'ipv6AddressCount');
  if (Ipv6Addresses.length > 0) return Ipv6Addresses.map(({ Ipv6Address = '' }) => free.take(Ipv6Address));
  const byDefault = subnet.AssignIpv6AddressOnCreation && free.hasIpv6 ? 1 : 0;
  return Array.from({ length: Ipv6AddressCount ?? byDefault }, () => free.nextIpv6());
}

/** Locally administered, the same for the same interface. */
export function macAddress(interfaceId: string): string {
  const digest = createHash('sha256').update(interfaceId).digest();
  const first = digest[5] % 2 === 0 ? '02' : '06';
  return [first, ...Array.from(digest.subarray(0, 5), (byte) => byte.toString(16).padStart(2, '0'))].join(
    ':',
  );
}

/** `ip-10-0-1-5.eu-west-1.compute.internal`; us-east-1 has its old short form. */
export function privateDnsName(address: string, region: string): string {
  const host = `ip-${address.replaceAll('.', '-')}`;
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`;
}

const trackingBounds = {
  TcpEstablishedTimeout: [60, 432_000],
  UdpStreamTimeout: [60, 180],
  UdpTimeout: [30, 60],
} as const;

/**
 * Seconds, in the bounds of "Security group connection tracking".
 * @throws ServiceError `InvalidParameterValue`
 */
export function trackingOf(
  wanted: ConnectionTrackingSpecificationRequest | undefined,
): Pick<NetworkInterfaceResource, 'ConnectionTrackingConfiguration'> {
  if (!wanted) return {};
  const configuration: NonNullable<NetworkInterfaceResource['ConnectionTrackingConfiguration']> = {};
  for (const member of ['TcpEstablishedTimeout', 'UdpStreamTimeout', 'UdpTimeout'] as const) {
    const seconds = wanted[member];
    if (seconds === undefined) continue;
    const [least, most] = trackingBounds[member];
    if (seconds < least || seconds > most) {
      throw ec2Errors.invalidParameterValue(
        `${seconds}`,
        member,
        `The value must be between ${least} and ${most} seconds.`,
      );
    }
    configuration[member] = seconds;
  }
  return { ConnectionTrackingConfiguration: configuration };
}
