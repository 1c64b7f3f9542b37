import type {
  AvailabilityZone,
  CreateSubnetRequest,
  DeleteSubnetRequest,
  DescribeSubnetsRequest,
  NetworkAcl,
} from '@aws-sdk/client-ec2';
import { type Draft, newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import {
  type Identity,
  natGateways,
  networkAcls,
  networkInterfaces,
  type SubnetResource,
  subnets,
} from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { createdTargets, ec2Arn, existingTargets, ofNothing, vpcKey } from './arns.ts';
import { describeItems } from './describe.ts';
import { ec2Errors } from './errors.ts';
import type { FilterTable } from './filters.ts';
import { freeIpv4Count, usedIpv4Counts } from './free-addresses.ts';
import { existing, subject } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { zonesOf } from './regions.ts';
import { resourceTypes } from './resource-types.ts';
import { forgetSubnet } from './route-table-associations.ts';
import { freeIpv6SubnetBlock, freeSubnetBlock } from './subnet-blocks.ts';
import { tagsFromSpecifications } from './tag-specifications.ts';
import { defaultAclOf } from './vpc-defaults.ts';

/** AWS's default quota for one VPC. */
const mostSubnets = 200;

export function subnetActions({ resources, identity }: Ec2Parts): Actions {
  return {
    CreateSubnet: {
      targets: ({ VpcId, TagSpecifications }: CreateSubnetRequest, call: Call) => [
        ...existingTargets(resources, resourceTypes.vpc, call, [VpcId]),
        ...createdTargets('subnet', call, TagSpecifications, vpcKey(call.place, VpcId)),
      ],
      run: (input: CreateSubnetRequest, { place }: Call) =>
        resources.write((draft) => ({
          Subnet: withFreeCount(createSubnet(draft, place, identity, input), 0),
        })),
    },
    DeleteSubnet: {
      targets: ({ SubnetId }: DeleteSubnetRequest, call: Call) =>
        existingTargets(resources, resourceTypes.subnet, call, [SubnetId]),
      run: ({ SubnetId }: DeleteSubnetRequest, { place }: Call) =>
        resources.write((draft) => deleteSubnet(draft, place, SubnetId)),
    },
    DescribeSubnets: {
      targets: ofNothing,
      run: (input: DescribeSubnetsRequest, call: Call) => describeSubnets(resources, input, call),
    },
  };
}

export function createSubnet(
  draft: Draft,
  place: Place,
  identity: Identity,
  input: CreateSubnetRequest,
): SubnetResource {
  const tags = tagsFromSpecifications(input.TagSpecifications, 'subnet');
  const vpc = existing(draft, resourceTypes.vpc, place, input.VpcId);
  const zone = requestedZone(zonesOf(place.region, identity), input);
  const isIpv6Native = input.Ipv6Native === true;
  if (isIpv6Native && input.Ipv6CidrBlock === undefined) throw ec2Errors.missingParameter('ipv6CidrBlock');
  const block = isIpv6Native ? undefined : freeSubnetBlock(draft, place, vpc, input);
  const ipv6 =
    input.Ipv6CidrBlock === undefined ? [] : [freeIpv6SubnetBlock(draft, place, vpc, input.Ipv6CidrBlock)];
  checkQuota(draft, place, input.VpcId);
  const id = newId('subnet');
  const subnet: SubnetResource = {
    ...newSubnet(place, id, zone),
    VpcId: vpc.VpcId!,
    ...(block === undefined ? {} : { CidrBlock: block }),
    Ipv6CidrBlockAssociationSet: ipv6,
    AssignIpv6AddressOnCreation: isIpv6Native,
    Ipv6Native: isIpv6Native,
    Tags: tags,
  };
  draft.put(subnets, place, id, subnet);
  associateAcl(draft, place, vpc.VpcId!, id);
  return subnet;
}

function newSubnet(place: Place, id: string, zone: AvailabilityZone): SubnetResource {
  return {
    SubnetId: id,
    SubnetArn: ec2Arn(place, 'subnet', id),
    OwnerId: place.accountId,
    State: 'available',
    AvailabilityZone: zone.ZoneName!,
    AvailabilityZoneId: zone.ZoneId!,
    DefaultForAz: false,
    MapPublicIpOnLaunch: false,
    MapCustomerOwnedIpOnLaunch: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
  };
}

function requestedZone(
  zones: readonly AvailabilityZone[],
  { AvailabilityZone, AvailabilityZoneId }: CreateSubnetRequest,
): AvailabilityZone {
  if (AvailabilityZone !== undefined && AvailabilityZoneId !== undefined) {
    throw ec2Errors.invalidCombination(
      'The parameters availabilityZone and availabilityZoneId cannot be used together',
    );
  }
  const isByName = AvailabilityZone !== undefined;
  const asked = AvailabilityZone ?? AvailabilityZoneId;
  if (asked === undefined) return zones[0];
  const found = zones.find(({ ZoneName, ZoneId }) => (isByName ? ZoneName : ZoneId) === asked);
  if (found) return found;
  const known = zones.map(({ ZoneName, ZoneId }) => (isByName ? ZoneName : ZoneId)).join(', ');
  throw ec2Errors.invalidParameterValue(
    asked,
    isByName ? 'availabilityZone' : 'availabilityZoneId',
    `Subnets can currently only be created in the following availability zones: ${known}.`,
  );
}

function checkQuota(view: ResourceView, place: Place, vpcId: string | undefined): void {
  const count = [...view.list(subnets, place)].filter(({ VpcId }) => VpcId === vpcId).length;
  if (count < mostSubnets) return;
  throw ec2Errors.limitExceeded('SubnetLimitExceeded', 'The maximum number of subnets has been reached.');
}

/** A new subnet is the default network ACL's. */
function associateAcl(draft: Draft, place: Place, vpcId: string, subnetId: string): void {
  const acl = defaultAclOf(draft, place, vpcId);
  if (!acl) return;
  const association = {
    NetworkAclAssociationId: newId('aclassoc'),
    NetworkAclId: acl.NetworkAclId!,
    SubnetId: subnetId,
  };
  putAclAssociations(draft, place, acl, [...(acl.Associations ?? []), association]);
}

function putAclAssociations(
  draft: Draft,
  place: Place,
  acl: Stored<NetworkAcl>,
  associations: NonNullable<NetworkAcl['Associations']>,
): void {
  draft.put(networkAcls, place, acl.NetworkAclId!, { ...acl, Associations: associations });
}

function deleteSubnet(draft: Draft, place: Place, subnetId: string | undefined): object {
  const { SubnetId: id = '', VpcId } = subject(draft, resourceTypes.subnet, place, subnetId);
  const isHere = ({ SubnetId }: { SubnetId?: string | undefined }) => SubnetId === id;
  const isUsed =
    [...draft.list(networkInterfaces, place)].some(isHere) ||
    [...draft.list(natGateways, place)].some((gateway) => isHere(gateway) && gateway.State === 'available');
  if (isUsed) throw ec2Errors.hasDependencies('subnet', id);
  forgetSubnet(draft, place, VpcId, id);
  for (const acl of [...draft.list(networkAcls, place)]) {
    const rest = (acl.Associations ?? []).filter(({ SubnetId }) => SubnetId !== id);
    if (rest.length < (acl.Associations?.length ?? 0)) putAclAssociations(draft, place, acl, rest);
  }
  draft.remove(subnets, place, id);
  return {};
}

function withFreeCount(subnet: SubnetResource, used: number): SubnetResource {
  return { ...subnet, AvailableIpAddressCount: freeIpv4Count(subnet, used) };
}

function describeSubnets(view: ResourceView, input: DescribeSubnetsRequest, call: Call) {
  const used = usedIpv4Counts(view, call.place);
  const all = [...view.list(subnets, call.place)].map((subnet) =>
    withFreeCount(subnet, used.get(subnet.SubnetId ?? '') ?? 0),
  );
  const options = {
    type: resourceTypes.subnet,
    ids: input.SubnetIds,
    idsName: 'subnetSet',
    idOf: ({ SubnetId }: SubnetResource) => SubnetId,
    filters: subnetFilters,
  };
  const { items, next } = describeItems(all, input, options, call);
  return { Subnets: items, ...next };
}

const ipv6Of = ({ Ipv6CidrBlockAssociationSet }: SubnetResource) => Ipv6CidrBlockAssociationSet ?? [];
const dnsOf = ({ PrivateDnsNameOptionsOnLaunch }: SubnetResource) => PrivateDnsNameOptionsOnLaunch ?? {};
const flag = (value: boolean | undefined) => [String(value ?? false)];

/** With the older spellings that EC2 still takes. */
const subnetFilters: FilterTable<SubnetResource> = {
  'availability-zone': ({ AvailabilityZone }) => [AvailabilityZone],
  availabilityZone: ({ AvailabilityZone }) => [AvailabilityZone],
  'availability-zone-id': ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  availabilityZoneId: ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  'available-ip-address-count': ({ AvailableIpAddressCount }) => [String(AvailableIpAddressCount)],
  cidr: ({ CidrBlock }) => [CidrBlock],
  'cidr-block': ({ CidrBlock }) => [CidrBlock],
  cidrBlock: ({ CidrBlock }) => [CidrBlock],
  'customer-owned-ipv4-pool': ({ CustomerOwnedIpv4Pool }) => [CustomerOwnedIpv4Pool],
  'default-for-az': ({ DefaultForAz }) => flag(DefaultForAz),
  defaultForAz: ({ DefaultForAz }) => flag(DefaultForAz),
  'enable-dns64': ({ EnableDns64 }) => flag(EnableDns64),
  'enable-lni-at-device-index': ({ EnableLniAtDeviceIndex }) =>
    EnableLniAtDeviceIndex === undefined ? [] : [String(EnableLniAtDeviceIndex)],
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
    ipv6Of(subnet).map((entry) => entry.Ipv6CidrBlock),
  'ipv6-cidr-block-association.association-id': (subnet) =>
    ipv6Of(subnet).map((entry) => entry.AssociationId),
  'ipv6-cidr-block-association.state': (subnet) =>
    ipv6Of(subnet).map(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State),
  'ipv6-native': ({ Ipv6Native }) => flag(Ipv6Native),
  'map-customer-owned-ip-on-launch': ({ MapCustomerOwnedIpOnLaunch }) => flag(MapCustomerOwnedIpOnLaunch),
  'map-public-ip-on-launch': ({ MapPublicIpOnLaunch }) => flag(MapPublicIpOnLaunch),
  'outpost-arn': ({ OutpostArn }) => [OutpostArn],
  'owner-id': ({ OwnerId }) => [OwnerId],
  'private-dns-name-options-on-launch.hostname-type': (subnet) => [dnsOf(subnet).HostnameType],
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': (subnet) =>
    flag(dnsOf(subnet).EnableResourceNameDnsARecord),
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': (subnet) =>
    flag(dnsOf(subnet).EnableResourceNameDnsAAAARecord),
  state: ({ State }) => [State],
  'subnet-arn': ({ SubnetArn }) => [SubnetArn],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
};
