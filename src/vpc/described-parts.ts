/** VPCs, subnets, interfaces, gateways, instances and prefix lists as resources. */
import type { Instance, NetworkInterface, Subnet, Vpc } from '@aws-sdk/client-ec2';
import { parsePrefix } from '../ip/index.ts';
import type { Place, ResourceView } from '../resource/index.ts';
import { definedMembers } from './defined-members.ts';
import { type DescribedResource, idMaker, partitionOf, withIds } from './described-resource.ts';
import { hostVpcId } from './device-network.ts';
import { dhcpOptionsId } from './dhcp-options-id.ts';
import * as kinds from './kinds.ts';
import type { Network } from './network.ts';

export const deviceTag = 'headgate:device';

/** What was made up is marked: nobody configured it. */
export type Origin = Network['origin'];

export function describedVpc(vpc: Vpc, place: Place, origin: Origin): DescribedResource {
  const id = vpc.VpcId!;
  const makeId = idMaker(place);
  const blocks = vpc.CidrBlockAssociationSet ?? (vpc.CidrBlock ? [{ CidrBlock: vpc.CidrBlock }] : []);
  return {
    kind: kinds.vpcs,
    id,
    described: {
      ...vpc,
      CidrBlockAssociationSet: withIds(blocks, 'AssociationId', ({ CidrBlock }) =>
        makeId('vpc-cidr-assoc', `${id} ${CidrBlock}`),
      ).map((block) => ({ CidrBlockState: { State: 'associated' }, ...block })),
      ...(vpc.Ipv6CidrBlockAssociationSet ? { Ipv6CidrBlockAssociationSet: ipv6Blocks(vpc, id, place) } : {}),
    },
    defaults: {
      OwnerId: place.accountId,
      State: 'available',
      DhcpOptionsId: dhcpOptionsId(place),
      InstanceTenancy: 'default',
      IsDefault: false,
      Ipv6CidrBlockAssociationSet: [],
      Tags: [],
      enableDnsSupport: true,
      enableDnsHostnames: false,
      enableNetworkAddressUsageMetrics: false,
      ...(origin === 'made-up' ? { madeUp: true } : {}),
    },
  };
}

function ipv6Blocks(part: Vpc | Subnet, id: string, place: Place): object[] {
  const prefix = id.startsWith('vpc-') ? 'vpc-cidr-assoc' : 'subnet-cidr-assoc';
  const blocks: readonly { Ipv6CidrBlock?: string | undefined; AssociationId?: string | undefined }[] =
    part.Ipv6CidrBlockAssociationSet ?? [];
  return withIds(blocks, 'AssociationId', ({ Ipv6CidrBlock }) =>
    idMaker(place)(prefix, `${id} ${Ipv6CidrBlock}`),
  ).map((block) => ({ Ipv6CidrBlockState: { State: 'associated' }, ...block }));
}

/** How many addresses are free follows from the interfaces, and is not kept. */
export function describedSubnet(subnet: Subnet, place: Place, origin: Origin): DescribedResource {
  const { AvailableIpAddressCount: _, ...described } = subnet;
  const id = subnet.SubnetId!;
  const { accountId, region } = place;
  const zone = subnet.AvailabilityZone ?? zoneName(subnet.AvailabilityZoneId, region);
  return {
    kind: kinds.subnets,
    id,
    described: {
      ...described,
      ...(subnet.Ipv6CidrBlockAssociationSet
        ? { Ipv6CidrBlockAssociationSet: ipv6Blocks(subnet, id, place) }
        : {}),
    },
    defaults: {
      OwnerId: accountId,
      SubnetArn: `arn:${partitionOf(region)}:ec2:${region}:${subnet.OwnerId ?? accountId}:subnet/${id}`,
      State: 'available',
      AvailabilityZone: zone ?? `${region}a`,
      DefaultForAz: false,
      MapPublicIpOnLaunch: false,
      MapCustomerOwnedIpOnLaunch: false,
      AssignIpv6AddressOnCreation: false,
      EnableDns64: false,
      Ipv6Native: parsePrefix(subnet.CidrBlock ?? '') === undefined,
      PrivateDnsNameOptionsOnLaunch: {
        HostnameType: 'ip-name',
        EnableResourceNameDnsARecord: false,
        EnableResourceNameDnsAAAARecord: false,
      },
      Ipv6CidrBlockAssociationSet: [],
      Tags: [],
      ...(origin === 'made-up' ? { madeUp: true } : {}),
    },
  };
}

/** `us-east-1a` of `use1-az1`: which letter an account sees for a zone is AWS's secret. */
function zoneName(zoneId: string | undefined, region: string): string | undefined {
  const number = Number(/-az([1-9])$/.exec(zoneId ?? '')?.[1] ?? 0);
  return number === 0 ? undefined : `${region}${'abcdefghi'[number - 1]}`;
}

/** What of a device's interface follows the device, whatever a description says. */
const ofTheDevice: ReadonlySet<string> = new Set([
  'MacAddress',
  'PrivateIpAddress',
  'PrivateIpAddresses',
  'Ipv6Addresses',
  'SubnetId',
  'VpcId',
]);

export function describedInterface(
  networkInterface: NetworkInterface,
  place: Place,
  origin: Origin,
  zone: string | undefined,
  view: ResourceView,
): DescribedResource {
  const id = networkInterface.NetworkInterfaceId!;
  const stored = view.get(kinds.networkInterfaces, place, id);
  const device = stored?.device ?? newDevice(networkInterface, place, origin);
  const members = { ...networkInterface, ...attachmentOf(networkInterface, place) };
  const described = stored?.device === undefined ? members : withoutMembers(members, ofTheDevice);
  return {
    kind: kinds.networkInterfaces,
    id,
    described: { ...described, ...(device === undefined ? {} : deviceMembers(device, networkInterface)) },
    defaults: {
      OwnerId: place.accountId,
      Description: '',
      InterfaceType: 'interface',
      RequesterManaged: false,
      SourceDestCheck: true,
      Status: networkInterface.Attachment ? 'in-use' : 'available',
      Groups: [],
      PrivateIpAddresses: primaryOnly(networkInterface),
      Ipv6Addresses: [],
      TagSet: [],
      ...definedMembers({ AvailabilityZone: zone }),
    },
  };
}

/** In the VPC that stands for this host an interface is a device, and its description the device's name. */
function newDevice(
  { VpcId, Description }: NetworkInterface,
  place: Place,
  origin: Origin,
): string | undefined {
  return origin === 'made-up' && VpcId === hostVpcId(place) ? Description : undefined;
}

function primaryOnly({ PrivateIpAddress }: NetworkInterface): object[] {
  return PrivateIpAddress === undefined ? [] : [{ PrivateIpAddress, Primary: true }];
}

function attachmentOf(
  { Attachment, NetworkInterfaceId }: NetworkInterface,
  place: Place,
): Pick<NetworkInterface, 'Attachment'> {
  if (!Attachment || Attachment.AttachmentId !== undefined) return {};
  const AttachmentId = idMaker(place)(
    'eni-attach',
    `${NetworkInterfaceId} ${Attachment.InstanceId ?? Attachment.InstanceOwnerId}`,
  );
  return { Attachment: { ...Attachment, AttachmentId } };
}

function deviceMembers(device: string, { TagSet = [] }: NetworkInterface): Record<string, unknown> {
  const others = TagSet.filter(({ Key }) => Key !== deviceTag);
  return { device, TagSet: [...others, { Key: deviceTag, Value: device }] };
}

function withoutMembers(object: object, members: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !members.has(key)));
}

export function describedInstance(instance: Instance, place: Place): DescribedResource {
  const { NetworkInterfaces: _, ...described } = instance;
  return {
    kind: kinds.instances,
    id: instance.InstanceId!,
    described,
    defaults: {
      State: { Code: 16, Name: 'running' },
      Monitoring: { State: 'disabled' },
      Tags: [],
      reservationId: idMaker(place)('r', instance.InstanceId!),
    },
  };
}

/** Other entries than the newest version's are a new version. */
export function describedPrefixList(
  id: string,
  blocks: readonly string[],
  place: Place,
  view: ResourceView,
): DescribedResource {
  const { accountId, region } = place;
  const stored = view.get(kinds.prefixLists, place, id);
  const versions = prefixListVersions(blocks, stored);
  return {
    kind: kinds.prefixLists,
    id,
    described: { PrefixListId: id, Version: versions.at(-1)?.version, versions },
    defaults: {
      AddressFamily: blocks.some((block) => block.includes(':')) ? 'IPv6' : 'IPv4',
      State: 'create-complete',
      PrefixListArn: `arn:${partitionOf(region)}:ec2:${region}:${accountId}:prefix-list/${id}`,
      PrefixListName: id,
      MaxEntries: Math.max(blocks.length, 1),
      OwnerId: accountId,
      Tags: [],
    },
  };
}

function prefixListVersions(
  blocks: readonly string[],
  stored: kinds.PrefixListResource | undefined,
): kinds.PrefixListResource['versions'] {
  const versions = stored?.versions ?? [];
  const newest = versions.at(-1);
  const isSame = newest?.entries.map(({ Cidr }) => Cidr).join() === blocks.join();
  if (newest && isSame) return versions;
  return [...versions, { version: (newest?.version ?? 0) + 1, entries: blocks.map((Cidr) => ({ Cidr })) }];
}
