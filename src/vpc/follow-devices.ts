import { isDeepStrictEqual } from 'node:util';
import type { Draft, Place } from '../resource/index.ts';
import { deviceTag } from './described-parts.ts';
import { describedResources } from './described-resources.ts';
import { type DeviceDescription, deviceNetwork, hostVpcId } from './device-network.ts';
import { dropEmptySubnets, followSubnets } from './device-subnets.ts';
import { dropInterface, freeAddresses, leadRoutes } from './drop-interface.ts';
import * as kinds from './kinds.ts';
import type { Identity, Network } from './network.ts';

/**
 * Brings the interfaces that were made of this host's devices in line with the devices: they come and go, and their
 * addresses change. Groups, descriptions and tags stay the user's. Subnets come with the first device in them and go
 * with the last one, unless something else is in them. Does nothing where the host is no VPC any more, or never was.
 */
export function followDevices(
  draft: Draft,
  place: Place,
  identity: Identity,
  devices: readonly DeviceDescription[],
): void {
  const network = deviceNetwork(devices, identity);
  if (!draft.get(kinds.vpcs, place, hostVpcId(place))?.madeUp) return;
  const interfaces = new Set(network.networkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId));
  for (const [id, { device }] of draft.entries(kinds.networkInterfaces, place)) {
    if (device !== undefined && !interfaces.has(id)) dropInterface(draft, place, id);
  }
  const parts = describedResources(network, place, draft);
  followSubnets(draft, place, parts);
  for (const { kind, id, described, defaults } of parts) {
    if (kind.name !== kinds.networkInterfaces.name || draft.get(kind, place, id) !== undefined) continue;
    draft.put(kind, place, id, withGroup(draft, place, { ...defaults, ...described }));
    leadRoutes(draft, place, id, 'active');
  }
  for (const one of network.networkInterfaces) followAddresses(draft, place, one);
  dropEmptySubnets(draft, place, network);
}

/** The group that lets everything through, or the VPC's default one when the user has deleted that. */
function withGroup(draft: Draft, place: Place, members: object): kinds.NetworkInterfaceResource {
  const made = members as kinds.NetworkInterfaceResource;
  const known = (made.Groups ?? []).every(({ GroupId = '' }) =>
    draft.get(kinds.securityGroups, place, GroupId),
  );
  if (known) return made;
  const fallback = [...draft.list(kinds.securityGroups, place)].find(
    ({ VpcId, GroupName }) => VpcId === made.VpcId && GroupName === 'default',
  );
  const { GroupId, GroupName } = fallback ?? {};
  return {
    ...made,
    Groups: GroupId !== undefined && GroupName !== undefined ? [{ GroupId, GroupName }] : [],
  };
}

function followAddresses(draft: Draft, place: Place, one: Network['networkInterfaces'][number]): void {
  const id = one.NetworkInterfaceId!;
  const stored = draft.get(kinds.networkInterfaces, place, id);
  if (stored?.device === undefined) return;
  const { PrivateIpAddress: _, MacAddress: __, Association: ___, ...kept } = stored;
  const before = new Map((stored.PrivateIpAddresses ?? []).map((entry) => [entry.PrivateIpAddress, entry]));
  const after = {
    ...kept,
    ...(one.MacAddress === undefined ? {} : { MacAddress: one.MacAddress }),
    ...(one.PrivateIpAddress === undefined ? {} : { PrivateIpAddress: one.PrivateIpAddress }),
    ...associationOf(before.get(one.PrivateIpAddress)),
    SubnetId: one.SubnetId!,
    PrivateIpAddresses: (one.PrivateIpAddresses ?? []).map((entry) => ({
      ...before.get(entry.PrivateIpAddress),
      ...entry,
    })),
    Ipv6Addresses: one.Ipv6Addresses ?? [],
    TagSet: withDeviceTag(stored),
  } as kinds.NetworkInterfaceResource;
  if (isDeepStrictEqual(after, stored)) return;
  draft.put(kinds.networkInterfaces, place, id, after);
  const addresses = (after.PrivateIpAddresses ?? []).map(({ PrivateIpAddress }) => PrivateIpAddress);
  freeAddresses(draft, place, id, addresses);
}

/** An interface shows the elastic address of its primary address. */
function associationOf(
  primary: Pick<kinds.NetworkInterfaceResource, 'Association'> | undefined,
): Pick<kinds.NetworkInterfaceResource, 'Association'> {
  return primary?.Association === undefined ? {} : { Association: primary.Association };
}

function withDeviceTag({ TagSet = [], device = '' }: kinds.NetworkInterfaceResource) {
  return TagSet.some(({ Key }) => Key === deviceTag)
    ? TagSet
    : [...TagSet, { Key: deviceTag, Value: device }];
}
