import type {
  AssignIpv6AddressesRequest,
  AssignPrivateIpAddressesRequest,
  UnassignIpv6AddressesRequest,
  UnassignPrivateIpAddressesRequest,
} from '@aws-sdk/client-ec2';
import { formatAddress, parseAddress } from '../../ip/index.ts';
import type { Draft, Place } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { addressAt, disassociateAddress, putAssociation } from './address-associations.ts';
import { checkAddressCount } from './address-limits.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { interfaceOfNoDevice } from './interface-guards.ts';
import { existing } from './lookup.ts';
import { noPrefixes, privateDnsName } from './new-interface.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';
import { SubnetAddresses } from './subnet-addresses.ts';

export function assignedAddressActions({ resources }: Ec2Parts): Actions {
  const targets = ({ NetworkInterfaceId }: { NetworkInterfaceId?: string | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.networkInterface, call, [NetworkInterfaceId]);
  return {
    AssignPrivateIpAddresses: {
      targets,
      run: (input: AssignPrivateIpAddressesRequest, { place }: Call) =>
        resources.write((draft) => assignPrivate(draft, place, input)),
    },
    UnassignPrivateIpAddresses: {
      targets,
      run: (input: UnassignPrivateIpAddressesRequest, { place }: Call) =>
        resources.write((draft) => unassignPrivate(draft, place, input)),
    },
    AssignIpv6Addresses: {
      targets,
      run: (input: AssignIpv6AddressesRequest, { place }: Call) =>
        resources.write((draft) => assignIpv6(draft, place, input)),
    },
    UnassignIpv6Addresses: {
      targets,
      run: (input: UnassignIpv6AddressesRequest, { place }: Call) =>
        resources.write((draft) => unassignIpv6(draft, place, input)),
    },
  };
}

function put(draft: Draft, place: Place, one: NetworkInterfaceResource): void {
  draft.put(networkInterfaces, place, one.NetworkInterfaceId!, one);
}

function assignPrivate(draft: Draft, place: Place, input: AssignPrivateIpAddressesRequest) {
  const { PrivateIpAddresses: wanted = [], SecondaryPrivateIpAddressCount: count } = input;
  if ((input.Ipv4PrefixCount ?? 0) > 0 || (input.Ipv4Prefixes ?? []).length > 0) throw noPrefixes();
  if (wanted.length > 0 && count !== undefined) {
    throw ec2Errors.invalidCombination(
      'The parameter secondaryPrivateIpAddressCount may not be used with the parameter privateIpAddresses',
    );
  }
  if (wanted.length === 0 && !count) throw ec2Errors.missingParameter('privateIpAddresses');
  const found = interfaceOfNoDevice(draft, place, input.NetworkInterfaceId);
  const present = privateAddressesOf(found);
  checkAddressCount(present.length + wanted.length, count, 'secondaryPrivateIpAddressCount');
  const moved = takeFromOthers(draft, place, found, wanted, input.AllowReassignment ?? false);
  const subnet = existing(draft, resourceTypes.subnet, place, found.SubnetId);
  const free = new SubnetAddresses(draft, place, subnet);
  const before = new Set(present);
  const added = [
    ...wanted.filter((address) => !before.has(canonical(address))).map((address) => free.take(address)),
    ...Array.from({ length: count ?? 0 }, () => free.nextIpv4()),
  ];
  put(draft, place, withPrivate(draft, place, found, added));
  moveAssociations(draft, place, found, moved);
  const assigned = [...new Set([...wanted.map(canonical), ...added])];
  return {
    NetworkInterfaceId: found.NetworkInterfaceId,
    AssignedPrivateIpAddresses: assigned.map((PrivateIpAddress) => ({ PrivateIpAddress })),
  };
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address ? formatAddress(address.family, ...address.words) : text;
}

function privateAddressesOf({ PrivateIpAddresses = [] }: NetworkInterfaceResource): string[] {
  return PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []);
}

function withPrivate(
  draft: Draft,
  place: Place,
  found: NetworkInterfaceResource,
  added: readonly string[],
): NetworkInterfaceResource {
  const vpc = existing(draft, resourceTypes.vpc, place, found.VpcId);
  const entries = added.map((address) => ({
    PrivateIpAddress: address,
    Primary: false,
    ...(vpc.enableDnsHostnames ? { PrivateDnsName: privateDnsName(address, place.region) } : {}),
  }));
  return { ...found, PrivateIpAddresses: [...(found.PrivateIpAddresses ?? []), ...entries] };
}

/** The Elastic IP addresses of private addresses go where these go. */
interface Moved {
  readonly address: string;
  readonly publicIp: string;
}

function moveAssociations(
  draft: Draft,
  place: Place,
  { NetworkInterfaceId }: NetworkInterfaceResource,
  moved: readonly Moved[],
): void {
  for (const { address, publicIp } of moved) {
    const elastic = addressAt(draft, place, publicIp);
    const target = existing(draft, resourceTypes.networkInterface, place, NetworkInterfaceId);
    if (elastic) putAssociation(draft, place, elastic, target, address);
  }
}

/**
 * A secondary address that another interface of the subnet has passes to this one, when that is allowed. Gives the
 * Elastic IP addresses that are free now, and were theirs.
 * @throws ServiceError `InvalidParameterValue`
 */
function takeFromOthers(
  draft: Draft,
  place: Place,
  { NetworkInterfaceId, SubnetId }: NetworkInterfaceResource,
  wanted: readonly string[],
  isAllowed: boolean,
): Moved[] {
  const addresses = new Set(wanted.map(canonical));
  const moved: Moved[] = [];
  for (const other of [...draft.list(networkInterfaces, place)]) {
    if (other.NetworkInterfaceId === NetworkInterfaceId || other.SubnetId !== SubnetId) continue;
    const shared = privateAddressesOf(other).filter((address) => addresses.has(address));
    if (shared.length === 0) continue;
    const isPrimary = other.PrivateIpAddress !== undefined && addresses.has(other.PrivateIpAddress);
    if (!isAllowed || isPrimary || other.RequesterManaged || other.device !== undefined) {
      throw ec2Errors.invalidValue(
        `[${shared.join(', ')}] is already assigned but reassignment is not allowed`,
      );
    }
    moved.push(...elasticOf(other, new Set(shared)));
    put(draft, place, withoutPrivate(draft, place, other, new Set(shared)));
  }
  return moved;
}

function elasticOf({ PrivateIpAddresses = [] }: NetworkInterfaceResource, of: ReadonlySet<string>): Moved[] {
  return PrivateIpAddresses.flatMap(({ PrivateIpAddress: address = '', Association }) =>
    Association?.PublicIp !== undefined && of.has(address)
      ? [{ address, publicIp: Association.PublicIp }]
      : [],
  );
}

function withoutPrivate(
  draft: Draft,
  place: Place,
  found: NetworkInterfaceResource,
  removed: ReadonlySet<string>,
): NetworkInterfaceResource {
  for (const { PrivateIpAddress = '', Association } of found.PrivateIpAddresses ?? []) {
    const id = Association?.AssociationId;
    if (id !== undefined && removed.has(PrivateIpAddress)) disassociateAddress(draft, place, id);
  }
  const PrivateIpAddresses = (found.PrivateIpAddresses ?? []).filter(
    ({ PrivateIpAddress = '' }) => !removed.has(PrivateIpAddress),
  );
  return { ...found, PrivateIpAddresses };
}

function unassignPrivate(draft: Draft, place: Place, input: UnassignPrivateIpAddressesRequest): object {
  const wanted = new Set((input.PrivateIpAddresses ?? []).map(canonical));
  if ((input.Ipv4Prefixes ?? []).length > 0) throw noPrefixes();
  if (wanted.size === 0) throw ec2Errors.missingParameter('privateIpAddresses');
  const found = interfaceOfNoDevice(draft, place, input.NetworkInterfaceId);
  if (found.PrivateIpAddress !== undefined && wanted.has(found.PrivateIpAddress)) {
    throw ec2Errors.invalidValue(
      `The primary private IP address ${found.PrivateIpAddress} cannot be unassigned from interface ${found.NetworkInterfaceId}`,
    );
  }
  const present = new Set(privateAddressesOf(found));
  checkAssigned(found, [...wanted], present);
  put(draft, place, withoutPrivate(draft, place, found, wanted));
  return {};
}

function checkAssigned(
  { NetworkInterfaceId }: NetworkInterfaceResource,
  wanted: readonly string[],
  present: ReadonlySet<string>,
): void {
  if (wanted.every((address) => present.has(address))) return;
  throw ec2Errors.invalidValue(
    `Some of the specified addresses are not assigned to interface ${NetworkInterfaceId}`,
  );
}

function assignIpv6(draft: Draft, place: Place, input: AssignIpv6AddressesRequest) {
  const { Ipv6Addresses: wanted = [], Ipv6AddressCount: count } = input;
  if ((input.Ipv6PrefixCount ?? 0) > 0 || (input.Ipv6Prefixes ?? []).length > 0) throw noPrefixes();
  if (wanted.length > 0 && count !== undefined) {
    throw ec2Errors.invalidCombination(
      'The parameter ipv6AddressCount may not be used with the parameter ipv6Addresses',
    );
  }
  if (wanted.length === 0 && !count) throw ec2Errors.missingParameter('ipv6AddressCount');
  const found = interfaceOfNoDevice(draft, place, input.NetworkInterfaceId);
  checkAddressCount((found.Ipv6Addresses ?? []).length + wanted.length, count, 'ipv6AddressCount');
  const subnet = existing(draft, resourceTypes.subnet, place, found.SubnetId);
  const free = new SubnetAddresses(draft, place, subnet);
  const added = [
    ...wanted.map((address) => free.take(address)),
    ...Array.from({ length: count ?? 0 }, () => free.nextIpv6()),
  ];
  const entries = added.map((Ipv6Address) => ({ Ipv6Address }));
  put(draft, place, { ...found, Ipv6Addresses: [...(found.Ipv6Addresses ?? []), ...entries] });
  return { NetworkInterfaceId: found.NetworkInterfaceId, AssignedIpv6Addresses: added };
}

function unassignIpv6(draft: Draft, place: Place, input: UnassignIpv6AddressesRequest) {
  const wanted = new Set((input.Ipv6Addresses ?? []).map(canonical));
  if ((input.Ipv6Prefixes ?? []).length > 0) throw noPrefixes();
  if (wanted.size === 0) throw ec2Errors.missingParameter('ipv6Addresses');
  const found = interfaceOfNoDevice(draft, place, input.NetworkInterfaceId);
  const all = found.Ipv6Addresses ?? [];
  checkAssigned(found, [...wanted], new Set(all.flatMap(({ Ipv6Address }) => Ipv6Address ?? [])));
  put(draft, place, {
    ...found,
    Ipv6Addresses: all.filter(({ Ipv6Address = '' }) => !wanted.has(Ipv6Address)),
  });
  return { NetworkInterfaceId: found.NetworkInterfaceId, UnassignedIpv6Addresses: [...wanted] };
}
